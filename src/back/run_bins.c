/*
 * run_bins.c - free runs of pages, found by length
 *
 * A list's head is set up when its first run arrives, so that lists which
 * nobody uses cost no memory.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/run_bins.h"
#include "base/bits.h"

enum {
	PER_DOUBLING_SHIFT = 3,
	LOOKS_MAX = 16, /* into one list */
};

static size_t n_exact_bins = 1;

void
rtm_run_bins_init(size_t n_exact)
{
	n_exact_bins = rtm_min(n_exact, RTM_RUN_EXACT_MAX);
}

static size_t
bin_of(size_t n_pages)
{
	if (n_pages <= n_exact_bins)
		return n_pages - 1;

	/* Counted in units, so that a doubling has eight steps from 1 on. */
	uint64_t length = (uint64_t)n_pages << PER_DOUBLING_SHIFT;
	uint64_t longest_exact = (uint64_t)n_exact_bins << PER_DOUBLING_SHIFT;
	unsigned log = rtm_log2_floor(length);
	unsigned log_exact = rtm_log2_floor(longest_exact);
	size_t step = (length >> (log - PER_DOUBLING_SHIFT)) & 7;

	return n_exact_bins + 8 * (size_t)(log - log_exact) + step;
}

void
rtm_run_bins_insert(struct rtm_run_bins *bins, struct rtm_span *run)
{
	size_t bin = bin_of(run->n_pages);
	uint64_t bit = (uint64_t)1 << (bin % 64);

	if ((bins->bitmap[bin / 64] & bit) == 0) {
		rtm_list_init(&bins->heads[bin]);
		bins->bitmap[bin / 64] |= bit;
	}
	rtm_list_push(&bins->heads[bin], &run->link);
}

void
rtm_run_bins_remove(struct rtm_run_bins *bins, struct rtm_span *run)
{
	size_t bin = bin_of(run->n_pages);

	rtm_list_remove(&run->link);
	if (rtm_list_is_empty(&bins->heads[bin]))
		bins->bitmap[bin / 64] &= ~((uint64_t)1 << (bin % 64));
}

/* The shortest run of the list that is long enough, among the first. */
static struct rtm_span *
best_of(struct rtm_list *head, size_t n_pages)
{
	struct rtm_span *best = NULL;
	int n_looks = 0;

	for (struct rtm_list *link = head->next;
	     link != head && n_looks < LOOKS_MAX;
	     link = link->next, n_looks++) {
		struct rtm_span *run =
		    RTM_LIST_ITEM(link, struct rtm_span, link);

		if (run->n_pages >= n_pages &&
		    (best == NULL || run->n_pages < best->n_pages))
			best = run;
		/* The others of such a list are as long. */
		if (run->n_pages <= n_exact_bins)
			break;
	}
	return best;
}

/* The first list from bin on that holds anything, or RTM_RUN_BINS_MAX. */
static size_t
next_filled(const struct rtm_run_bins *bins, size_t bin)
{
	size_t word = bin / 64;
	uint64_t bits;

	if (word >= RTM_RUN_WORDS)
		return RTM_RUN_BINS_MAX;
	bits = bins->bitmap[word] & (~(uint64_t)0 << (bin % 64));
	while (bits == 0) {
		if (++word == RTM_RUN_WORDS)
			return RTM_RUN_BINS_MAX;
		bits = bins->bitmap[word];
	}
	return 64 * word + rtm_lowest_bit(bits);
}

struct rtm_span *
rtm_run_bins_find(struct rtm_run_bins *bins, size_t n_pages)
{
	size_t wanted = bin_of(n_pages);
	size_t bin = next_filled(bins, wanted);

	if (bin == wanted) {
		struct rtm_span *run = best_of(&bins->heads[bin], n_pages);

		if (run != NULL)
			return run;
		bin = next_filled(bins, wanted + 1);
	}
	return bin == RTM_RUN_BINS_MAX ? NULL
				       : best_of(&bins->heads[bin], n_pages);
}

struct rtm_span *
rtm_run_bins_longest(struct rtm_run_bins *bins)
{
	for (size_t word = RTM_RUN_WORDS; word-- > 0;) {
		if (bins->bitmap[word] == 0)
			continue;

		size_t bin = 64 * word + rtm_log2_floor(bins->bitmap[word]);

		return RTM_LIST_ITEM(
		    bins->heads[bin].prev, struct rtm_span, link);
	}
	return NULL;
}
