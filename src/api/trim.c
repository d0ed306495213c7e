/*
 * trim.c - memory that goes back to the system because somebody says so
 *
 * Locks: those of the rooms that it asks, one at a time.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/trim.h"
#include "back/page_heap.h"
#include "base/bits.h"
#include "front/cache_budget.h"
#include "front/drain.h"
#include "middle/transfer_cache.h"

bool
rtm_trim(size_t n_kept)
{
	struct rtm_page_heap_stats heap;
	struct rtm_thread_cache *orphan;
	size_t kept_pages = n_kept >> RTM_PAGE_SHIFT;

	rtm_thread_cache_flush();
	rtm_thread_cache_flush_others();
	while ((orphan = rtm_cache_budget_orphan()) != NULL)
		rtm_thread_cache_adopt(orphan);
	rtm_drain_reserves(true);
	rtm_transfer_cache_drain();
	rtm_page_heap_stats(&heap);
	return heap.dirty_pages > kept_pages &&
	    rtm_page_heap_purge(heap.dirty_pages - kept_pages) != 0;
}
