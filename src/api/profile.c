/*
 * profile.c - recording what a program asks for
 *
 * Two bytes for every 16 bytes of heap hold a block's bucket + 1, its mark:
 *
 *	address  |  directory: 64 MiB  |  chunk: 16 bytes  | 4 bits |
 *
 * Objects of 8 bytes share one; they are of one bucket.
 *
 * The live bytes of all threads are summed up in steps, which grow with the
 * heap: each thread tells what it has gained or lost when that is a step.
 *
 * Locks: one, rank PROFILE, around the snapshot of a peak and the lists.  A
 *	recorder is written by its thread and read by anybody.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/profile.h"
#include "back/meta.h"
#include "back/page_map.h"
#include "os/lock.h"
#include "os/memory.h"

#include <string.h>

#if UINTPTR_MAX > UINT32_MAX
#define ADDRESS_BITS 47
#else
#define ADDRESS_BITS 32
#endif

enum {
	GRANULE_SHIFT = 4,
	CHUNK_SHIFT = 26, /* of what a chunk is about */
	CHUNK_MARKS = 1 << (CHUNK_SHIFT - GRANULE_SHIFT),
	STEP_MIN = 512,
	STEP_MAX = 64 << 10,
};
#define N_CHUNKS ((size_t)1 << (ADDRESS_BITS - CHUNK_SHIFT))

struct counts {
	uint64_t n_requests;
	uint64_t n_frees;
	uint64_t n_bytes;
};

struct recorder {
	struct counts buckets[RTM_HISTOGRAM_BUCKETS];
	uint64_t n_unknown;
	ptrdiff_t pending;          /* live bytes that are not yet told */
	struct recorder *next;      /* of all */
	struct recorder *next_free; /* of those without a thread */
};

static struct {
	struct rtm_lock lock;
	struct recorder *_Atomic all;
	struct recorder *free;
	uint16_t *_Atomic *directory; /* N_CHUNKS of them; written once */
	_Atomic ptrdiff_t live_bytes; /* told by the threads */
	_Atomic ptrdiff_t next_peak;  /* from here on it is a new peak */
	_Atomic ptrdiff_t step;
	uint64_t at_peak[RTM_HISTOGRAM_BUCKETS];
} profile;

/* Of threads that end, or found no memory; its lock is the profile's. */
static struct recorder shared;

/* The thread's; NULL if it has none yet, or uses the shared one. */
static RTM_TLS struct recorder *own;
static RTM_TLS bool is_sharing;

/* Only one thread writes a counter; any may read it. */
static void
add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static uint64_t
get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void
lock_profile(void)
{
	rtm_lock_take(&profile.lock, RTM_RANK_PROFILE);
}

static void
unlock_profile(void)
{
	rtm_lock_give(&profile.lock, RTM_RANK_PROFILE);
}

/* ------------------------------------------------------------ the marks */

static uint16_t *open_chunk(size_t index) RTM_COLD;

static uint16_t *
open_chunk(size_t index)
{
	uint16_t *chunk =
	    rtm_mem_map(CHUNK_MARKS * sizeof(*chunk), RTM_CACHE_LINE);
	uint16_t *before = NULL;

	if (chunk == NULL ||
	    atomic_compare_exchange_strong(
		&profile.directory[index], &before, chunk))
		return chunk;
	rtm_mem_unmap(chunk, CHUNK_MARKS * sizeof(*chunk));
	return before;
}

/* Where the block's mark is; NULL if there is no place for it. */
RTM_INLINE uint16_t *
mark_of(const void *block, bool is_wanted)
{
	uintptr_t address = (uintptr_t)block;
	size_t index = address >> CHUNK_SHIFT;

	if (RTM_UNLIKELY(index >= N_CHUNKS))
		return NULL;

	uint16_t *chunk = atomic_load_explicit(
	    &profile.directory[index], memory_order_acquire);

	if (RTM_UNLIKELY(chunk == NULL)) {
		chunk = is_wanted ? open_chunk(index) : NULL;
		if (chunk == NULL)
			return NULL;
	}
	return &chunk[address >> GRANULE_SHIFT & (CHUNK_MARKS - 1)];
}

/* ---------------------------------------------------------- the recorders */

static struct recorder *find_recorder(void) RTM_COLD;

static struct recorder *
find_recorder(void)
{
	lock_profile();

	struct recorder *found = profile.free;

	if (found != NULL) {
		profile.free = found->next_free;
	} else {
		found = rtm_meta_take(sizeof(*found));
		if (found != NULL) {
			found->next = profile.all;
			profile.all = found;
		}
	}
	unlock_profile();
	own = found;
	is_sharing = found == NULL;
	return found != NULL ? found : &shared;
}

static struct recorder *
enter_recorder(void)
{
	struct recorder *recorder = own;

	if (RTM_LIKELY(recorder != NULL))
		return recorder;
	recorder = is_sharing ? &shared : find_recorder();
	if (recorder == &shared)
		lock_profile();
	return recorder;
}

static void
leave_recorder(const struct recorder *recorder)
{
	if (RTM_UNLIKELY(recorder == &shared))
		unlock_profile();
}

void
rtm_profile_thread_end(void)
{
	is_sharing = true; /* others' destructors may still allocate */
	if (own == NULL)
		return;
	lock_profile();
	own->next_free = profile.free;
	profile.free = own;
	unlock_profile();
	own = NULL;
}

/* --------------------------------------------------------------- the peak */

struct rtm_histogram_bucket
rtm_profile_bucket(unsigned index)
{
	struct rtm_histogram_bucket sum = {
		.n_live_peak = get(&profile.at_peak[index]),
	};

	for (struct recorder *r = profile.all; r != NULL; r = r->next) {
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

static void
remember_peak_locked(void)
{
	uint64_t n_bytes = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket sum = rtm_profile_bucket(i);
		uint64_t n = live_objects(&sum);

		__atomic_store_n(&profile.at_peak[i], n, __ATOMIC_RELAXED);
		n_bytes += n * rtm_histogram_upper(i);
	}

	ptrdiff_t peak = (ptrdiff_t)n_bytes;

	profile.next_peak = peak + peak / 64 + 1;
	profile.step = (ptrdiff_t)rtm_min(
	    rtm_max((size_t)peak / 1024, STEP_MIN), STEP_MAX);
}

/* The thread tells what it has gained or lost; the lock may be held. */
static void tell(struct recorder *recorder) RTM_COLD;

static void
tell(struct recorder *recorder)
{
	ptrdiff_t live = recorder->pending +
	    atomic_fetch_add(&profile.live_bytes, recorder->pending);

	recorder->pending = 0;
	if (live < profile.next_peak)
		return;
	if (recorder != &shared)
		lock_profile();
	if (atomic_load(&profile.live_bytes) >= profile.next_peak)
		remember_peak_locked();
	if (recorder != &shared)
		unlock_profile();
}

void
rtm_profile_totals(struct rtm_profile_totals *totals)
{
	memset(totals, 0, sizeof(*totals));
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket sum = rtm_profile_bucket(i);
		uint64_t upper = rtm_histogram_upper(i);

		totals->live_bytes += live_objects(&sum) * upper;
		totals->peak_bytes += sum.n_live_peak * upper;
	}
	for (struct recorder *r = profile.all; r != NULL; r = r->next)
		totals->n_unknown += get(&r->n_unknown);
}

void
rtm_profile_settle(void)
{
	struct rtm_profile_totals totals;

	lock_profile();
	rtm_profile_totals(&totals);
	if (totals.live_bytes > totals.peak_bytes)
		remember_peak_locked();
	unlock_profile();
}

/* ---------------------------------------------------------------- noting */

RTM_INLINE void
change_pending(struct recorder *recorder, ptrdiff_t n_bytes)
{
	ptrdiff_t step =
	    atomic_load_explicit(&profile.step, memory_order_relaxed);
	ptrdiff_t pending = recorder->pending + n_bytes;

	recorder->pending = pending;
	if (RTM_UNLIKELY((size_t)(pending + step) > (size_t)(2 * step)))
		tell(recorder);
}

/* A request for n_bytes of the bucket. */
RTM_INLINE void
count_alloc(struct recorder *recorder, uint16_t *mark, unsigned bucket,
    uint64_t upper, size_t n_bytes)
{
	struct counts *counts = &recorder->buckets[bucket];

	add(&counts->n_requests, 1);
	add(&counts->n_bytes, n_bytes);
	*mark = (uint16_t)(bucket + 1);
	change_pending(recorder, (ptrdiff_t)upper);
}

void
rtm_profile_note_alloc(const void *block, size_t n_bytes)
{
	/* Even none takes an object of the smallest kind. */
	unsigned bucket = rtm_histogram_index(n_bytes != 0 ? n_bytes : 1);
	uint16_t *mark = mark_of(block, true);
	struct recorder *recorder = enter_recorder();
	struct counts *counts = &recorder->buckets[bucket];

	if (RTM_LIKELY(mark != NULL)) {
		count_alloc(recorder, mark, bucket, rtm_histogram_upper(bucket),
		    n_bytes);
	} else { /* its free will be unknown */
		add(&counts->n_requests, 1);
		add(&counts->n_bytes, n_bytes);
		add(&counts->n_frees, 1);
	}
	leave_recorder(recorder);
}

void *
rtm_profile_take(size_t n_bytes)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_own;
	struct recorder *recorder = own;

	if (RTM_UNLIKELY(RTM_DEBUG || n_bytes > RTM_HISTOGRAM_FINE * 8 ||
		n_bytes > RTM_TABLE_MAX || cache == NULL || recorder == NULL))
		return NULL;

	void *block =
	    rtm_thread_cache_pop(cache, rtm_size_class_of_small(n_bytes));
	uint16_t *mark;

	if (RTM_UNLIKELY(block == NULL))
		return NULL;
	mark = mark_of(block, true);
	if (RTM_UNLIKELY(mark == NULL || n_bytes == 0)) {
		rtm_profile_note_alloc(block, n_bytes);
		return block;
	}

	unsigned bucket = (unsigned)(n_bytes - 1) / 8;

	count_alloc(recorder, mark, bucket, 8 * (bucket + 1), n_bytes);
	return block;
}

bool
rtm_profile_give(void *block)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_own;
	struct recorder *recorder = own;
	uint16_t *mark = mark_of(block, false);
	unsigned was = mark != NULL ? *mark : 0;

	if (RTM_UNLIKELY(was - 1 >= RTM_HISTOGRAM_FINE || recorder == NULL)) {
		rtm_profile_note_free(block);
	} else {
		if (was != 1)
			*mark = 0;
		add(&recorder->buckets[was - 1].n_frees, 1);
		change_pending(recorder, -8 * (ptrdiff_t)was);
	}
	return !RTM_DEBUG && cache != NULL &&
	    rtm_thread_cache_push(cache, rtm_page_map_class(block), block);
}

void
rtm_profile_forget_alloc(const void *block, size_t n_bytes)
{
	unsigned mark = rtm_profile_note_free(block);
	struct recorder *recorder = enter_recorder();

	if (mark != 0) {
		struct counts *counts = &recorder->buckets[mark - 1];

		add(&counts->n_requests, -UINT64_C(1));
		add(&counts->n_frees, -UINT64_C(1));
		add(&counts->n_bytes, -(uint64_t)n_bytes);
	}
	leave_recorder(recorder);
}

unsigned
rtm_profile_note_free(const void *block)
{
	uint16_t *mark = mark_of(block, false);
	unsigned was = mark != NULL ? *mark : 0;
	struct recorder *recorder = enter_recorder();

	if (RTM_UNLIKELY(was == 0)) {
		add(&recorder->n_unknown, 1);
	} else {
		/* Two objects of 8 bytes may share a mark. */
		if (was != 1)
			*mark = 0;
		add(&recorder->buckets[was - 1].n_frees, 1);
		change_pending(
		    recorder, -(ptrdiff_t)rtm_histogram_upper(was - 1));
	}
	leave_recorder(recorder);
	return was;
}

void
rtm_profile_undo_free(const void *block, unsigned mark)
{
	struct recorder *recorder = enter_recorder();

	if (mark == 0) {
		add(&recorder->n_unknown, -UINT64_C(1));
	} else {
		*mark_of(block, true) = (uint16_t)mark;
		add(&recorder->buckets[mark - 1].n_frees, -UINT64_C(1));
		change_pending(
		    recorder, (ptrdiff_t)rtm_histogram_upper(mark - 1));
	}
	leave_recorder(recorder);
}

/* --------------------------------------------------------- on, off, fork */

/* The shared recorder is one of all, from the first start on. */
static bool
prepare_locked(void)
{
	if (profile.directory == NULL)
		profile.directory = rtm_mem_map(
		    N_CHUNKS * sizeof(*profile.directory), RTM_CACHE_LINE);
	if (profile.directory == NULL)
		return false;
	if (profile.all == NULL)
		profile.all = &shared;
	return true;
}

static void
forget_counts(struct recorder *recorder)
{
	memset(recorder->buckets, 0, sizeof(recorder->buckets));
	recorder->n_unknown = 0;
	recorder->pending = 0;
}

/* Blocks from the time without recording must not look like these. */
static void
forget_marks(void)
{
	for (size_t i = 0; i < N_CHUNKS; i++)
		if (profile.directory[i] != NULL)
			rtm_mem_decommit(profile.directory[i],
			    CHUNK_MARKS * sizeof(uint16_t));
}

static void
forget_peak(void)
{
	memset(profile.at_peak, 0, sizeof(profile.at_peak));
	profile.live_bytes = 0;
	profile.next_peak = 1;
	profile.step = STEP_MIN;
}

bool
rtm_profile_start(void)
{
	lock_profile();

	bool is_ready = prepare_locked();

	if (is_ready && !rtm_profile_is_on()) {
		for (struct recorder *r = profile.all; r != NULL; r = r->next)
			forget_counts(r);
		if (profile.next_peak != 0)
			forget_marks();
		forget_peak();
	}
	unlock_profile();
	if (is_ready)
		rtm_thread_cache_hide(RTM_HIDE_PROFILE);
	return is_ready;
}

void
rtm_profile_stop(void)
{
	rtm_thread_cache_unhide(RTM_HIDE_PROFILE);
}

void
rtm_profile_fork_prepare(void)
{
	lock_profile();
}

void
rtm_profile_fork_parent(void)
{
	unlock_profile();
}

/*
 * The child begins with what lives in it as its first requests; what the
 * parent's other threads counted moves to the thread that is here.
 */
void
rtm_profile_fork_child(void)
{
	struct recorder *heir = own != NULL ? own : &shared;

	rtm_lock_init(&profile.lock);
	if (profile.all == NULL)
		return;
	forget_peak();
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket sum = rtm_profile_bucket(i);
		uint64_t n = live_objects(&sum);

		if (sum.n_requests == 0)
			continue;
		for (struct recorder *r = profile.all; r != NULL; r = r->next)
			memset(&r->buckets[i], 0, sizeof(r->buckets[i]));
		heir->buckets[i].n_requests = n;
		heir->buckets[i].n_bytes = sum.n_bytes / sum.n_requests * n;
	}
	profile.free = NULL;
	for (struct recorder *r = profile.all; r != NULL; r = r->next) {
		r->n_unknown = 0;
		r->pending = 0;
		if (r == heir || r == &shared)
			continue;
		r->next_free = profile.free;
		profile.free = r;
	}
	remember_peak_locked();
	profile.live_bytes = profile.next_peak - 1;
}
