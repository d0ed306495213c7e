/*
 * span.c - where span structures come from
 *
 * Locks:   the page heap's, held by the caller.
 * Failure: NULL when there is no memory for a structure.  Freeing pages
 *          never needs a new one.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/span.h"
#include "back/meta.h"
#include "base/bits.h"

static struct rtm_list unused = { &unused, &unused };
_Atomic size_t rtm_span_n_unused;

static void
count_unused(size_t n)
{
	atomic_store_explicit(&rtm_span_n_unused,
	    atomic_load_explicit(&rtm_span_n_unused, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

struct rtm_span *
rtm_span_new_locked(page_no_t first_page, size_t n_pages)
{
	struct rtm_span *span;

	if (rtm_list_is_empty(&unused)) {
		span = rtm_meta_take(sizeof(*span));
		if (span == NULL)
			return NULL;
	} else {
		span = RTM_LIST_ITEM(unused.next, struct rtm_span, link);
		rtm_list_remove(&span->link);
		count_unused(-(size_t)1);
	}
	span->first_page = first_page;
	span->n_pages = n_pages;
	span->is_zero = false;
	span->huge = 0;
	span->is_dense = false;
	span->size_class = 0;
	span->owner = 0;
	span->n_filled = 0;
	return span;
}

void
rtm_span_delete_locked(struct rtm_span *span)
{
	span->state = RTM_SPAN_UNUSED;
	rtm_list_push(&unused, &span->link);
	count_unused(1);
}

void
rtm_span_feed_locked(void *memory, size_t n_bytes)
{
	const size_t size =
	    rtm_round_up(sizeof(struct rtm_span), RTM_CACHE_LINE);

	for (size_t at = 0; at + size <= n_bytes; at += size)
		rtm_span_delete_locked(
		    (struct rtm_span *)(void *)((char *)memory + at));
}
