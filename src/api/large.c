/*
 * large.c - blocks of whole pages, for what no size class serves
 *
 * Locks: none; the owner of a block owns its span.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/large.h"
#include "api/malloc.h"
#include "back/page_heap.h"
#include "front/cpu_cache.h"
#include "os/memory.h"
#include "os/thread.h"

#include <string.h>

/* Below this, copying costs less than two system calls and the faults. */
#define MOVE_BYTES_MIN RTM_KIB(512)

size_t
rtm_large_pages(size_t n_bytes)
{
	if (n_bytes > PTRDIFF_MAX)
		return 0;
	return rtm_max((n_bytes + RTM_PAGE_SIZE - 1) >> RTM_PAGE_SHIFT, 1);
}

static struct rtm_span *
take_span(size_t n_pages, size_t align_pages)
{
	struct rtm_span *span = rtm_page_heap_take(n_pages, align_pages);

	if (span == NULL && rtm_malloc_relieve())
		span = rtm_page_heap_take(n_pages, align_pages);
	return span;
}

/*
 * Zeros that the system has not laid down yet cost no memory, and a cleared
 * table is often large and never filled.  But where the program reads a page
 * first and writes to it then, the system lays it down twice, and the second
 * time interrupts all processors that run the process: up to 50 us for each page
 * of 4 KiB on a virtual machine.  So some are not left to that.
 */
static bool
is_cleared_at_once(struct rtm_span *span)
{
	return !rtm_thread_is_programs_only() && rtm_page_heap_may_fill(span);
}

static void
note_fresh(size_t n_bytes)
{
	if (rtm_cpu_cache_is_mine())
		rtm_cpu_cache_note_fresh(n_bytes);
	else
		rtm_thread_cache_note_fresh(n_bytes);
}

void *
rtm_large_alloc(size_t n_bytes, size_t alignment, bool is_zeroed)
{
	size_t n_pages = rtm_large_pages(n_bytes);
	size_t align_pages = rtm_max(alignment >> RTM_PAGE_SHIFT, 1);
	struct rtm_span *span = NULL;

	if (n_pages != 0)
		span = take_span(n_pages, align_pages);
	if (span == NULL)
		return NULL;
	if (span->is_zero)
		note_fresh(n_bytes);
	if (!is_zeroed)
		rtm_page_heap_ask_huge(span);
	else if (!span->is_zero || is_cleared_at_once(span))
		memset(rtm_span_base(span), 0, n_bytes);
	return rtm_span_base(span);
}

/* Has room to grow, so that the next steps stay in place. */
static void *
move_pages(struct rtm_span *span, size_t n_pages)
{
	size_t n_roomy = n_pages + n_pages / 4;
	struct rtm_span *target = rtm_page_heap_take(n_roomy, 1);

	if (target == NULL)
		return NULL;

	enum rtm_move result = rtm_mem_move(
	    rtm_span_base(span), rtm_span_base(target), rtm_span_bytes(span));

	if (result != RTM_MOVE_DONE) {
		if (result == RTM_MOVE_BROKEN)
			rtm_page_heap_abandon(target);
		else
			rtm_page_heap_give(target);
		return NULL;
	}
	rtm_page_heap_give(span);
	return rtm_span_base(target);
}

void *
rtm_large_resize(struct rtm_span *span, size_t n_bytes)
{
	size_t n_pages = rtm_large_pages(n_bytes);

	if (n_pages == 0)
		return NULL;
	if (n_pages < span->n_pages) {
		/* Room left for growing is not given back at the first step. */
		if (n_pages < span->n_pages - span->n_pages / 4)
			rtm_page_heap_shrink(span, n_pages);
		return rtm_span_base(span);
	}
	if (n_pages == span->n_pages || rtm_page_heap_extend(span, n_pages))
		return rtm_span_base(span);
	if (rtm_span_bytes(span) >= MOVE_BYTES_MIN)
		return move_pages(span, n_pages);
	return NULL;
}
