/*
 * price.c - what objects, and the classes that serve them, cost by a goal
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/price.h"

/* ---------------------------------------------------------------- objects */

/* Requests that are priced one by one: times 1 MiB, still a small number. */
#define REQUESTS_MAX ((double)(UINT64_C(1) << 40))

struct rtm_weights
rtm_weights_init(
    const struct rtm_histogram *histogram, const struct rtm_layout_goal *goal)
{
	struct rtm_weights weights = { .objective = goal->objective };

	for (unsigned i = 0; i < RTM_LAYOUT_RANGES_MAX; i++) {
		if (rtm_histogram_upper(i) > goal->largest)
			break;
		weights.n_requests += (double)histogram->buckets[i].n_requests;
		weights.n_live += (double)histogram->buckets[i].n_live_peak;
	}
	return weights;
}

/* Requests as objects: as many in all as were alive, so that both compare. */
static uint64_t
passed_objects(const struct rtm_weights *weights,
    const struct rtm_histogram_bucket *bucket)
{
	double n_all = weights->n_live;

	if (n_all == 0)
		n_all = weights->n_requests < REQUESTS_MAX ? weights->n_requests
							   : REQUESTS_MAX;
	return weights->n_requests > 0
	    ? (uint64_t)(n_all * (double)bucket->n_requests /
		  weights->n_requests)
	    : 0;
}

uint64_t
rtm_weights_of(const struct rtm_weights *weights,
    const struct rtm_histogram_bucket *bucket)
{
	uint64_t live = bucket->n_live_peak;
	uint64_t passed = passed_objects(weights, bucket);
	uint64_t n;

	if (weights->n_live == 0 || weights->objective == RTM_OBJECTIVE_SPEED)
		n = passed;
	else if (weights->objective == RTM_OBJECTIVE_MEMORY)
		n = live;
	else
		n = live / 2 + passed / 2;
	/* What was asked for at all was alive at some time. */
	return n == 0 && bucket->n_requests != 0 ? 1 : n;
}

/* ---------------------------------------------------------------- classes */

enum {
	HALF_PAGE = 2048,    /* of the system's pages */
	SPAN_PAGES_MAX = 32, /* longer ones take too long to become free */
	SPAN_PART = 8,
};

/* For memory alone a short span is better: it becomes free sooner. */
static uint32_t
least_pages(const struct rtm_layout_goal *goal, uint32_t size)
{
	return goal->objective == RTM_OBJECTIVE_MEMORY
	    ? rtm_conf_derive_pages(size, goal->page_size)
	    : rtm_conf_own_pages(size, goal->page_size);
}

void
rtm_spans_find(
    const struct rtm_layout_goal *goal, uint32_t size, struct rtm_spans *spans)
{
	uint32_t n_pages = least_pages(goal, size);
	uint64_t best = UINT64_MAX; /* bytes for a million objects */

	spans->n = 0;
	do {
		uint64_t n_bytes = n_pages * goal->page_size;
		uint64_t n_objects = n_bytes / size;
		uint64_t price;

		if (n_objects > RTM_SPAN_OBJECTS_MAX)
			break;
		price = n_bytes * 1000000 / n_objects;
		/* Not for less than a 64th. */
		if (spans->n == 0 || price + price / 64 < best) {
			spans->kinds[spans->n++] = (struct rtm_span_kind){
				.n_pages = n_pages,
				.n_objects = (uint32_t)n_objects,
				.n_bytes = n_bytes,
			};
			best = price;
		}
	} while (++n_pages <= SPAN_PAGES_MAX &&
	    spans->n < sizeof(spans->kinds) / sizeof(spans->kinds[0]));
}

/* A class is worth less the more weight on time: it costs cache lines. */
static uint64_t
fixed_factor(enum rtm_objective objective)
{
	switch (objective) {
	case RTM_OBJECTIVE_SPEED:
		return 4;
	case RTM_OBJECTIVE_BALANCED:
		return 2;
	default:
		return 1;
	}
}

/*
 * What a class keeps resident beside its objects: half a page at the end of
 * those that were ever used (fresh memory is not touched before it is), an
 * object that was freed and waits in a cache, and the share of a span that is
 * free and cannot go back, as others in it live.
 */
static uint64_t
fixed_price(const struct rtm_layout_goal *goal, uint32_t size,
    const struct rtm_span_kind *kind)
{
	return fixed_factor(goal->objective) *
	    (HALF_PAGE + size + kind->n_bytes / SPAN_PART);
}

uint64_t
rtm_spans_price(const struct rtm_layout_goal *goal, uint32_t size,
    const struct rtm_spans *spans, uint64_t n_objects, uint32_t *n_pages)
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < spans->n; i++) {
		const struct rtm_span_kind *kind = &spans->kinds[i];
		/* n_objects * n_bytes / n_objects, which could overflow */
		uint64_t price = n_objects / kind->n_objects * kind->n_bytes +
		    n_objects % kind->n_objects * kind->n_bytes /
			kind->n_objects +
		    fixed_price(goal, size, kind);

		if (price < best) {
			best = price;
			*n_pages = kind->n_pages;
		}
	}
	return n_objects != 0 ? best : 0;
}

uint64_t
rtm_layout_class_cost(
    const struct rtm_layout_goal *goal, uint32_t size, uint64_t n_objects)
{
	struct rtm_spans spans;
	uint32_t n_pages;

	rtm_spans_find(goal, size, &spans);
	return rtm_spans_price(goal, size, &spans, n_objects, &n_pages);
}

/* Whether malloc uses a class of this size. */
static bool
is_usable(uint32_t size)
{
	return size == 8 || size % 16 == 0;
}

uint64_t
rtm_layout_cost(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, const struct rtm_layout *layout)
{
	struct rtm_weights weights = rtm_weights_init(histogram, goal);
	uint64_t sum = 0;
	unsigned i = 0;

	for (unsigned c = 0; c <= layout->n_classes; c++) {
		bool is_page = c == layout->n_classes;
		uint64_t size = is_page ? goal->largest : layout->sizes[c];
		uint64_t weight = 0;

		if (!is_page && !is_usable((uint32_t)size))
			continue;
		for (; i < RTM_LAYOUT_RANGES_MAX &&
		     rtm_histogram_upper(i) <= size &&
		     rtm_histogram_upper(i) <= goal->largest;
		     i++) {
			uint64_t n =
			    rtm_weights_of(&weights, &histogram->buckets[i]);
			uint64_t n_pages =
			    rtm_histogram_upper(i) + goal->page_size - 1;

			weight += n;
			if (is_page)
				sum += n * (n_pages & ~(goal->page_size - 1));
		}
		if (!is_page)
			sum +=
			    rtm_layout_class_cost(goal, (uint32_t)size, weight);
	}
	return sum;
}

void
rtm_layout_choose_pages(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, struct rtm_layout *layout)
{
	struct rtm_weights weights = rtm_weights_init(histogram, goal);
	unsigned i = 0;

	for (unsigned c = 0; c < layout->n_classes; c++) {
		uint32_t size = layout->sizes[c];
		uint64_t n = 0;
		struct rtm_spans spans;

		if (!is_usable(size))
			continue;
		for (; i < RTM_LAYOUT_RANGES_MAX &&
		     rtm_histogram_upper(i) <= size;
		     i++)
			n += rtm_weights_of(&weights, &histogram->buckets[i]);
		rtm_spans_find(goal, size, &spans);
		rtm_spans_price(goal, size, &spans, n, &layout->n_pages[c]);
	}
}
