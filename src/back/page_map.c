/*
 * page_map.c - from an address to its size class, and to its span
 *
 * The flat table is opened in pieces of 64 KiB, each of which covers 512 MiB
 * of heap, so that it counts as data only where there is heap.
 * Failure: opening says false and leaves what is open as it was.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_map.h"
#include "base/bits.h"
#include "os/memory.h"

#include <string.h>

static uint8_t no_classes[1];

uint8_t *rtm_page_map_classes = no_classes;
page_no_t rtm_page_map_mask;

struct rtm_page_leaf *_Atomic rtm_page_map_root[(size_t)1 << RTM_ROOT_BITS];

/* One bit per piece of the flat table that may be written. */
enum { PIECE_SHIFT = 16 };
#define N_PIECES ((size_t)1 << (RTM_PAGE_BITS - PIECE_SHIFT))
static uint64_t open_pieces[(N_PIECES + 63) / 64];

bool
rtm_page_map_init(bool is_flat_wanted)
{
	if (!is_flat_wanted)
		return false;

	uint8_t *classes = rtm_mem_reserve_zeros((size_t)1 << RTM_PAGE_BITS);

	if (classes == NULL)
		return false;
	rtm_page_map_classes = classes;
	rtm_page_map_mask = ((page_no_t)1 << RTM_PAGE_BITS) - 1;
	return true;
}

static bool
open_piece(size_t piece)
{
	uint64_t bit = (uint64_t)1 << (piece % 64);

	if ((open_pieces[piece / 64] & bit) != 0)
		return true;
	if (!rtm_mem_open(rtm_page_map_classes + (piece << PIECE_SHIFT),
		(size_t)1 << PIECE_SHIFT))
		return false;
	open_pieces[piece / 64] |= bit;
	return true;
}

static bool
open_leaf(size_t at)
{
	if (atomic_load_explicit(
		&rtm_page_map_root[at], memory_order_relaxed) != NULL)
		return true;

	struct rtm_page_leaf *leaf = rtm_mem_map(sizeof(*leaf), RTM_CACHE_LINE);

	if (leaf == NULL)
		return false;
	atomic_store_explicit(
	    &rtm_page_map_root[at], leaf, memory_order_release);
	return true;
}

static struct rtm_span *_Atomic *
entry_of(page_no_t page)
{
	struct rtm_page_leaf *leaf = atomic_load_explicit(
	    &rtm_page_map_root[page >> RTM_LEAF_BITS], memory_order_relaxed);

	return &leaf->spans[page & (((size_t)1 << RTM_LEAF_BITS) - 1)];
}

/* Writes what is there, and so changes nothing. */
static void
touch_entry(page_no_t page)
{
	struct rtm_span *expected = NULL;

	atomic_compare_exchange_strong_explicit(entry_of(page), &expected, NULL,
	    memory_order_relaxed, memory_order_relaxed);
}

bool
rtm_page_map_open_locked(page_no_t first_page, size_t n_pages)
{
	page_no_t last_page = first_page + n_pages - 1;

	if (last_page >> RTM_PAGE_BITS != 0)
		return false;
	for (size_t at = first_page >> RTM_LEAF_BITS;
	     at <= last_page >> RTM_LEAF_BITS; at++)
		if (!open_leaf(at))
			return false;
	touch_entry(first_page);
	touch_entry(last_page);
	if (rtm_page_map_mask == 0)
		return true;
	for (size_t piece = first_page >> PIECE_SHIFT;
	     piece <= last_page >> PIECE_SHIFT; piece++)
		if (!open_piece(piece))
			return false;
	return true;
}

static void
set_page(page_no_t page, struct rtm_span *span)
{
	atomic_store_explicit(entry_of(page), span, memory_order_release);
}

void
rtm_page_map_set_ends_locked(struct rtm_span *span)
{
	set_page(span->first_page, span);
	set_page(span->first_page + span->n_pages - 1, span);
}

void
rtm_page_map_set_small(struct rtm_span *span)
{
	for (size_t i = 0; i < span->n_pages; i++)
		set_page(span->first_page + i, span);
	if (rtm_page_map_mask != 0)
		memset(rtm_page_map_classes + span->first_page,
		    span->size_class, span->n_pages);
}

void
rtm_page_map_clear_small(const struct rtm_span *span)
{
	if (rtm_page_map_mask != 0)
		memset(
		    rtm_page_map_classes + span->first_page, 0, span->n_pages);
}

/*
 * Inside a large block only the two ends are sure to name it, and what the
 * other entries name may be stale.  So the search goes back to the first
 * entry that is true: only a wrong pointer pays for that.
 */
struct rtm_span *
rtm_page_map_find(const void *address)
{
	const page_no_t page = rtm_page_of(address);

	if (page >> RTM_PAGE_BITS != 0)
		return NULL;
	for (page_no_t at = page + 1; at-- != 0;) {
		if (rtm_page_map_root[at >> RTM_LEAF_BITS] == NULL) {
			at = rtm_round_down(at, (size_t)1 << RTM_LEAF_BITS);
			continue;
		}

		struct rtm_span *span = rtm_page_map_span(at);

		if (span == NULL || span->state == RTM_SPAN_UNUSED ||
		    at - span->first_page >= span->n_pages)
			continue;
		return page - span->first_page < span->n_pages ? span : NULL;
	}
	return NULL;
}
