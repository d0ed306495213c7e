/*
 * layout.h - size classes that fit a histogram
 *
 * Two optimisers.  greedy joins neighbours, as older versions of rtmalloc did,
 * and knows requests only.  exact finds the true minimum, over all tables
 * whose classes end where a bucket ends, of what a goal counts:
 *
 *	bytes that the objects take, span tails included, plus a fixed price
 *	for each class (conf/price.h)
 *
 * Pure functions: no state, no allocation (the caller lends the scratch), no
 * locks; they do not fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_LAYOUT_H
#define RTM_CONF_LAYOUT_H

#include "conf/conf.h"
#include "conf/histogram.h"

#include <stdbool.h>

enum rtm_objective {
	RTM_OBJECTIVE_MEMORY,   /* objects alive at the heap's peak */
	RTM_OBJECTIVE_SPEED,    /* requests: memory that passes the caches */
	RTM_OBJECTIVE_BALANCED, /* half of each */
};

struct rtm_layout_goal {
	enum rtm_objective objective;
	unsigned max_classes; /* 1 .. RTM_CLASSES_MAX */
	uint32_t largest;     /* bytes; no class is needed above it */
	size_t page_size;
};

struct rtm_layout {
	unsigned n_classes;
	uint32_t sizes[RTM_CLASSES_MAX];
	uint32_t n_pages[RTM_CLASSES_MAX]; /* of a span; 0: as conf.h has it */
};

/* What a layout wastes by the count of requests, as greedy counts it. */
struct rtm_layout_waste {
	double average;       /* bytes per request */
	double fragmentation; /* wasted part of all bytes given, 0 .. 1 */
};

enum {
	/* Multiples of 16 up to 4096, and 8; then 64 to each doubling. */
	RTM_LAYOUT_POINTS_MAX = 257 + 8 * RTM_HISTOGRAM_PER_DOUBLING,
	RTM_LAYOUT_RANGES_MAX =
	    RTM_HISTOGRAM_FINE + 8 * RTM_HISTOGRAM_PER_DOUBLING,
};

/* Sizes that may end a class, and what is paid for them. */
struct rtm_exact_work {
	unsigned n_points;
	uint32_t sizes[RTM_LAYOUT_POINTS_MAX];
	/* weight of the first i points */
	uint64_t sums[RTM_LAYOUT_POINTS_MAX + 1];
	/* [i][k]: least price of the first i points in k classes, and how
	 * many points stand before the last of these classes */
	uint64_t costs[RTM_LAYOUT_POINTS_MAX + 1][RTM_CLASSES_MAX + 1];
	uint16_t before[RTM_LAYOUT_POINTS_MAX + 1][RTM_CLASSES_MAX + 1];
};

/* Neighbouring buckets that share a class. */
struct rtm_greedy_range {
	uint64_t size; /* where the last one ends */
	uint64_t n_requests;
	uint64_t waste; /* bytes */
};

struct rtm_greedy_work {
	unsigned n_ranges;
	struct rtm_greedy_range ranges[RTM_LAYOUT_RANGES_MAX];
};

/* Half a megabyte to work in; needs no initial value. */
union rtm_layout_scratch {
	struct rtm_exact_work exact;
	struct rtm_greedy_work greedy;
};

/*
 * Joins, while there are more than max_classes, the neighbours that add the
 * least waste.  A pair whose waste would be more than max_waste of its bytes
 * is passed over; when all are, the number of classes decides and the pair of
 * least added waste is joined all the same.  Sizes are what the buckets end
 * at, also those that are 8 mod 16; see rtm_layout_round().
 */
struct rtm_layout_waste rtm_layout_greedy(const struct rtm_histogram *histogram,
    unsigned max_classes, double max_waste, uint32_t largest,
    union rtm_layout_scratch *scratch, struct rtm_layout *layout);

/*
 * Leaves the layout of least price; at most goal->max_classes classes, which
 * hold every size that occurs up to goal->largest.
 */
void rtm_layout_exact(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, union rtm_layout_scratch *scratch,
    struct rtm_layout *layout);

/*
 * What exact makes least, for any layout.  Sizes that no class serves are
 * priced as pages of their own.
 */
uint64_t rtm_layout_cost(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, const struct rtm_layout *layout);

/* The price of n objects in a class of this size, and of the class. */
uint64_t rtm_layout_class_cost(
    const struct rtm_layout_goal *goal, uint32_t size, uint64_t n_objects);

/* Sets the pages of each class that cost the least. */
void rtm_layout_choose_pages(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, struct rtm_layout *layout);

/* Classes above 8 become multiples of 16, as malloc needs them. */
void rtm_layout_round(struct rtm_layout *layout);

/*
 * Adds classes for sizes that the histogram did not see: powers of two where
 * two classes are more than a doubling apart, and above the last a ladder of
 * four, two or one to each doubling, up to largest.  False, and nothing added,
 * if RTM_CLASSES_MAX are too few.
 */
bool rtm_layout_fill(const struct rtm_histogram *histogram, uint32_t largest,
    struct rtm_layout *layout);

/*
 * The table for a program: exact's layout, filled up to fill_to, which is not
 * below goal->largest.  What the histogram saw is served as exact has it, with
 * fewer classes if the others need the room.
 */
void rtm_layout_finish(const struct rtm_histogram *histogram,
    const struct rtm_layout_goal *goal, uint32_t fill_to,
    union rtm_layout_scratch *scratch, struct rtm_layout *layout);

#endif
