/*
 * page_heap.c - the back end: runs of pages for blocks and for size classes
 *
 * Invariants, whenever the lock is free:
 * - every page of the heap lies in one span; used + dirty + clean pages are
 *   all pages that heap_space handed out and did not get back;
 * - free runs are as free_runs.h has them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_heap.h"
#include "back/free_runs.h"
#include "back/heap_space.h"
#include "back/meta.h"
#include "back/page_map.h"
#include "back/purge.h"
#include "back/purged_runs.h"
#include "base/bits.h"
#include "os/home.h"
#include "os/lock.h"
#include "os/memory.h"

#include <string.h>

/* One call gives back so much beyond what it takes, at most. */
#define PURGE_PAGES_MORE (RTM_KIB(512) >> RTM_PAGE_SHIFT)

/* Ask for huge pages from here on; a huge page is this long. */
#define HUGE_PAGES (RTM_HUGE_BYTES >> RTM_PAGE_SHIFT)

/*
 * The system guards each of its page tables by a lock, which it takes for each
 * page that is touched first: two processors that fill memory wait for each
 * other unless they have tables of their own.  One describes so much, where the
 * system's pages are of 4 KiB.
 */
#define TABLE_PAGES (RTM_MIB(2) >> RTM_PAGE_SHIFT)

/* From here on what is dense lies in huge pages. */
#define DENSE_PAGES_MIN (RTM_MIB(20) >> RTM_PAGE_SHIFT)

/* See rtm_page_heap_may_fill(). */
#define FILLED_PAGES_MAX (RTM_MIB(4) >> RTM_PAGE_SHIFT)
#define FILLED_PAGES_SUM (RTM_MIB(16) >> RTM_PAGE_SHIFT)

/* A heap below this is small: what homes keep apart would show. */
#define ROOMY_PAGES (RTM_MIB(8) >> RTM_PAGE_SHIFT)

/* More dirty pages than this are somebody's concern (on_dirty). */
#define DIRTY_PAGES_MANY (RTM_MIB(16) >> RTM_PAGE_SHIFT)

/* Lines of its own: every free() reads what the linker lays beside it. */
static struct {
	struct rtm_lock lock;
	struct rtm_page_heap_config config;
	struct rtm_page_heap_stats stats;
	size_t filled_pages; /* see rtm_page_heap_may_fill() */
	size_t dense_pages;  /* of those in use: in spans that are dense */
	bool is_scarce;      /* homes do not get tables of their own */
} RTM_LINE_ALIGNED heap;

void
rtm_page_heap_init(const struct rtm_page_heap_config *config)
{
	heap.config = *config;
	heap.is_scarce =
	    config->is_tight || rtm_mem_page_size() > RTM_PAGE_SIZE;
	rtm_heap_space_init(config->is_tight);
	rtm_free_runs_init(config->n_exact_bins);
	rtm_purge_init(config->purge_slack_percent);
}

static void
lock_heap(void)
{
	rtm_lock_take(&heap.lock, RTM_RANK_PAGE_HEAP);
}

static void
unlock_heap(void)
{
	rtm_lock_give(&heap.lock, RTM_RANK_PAGE_HEAP);
}

/* ------------------------------------------------------------- purging */

/* Drops the lock meanwhile. */
static size_t
purge(size_t n_pages)
{
	size_t n_purged = 0;

	while (n_purged < n_pages) {
		struct rtm_purged_batch batch;

		rtm_purged_runs_collect_locked(&batch, n_pages - n_purged);
		rtm_purge_note_dirty_locked(rtm_free_runs.dirty_pages);
		if (batch.n_runs == 0)
			break;
		unlock_heap();
		rtm_purged_runs_release(&batch);
		lock_heap();

		size_t n_released = rtm_purged_runs_settle_locked(&batch);

		heap.stats.n_purges++;
		heap.stats.n_purged_pages += n_released;
		n_purged += n_released;
		if (n_released == 0)
			break; /* locked pages: the system cannot */
	}
	return n_purged;
}

size_t
rtm_page_heap_purge(size_t n_pages)
{
	lock_heap();

	size_t n_purged = purge(n_pages);

	unlock_heap();
	return n_purged;
}

void
rtm_page_heap_set_threshold(size_t threshold_pages, size_t kept_pages)
{
	lock_heap();
	rtm_purge_set_threshold_locked(threshold_pages, kept_pages);
	purge(rtm_purge_surplus_locked(rtm_free_runs.dirty_pages));
	unlock_heap();
}

bool
rtm_page_heap_keeps_all(void)
{
	lock_heap();

	bool is_off = rtm_purge_is_off_locked();

	unlock_heap();
	return is_off;
}

size_t
rtm_page_heap_purge_unneeded(void)
{
	lock_heap();
	purge(rtm_purge_low_water_locked(rtm_free_runs.dirty_pages));

	size_t n_dirty = rtm_free_runs.dirty_pages;

	unlock_heap();
	return n_dirty;
}

/* -------------------------------------------------------- taking, giving */

/*
 * Growing asks the system, which may take long: whoever finds a run need not
 * wait for that.  The heap's lock is held, and dropped meanwhile.
 */
static void
enter_space(void)
{
	unlock_heap();
	rtm_heap_space_enter();
	lock_heap();
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
	unlock_heap();

	bool is_grown =
	    rtm_heap_space_grow_locked(n_pages, &first_page, &n_grown);

	lock_heap();
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

/* In a heap that is not small, each home comes to have what it needs. */
static bool
is_roomy(void)
{
	return rtm_purge_peak() >= ROOMY_PAGES;
}

static bool
has_tables_apart(void)
{
	return is_roomy() && !heap.is_scarce;
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
		unlock_heap();
		rtm_mem_advise_huge((void *)(first_page << RTM_PAGE_SHIFT),
		    n << RTM_PAGE_SHIFT, true);
		lock_heap();
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
	size_t n_few = 2 * TABLE_PAGES + heap.stats.used_pages / 8;

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
	heap.is_scarce = true;
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

/* The same of anybody's, and when all else fails, of whatever there is. */
static struct rtm_span *
find_or_scrape(unsigned owner, size_t n_pages)
{
	struct rtm_span *run = find_or_grow(ANYBODYS, owner, n_pages);

	if (run != NULL)
		return run;
	/* Scarce address space may be other homes', or hidden in dirty runs. */
	rtm_free_runs_gather();
	run = find(ANYBODYS, 0, n_pages);
	if (run == NULL && purge(SIZE_MAX) != 0)
		run = find_or_grow(ANYBODYS, 0, n_pages);
	if (run == NULL) { /* others took some for their homes meanwhile */
		rtm_free_runs_gather();
		run = find(ANYBODYS, 0, n_pages);
	}
	return run;
}

/*
 * True if n_pages from page on are free, when the heap has grown if need be;
 * drops the lock meanwhile.
 */
static bool
is_free_or_grown(page_no_t page, size_t n_pages)
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

static void
count_used(size_t n_pages)
{
	heap.stats.used_pages += n_pages;
	rtm_purge_note_use_locked(heap.stats.used_pages);
	rtm_purge_note_dirty_locked(rtm_free_runs.dirty_pages);
	if (heap.stats.used_pages > heap.stats.peak_pages)
		heap.stats.peak_pages = heap.stats.used_pages;
}

static void
count_large(int n, ptrdiff_t n_pages)
{
	heap.stats.n_large += (size_t)n;
	heap.stats.large_pages += (size_t)n_pages;
	heap.stats.peak_large =
	    rtm_max(heap.stats.peak_large, heap.stats.n_large);
	heap.stats.peak_large_pages =
	    rtm_max(heap.stats.peak_large_pages, heap.stats.large_pages);
}

/*
 * n_pages clean pages were handed out: dirty ones may have to go (purge.h).
 * No more than that and a bit: resident memory falls, and no call pays for what
 * a heap of any size has left over.  The rest is the next calls' and the
 * helper's (api/idle.h).
 */
static void
keep_below_peak(size_t n_pages)
{
	size_t n_excess = rtm_purge_excess_locked(
	    heap.stats.used_pages, rtm_free_runs.dirty_pages);

	if (n_excess != 0)
		purge(rtm_min(n_excess, n_pages + PURGE_PAGES_MORE));
}

void
rtm_page_heap_ask_huge(struct rtm_span *span)
{
	if (!heap.config.is_huge || span->n_pages < HUGE_PAGES ||
	    span->huge != 0 || !span->is_zero)
		return;
	span->huge |= RTM_HUGE_ASKED;
	rtm_mem_advise_huge(rtm_span_base(span), rtm_span_bytes(span), true);
}

/*
 * Without the lock: structures for the requests to come, in memory that is
 * touched here, so that nobody waits while the kernel gives it.
 */
static void stock_spans(void) RTM_COLD;

static void
stock_spans(void)
{
	void *memory = rtm_meta_take(RTM_SPAN_STOCK_BYTES);

	if (memory == NULL)
		return; /* new_rest() of free_runs.c knows what to do */
	memset(memory, 0, RTM_SPAN_STOCK_BYTES);
	lock_heap();
	rtm_span_feed_locked(memory, RTM_SPAN_STOCK_BYTES);
	unlock_heap();
}

/* The run, if there is one, is in use from now on, trimmed to what is asked. */
static struct rtm_span *
use_locked(struct rtm_span *run, size_t n_pages, size_t align_pages,
    enum rtm_span_state state)
{
	if (run == NULL)
		return NULL;
	rtm_free_runs_remove(run);
	run = rtm_free_runs_trim(run, n_pages, align_pages);
	if (run == NULL)
		return NULL;
	run->state = (uint8_t)state;
	rtm_page_map_set_ends_locked(run);
	heap.stats.n_takes++;
	RTM_COUNT(heap.stats.n_large_takes, state == RTM_SPAN_LARGE);
	if (state == RTM_SPAN_LARGE)
		count_large(1, (ptrdiff_t)run->n_pages);
	count_used(run->n_pages);
	if (run->is_zero)
		keep_below_peak(run->n_pages);
	return run;
}

static struct rtm_span *
take_locked(unsigned owner, size_t n_pages, size_t align_pages,
    enum rtm_span_state state)
{
	size_t n_searched = n_pages + align_pages - 1;
	struct rtm_span *run = find_or_scrape(owner, n_searched);
	struct rtm_span *span = use_locked(run, n_pages, align_pages, state);

	if (span == NULL && run != NULL) /* now there are structures */
		span = use_locked(find_or_scrape(owner, n_searched), n_pages,
		    align_pages, state);
	return span;
}

/* Whose pages serve the caller. */
static unsigned
small_owner(bool is_dense)
{
	bool is_huge = is_dense && heap.config.is_huge && !heap.is_scarce &&
	    heap.dense_pages >= DENSE_PAGES_MIN;

	return rtm_home() + (is_huge ? RTM_OWNER_DENSE : 0);
}

static void
note_dense(struct rtm_span *span, bool is_dense)
{
	if (span == NULL || !is_dense)
		return;
	span->is_dense = true;
	heap.dense_pages += span->n_pages;
}

struct rtm_span *
rtm_page_heap_take(size_t n_pages, size_t align_pages)
{
	if (n_pages + align_pages - 1 < n_pages)
		return NULL;
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	lock_heap();

	struct rtm_span *span =
	    take_locked(0, n_pages, align_pages, RTM_SPAN_LARGE);

	unlock_heap();
	return span;
}

struct rtm_span *
rtm_page_heap_take_small(size_t n_pages, bool is_dense)
{
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	lock_heap();

	struct rtm_span *span =
	    take_locked(small_owner(is_dense), n_pages, 1, RTM_SPAN_SMALL);

	note_dense(span, is_dense);
	unlock_heap();
	return span;
}

static struct rtm_span *
find_apart(unsigned owner, size_t n_pages)
{
	size_t n_resident = heap.stats.used_pages + rtm_free_runs.dirty_pages;
	struct rtm_span *run = NULL;

	if (n_resident + n_pages <= rtm_purge_peak())
		run = find_or_grow(OWN, owner, n_pages);
	return run != NULL ? run : find_dirty(ANYBODYS, owner, n_pages);
}

struct rtm_span *
rtm_page_heap_take_near(size_t n_pages, bool is_dense)
{
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	lock_heap();

	unsigned owner = small_owner(is_dense);
	struct rtm_span *run = rtm_free_runs_find_dirty(owner, n_pages);

	if (run == NULL && is_roomy())
		run = find_apart(owner, n_pages);
	run = use_locked(run, n_pages, 1, RTM_SPAN_SMALL);
	note_dense(run, is_dense);
	unlock_heap();
	return run;
}

/* Without the lock: a hint. */
bool
rtm_page_heap_is_small(void)
{
	return !is_roomy();
}

bool
rtm_page_heap_may_fill(struct rtm_span *span)
{
	size_t n_pages = span->n_pages;

	if (n_pages > FILLED_PAGES_MAX)
		return false;
	lock_heap();

	bool may_fill = heap.filled_pages + n_pages <=
	    rtm_max(FILLED_PAGES_SUM, heap.stats.used_pages / 8);

	if (may_fill) {
		heap.filled_pages += n_pages;
		span->n_filled = (uint32_t)n_pages;
	}
	unlock_heap();
	return may_fill;
}

/* The block is no more. */
static void
forget_filled(struct rtm_span *span)
{
	heap.filled_pages -= span->n_filled;
	span->n_filled = 0;
}

static void
give_locked(struct rtm_span *span)
{
	rtm_purge_note_use_locked(heap.stats.used_pages);
	heap.stats.used_pages -= span->n_pages;
	heap.stats.n_gives++;
	if (span->is_dense)
		heap.dense_pages -= span->n_pages;
	span->is_dense = false;
	if (span->state == RTM_SPAN_LARGE)
		count_large(-1, -(ptrdiff_t)span->n_pages);
	forget_filled(span);
	span->is_zero = false;
	span->size_class = 0;
	rtm_free_runs_insert(span);
}

static void
unlock_and_tell(void)
{
	size_t n_surplus = rtm_purge_surplus_locked(rtm_free_runs.dirty_pages);

	if (RTM_UNLIKELY(n_surplus != 0))
		purge(n_surplus);

	/* What the caches hold keeps spans that are free otherwise. */
	bool is_much = (rtm_free_runs.dirty_pages > DIRTY_PAGES_MANY ||
			   rtm_purge_fall_locked(heap.stats.used_pages) >
			       DIRTY_PAGES_MANY) &&
	    !rtm_purge_is_off_locked();

	unlock_heap();
	if (is_much && heap.config.on_dirty != NULL)
		heap.config.on_dirty();
}

void
rtm_page_heap_give(struct rtm_span *span)
{
	lock_heap();
	give_locked(span);
	unlock_and_tell();
}

void
rtm_page_heap_give_all(struct rtm_list *spans)
{
	if (rtm_list_is_empty(spans))
		return;
	lock_heap();
	while (!rtm_list_is_empty(spans)) {
		struct rtm_span *span =
		    RTM_LIST_ITEM(spans->next, struct rtm_span, link);

		rtm_list_remove(&span->link);
		give_locked(span);
	}
	unlock_and_tell();
}

/* ------------------------------------------------------ growing in place */

bool
rtm_page_heap_extend(struct rtm_span *span, size_t n_pages)
{
	size_t n_before = span->n_pages;
	bool is_clean_taken = false;

	lock_heap();
	if (is_free_or_grown(span->first_page + n_before, n_pages - n_before))
		while (span->n_pages < n_pages) {
			struct rtm_span *next =
			    rtm_free_runs_at(span->first_page + span->n_pages);
			size_t n_bitten =
			    rtm_min(next->n_pages, n_pages - span->n_pages);
			bool is_clean = next->is_zero;
			uint8_t huge = next->huge;

			if (!rtm_free_runs_bite(next, n_bitten))
				break;
			is_clean_taken |= is_clean;
			span->huge |= huge;
			span->n_pages += n_bitten;
		}
	rtm_page_map_set_ends_locked(span);
	count_used(span->n_pages - n_before);
	if (span->state == RTM_SPAN_LARGE)
		count_large(0, (ptrdiff_t)(span->n_pages - n_before));
	if (is_clean_taken)
		keep_below_peak(span->n_pages - n_before);

	bool is_done = span->n_pages >= n_pages;

	unlock_heap();
	return is_done;
}

void
rtm_page_heap_shrink(struct rtm_span *span, size_t n_pages)
{
	size_t n_before = span->n_pages;

	lock_heap();

	struct rtm_span *rest = rtm_free_runs_cut(span, n_pages);

	/* A page may have become structures, and is in neither part. */
	if (span->state == RTM_SPAN_LARGE)
		count_large(0, -(ptrdiff_t)(n_before - span->n_pages));
	heap.stats.used_pages -= n_before - span->n_pages;
	if (rest != NULL) {
		rtm_page_map_set_ends_locked(span);
		heap.stats.used_pages += rest->n_pages;
		give_locked(rest);
	}
	unlock_and_tell();
}

void
rtm_page_heap_abandon(struct rtm_span *span)
{
	lock_heap();
	heap.stats.used_pages -= span->n_pages;
	if (span->state == RTM_SPAN_LARGE)
		count_large(-1, -(ptrdiff_t)span->n_pages);
	forget_filled(span);
	rtm_span_delete_locked(span);
	unlock_heap();
}

/* ------------------------------------------------------------- the rest */

void
rtm_page_heap_stats_locked(struct rtm_page_heap_stats *stats)
{
	*stats = heap.stats;
	stats->dirty_pages =
	    rtm_free_runs.dirty_pages + rtm_purged_runs_count_pages_locked();
	stats->clean_pages = rtm_free_runs.clean_pages;
	stats->n_free_runs = rtm_free_runs.n_runs;
}

void
rtm_page_heap_stats(struct rtm_page_heap_stats *stats)
{
	lock_heap();
	rtm_page_heap_stats_locked(stats);
	unlock_heap();
}

void
rtm_page_heap_fork_prepare(void)
{
	rtm_heap_space_enter();
	lock_heap();
}

void
rtm_page_heap_fork_parent(void)
{
	unlock_heap();
	rtm_heap_space_leave();
}

void
rtm_page_heap_fork_child(void)
{
	rtm_heap_space_fork_child();
	rtm_lock_init(&heap.lock);
	rtm_purged_runs_adopt_locked();
}
