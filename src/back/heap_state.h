/*
 * heap_state.h - the page heap's lock, and what it guards beside free runs
 *
 * For the files that make up the page heap: page_heap.c, run_source.c and
 * purged_runs.c.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_HEAP_STATE_H
#define RTM_BACK_HEAP_STATE_H

#include "back/page_heap.h"
#include "os/lock.h"

/* Lines of its own: every free() reads what the linker lays beside it. */
struct rtm_heap_state {
	struct rtm_lock lock;
	struct rtm_page_heap_config config;
	struct rtm_page_heap_stats stats;
	size_t filled_pages; /* see rtm_page_heap_may_fill() */
	size_t dense_pages;  /* of those in use: in spans that are dense */
	bool is_scarce;      /* homes do not get tables of their own */
} RTM_LINE_ALIGNED;

extern RTM_HIDDEN struct rtm_heap_state rtm_heap;

RTM_INLINE void
rtm_heap_lock(void)
{
	rtm_lock_take(&rtm_heap.lock, RTM_RANK_PAGE_HEAP);
}

RTM_INLINE void
rtm_heap_unlock(void)
{
	rtm_lock_give(&rtm_heap.lock, RTM_RANK_PAGE_HEAP);
}

#endif
