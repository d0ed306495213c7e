/*
 * profile.h - recording what a program asks for
 *
 * While recording is on, the thread caches are hidden (front/thread_cache.h),
 * so that every call comes through a slow way; there it is noted here.  While
 * it is off nothing is tested on the fast ways at all.
 *
 * Each thread counts in a recorder of its own (api/recorder.h): requests,
 * frees and bytes, by the size that was asked for (conf/histogram.h).  A free
 * has to know that size, so each block's bucket is kept beside the heap
 * (api/profile_marks.h).
 *
 * Failure: without memory for a recorder, threads share one; a block without
 * a mark (no memory for it, or older than the recording) is freed unseen, and
 * counted as such.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_PROFILE_H
#define RTM_API_PROFILE_H

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
 * malloc and free while recording is on: where the thread's hidden cache has
 * an object, or room for one, all in one short function, so that a recorded
 * pair takes no more than twice the time of another.
 */
void *rtm_profile_malloc(size_t n_bytes);
void rtm_profile_free(void *block, const char *function);

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

#endif
