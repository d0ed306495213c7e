/*
 * recorder.c - the threads' counts of requests, and what they sum up to
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/recorder.h"
#include "back/meta.h"
#include "front/cpu_cache.h"
#include "os/lock.h"
#include "os/thread.h"

#include <string.h>

enum {
	STEP_MIN = 512,
	STEP_MAX = 64 << 10,
};

/* Of threads that are over, or find no memory; its lock is the registry's. */
static struct rtm_recorder shared;

static struct {
	struct rtm_lock lock;
	struct rtm_recorder *_Atomic all; /* NULL until the first recording */
	struct rtm_recorder *free;
	_Atomic ptrdiff_t live_bytes; /* told by the threads */
	_Atomic ptrdiff_t next_peak;  /* from here on it is a new peak */
	uint64_t at_peak[RTM_HISTOGRAM_BUCKETS];
} registry;

RTM_TLS struct rtm_recorder *rtm_recorder_own;
_Atomic ptrdiff_t rtm_recorder_step = STEP_MIN;

static uint64_t
get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void
lock_registry(void)
{
	rtm_lock_take(&registry.lock, RTM_RANK_PROFILE);
}

static void
unlock_registry(void)
{
	rtm_lock_give(&registry.lock, RTM_RANK_PROFILE);
}

/* ------------------------------------------------------- one for a thread */

/* NULL without memory. */
static struct rtm_recorder *
make_recorder_locked(void)
{
	struct rtm_recorder *made = registry.free;

	if (made != NULL) {
		registry.free = made->next_free;
		return made;
	}
	made = rtm_meta_take(sizeof(*made));
	if (made != NULL) {
		made->next = registry.all;
		registry.all = made;
	}
	return made;
}

/* One that shares its processor's bins sees no cache, as the fast ways do. */
static struct rtm_thread_cache *
cache_to_see(void)
{
	return rtm_cpu_cache_is_mine() ? rtm_thread_cache_self()
				       : rtm_thread_cache_own;
}

void
rtm_recorder_change_cache(void)
{
	rtm_thread_cache_show(NULL);
	if (rtm_recorder_own != NULL)
		rtm_recorder_own->cache = cache_to_see();
}

static void find_recorder(void) RTM_COLD;

static void
find_recorder(void)
{
	struct rtm_recorder *found;

	if (rtm_thread_is_over ||
	    (rtm_thread_cache_own == NULL && !rtm_cpu_cache_is_mine()))
		return;
	lock_registry();
	found = make_recorder_locked();
	unlock_registry();
	if (found != NULL)
		found->cache = cache_to_see();
	rtm_recorder_own = found;
}

struct rtm_recorder *
rtm_recorder_enter(void)
{
	if (RTM_UNLIKELY(rtm_recorder_own == NULL))
		find_recorder();
	if (RTM_LIKELY(rtm_recorder_own != NULL))
		return rtm_recorder_own;
	lock_registry();
	return &shared;
}

void
rtm_recorder_leave(struct rtm_recorder *recorder)
{
	if (RTM_UNLIKELY(recorder == &shared))
		unlock_registry();
}

void
rtm_recorder_thread_end(void)
{
	struct rtm_recorder *own = rtm_recorder_own;

	if (own == NULL)
		return;
	rtm_recorder_own = NULL;
	lock_registry();
	own->next_free = registry.free;
	registry.free = own;
	unlock_registry();
}

/* --------------------------------------------------------------- the sums */

struct rtm_histogram_bucket
rtm_recorder_bucket(unsigned index)
{
	struct rtm_histogram_bucket sum = {
		.n_live_peak = get(&registry.at_peak[index]),
	};

	for (struct rtm_recorder *r = registry.all; r != NULL; r = r->next) {
		sum.n_requests += get(&r->buckets[index].n_requests);
		sum.n_frees += get(&r->buckets[index].n_frees);
		sum.n_bytes += get(&r->buckets[index].n_bytes);
	}
	return sum;
}

static uint64_t
live_objects(const struct rtm_histogram_bucket *bucket)
{
	/* A free may be seen before the request that it undoes. */
	return bucket->n_requests > bucket->n_frees
	    ? bucket->n_requests - bucket->n_frees
	    : 0;
}

void
rtm_recorder_totals(struct rtm_recorder_totals *totals)
{
	memset(totals, 0, sizeof(*totals));
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket sum = rtm_recorder_bucket(i);
		uint64_t upper = rtm_histogram_upper(i);

		totals->live_bytes += live_objects(&sum) * upper;
		totals->peak_bytes += sum.n_live_peak * upper;
	}
	for (struct rtm_recorder *r = registry.all; r != NULL; r = r->next)
		totals->n_unknown += get(&r->n_unknown);
}

/* --------------------------------------------------------------- the peak */

static void
remember_peak_locked(void)
{
	uint64_t n_bytes = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket sum = rtm_recorder_bucket(i);
		uint64_t n = live_objects(&sum);

		__atomic_store_n(&registry.at_peak[i], n, __ATOMIC_RELAXED);
		n_bytes += n * rtm_histogram_upper(i);
	}

	ptrdiff_t peak = (ptrdiff_t)n_bytes;

	registry.next_peak = peak + peak / 64 + 1;
	rtm_recorder_step = (ptrdiff_t)rtm_min(
	    rtm_max((size_t)peak / 1024, STEP_MIN), STEP_MAX);
}

void
rtm_recorder_tell(struct rtm_recorder *recorder)
{
	ptrdiff_t live = recorder->pending +
	    atomic_fetch_add(&registry.live_bytes, recorder->pending);

	recorder->pending = 0;
	if (live < registry.next_peak)
		return;
	if (recorder != &shared) /* which is locked */
		lock_registry();
	if (atomic_load(&registry.live_bytes) >= registry.next_peak)
		remember_peak_locked();
	if (recorder != &shared)
		unlock_registry();
}

void
rtm_recorder_settle(void)
{
	struct rtm_recorder_totals totals;

	lock_registry();
	rtm_recorder_totals(&totals);
	if (totals.live_bytes > totals.peak_bytes)
		remember_peak_locked();
	unlock_registry();
}

static void
forget_peak(void)
{
	memset(registry.at_peak, 0, sizeof(registry.at_peak));
	registry.live_bytes = 0;
	registry.next_peak = 1;
	rtm_recorder_step = STEP_MIN;
}

void
rtm_recorder_reset(void)
{
	lock_registry();
	if (registry.all == NULL)
		registry.all = &shared;
	for (struct rtm_recorder *r = registry.all; r != NULL; r = r->next) {
		memset(r->buckets, 0, sizeof(r->buckets));
		r->n_unknown = 0;
		r->pending = 0;
	}
	forget_peak();
	unlock_registry();
}

/* ------------------------------------------------------------------- fork */

void
rtm_recorder_fork_prepare(void)
{
	lock_registry();
}

void
rtm_recorder_fork_parent(void)
{
	unlock_registry();
}

/* What the bucket holds moves to the heir, who begins with what lives. */
static void
inherit(struct rtm_recorder *heir, unsigned bucket)
{
	const struct rtm_histogram_bucket sum = rtm_recorder_bucket(bucket);
	uint64_t n = live_objects(&sum);

	if (sum.n_requests == 0)
		return;
	for (struct rtm_recorder *r = registry.all; r != NULL; r = r->next)
		memset(&r->buckets[bucket], 0, sizeof(r->buckets[bucket]));
	heir->buckets[bucket].n_requests = n;
	heir->buckets[bucket].n_bytes = sum.n_bytes / sum.n_requests * n;
}

void
rtm_recorder_fork_child(void)
{
	struct rtm_recorder *heir =
	    rtm_recorder_own != NULL ? rtm_recorder_own : &shared;

	rtm_lock_init(&registry.lock);
	if (registry.all == NULL)
		return;
	forget_peak();
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		inherit(heir, i);
	registry.free = NULL;
	for (struct rtm_recorder *r = registry.all; r != NULL; r = r->next) {
		r->n_unknown = 0;
		r->pending = 0;
		if (r == heir || r == &shared)
			continue;
		r->next_free = registry.free;
		registry.free = r;
	}
	remember_peak_locked();
	registry.live_bytes = registry.next_peak - 1;
}
