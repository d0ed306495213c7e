/*
 * ladder.c - classes for sizes that a histogram did not see
 *
 * The next run may ask for what this one did not.  A rung changes nothing for
 * the sizes that were seen: it stands where none of them is served.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/layout.h"

#include <stdbool.h>

/* A table that grows; when it is full, that is remembered. */
struct table {
	struct rtm_layout layout;
	bool is_full;
};

static void
add(struct table *table, uint64_t size)
{
	if (table->layout.n_classes == RTM_CLASSES_MAX)
		table->is_full = true;
	else
		table->layout.sizes[table->layout.n_classes++] = (uint32_t)size;
}

static uint64_t
last_size(const struct table *table)
{
	unsigned n = table->layout.n_classes;

	return n > 0 ? table->layout.sizes[n - 1] : 8;
}

/* The size up to which nothing above after was seen. */
static uint64_t
unseen_end(const struct rtm_histogram *histogram, uint64_t after)
{
	for (unsigned i = 0; i < RTM_LAYOUT_RANGES_MAX; i++)
		if (rtm_histogram_upper(i) > after &&
		    (histogram->buckets[i].n_requests != 0 ||
			histogram->buckets[i].n_live_peak != 0))
			return rtm_histogram_lower(i);
	return RTM_CLASS_SIZE_MAX;
}

/* Powers of two on the way to size, if that is more than a doubling away. */
static void
add_gap(
    struct table *table, const struct rtm_histogram *histogram, uint64_t size)
{
	uint64_t previous = last_size(table);
	uint64_t end;

	if (size <= 2 * previous)
		return;
	end = unseen_end(histogram, table->layout.n_classes ? previous : 0);
	for (uint64_t rung = 16; rung <= end && rung < size; rung *= 2)
		if (2 * rung >= 3 * previous)
			add(table, rung);
}

/* Above the last class: per_doubling rungs to each doubling, then largest. */
static void
add_top(struct table *table, unsigned per_doubling, uint64_t largest)
{
	uint64_t least =
	    last_size(table) + last_size(table) / (2 * (uint64_t)per_doubling);

	for (uint64_t base = 64; base < largest; base *= 2)
		for (unsigned i = 1; i <= per_doubling; i++) {
			uint64_t rung = base + base * i / per_doubling;

			if (rung > least && rung < largest)
				add(table, rung);
		}
	if (last_size(table) < largest)
		add(table, largest);
}

bool
rtm_layout_fill(const struct rtm_histogram *histogram, uint32_t largest,
    struct rtm_layout *layout)
{
	struct table seen = { .is_full = false };

	for (unsigned i = 0; i < layout->n_classes; i++) {
		add_gap(&seen, histogram, layout->sizes[i]);
		add(&seen, layout->sizes[i]);
	}
	for (unsigned per_doubling = 4; per_doubling > 0; per_doubling /= 2) {
		struct table table = seen;

		add_top(&table, per_doubling, largest);
		if (!table.is_full) {
			*layout = table.layout;
			return true;
		}
	}
	return false;
}
