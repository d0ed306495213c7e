/*
 * greedy.c - size classes by joining neighbours
 *
 * The algorithm of older versions, with its guard mended: there, the first
 * pair that wasted too much ended the work, and left more classes than were
 * asked for.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/layout.h"

#include <stdbool.h>
#include <string.h>

/* What joining two neighbours adds: the lower one's objects grow. */
static uint64_t
added_waste(const struct rtm_greedy_range *lower)
{
	return lower[0].n_requests * (lower[1].size - lower[0].size);
}

static bool
is_too_wasteful(const struct rtm_greedy_range *lower, double max_waste)
{
	double waste = (double)lower[0].waste + (double)added_waste(lower) +
	    (double)lower[1].waste;
	double n_requests =
	    (double)lower[0].n_requests + (double)lower[1].n_requests;

	return waste / (n_requests * (double)lower[1].size) > max_waste;
}

/* One range for each bucket that counts something. */
static void
start_ranges(const struct rtm_histogram *histogram, uint32_t largest,
    struct rtm_greedy_work *work)
{
	work->n_ranges = 0;
	for (unsigned i = 0; i < RTM_LAYOUT_RANGES_MAX; i++) {
		uint64_t n = histogram->buckets[i].n_requests;
		uint64_t size = rtm_histogram_upper(i);

		if (n == 0 || size > largest)
			continue;
		work->ranges[work->n_ranges++] = (struct rtm_greedy_range){
			.size = size,
			.n_requests = n,
			.waste = n * (size - rtm_histogram_lower(i) - 1),
		};
	}
}

/* The pair to join: of those allowed, else of all, what adds least. */
static unsigned
best_pair(const struct rtm_greedy_work *work, double max_waste)
{
	unsigned best = 0;
	bool is_best_allowed = false;
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i + 1 < work->n_ranges; i++) {
		const struct rtm_greedy_range *lower = &work->ranges[i];
		bool is_allowed = !is_too_wasteful(lower, max_waste);
		uint64_t added = added_waste(lower);

		if (is_allowed < is_best_allowed)
			continue;
		if (is_allowed > is_best_allowed || added < least) {
			best = i;
			least = added;
			is_best_allowed = is_allowed;
		}
	}
	return best;
}

static void
join_pair(struct rtm_greedy_work *work, unsigned i)
{
	struct rtm_greedy_range *lower = &work->ranges[i];

	lower[1].waste += lower[0].waste + added_waste(lower);
	lower[1].n_requests += lower[0].n_requests;
	work->n_ranges--;
	memmove(lower, lower + 1, (work->n_ranges - i) * sizeof(*lower));
}

static struct rtm_layout_waste
total_waste(const struct rtm_greedy_work *work)
{
	double waste = 0;
	double n_requests = 0;
	double n_bytes = 0;

	for (unsigned i = 0; i < work->n_ranges; i++) {
		const struct rtm_greedy_range *range = &work->ranges[i];

		waste += (double)range->waste;
		n_requests += (double)range->n_requests;
		n_bytes += (double)range->n_requests * (double)range->size;
	}
	if (n_requests == 0)
		return (struct rtm_layout_waste){ 0, 0 };
	return (struct rtm_layout_waste){ waste / n_requests, waste / n_bytes };
}

struct rtm_layout_waste
rtm_layout_greedy(const struct rtm_histogram *histogram, unsigned max_classes,
    double max_waste, uint32_t largest, union rtm_layout_scratch *scratch,
    struct rtm_layout *layout)
{
	struct rtm_greedy_work *work = &scratch->greedy;

	if (max_classes < 1)
		max_classes = 1;
	if (max_classes > RTM_CLASSES_MAX)
		max_classes = RTM_CLASSES_MAX;
	start_ranges(histogram, largest, work);
	while (work->n_ranges > max_classes)
		join_pair(work, best_pair(work, max_waste));
	layout->n_classes = work->n_ranges;
	for (unsigned i = 0; i < work->n_ranges; i++)
		layout->sizes[i] = (uint32_t)work->ranges[i].size;
	memset(layout->n_pages, 0, sizeof(layout->n_pages));
	return total_waste(work);
}
