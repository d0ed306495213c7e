/*
 * run_bins.h - free runs of pages, found by length
 *
 * A list for each length up to max_pages, then eight lists per doubling, and
 * a bit per list that says whether it holds anything.  Finding costs a few
 * words of the bitmap and a bounded look into one list, however many runs
 * there are (Masmano et al., "TLSF", 2004).
 * Guard: the page heap's lock.  Nothing here can fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_RUN_BINS_H
#define RTM_BACK_RUN_BINS_H

#include "back/span.h"

enum {
	RTM_RUN_EXACT_MAX = 1024, /* bound of the option max_pages */
	RTM_RUN_BINS_MAX = RTM_RUN_EXACT_MAX + 8 * 56,
	RTM_RUN_WORDS = (RTM_RUN_BINS_MAX + 63) / 64,
};

struct rtm_run_bins {
	uint64_t bitmap[RTM_RUN_WORDS];
	struct rtm_list heads[RTM_RUN_BINS_MAX]; /* valid where the bit is 1 */
};

/* How many lengths have a list of their own; once, at start. */
void rtm_run_bins_init(size_t n_exact);

void rtm_run_bins_insert(struct rtm_run_bins *bins, struct rtm_span *run);
void rtm_run_bins_remove(struct rtm_run_bins *bins, struct rtm_span *run);

/* A run of at least n_pages that wastes little, or NULL; it stays inside. */
struct rtm_span *rtm_run_bins_find(struct rtm_run_bins *bins, size_t n_pages);

/* The oldest of the longest runs, or NULL. */
struct rtm_span *rtm_run_bins_longest(struct rtm_run_bins *bins);

#endif
