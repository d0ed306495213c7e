/*
 * purge.c - how much freed memory may stay resident
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/purge.h"
#include "base/bits.h"
#include "conf/conf.h"
#include "os/clock.h"

#include <stdatomic.h>

enum { WINDOW_MS = 500 };
#define SLACK_PAGES (RTM_MIB(1) >> RTM_PAGE_SHIFT)

/* One call of madvise gives back at least this much, if there is as much. */
#define CHUNK_PAGES (RTM_KIB(512) >> RTM_PAGE_SHIFT)

static struct {
	size_t slack_percent;
	uint64_t window_start_ms;
	_Atomic size_t peak_before; /* pages in use, previous window */
	_Atomic size_t peak_now;    /* this window */
	size_t low_water; /* fewest dirty pages since it was asked for */
	bool is_own;      /* the user's rule holds: */
	size_t threshold_pages;
	size_t kept_pages;
} RTM_LINE_ALIGNED rule = { .slack_percent = 20 };

void
rtm_purge_init(size_t slack_percent)
{
	rule.slack_percent = slack_percent;
}

void
rtm_purge_set_threshold_locked(size_t threshold_pages, size_t kept_pages)
{
	rule.is_own = true;
	rule.threshold_pages = threshold_pages;
	rule.kept_pages = rtm_min(kept_pages, threshold_pages);
}

bool
rtm_purge_is_off_locked(void)
{
	return rule.is_own && rule.threshold_pages == SIZE_MAX;
}

size_t
rtm_purge_surplus_locked(size_t dirty_pages)
{
	return RTM_UNLIKELY(rule.is_own) && dirty_pages > rule.threshold_pages
	    ? dirty_pages - rule.kept_pages
	    : 0;
}

void
rtm_purge_note_dirty_locked(size_t dirty_pages)
{
	if (dirty_pages < rule.low_water)
		rule.low_water = dirty_pages;
}

static size_t
get(const _Atomic size_t *peak)
{
	return atomic_load_explicit(peak, memory_order_relaxed);
}

static void
set(_Atomic size_t *peak, size_t n_pages)
{
	atomic_store_explicit(peak, n_pages, memory_order_relaxed);
}

static size_t
recent_peak(void)
{
	return rtm_max(get(&rule.peak_now), get(&rule.peak_before));
}

/* Told of each change, so that a window that is over knows its peak. */
void
rtm_purge_note_use_locked(size_t used_pages)
{
	/* So little may stay at any time; the clock need not be asked. */
	if (used_pages <= SLACK_PAGES && recent_peak() <= SLACK_PAGES) {
		set(&rule.peak_now, rtm_max(get(&rule.peak_now), used_pages));
		return;
	}

	uint64_t now_ms = rtm_clock_ms();
	uint64_t age_ms = now_ms - rule.window_start_ms;

	if (age_ms >= WINDOW_MS) {
		set(&rule.peak_before,
		    age_ms < 2 * WINDOW_MS ? get(&rule.peak_now) : used_pages);
		set(&rule.peak_now, used_pages);
		rule.window_start_ms = now_ms;
	}
	if (used_pages > get(&rule.peak_now))
		set(&rule.peak_now, used_pages);
}

size_t
rtm_purge_peak(void)
{
	return recent_peak();
}

size_t
rtm_purge_fall_locked(size_t used_pages)
{
	return recent_peak() - rtm_min(used_pages, recent_peak());
}

size_t
rtm_purge_excess_locked(size_t used_pages, size_t dirty_pages)
{
	if (dirty_pages <= SLACK_PAGES || rule.is_own)
		return 0;

	size_t peak = recent_peak();
	size_t limit = peak + peak / 100 * rule.slack_percent + SLACK_PAGES;

	if (used_pages + dirty_pages <= limit)
		return 0;
	return rtm_min(
	    used_pages + dirty_pages - limit + CHUNK_PAGES, dirty_pages);
}

size_t
rtm_purge_low_water_locked(size_t dirty_pages)
{
	size_t low_water = rtm_min(rule.low_water, dirty_pages);

	rule.low_water = dirty_pages;
	return rtm_purge_is_off_locked() ? 0 : low_water;
}
