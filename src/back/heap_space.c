/*
 * heap_space.c - where the heap grows
 *
 *	region   | open: read, write |  reserved: no access          |
 *	         ^ start             ^ open_end                      ^ end
 *
 * Steps are an eighth of what is open, from 256 KiB to 4 MiB: few system
 * calls for a growing heap, and little to fill for a process that locks its
 * memory (mlockall fills a piece as soon as it is opened); 2 MiB at least where
 * the page heap asks for a table of pages of its own.  Where the system's
 * pages are larger than ours (16 or 64 KiB, on aarch64), steps are whole ones
 * of those, and nothing is unmapped.
 * Failure: a step that the system refuses is tried again with just the pages
 * that are needed.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/heap_space.h"
#include "back/page_map.h"
#include "base/bits.h"
#include "os/lock.h"
#include "os/memory.h"

#include <stdatomic.h>

#if UINTPTR_MAX > UINT32_MAX
#define REGION_PAGES (RTM_GIB(64) >> RTM_PAGE_SHIFT)
#else
#define REGION_PAGES (RTM_MIB(64) >> RTM_PAGE_SHIFT)
#endif
#define STEP_PAGES_MIN (RTM_KIB(256) >> RTM_PAGE_SHIFT)
#define STEP_PAGES_MAX (RTM_MIB(4) >> RTM_PAGE_SHIFT)
#define TIGHT_PAGES (RTM_MIB(1) >> RTM_PAGE_SHIFT)
#define REGION_ALIGNMENT RTM_MIB(2) /* of huge pages */

static struct {
	struct rtm_lock lock; /* rank HEAP_SPACE */
	bool is_tight;
	page_no_t open_end;
	page_no_t end;
	size_t n_opened;             /* in all regions */
	_Atomic page_no_t next_page; /* see rtm_heap_space_end() */
} RTM_LINE_ALIGNED space;

void
rtm_heap_space_init(bool is_tight)
{
	/* What is unmapped takes all along that shares a page with it. */
	space.is_tight = is_tight && rtm_mem_page_size() <= RTM_PAGE_SIZE;
}

void
rtm_heap_space_enter(void)
{
	rtm_lock_take(&space.lock, RTM_RANK_HEAP_SPACE);
}

void
rtm_heap_space_leave(void)
{
	rtm_lock_give(&space.lock, RTM_RANK_HEAP_SPACE);
}

void
rtm_heap_space_fork_child(void)
{
	rtm_lock_init(&space.lock);
}

bool
rtm_heap_space_is_tight(void)
{
	return space.is_tight;
}

page_no_t
rtm_heap_space_end(void)
{
	return atomic_load_explicit(&space.next_page, memory_order_relaxed);
}

static void
publish_end(void)
{
	atomic_store_explicit(&space.next_page,
	    space.open_end == space.end ? 0 : space.open_end,
	    memory_order_relaxed);
}

/* A new region; the rest of the old one is given up. */
static bool
reserve_region(void)
{
	char *base =
	    rtm_mem_reserve(REGION_PAGES << RTM_PAGE_SHIFT, REGION_ALIGNMENT);

	if (base == NULL)
		return false;
	if (space.open_end != space.end)
		rtm_mem_unreserve((char *)(space.open_end << RTM_PAGE_SHIFT),
		    (space.end - space.open_end) << RTM_PAGE_SHIFT);
	space.open_end = rtm_page_of(base);
	space.end = space.open_end + REGION_PAGES;
	return true;
}

/* The system is asked first: the map cannot take back what it opens. */
static bool
open_pages(size_t n_pages)
{
	return rtm_mem_open((char *)(space.open_end << RTM_PAGE_SHIFT),
		   n_pages << RTM_PAGE_SHIFT) &&
	    rtm_page_map_open_locked(space.open_end, n_pages);
}

/* As many pages, or some more: whole pages of the system's. */
static size_t
round_to_system(size_t n_pages)
{
	size_t unit = rtm_max(rtm_mem_page_size() >> RTM_PAGE_SHIFT, 1);
	size_t n_rounded = rtm_round_up(n_pages, unit);

	return n_rounded < n_pages ? n_pages : n_rounded;
}

static bool
grow_roomy(size_t n_pages, page_no_t *first_page, size_t *n_grown)
{
	if (space.end - space.open_end < n_pages && !reserve_region())
		return false;

	size_t step = rtm_min(
	    rtm_max(space.n_opened / 8, STEP_PAGES_MIN), STEP_PAGES_MAX);
	size_t n_opened = rtm_min(rtm_max(n_pages, round_to_system(step)),
	    space.end - space.open_end);

	if (!open_pages(n_opened)) {
		if (n_opened == n_pages || !open_pages(n_pages))
			return false;
		n_opened = n_pages;
	}
	*first_page = space.open_end;
	*n_grown = n_opened;
	space.open_end += n_opened;
	space.n_opened += n_opened;
	return true;
}

static bool
map_pages(size_t n_pages, page_no_t *first_page)
{
	char *base = rtm_mem_map(n_pages << RTM_PAGE_SHIFT, RTM_PAGE_SIZE);

	if (base == NULL)
		return false;
	*first_page = rtm_page_of(base);
	if (rtm_page_map_open_locked(*first_page, n_pages))
		return true;
	rtm_mem_unmap(base, n_pages << RTM_PAGE_SHIFT);
	return false;
}

static bool
grow_tight(size_t n_pages, page_no_t *first_page, size_t *n_grown)
{
	*n_grown = rtm_max(n_pages, TIGHT_PAGES);
	if (map_pages(*n_grown, first_page))
		return true;
	*n_grown = n_pages;
	return n_pages < TIGHT_PAGES && map_pages(n_pages, first_page);
}

bool
rtm_heap_space_grow_locked(
    size_t n_pages, page_no_t *first_page, size_t *n_grown)
{
	n_pages = round_to_system(n_pages);
	/* More than a region is mapped by itself, or refused at once. */
	if (!space.is_tight && n_pages <= REGION_PAGES) {
		bool is_grown = grow_roomy(n_pages, first_page, n_grown);

		publish_end();
		if (is_grown)
			return true;
	}
	return grow_tight(n_pages, first_page, n_grown);
}
