/*
 * price.h - what objects, and the classes that serve them, cost by a goal
 *
 * For the optimisers (conf/layout.h).  Pure functions.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_PRICE_H
#define RTM_CONF_PRICE_H

#include "conf/layout.h"

/* Turns a bucket's counts into the objects that the goal counts. */
struct rtm_weights {
	enum rtm_objective objective;
	double n_requests, n_live; /* totals up to the largest size */
};

struct rtm_weights rtm_weights_init(
    const struct rtm_histogram *histogram, const struct rtm_layout_goal *goal);

uint64_t rtm_weights_of(const struct rtm_weights *weights,
    const struct rtm_histogram_bucket *bucket);

/*
 * Spans that a class may have: few pages first, and each next one leaves less
 * unused at its end.
 */
struct rtm_spans {
	unsigned n;
	struct rtm_span_kind {
		uint32_t n_pages;
		uint32_t n_objects;
		uint64_t n_bytes;
	} kinds[8];
};

void rtm_spans_find(
    const struct rtm_layout_goal *goal, uint32_t size, struct rtm_spans *spans);

/* The least price of n objects in a class, and the pages that give it. */
uint64_t rtm_spans_price(const struct rtm_layout_goal *goal, uint32_t size,
    const struct rtm_spans *spans, uint64_t n_objects, uint32_t *n_pages);

#endif
