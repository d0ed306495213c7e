/*
 * page_map.h - from an address to its size class, and to its span
 *
 * Two maps.  free() asks for the class: one byte per page over the whole
 * address space of a process, a flat table that is reserved once and reads as
 * zeros until a piece is opened.  0 means "not an object of a size class":
 * a large block, a free page, somebody else's memory; the slow way tells
 * them apart by the span, which a radix tree of two levels knows.
 *
 *	page number  |  17 bits: root  |  17 bits: leaf  |	(x86-64)
 *	             root[ ] ------->  leaf[ ] -------> struct rtm_span
 *
 * Where address space is scarce (RLIMIT_AS, memcheck) the flat table is one
 * zero byte and a mask of 0, so that every free goes the slow way.
 *
 * Locks: entries are written under the page heap's lock, and before the
 * memory they speak of is handed out; they are read without one.  Room for them
 * is made under the lock of heap_space.h.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_PAGE_MAP_H
#define RTM_BACK_PAGE_MAP_H

#include "back/span.h"

#include <stdatomic.h>

#define RTM_PAGE_BITS (RTM_ADDRESS_BITS - RTM_PAGE_SHIFT)
#define RTM_LEAF_BITS (RTM_PAGE_BITS / 2)
#define RTM_ROOT_BITS (RTM_PAGE_BITS - RTM_LEAF_BITS)

struct rtm_page_leaf {
	struct rtm_span *_Atomic spans[(size_t)1 << RTM_LEAF_BITS];
};

/* Indexed by page number & mask; the mask is 0 if there is no flat table. */
extern RTM_HIDDEN uint8_t *rtm_page_map_classes;
extern RTM_HIDDEN page_no_t rtm_page_map_mask;
extern RTM_HIDDEN struct rtm_page_leaf
    *_Atomic rtm_page_map_root[(size_t)1 << RTM_ROOT_BITS];

/* At start.  False: no flat table, which is slower and nothing else. */
bool rtm_page_map_init(bool is_flat_wanted);

/*
 * Makes room for entries about these pages, and touches those about the ends:
 * the kernel gives memory here, where nobody waits for runs, and not when the
 * entries are written.  False if there is no memory.
 */
bool rtm_page_map_open_locked(page_no_t first_page, size_t n_pages);

/* Three instructions; any address may be asked. */
RTM_INLINE sclass_t
rtm_page_map_class(const void *address)
{
	return rtm_page_map_classes[rtm_page_of(address) & rtm_page_map_mask];
}

/*
 * The span that was last said to hold the page, or NULL.  May be stale for
 * pages that belong to no block: check the span's state and range.  Pairs
 * with the release order of the writers.
 */
RTM_INLINE struct rtm_span *
rtm_page_map_span(page_no_t page)
{
	if (RTM_UNLIKELY(page >> RTM_PAGE_BITS != 0))
		return NULL;

	struct rtm_page_leaf *leaf = atomic_load_explicit(
	    &rtm_page_map_root[page >> RTM_LEAF_BITS], memory_order_acquire);

	if (RTM_UNLIKELY(leaf == NULL))
		return NULL;
	return atomic_load_explicit(
	    &leaf->spans[page & (((size_t)1 << RTM_LEAF_BITS) - 1)],
	    memory_order_acquire);
}

/* The span that holds the address, in whatever state; never stale. */
struct rtm_span *rtm_page_map_find(const void *address);

/* The first and the last page of the span name it. */
void rtm_page_map_set_ends_locked(struct rtm_span *span);

/* Every page of the span names it and its class. */
void rtm_page_map_set_small(struct rtm_span *span);

/* The span's pages have no class any more. */
void rtm_page_map_clear_small(const struct rtm_span *span);

#endif
