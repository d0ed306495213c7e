/*
 * moves.h - how many objects go at a time between bins and the middle tier
 *
 * For bins of threads and of processors alike.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_MOVES_H
#define RTM_FRONT_MOVES_H

#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "os/home.h"
#include "os/thread.h"

enum {
	RTM_MOVE_MIN = 8,    /* objects of a bin's first refill, at least */
	RTM_MOVE_SHARED = 2, /* batches at a time; see rtm_move_longest() */

	/*
	 * Of a class that a bin has never been asked for, so many frees go
	 * past the bin.
	 */
	RTM_MOVE_DIRECT_MAX = 8,

	/*
	 * Below this, caches get objects from spans of their own, as long as
	 * few are in use in part; what passed a transfer cache may be of any
	 * span.  A processor that fetches ahead takes lines of the same page
	 * away from another: two threads with 1000 blocks each took twice as
	 * long when half of their pages had blocks of both, though no line had.
	 */
	RTM_MOVE_OWN_BYTES = 1024,

	/* Objects below this may share a cache line. */
	RTM_MOVE_LINE_BYTES = 64,
};

/* The length of a bin's first refill: a slow start. */
RTM_INLINE size_t
rtm_move_first(const struct rtm_size_class *kind)
{
	return rtm_min(rtm_max(RTM_MOVE_MIN, kind->batch / 8), kind->batch);
}

/*
 * How many objects move at a time, at most.  What one thread makes and another
 * frees passes two locks in each batch, whose cache lines go from processor to
 * processor: in a process with threads two batches go at once.
 */
RTM_INLINE size_t
rtm_move_longest(const struct rtm_size_class *kind)
{
	return rtm_thread_is_alone() ? kind->batch
				     : RTM_MOVE_SHARED * kind->batch;
}

/* The number of a cache as the central list knows it; nearly always its own. */
RTM_INLINE uint16_t
rtm_move_taker(sclass_t class, const void *cache)
{
	if (rtm_thread_is_alone() ||
	    rtm_size_classes[class].size >= RTM_MOVE_OWN_BYTES)
		return 0;
	return (uint16_t)((uintptr_t)cache >> 12 | 1);
}

/*
 * Up to n objects for a bin of the cache; says how many.  What other homes'
 * transfer caches (os/home.h) have is taken before memory that nobody used,
 * unless the heap has room (rtm_page_heap_take_near).
 * The first ones of a class whose objects share cache lines come from a new
 * span, unless many are mostly free.
 */
RTM_INLINE size_t
rtm_move_fetch(
    sclass_t class, bool is_first, const void *cache, void **objects, size_t n)
{
	uint16_t taker = rtm_move_taker(class, cache);

	if (is_first && taker != 0 &&
	    rtm_size_classes[class].size < RTM_MOVE_LINE_BYTES)
		return rtm_central_list_take_fresh(class, taker, objects, n);

	size_t n_taken = rtm_transfer_cache_take(class, objects, n);

	if (n_taken == 0 && (taker != 0 || rtm_home_count() > 1))
		n_taken = rtm_central_list_take_near(class, taker, objects, n);
	if (n_taken == 0)
		n_taken = rtm_transfer_cache_take_far(class, objects, n);
	return n_taken != 0 ? n_taken
			    : rtm_central_list_take(class, taker, objects, n);
}

#endif
