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
#include "conf/layout.h"

#include <stdbool.h>
#include <string.h>

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
 * A class keeps, beside its objects, half a span that is not full and a batch
 * in the caches.
 */
uint64_t
rtm_layout_class_cost(
    const struct rtm_layout_goal *goal, uint32_t size, uint64_t n_objects)
{
	uint64_t n_span =
	    rtm_conf_derive_pages(size, goal->page_size) * goal->page_size;
	uint64_t batch = (uint64_t)rtm_conf_derive_batch(size) * size;
	uint64_t n_per_span = n_span / size;

	if (n_objects == 0)
		return 0;
	/* n_objects * n_span / n_per_span, which could overflow */
	return n_objects / n_per_span * n_span +
	    n_objects % n_per_span * n_span / n_per_span +
	    fixed_factor(goal->objective) * (n_span / 2 + batch);
}

/* Turns a bucket's counts into the objects that the goal counts. */
struct weights {
	enum rtm_objective objective;
	uint64_t n_requests, n_live; /* totals up to the largest size */
};

static struct weights
weights_init(
    const struct rtm_histogram *histogram, const struct rtm_layout_goal *goal)
{
	struct weights weights = { .objective = goal->objective };

	for (unsigned i = 0; i < RTM_LAYOUT_RANGES_MAX; i++) {
		if (rtm_histogram_upper(i) > goal->largest)
			break;
		weights.n_requests += histogram->buckets[i].n_requests;
		weights.n_live += histogram->buckets[i].n_live_peak;
	}
	return weights;
}

/* Requests count as many objects as were alive, so that both compare. */
static uint64_t
weight_of(
    const struct weights *weights, const struct rtm_histogram_bucket *bucket)
{
	uint64_t live = bucket->n_live_peak;
	uint64_t passed = bucket->n_requests;

	if (weights->n_live == 0)
		return passed;
	if (weights->objective == RTM_OBJECTIVE_MEMORY ||
	    weights->n_requests == 0)
		return live;
	passed = (uint64_t)((double)passed * (double)weights->n_live /
	    (double)weights->n_requests);
	if (weights->objective == RTM_OBJECTIVE_SPEED)
		return passed;
	return live / 2 + passed / 2;
}

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
	struct weights weights = weights_init(histogram, goal);
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
		work->sums[n] += weight_of(&weights, bucket);
	}
	work->n_points = n;
}

/* Fills the row of the first end points. */
static void
solve_row(const struct rtm_layout_goal *goal, struct rtm_exact_work *work,
    unsigned end)
{
	uint64_t *costs = work->costs[end];

	for (unsigned k = 0; k <= RTM_CLASSES_MAX; k++)
		costs[k] = UINT64_MAX;
	for (unsigned begin = 0; begin < end; begin++) {
		uint64_t last = rtm_layout_class_cost(goal,
		    work->sizes[end - 1], work->sums[end] - work->sums[begin]);
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
    const struct rtm_layout_goal *goal, union rtm_layout_scratch *scratch,
    struct rtm_layout *layout)
{
	unsigned max_classes = goal->max_classes;

	solve(histogram, goal, &scratch->exact);
	/* Ends: one class, and the longest ladder beside it, have room. */
	do
		take_best(&scratch->exact, max_classes--, layout);
	while (!rtm_layout_fill(histogram, goal->largest, layout));
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
	struct weights weights = weights_init(histogram, goal);
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
			    weight_of(&weights, &histogram->buckets[i]);
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
