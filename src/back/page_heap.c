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
#include "back/heap_state.h"
#include "back/meta.h"
#include "back/page_map.h"
#include "back/purge.h"
#include "back/purged_runs.h"
#include "back/run_source.h"
#include "base/bits.h"
#include "os/home.h"
#include "os/memory.h"

#include <string.h>

/* One call gives back so much beyond what it takes, at most. */
#define PURGE_PAGES_MORE (RTM_KIB(512) >> RTM_PAGE_SHIFT)

/* Ask for huge pages from here on; a huge page is this long. */
#define HUGE_PAGES (RTM_HUGE_BYTES >> RTM_PAGE_SHIFT)

/* From here on what is dense lies in huge pages. */
#define DENSE_PAGES_MIN (RTM_MIB(20) >> RTM_PAGE_SHIFT)

/* See rtm_page_heap_may_fill(). */
#define FILLED_PAGES_MAX (RTM_MIB(4) >> RTM_PAGE_SHIFT)
#define FILLED_PAGES_SUM (RTM_MIB(16) >> RTM_PAGE_SHIFT)

/* More dirty pages than this are somebody's concern (on_dirty). */
#define DIRTY_PAGES_MANY (RTM_MIB(16) >> RTM_PAGE_SHIFT)

void
rtm_page_heap_init(const struct rtm_page_heap_config *config)
{
	rtm_heap.config = *config;
	rtm_heap.is_scarce =
	    config->is_tight || rtm_mem_page_size() > RTM_PAGE_SIZE;
	rtm_heap_space_init(config->is_tight);
	rtm_free_runs_init(config->n_exact_bins);
	rtm_purge_init(config->purge_slack_percent);
}

/* ------------------------------------------------------------- purging */

size_t
rtm_page_heap_purge(size_t n_pages)
{
	rtm_heap_lock();

	size_t n_purged = rtm_purged_runs_purge_locked(n_pages);

	rtm_heap_unlock();
	return n_purged;
}

void
rtm_page_heap_set_threshold(size_t threshold_pages, size_t kept_pages)
{
	rtm_heap_lock();
	rtm_purge_set_threshold_locked(threshold_pages, kept_pages);
	rtm_purged_runs_purge_locked(
	    rtm_purge_surplus_locked(rtm_free_runs.dirty_pages));
	rtm_heap_unlock();
}

bool
rtm_page_heap_keeps_all(void)
{
	rtm_heap_lock();

	bool is_off = rtm_purge_is_off_locked();

	rtm_heap_unlock();
	return is_off;
}

size_t
rtm_page_heap_purge_unneeded(void)
{
	rtm_heap_lock();
	rtm_purged_runs_purge_locked(
	    rtm_purge_low_water_locked(rtm_free_runs.dirty_pages));

	size_t n_dirty = rtm_free_runs.dirty_pages;

	rtm_heap_unlock();
	return n_dirty;
}

/* -------------------------------------------------------- taking, giving */

static void
count_used(size_t n_pages)
{
	rtm_heap.stats.used_pages += n_pages;
	rtm_purge_note_use_locked(rtm_heap.stats.used_pages);
	rtm_purge_note_dirty_locked(rtm_free_runs.dirty_pages);
	if (rtm_heap.stats.used_pages > rtm_heap.stats.peak_pages)
		rtm_heap.stats.peak_pages = rtm_heap.stats.used_pages;
}

static void
count_large(int n, ptrdiff_t n_pages)
{
	rtm_heap.stats.n_large += (size_t)n;
	rtm_heap.stats.large_pages += (size_t)n_pages;
	rtm_heap.stats.peak_large =
	    rtm_max(rtm_heap.stats.peak_large, rtm_heap.stats.n_large);
	rtm_heap.stats.peak_large_pages = rtm_max(
	    rtm_heap.stats.peak_large_pages, rtm_heap.stats.large_pages);
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
	    rtm_heap.stats.used_pages, rtm_free_runs.dirty_pages);

	if (n_excess != 0)
		rtm_purged_runs_purge_locked(
		    rtm_min(n_excess, n_pages + PURGE_PAGES_MORE));
}

void
rtm_page_heap_ask_huge(struct rtm_span *span)
{
	if (!rtm_heap.config.is_huge || span->n_pages < HUGE_PAGES ||
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
	rtm_heap_lock();
	rtm_span_feed_locked(memory, RTM_SPAN_STOCK_BYTES);
	rtm_heap_unlock();
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
	rtm_heap.stats.n_takes++;
	RTM_COUNT(rtm_heap.stats.n_large_takes, state == RTM_SPAN_LARGE);
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
	struct rtm_span *run = rtm_run_source_find_locked(owner, n_searched);
	struct rtm_span *span = use_locked(run, n_pages, align_pages, state);

	if (span == NULL && run != NULL) /* now there are structures */
		span = use_locked(rtm_run_source_find_locked(owner, n_searched),
		    n_pages, align_pages, state);
	return span;
}

/* Whose pages serve the caller. */
static unsigned
small_owner(bool is_dense)
{
	bool is_huge = is_dense && rtm_heap.config.is_huge &&
	    !rtm_heap.is_scarce && rtm_heap.dense_pages >= DENSE_PAGES_MIN;

	return rtm_home() + (is_huge ? RTM_OWNER_DENSE : 0);
}

static void
note_dense(struct rtm_span *span, bool is_dense)
{
	if (span == NULL || !is_dense)
		return;
	span->is_dense = true;
	rtm_heap.dense_pages += span->n_pages;
}

struct rtm_span *
rtm_page_heap_take(size_t n_pages, size_t align_pages)
{
	if (n_pages + align_pages - 1 < n_pages)
		return NULL;
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	rtm_heap_lock();

	struct rtm_span *span =
	    take_locked(0, n_pages, align_pages, RTM_SPAN_LARGE);

	rtm_heap_unlock();
	return span;
}

struct rtm_span *
rtm_page_heap_take_small(size_t n_pages, bool is_dense)
{
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	rtm_heap_lock();

	struct rtm_span *span =
	    take_locked(small_owner(is_dense), n_pages, 1, RTM_SPAN_SMALL);

	note_dense(span, is_dense);
	rtm_heap_unlock();
	return span;
}

struct rtm_span *
rtm_page_heap_take_near(size_t n_pages, bool is_dense)
{
	if (RTM_UNLIKELY(rtm_span_stock_is_low()))
		stock_spans();
	rtm_heap_lock();

	unsigned owner = small_owner(is_dense);
	struct rtm_span *run = rtm_run_source_find_near_locked(owner, n_pages);

	run = use_locked(run, n_pages, 1, RTM_SPAN_SMALL);
	note_dense(run, is_dense);
	rtm_heap_unlock();
	return run;
}

/* Without the lock: a hint. */
bool
rtm_page_heap_is_small(void)
{
	return !rtm_run_source_is_roomy();
}

bool
rtm_page_heap_may_fill(struct rtm_span *span)
{
	size_t n_pages = span->n_pages;

	if (n_pages > FILLED_PAGES_MAX)
		return false;
	rtm_heap_lock();

	bool may_fill = rtm_heap.filled_pages + n_pages <=
	    rtm_max(FILLED_PAGES_SUM, rtm_heap.stats.used_pages / 8);

	if (may_fill) {
		rtm_heap.filled_pages += n_pages;
		span->n_filled = (uint32_t)n_pages;
	}
	rtm_heap_unlock();
	return may_fill;
}

/* The block is no more. */
static void
forget_filled(struct rtm_span *span)
{
	rtm_heap.filled_pages -= span->n_filled;
	span->n_filled = 0;
}

static void
give_locked(struct rtm_span *span)
{
	rtm_purge_note_use_locked(rtm_heap.stats.used_pages);
	rtm_heap.stats.used_pages -= span->n_pages;
	rtm_heap.stats.n_gives++;
	if (span->is_dense)
		rtm_heap.dense_pages -= span->n_pages;
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
		rtm_purged_runs_purge_locked(n_surplus);

	/* What the caches hold keeps spans that are free otherwise. */
	bool is_much = (rtm_free_runs.dirty_pages > DIRTY_PAGES_MANY ||
			   rtm_purge_fall_locked(rtm_heap.stats.used_pages) >
			       DIRTY_PAGES_MANY) &&
	    !rtm_purge_is_off_locked();

	rtm_heap_unlock();
	if (is_much && rtm_heap.config.on_dirty != NULL)
		rtm_heap.config.on_dirty();
}

void
rtm_page_heap_give(struct rtm_span *span)
{
	rtm_heap_lock();
	give_locked(span);
	unlock_and_tell();
}

void
rtm_page_heap_give_all(struct rtm_list *spans)
{
	if (rtm_list_is_empty(spans))
		return;
	rtm_heap_lock();
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

	rtm_heap_lock();
	if (rtm_run_source_extend_locked(
		span->first_page + n_before, n_pages - n_before))
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

	rtm_heap_unlock();
	return is_done;
}

void
rtm_page_heap_shrink(struct rtm_span *span, size_t n_pages)
{
	size_t n_before = span->n_pages;

	rtm_heap_lock();

	struct rtm_span *rest = rtm_free_runs_cut(span, n_pages);

	/* A page may have become structures, and is in neither part. */
	if (span->state == RTM_SPAN_LARGE)
		count_large(0, -(ptrdiff_t)(n_before - span->n_pages));
	rtm_heap.stats.used_pages -= n_before - span->n_pages;
	if (rest != NULL) {
		rtm_page_map_set_ends_locked(span);
		rtm_heap.stats.used_pages += rest->n_pages;
		give_locked(rest);
	}
	unlock_and_tell();
}

void
rtm_page_heap_abandon(struct rtm_span *span)
{
	rtm_heap_lock();
	rtm_heap.stats.used_pages -= span->n_pages;
	if (span->state == RTM_SPAN_LARGE)
		count_large(-1, -(ptrdiff_t)span->n_pages);
	forget_filled(span);
	rtm_span_delete_locked(span);
	rtm_heap_unlock();
}

/* ------------------------------------------------------------- the rest */

void
rtm_page_heap_stats_locked(struct rtm_page_heap_stats *stats)
{
	*stats = rtm_heap.stats;
	stats->dirty_pages =
	    rtm_free_runs.dirty_pages + rtm_purged_runs_count_pages_locked();
	stats->clean_pages = rtm_free_runs.clean_pages;
	stats->n_free_runs = rtm_free_runs.n_runs;
}

void
rtm_page_heap_stats(struct rtm_page_heap_stats *stats)
{
	rtm_heap_lock();
	rtm_page_heap_stats_locked(stats);
	rtm_heap_unlock();
}

void
rtm_page_heap_fork_prepare(void)
{
	rtm_heap_space_enter();
	rtm_heap_lock();
}

void
rtm_page_heap_fork_parent(void)
{
	rtm_heap_unlock();
	rtm_heap_space_leave();
}

void
rtm_page_heap_fork_child(void)
{
	rtm_heap_space_fork_child();
	rtm_lock_init(&rtm_heap.lock);
	rtm_purged_runs_adopt_locked();
}
