/*
 * auto.c - which threads share their processor's bins, and from when on
 *
 * What was measured (bench/frontends --threads=16 --scale=60, 5 to 7 rounds on
 * 2 processors, Zen 4, Linux 6.18): processor time with frontend=cpu and auto
 * over that with frontend=thread, +-0.06 (cpu of pair, auto of drift 0.11); and
 * microseconds of work for each miss, of one run each.
 *
 *	                  cpu   auto  us for each miss
 *	short_threads    0.33  0.34                2
 *	heirs            0.45  0.48                3
 *	pipeline         0.74  0.77                3
 *	aligned          0.97  0.99                4
 *	server           0.71  0.71               10
 *	drift            0.88  0.96               13
 *	replace-4K       0.90  0.90               19
 *	zeroed           0.85  0.89               40
 *	latency          1.03  0.92               67
 *	containers       0.92  0.97               78
 *	grow             0.95  0.96              105
 *	batch-1000       0.98  0.95              160
 *	batch-64         1.10  1.00              240
 *	pair             1.37  1.02              680
 *
 * So whoever misses often gains, much of it in pages that are not touched, and
 * who misses rarely loses.  A thread that waits for many misses has paid a part
 * already, which shows above, where each works for 10 ms (zeroed).
 *
 * Four threads on two processors lose when they share.  Short-lived ones gain,
 * and so do producers and consumers, whom the kernel likes to put on one
 * processor.  (The figures are older than homes, os/home.h, and than counters of
 * the workloads' threads in lines of their own.)
 *
 * 500 threads that worked and wait hold 90 MiB with caches of their own, 10 MiB
 * with those of processors, and 13 MiB by this rule, 6 of them stacks.
 *
 * The counts here need not be exact: no lock, and no order.
 * Failure: a clock that does not tell the thread's time tells the time.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/auto.h"
#include "front/cache_budget.h"
#include "os/clock.h"
#include "os/rseq.h"

#if RTM_HAVE_PERCPU

_Atomic bool rtm_auto_is_on;
static _Atomic bool is_crowded; /* or has once been */

/* When somebody was found who only frees what others make. */
static _Atomic uint64_t giver_ms;

static enum rtm_frontend frontend;
static size_t all_caches; /* bytes that they may hold together */
static _Atomic size_t n_live;
static size_t n_cpus; /* that the process might run on when it began */

/* Of the threads that ended since some moment. */
static struct {
	_Atomic uint64_t since_ms;
	_Atomic size_t n_ends;
	_Atomic bool was_many; /* in the period before */
} ends;

void
rtm_auto_init(const struct rtm_conf *conf, unsigned n_allowed)
{
	frontend = (enum rtm_frontend)conf->frontend;
	n_cpus = rtm_max(n_allowed, 1);
	all_caches = conf->thread_cache_size / 2;
	atomic_store_explicit(&rtm_auto_is_on, frontend == RTM_FRONTEND_CPU,
	    memory_order_relaxed);
	atomic_store_explicit(&is_crowded, false, memory_order_relaxed);
}

/* Are there, or have there once been, too many threads? */
static bool
was_crowded(void)
{
	return atomic_load_explicit(&is_crowded, memory_order_relaxed);
}

/* From now on somebody looks at what threads miss. */
static void
look(void)
{
	if (!atomic_load_explicit(&rtm_auto_is_on, memory_order_relaxed) &&
	    rtm_rseq_kind() != RTM_RSEQ_KIND_NONE)
		atomic_store_explicit(
		    &rtm_auto_is_on, true, memory_order_relaxed);
}

/* ----------------------------------------------------- a thread begins */

/* Are more than n threads for each processor alive? */
static bool
are_more_than(size_t n)
{
	return atomic_load_explicit(&n_live, memory_order_relaxed) > n * n_cpus;
}

/* Of a period of RTM_AUTO_LIFE_MS. */
static bool
is_many(size_t n_ends)
{
	size_t n = atomic_load_explicit(&n_live, memory_order_relaxed);

	return n_ends > (was_crowded() ? 1 : RTM_AUTO_LIVES) * rtm_max(n, 1);
}

static bool
are_short_lived(void)
{
	size_t n_ends =
	    atomic_load_explicit(&ends.n_ends, memory_order_relaxed);

	if (RTM_LIKELY(n_ends == 0))
		return false;

	uint64_t ms = rtm_clock_ms() -
	    atomic_load_explicit(&ends.since_ms, memory_order_relaxed);

	return ms < 2 * RTM_AUTO_LIFE_MS &&
	    (is_many(n_ends) ||
		atomic_load_explicit(&ends.was_many, memory_order_relaxed));
}

/* From now on whoever misses often, or holds much, is to share. */
static void
note_crowd(void)
{
	if (!was_crowded())
		atomic_store_explicit(&is_crowded, true, memory_order_relaxed);
	look();
}

bool
rtm_auto_starts_shared(void)
{
	if (frontend != RTM_FRONTEND_AUTO)
		return frontend == RTM_FRONTEND_CPU;
	if (are_short_lived()) {
		note_crowd();
		return true;
	}
	return was_crowded() && are_more_than(RTM_AUTO_CACHES);
}

void
rtm_auto_note_begin(void)
{
	atomic_fetch_add_explicit(&n_live, 1, memory_order_relaxed);
	if (frontend != RTM_FRONTEND_AUTO || was_crowded())
		return;
	if (are_more_than(RTM_AUTO_THREADS))
		note_crowd();
	else if (are_more_than(1))
		look();
}

void
rtm_auto_note_end(void)
{
	atomic_fetch_sub_explicit(&n_live, 1, memory_order_relaxed);
	if (frontend != RTM_FRONTEND_AUTO)
		return;

	uint64_t now = rtm_clock_ms();
	uint64_t since =
	    atomic_load_explicit(&ends.since_ms, memory_order_relaxed);

	if (now - since >= RTM_AUTO_LIFE_MS &&
	    atomic_compare_exchange_strong_explicit(&ends.since_ms, &since, now,
		memory_order_relaxed, memory_order_relaxed)) {
		size_t n = atomic_exchange_explicit(
		    &ends.n_ends, 0, memory_order_relaxed);

		atomic_store_explicit(&ends.was_many,
		    now - since < 2 * RTM_AUTO_LIFE_MS && is_many(n),
		    memory_order_relaxed);
	}
	atomic_fetch_add_explicit(&ends.n_ends, 1, memory_order_relaxed);
}

/* -------------------------------------------- a thread has a cache so far */

static bool
misses_often(struct rtm_thread_cache *cache)
{
	if (++cache->n_misses % RTM_AUTO_MISSES != 0)
		return false;

	uint64_t now = rtm_clock_thread_us();
	uint64_t since = cache->looked_us;

	cache->looked_us = now;
	return cache->n_misses > RTM_AUTO_MISSES &&
	    now - since < RTM_AUTO_MISSES_US;
}

static bool
holds_much(const struct rtm_thread_cache *cache)
{
	size_t n = atomic_load_explicit(&n_live, memory_order_relaxed);

	return rtm_cache_budget_held(cache) > all_caches / rtm_max(n, 1);
}

static void
note_direction(struct rtm_thread_cache *cache, enum rtm_auto_miss miss)
{
	int n = cache->n_one_way;

	if (miss == RTM_AUTO_TAKE)
		n = n < 0 ? 1 : n + (n < RTM_AUTO_TAKES);
	else if (miss == RTM_AUTO_FOREIGN)
		n = n > 0 ? -1 : n - (n > -RTM_AUTO_GIVES);
	else
		n = 0;
	cache->n_one_way = (int16_t)n;
}

/*
 * Whoever builds something up only takes for a while, too: so takers count
 * while somebody was just found who only gives what he never took.
 */
static bool
trades_one_way(const struct rtm_thread_cache *cache)
{
	bool is_giver = cache->n_one_way <= -RTM_AUTO_GIVES;

	if ((!is_giver && cache->n_one_way < RTM_AUTO_TAKES) ||
	    !are_more_than(1))
		return false;

	uint64_t now = rtm_clock_ms();

	if (is_giver)
		atomic_store_explicit(&giver_ms, now, memory_order_relaxed);
	return now - atomic_load_explicit(&giver_ms, memory_order_relaxed) <
	    RTM_AUTO_LIFE_MS;
}

void
rtm_auto_judge(struct rtm_thread_cache *cache, enum rtm_auto_miss miss)
{
	note_direction(cache, miss);
	if (frontend == RTM_FRONTEND_CPU ||
	    (misses_often(cache) && (was_crowded() || trades_one_way(cache))) ||
	    (was_crowded() && holds_much(cache)))
		cache->is_due = true;
}

void
rtm_auto_fork_child(bool has_begun)
{
	atomic_store_explicit(&n_live, has_begun, memory_order_relaxed);
	atomic_store_explicit(&giver_ms, 0, memory_order_relaxed);
}

#endif
