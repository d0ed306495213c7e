/*
 * span.h - a run of pages, and what it is used for
 *
 * Every page of the heap belongs to exactly one span: a free run, a large
 * block, or the objects of one size class.  The structure lies outside the
 * pages, so that looking at a span never touches what it describes.
 *
 *	pages    |  obj 0  |  obj 1  |  obj 2  | ... | obj n-1 | tail |
 *	bitmap       1         0         1       ...     1         (1 = free)
 *
 * Guards: the page heap's lock for state, first_page, n_pages and owner, for the
 * links of free spans, and for is_zero; the class's central lock for the
 * rest of a SMALL span.  A LARGE span belongs to whoever owns the block.
 * Whoever owns an object may read its span's home without a lock.
 * Structures are recycled and never unmapped: a stale pointer to one may
 * always be read, and its state and range say that it is stale.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_SPAN_H
#define RTM_BACK_SPAN_H

#include "base/compiler.h"
#include "base/list.h"
#include "conf/conf.h"
#include "os/home.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint8_t sclass_t;    /* 0 no class, 1 .. RTM_CLASSES_MAX */
typedef uintptr_t page_no_t; /* an address without its RTM_PAGE_SHIFT bits */

enum rtm_span_state {
	RTM_SPAN_UNUSED, /* the structure describes nothing */
	RTM_SPAN_FREE,   /* a free run, on a list of the page heap */
	RTM_SPAN_PURGED, /* a free run on its way back to the system */
	RTM_SPAN_LARGE,  /* one block of the program */
	RTM_SPAN_SMALL,  /* objects of one size class */
};

/* Huge pages were asked for: bits. */
enum rtm_huge {
	RTM_HUGE_ASKED = 1, /* for the block, wherever it lies */
	RTM_HUGE_UNIT = 2,  /* for whole ones of them, which are all ours */
};

enum { RTM_SPAN_INLINE_WORDS = 8 };

struct rtm_span {
	struct rtm_list link; /* free: page heap; small: central list */
	page_no_t first_page;
	size_t n_pages;
	uint8_t state;        /* enum rtm_span_state */
	bool is_zero;         /* all pages read as zeros; see free_runs.h */
	uint8_t huge;         /* enum rtm_huge, of any part of it */
	sclass_t size_class;  /* 0 unless small */
	uint8_t occupancy;    /* small: which list of the central list */
	uint8_t owner;        /* whose run it is, or will be (free_runs.h) */
	bool is_dense;        /* small: see rtm_page_heap_take_small() */
	uint16_t taker;       /* small: the cache that it was made for, or 0 */
	uint32_t n_free;      /* small: set bits of the bitmap */
	uint32_t n_objects;   /* small */
	uint32_t lowest_word; /* small: no bit is set below this word */
	uint32_t n_filled;    /* large: see rtm_page_heap_may_fill() */
	uint64_t *bitmap;     /* small: inline_bitmap, or from meta */
	uint64_t inline_bitmap[RTM_SPAN_INLINE_WORDS];
};

RTM_INLINE char *
rtm_span_base(const struct rtm_span *span)
{
	return (char *)(span->first_page << RTM_PAGE_SHIFT);
}

RTM_INLINE size_t
rtm_span_bytes(const struct rtm_span *span)
{
	return span->n_pages << RTM_PAGE_SHIFT;
}

/* Of a SMALL span. */
RTM_INLINE unsigned
rtm_span_home(const struct rtm_span *span)
{
	return span->owner % RTM_HOMES_MAX;
}

RTM_INLINE page_no_t
rtm_page_of(const void *address)
{
	return (uintptr_t)address >> RTM_PAGE_SHIFT;
}

/* A blank structure, or NULL.  The caller holds the page heap's lock. */
struct rtm_span *rtm_span_new_locked(page_no_t first_page, size_t n_pages);

/* The structure may be used again.  The page heap's lock is held. */
void rtm_span_delete_locked(struct rtm_span *span);

/* Zeroed memory, aligned to a cache line, that becomes structures for good. */
void rtm_span_feed_locked(void *memory, size_t n_bytes);

/* What serves a few requests, and how many structures one may need. */
#define RTM_SPAN_STOCK_BYTES RTM_KIB(4)
enum { RTM_SPAN_STOCK_MIN = 6 };

extern RTM_HIDDEN _Atomic size_t rtm_span_n_unused;

/*
 * True if the next request may find no structure that was used before, and so
 * touch new memory, which takes long.  A hint, for those without the lock.
 */
RTM_INLINE bool
rtm_span_stock_is_low(void)
{
	return atomic_load_explicit(&rtm_span_n_unused, memory_order_relaxed) <
	    RTM_SPAN_STOCK_MIN;
}

#endif
