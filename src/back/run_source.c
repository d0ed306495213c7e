/*
 * run_source.c - where free runs come from: what is there, or a larger heap
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/run_source.h"
#include "back/free_runs.h"
#include "back/heap_space.h"
#include "back/heap_state.h"
#include "back/purge.h"
#include "back/purged_runs.h"
#include "base/bits.h"
#include "os/memory.h"

/*
 * The system guards each of its page tables by a lock, which it takes for each
 * page that is touched first: two processors that fill memory wait for each
 * other unless they have tables of their own.  One describes so much, where the
 * system's pages are of 4 KiB.
 */
#define TABLE_PAGES (RTM_MIB(2) >> RTM_PAGE_SHIFT)

/* A heap below this is small: what homes keep apart would show. */
#define ROOMY_PAGES (RTM_MIB(8) >> RTM_PAGE_SHIFT)

/*
 * Growing asks the system, which may take long: whoever finds a run need not
 * wait for that.  The heap's lock is held, and dropped meanwhile.
 */
static void
enter_space(void)
{
	rtm_heap_unlock();
	rtm_heap_space_enter();
	rtm_heap_lock();
}

/* Opens at least n_pages more, as a clean run; drops the lock meanwhile. */
static bool
grow(size_t n_pages)
{
	struct rtm_span *run = rtm_span_new_locked(0, 0);
	page_no_t first_page;
	size_t n_grown;

	if (run == NULL)
		return false;
	rtm_heap_unlock();

	bool is_grown =
	    rtm_heap_space_grow_locked(n_pages, &first_page, &n_grown);

	rtm_heap_lock();
	if (!is_grown) {
		rtm_span_delete_locked(run);
		return false;
	}
	run->first_page = first_page;
	run->n_pages = n_grown;
	run->is_zero = true;
	rtm_free_runs_insert(run);
	return true;
}

/* Whose runs will do. */
enum whose { ANYBODYS, OWN };

bool
rtm_run_source_is_roomy(void)
{
	return rtm_purge_peak() >= ROOMY_PAGES;
}

static bool
has_tables_apart(void)
{
	return rtm_run_source_is_roomy() && !rtm_heap.is_scarce;
}

/*
 * Whole tables of clean pages for an owner; huge pages, if they are dense.
 * Drops the lock meanwhile.
 */
static bool
settle_tables(unsigned owner, size_t n_pages)
{
	size_t n = rtm_round_up(n_pages, TABLE_PAGES);
	page_no_t first_page = rtm_free_runs_settle(owner, n, TABLE_PAGES);

	if (first_page == 0)
		return false;
	if (owner >= RTM_OWNER_DENSE) {
		rtm_heap_unlock();
		rtm_mem_advise_huge((void *)(first_page << RTM_PAGE_SHIFT),
		    n << RTM_PAGE_SHIFT, true);
		rtm_heap_lock();
	}
	return true;
}

/*
 * Clean pages for an owner.  Whole tables, but where they are scarce, and where
 * many pages lie about that are in no table without others'.
 */
static bool
settle(unsigned owner, size_t n_pages)
{
	bool is_apart = has_tables_apart();
	size_t n_few = 2 * TABLE_PAGES + rtm_heap.stats.used_pages / 8;

	if (is_apart && settle_tables(owner, n_pages))
		return true;
	return (!is_apart || rtm_free_runs.clean_pages > n_few) &&
	    rtm_free_runs_settle(owner, n_pages, 1) != 0;
}

static struct rtm_span *
find_dirty(enum whose whose, unsigned owner, size_t n_pages)
{
	struct rtm_span *run = rtm_free_runs_find_dirty(owner, n_pages);

	if (run == NULL && whose == ANYBODYS &&
	    rtm_free_runs_adopt(owner, n_pages))
		run = rtm_free_runs_find_dirty(owner, n_pages);
	return run;
}

static struct rtm_span *
find(enum whose whose, unsigned owner, size_t n_pages)
{
	struct rtm_span *run = find_dirty(whose, owner, n_pages);

	if (run == NULL)
		run = rtm_free_runs_find_clean(owner, n_pages);
	if (run == NULL && owner != 0 && settle(owner, n_pages))
		run = rtm_free_runs_find_clean(owner, n_pages);
	return run;
}

/*
 * Once refused, always: each try would ask the system anew, and what homes have
 * is best had by all.
 */
static void
grow_by_tables(size_t n_pages)
{
	size_t n_before = -rtm_heap_space_end() & (TABLE_PAGES - 1);

	if (grow(n_before + rtm_round_up(n_pages, TABLE_PAGES)))
		return;
	rtm_heap.is_scarce = true;
	rtm_free_runs_gather();
}

static struct rtm_span *
find_or_grow(enum whose whose, unsigned owner, size_t n_pages)
{
	struct rtm_span *run = find(whose, owner, n_pages);

	if (run != NULL)
		return run;
	enter_space();
	run = find(whose, owner, n_pages); /* others may have grown it */
	if (run == NULL && owner != 0 && has_tables_apart()) {
		grow_by_tables(n_pages);
		run = find(whose, owner, n_pages);
	}
	if (run == NULL && grow(n_pages)) {
		run = find(whose, owner, n_pages);
		if (run == NULL && rtm_free_runs_settle(owner, n_pages, 1) != 0)
			run = rtm_free_runs_find_clean(owner, n_pages);
	}
	rtm_heap_space_leave();
	return run;
}

struct rtm_span *
rtm_run_source_find_locked(unsigned owner, size_t n_pages)
{
	struct rtm_span *run = find_or_grow(ANYBODYS, owner, n_pages);

	if (run != NULL)
		return run;
	/* Scarce address space may be other homes', or hidden in dirty runs. */
	rtm_free_runs_gather();
	run = find(ANYBODYS, 0, n_pages);
	if (run == NULL && rtm_purged_runs_purge_locked(SIZE_MAX) != 0)
		run = find_or_grow(ANYBODYS, 0, n_pages);
	if (run == NULL) { /* others took some for their homes meanwhile */
		rtm_free_runs_gather();
		run = find(ANYBODYS, 0, n_pages);
	}
	return run;
}

static struct rtm_span *
find_apart(unsigned owner, size_t n_pages)
{
	size_t n_resident =
	    rtm_heap.stats.used_pages + rtm_free_runs.dirty_pages;
	struct rtm_span *run = NULL;

	if (n_resident + n_pages <= rtm_purge_peak())
		run = find_or_grow(OWN, owner, n_pages);
	return run != NULL ? run : find_dirty(ANYBODYS, owner, n_pages);
}

struct rtm_span *
rtm_run_source_find_near_locked(unsigned owner, size_t n_pages)
{
	struct rtm_span *run = rtm_free_runs_find_dirty(owner, n_pages);

	return run != NULL || !rtm_run_source_is_roomy()
	    ? run
	    : find_apart(owner, n_pages);
}

bool
rtm_run_source_extend_locked(page_no_t page, size_t n_pages)
{
	size_t n_free = rtm_free_runs_count_after(page, n_pages);

	if (n_free >= n_pages || page + n_free != rtm_heap_space_end())
		return n_free >= n_pages;
	enter_space();
	n_free = rtm_free_runs_count_after(page, n_pages);
	if (n_free < n_pages && page + n_free == rtm_heap_space_end() &&
	    grow(n_pages - n_free))
		n_free = rtm_free_runs_count_after(page, n_pages);
	rtm_heap_space_leave();
	return n_free >= n_pages;
}
