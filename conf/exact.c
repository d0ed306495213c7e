/*
 * exact.c - size classes of least price, by dynamic programming
 *
 * The sizes that may end a class are in order, and a table cuts them into
 * neighbouring groups, each of which pays for itself; so the best table of k
 * classes for the first i sizes ends with one class and, before it, with a best
 * table of k - 1 classes (Bellman, "On the approximation of curves by line
 * segments using dynamic programming", 1961).  Some 770 sizes and 63 classes
 * take 19 million steps.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/price.h"

#include <string.h>

/* The smallest class that malloc could use for the sizes of a bucket. */
static uint32_t
usable_size(uint64_t upper)
{
	return upper <= 8 ? 8 : (uint32_t)((upper + 15) & ~UINT64_C(15));
}

static void
find_points(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, struct rtm_exact_work *work)
{
	struct rtm_weights weights = rtm_weights_init(histogram, goal);
	unsigned n = 0;

	work->sums[0] = 0;
	for (unsigned i = 0; i < RTM_LAYOUT_RANGES_MAX; i++) {
		const struct rtm_histogram_bucket *bucket =
		    &histogram->buckets[i];
		uint64_t upper = rtm_histogram_upper(i);

		if (upper > goal->largest)
			break;
		if (bucket->n_requests == 0 && bucket->n_live_peak == 0)
			continue;
		if (n == 0 || work->sizes[n - 1] < upper) {
			work->sizes[n] = usable_size(upper);
			work->sums[n + 1] = work->sums[n];
			n++;
		}
		work->sums[n] += rtm_weights_of(&weights, bucket);
	}
	work->n_points = n;
}

/* Fills the row of the first end points. */
static void
solve_row(const struct rtm_layout_goal *goal, struct rtm_exact_work *work,
    unsigned end)
{
	uint64_t *costs = work->costs[end];
	uint32_t size = work->sizes[end - 1], n_pages;
	struct rtm_spans spans;

	rtm_spans_find(goal, size, &spans);
	for (unsigned k = 0; k <= RTM_CLASSES_MAX; k++)
		costs[k] = UINT64_MAX;
	for (unsigned begin = 0; begin < end; begin++) {
		uint64_t last = rtm_spans_price(goal, size, &spans,
		    work->sums[end] - work->sums[begin], &n_pages);
		const uint64_t *before = work->costs[begin];

		for (unsigned k = 1; k <= goal->max_classes; k++) {
			if (before[k - 1] >= UINT64_MAX - last)
				continue;
			if (before[k - 1] + last < costs[k]) {
				costs[k] = before[k - 1] + last;
				work->before[end][k] = (uint16_t)begin;
			}
		}
	}
}

static void
solve(const struct rtm_histogram *histogram, const struct rtm_layout_goal *goal,
    struct rtm_exact_work *work)
{
	find_points(histogram, goal, work);
	work->costs[0][0] = 0;
	for (unsigned k = 1; k <= RTM_CLASSES_MAX; k++)
		work->costs[0][k] = UINT64_MAX;
	for (unsigned end = 1; end <= work->n_points; end++)
		solve_row(goal, work, end);
}

/* The best table of at most max_classes; the smaller of two equal ones. */
static void
take_best(const struct rtm_exact_work *work, unsigned max_classes,
    struct rtm_layout *layout)
{
	unsigned end = work->n_points;
	unsigned best = end > 0;

	for (unsigned k = 2; k <= max_classes; k++)
		if (work->costs[end][k] < work->costs[end][best])
			best = k;
	memset(layout->n_pages, 0, sizeof(layout->n_pages));
	layout->n_classes = best;
	for (unsigned k = best; k > 0; k--) {
		layout->sizes[k - 1] = work->sizes[end - 1];
		end = work->before[end][k];
	}
}

void
rtm_layout_exact(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, union rtm_layout_scratch *scratch,
    struct rtm_layout *layout)
{
	solve(histogram, goal, &scratch->exact);
	take_best(&scratch->exact, goal->max_classes, layout);
}

void
rtm_layout_finish(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, uint32_t fill_to,
    union rtm_layout_scratch *scratch, struct rtm_layout *layout)
{
	unsigned max_classes = goal->max_classes;

	solve(histogram, goal, &scratch->exact);
	/* Ends: one class, and the longest ladder beside it, have room. */
	do
		take_best(&scratch->exact, max_classes--, layout);
	while (!rtm_layout_fill(histogram, fill_to, layout));
	rtm_layout_choose_pages(histogram, goal, layout);
}

void
rtm_layout_round(struct rtm_layout *layout)
{
	unsigned n = 0;

	for (unsigned i = 0; i < layout->n_classes; i++) {
		uint32_t size = usable_size(layout->sizes[i]);

		if (n == 0 || layout->sizes[n - 1] < size)
			layout->sizes[n++] = size;
	}
	layout->n_classes = n;
}
