/*
 * recorder.h - what each thread counts of a program's requests, and the sum
 *
 * A recorder is written by its thread and read by anybody: its counters are
 * stored and loaded whole, without order.  Threads that end, or find no memory
 * for one, use a recorder that all share, under the lock.
 *
 * The live bytes of all threads are summed up in steps, which grow with the
 * heap: each thread tells what it has gained or lost when that is a step.
 * What lives at the peak is copied from all recorders each time that the heap
 * has grown by another 64th.
 *
 * Locks: one, rank PROFILE, around the snapshot of a peak and the lists.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_RECORDER_H
#define RTM_API_RECORDER_H

#include "base/compiler.h"
#include "conf/histogram.h"

#include <stdatomic.h>
#include <stdbool.h>

struct rtm_thread_cache;

struct rtm_counts {
	uint64_t n_requests;
	uint64_t n_frees;
	uint64_t n_bytes;
};

struct rtm_recorder {
	struct rtm_counts buckets[RTM_HISTOGRAM_BUCKETS];
	uint64_t n_unknown;             /* frees of blocks without a mark */
	ptrdiff_t pending;              /* live bytes that are not yet told */
	struct rtm_thread_cache *cache; /* the thread's, not NULL */
	struct rtm_recorder *next;      /* of all */
	struct rtm_recorder *next_free; /* of those without a thread */
};

/* The thread's; NULL if it has none, or none yet. */
extern RTM_HIDDEN RTM_TLS struct rtm_recorder *rtm_recorder_own;

/* So many bytes may be pending, gained or lost. */
extern RTM_HIDDEN _Atomic ptrdiff_t rtm_recorder_step;

/* Only one thread writes a counter; any may read it. */
RTM_INLINE void
rtm_recorder_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* The program has gained or lost bytes; true: rtm_recorder_tell() it. */
RTM_INLINE bool
rtm_recorder_change(struct rtm_recorder *recorder, ptrdiff_t n_bytes)
{
	ptrdiff_t step =
	    atomic_load_explicit(&rtm_recorder_step, memory_order_relaxed);
	ptrdiff_t pending = recorder->pending + n_bytes;

	recorder->pending = pending;
	return (size_t)(pending + step) > (size_t)(2 * step);
}

/* All threads shall know; the heap may have a new peak. */
void rtm_recorder_tell(struct rtm_recorder *recorder) RTM_COLD;

/* The recorder to count in, which may be the shared one, locked. */
struct rtm_recorder *rtm_recorder_enter(void);
void rtm_recorder_leave(struct rtm_recorder *recorder);

/* The calling thread's cache is not to be used any more. */
void rtm_recorder_change_cache(void);

/* The calling thread counts for itself no longer. */
void rtm_recorder_thread_end(void);

/* All counts are 0 from now on; nobody may be counting. */
void rtm_recorder_reset(void);

struct rtm_recorder_totals {
	uint64_t n_unknown;  /* frees of blocks older than the recording */
	uint64_t live_bytes; /* now, rounded up to the ends of buckets */
	uint64_t peak_bytes; /* when the heap was largest, likewise */
};

/*
 * All that was counted so far, by all threads.  Any thread may call it at any
 * time, a signal handler too: nothing is locked, calls that are under way
 * meanwhile count in part.
 */
struct rtm_histogram_bucket rtm_recorder_bucket(unsigned index);
void rtm_recorder_totals(struct rtm_recorder_totals *totals);

/* If the heap is at its largest just now, that is the peak.  Locks. */
void rtm_recorder_settle(void);

/*
 * fork(2): before; after, in the parent; after, in the child, which begins
 * with what lives in it as its first requests.
 */
void rtm_recorder_fork_prepare(void);
void rtm_recorder_fork_parent(void);
void rtm_recorder_fork_child(void);

#endif
