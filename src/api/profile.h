/*
 * profile.h - recording what a program asks for
 *
 * While recording is on, the thread caches are hidden (front/thread_cache.h),
 * so that every call comes through a slow way; there it is noted here.  While
 * it is off nothing is tested on the fast ways at all.
 *
 * Each thread counts in a recorder of its own: requests, frees and bytes, by
 * the size that was asked for (conf/histogram.h).  A free has to know that
 * size, so each block's bucket is kept beside the heap, two bytes for every
 * 16 bytes of it.  What lives at the peak is copied from all recorders each
 * time that the heap has grown by another 64th.
 *
 * Failure: without memory for a recorder, threads share one; a block without
 * a mark (no memory for it, or older than the recording) is freed unseen, and
 * counted as such.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_PROFILE_H
#define RTM_API_PROFILE_H

#include "conf/histogram.h"
#include "front/thread_cache.h"

/* What RTMALLOC_PROFILE asks for; once, at start. */
void rtm_profile_init(void);

RTM_INLINE bool
rtm_profile_is_on(void)
{
	return rtm_thread_cache_is_hidden(RTM_HIDE_PROFILE);
}

/* Begins anew, with nothing counted; false without memory. */
bool rtm_profile_start(void);

/* What was counted stays. */
void rtm_profile_stop(void);

/*
 * malloc and free while recording is on, as far as the thread's hidden cache
 * has an object, or room for one; notes the call then.  NULL, and false with
 * the free noted, otherwise.  Short, so that a recorded pair takes no more
 * than twice the time of another.
 */
void *rtm_profile_take(size_t n_bytes);
bool rtm_profile_give(void *block);

/* The program got the block, for so many bytes. */
void rtm_profile_note_alloc(const void *block, size_t n_bytes);

/* That was no request of the program's. */
void rtm_profile_forget_alloc(const void *block, size_t n_bytes);

/*
 * The program gives the block back; must be said before anybody else can get
 * it.  What it returns undoes it, if the block stays the program's after all.
 */
unsigned rtm_profile_note_free(const void *block);
void rtm_profile_undo_free(const void *block, unsigned mark);

struct rtm_profile_totals {
	uint64_t n_unknown;  /* frees of blocks older than the recording */
	uint64_t live_bytes; /* now, rounded up to the ends of buckets */
	uint64_t peak_bytes; /* when the heap was largest, likewise */
};

/*
 * All that was counted so far, by all threads.  Any thread may call it at any
 * time, a signal handler too: nothing is locked, calls that are under way
 * meanwhile count in part.
 */
struct rtm_histogram_bucket rtm_profile_bucket(unsigned index);
void rtm_profile_totals(struct rtm_profile_totals *totals);

/* If the heap is at its largest just now, that is the peak.  Locks. */
void rtm_profile_settle(void);

/* The calling thread counts for itself no longer. */
void rtm_profile_thread_end(void);

/* fork(2): before; after, in the parent; after, in the child. */
void rtm_profile_fork_prepare(void);
void rtm_profile_fork_parent(void);
void rtm_profile_fork_child(void);

#endif
