/*
 * idle.c - memory goes back while the program sleeps
 *
 * When more than 16 MiB of freed memory wait, or use has fallen by as much, a
 * helper thread starts, and looks twice per idle_delay_ms.  If no run of pages
 * was asked for or freed since its last two looks, the program is quiet: it
 * empties the transfer caches, and the reserves (front/reserve.h) that nobody
 * touched, and gives every free page back.  In a busy program it gives back,
 * every eighth look, what nobody needed since the one before.  It ends when the
 * program is quiet and all has gone back: most programs never have it.
 *
 * It also starts when processors cache (front/cpu_slab.h), and stays while
 * they do: every fourth look it takes away what those cache, and what stands in
 * reserve, that nobody has used since the one before.  Nobody else could: who
 * only finds what he looks for in the cache of his processor never comes to see
 * the others', nor does who sleeps.  A program with one thread, which takes its cache along, has it
 * only while two of them cache: in the child of a fork.
 *
 * What it costs (2 cores, Zen 4, Linux 6.18): 30 to 70 us of the free() that
 * starts it, 100 ms of its own time per GiB that goes back, and a page fault
 * per page that the program touches again.
 *
 * Locks: those of the rooms that it asks, one at a time.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/idle.h"
#include "back/page_heap.h"
#include "base/track.h"
#include "conf/conf.h"
#include "front/cpu_slab.h"
#include "front/drain.h"
#include "middle/transfer_cache.h"
#include "os/clock.h"
#include "os/helper.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
	LOOKS_QUIET = 2,
	LOOKS_BUSY = 8,
	LOOKS_CACHES = 4,
	RETRY_MS = 10000, /* after a helper that could not be of help */
};

#define DIRTY_PAGES_MANY (RTM_MIB(16) >> RTM_PAGE_SHIFT)

static uint32_t look_ms = 250;
static _Atomic uint64_t retry_ms; /* no helper before this moment */

/* The helper's own. */
static struct {
	size_t n_moves; /* spans taken and given, as of the last look */
	unsigned n_quiet;
	unsigned n_busy;
	bool is_released; /* nothing has moved since all went back */
} looks;

void
rtm_idle_init(size_t delay_ms)
{
	look_ms = (uint32_t)(delay_ms / LOOKS_QUIET);
}

static void
wait_before_retry(void)
{
	atomic_store_explicit(
	    &retry_ms, rtm_clock_ms() + RETRY_MS, memory_order_relaxed);
}

/* Says how many objects were taken from idle threads and processors. */
static size_t
drain_caches(void)
{
	size_t n_drained = rtm_drain_reserves(false);

#if RTM_HAVE_PERCPU
	n_drained += rtm_cpu_slab_drain(false);
#endif
	return n_drained;
}

/* True if a processor may cache that everybody has left. */
static bool
must_watch_caches(void)
{
#if RTM_HAVE_PERCPU
	return rtm_cpu_slab_may_be_left();
#else
	return false;
#endif
}

static size_t
count_moves(void)
{
	struct rtm_page_heap_stats stats;

	rtm_page_heap_stats(&stats);
	return stats.n_takes + stats.n_gives;
}

static void
release_all(void)
{
	struct rtm_page_heap_stats stats;
	size_t n_takes;

	if (rtm_page_heap_keeps_all())
		return;
	rtm_page_heap_stats(&stats);
	n_takes = stats.n_takes;
	rtm_transfer_cache_drain();
	rtm_page_heap_purge(SIZE_MAX);
	rtm_page_heap_stats(&stats);
	if (stats.dirty_pages > DIRTY_PAGES_MANY && stats.n_takes == n_takes)
		wait_before_retry(); /* locked pages stay */
}

/* Nothing has moved; false if there is nothing left to look at. */
static bool
look_when_quiet(void)
{
	looks.n_busy = 0;
	looks.n_quiet++;
	if (!looks.is_released || looks.n_quiet % LOOKS_CACHES == 0)
		looks.is_released &= drain_caches() == 0;
	if (looks.is_released)
		return must_watch_caches();
	if (looks.n_quiet < LOOKS_QUIET)
		return true;
	release_all();
	looks.n_moves = count_moves(); /* and ours */
	looks.is_released = true;
	return must_watch_caches();
}

/* One look of the helper; false ends it. */
static bool
look(void)
{
	rtm_helper_sleep(look_ms);

	size_t n_moves = count_moves();

	if (n_moves == looks.n_moves) {
		bool goes_on = look_when_quiet();

		if (!goes_on) { /* the next helper begins anew */
			looks.is_released = false;
			looks.n_quiet = 0;
		}
		return goes_on;
	}
	looks.n_moves = n_moves;
	looks.n_quiet = 0;
	looks.is_released = false;
	if (++looks.n_busy % LOOKS_BUSY == 0)
		rtm_page_heap_purge_unneeded();
	if (looks.n_busy % LOOKS_CACHES == 0)
		drain_caches();
	return true;
}

static bool
may_try(void)
{
	return rtm_clock_ms() >=
	    atomic_load_explicit(&retry_ms, memory_order_relaxed);
}

/* Has more come since the last look, while the helper was about to end? */
static bool
is_wanted(void)
{
	struct rtm_page_heap_stats stats;

	rtm_page_heap_stats(&stats);
	return (stats.dirty_pages > DIRTY_PAGES_MANY || must_watch_caches()) &&
	    may_try();
}

void
rtm_idle_watch(void)
{
	rtm_idle_watch_caches();
}

bool
rtm_idle_watch_caches(void)
{
	/* Valgrind knows threads, but not one without a libc. */
	if (!may_try() || rtm_track_is_simulated())
		return false;
	if (rtm_helper_start(look, is_wanted) || !rtm_helper_has_failed())
		return true;
	wait_before_retry(); /* no thread left, or a sandbox */
	return false;
}
