/*
 * profile.c - recording what a program asks for
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/profile.h"
#include "api/malloc.h"
#include "api/profile_marks.h"
#include "api/recorder.h"

/* A recording has begun before, so that there are marks to forget. */
static _Atomic bool was_on;

/* -------------------------------------------------- the ways of most calls */

static void *tell_malloc(struct rtm_recorder *recorder, void *block) RTM_COLD;

static void *
tell_malloc(struct rtm_recorder *recorder, void *block)
{
	rtm_recorder_tell(recorder);
	return block;
}

static void *note_malloc(void *block, size_t n_bytes) RTM_COLD;

static void *
note_malloc(void *block, size_t n_bytes)
{
	rtm_profile_note_alloc(block, n_bytes);
	return block;
}

void *
rtm_profile_malloc(size_t n_bytes)
{
	struct rtm_recorder *recorder = rtm_recorder_own;

	/* Without the table, without a bucket of 8 bytes, or for no bytes. */
	if (RTM_UNLIKELY(RTM_DEBUG || n_bytes - 1 >= RTM_HISTOGRAM_FINE * 8 ||
		recorder == NULL))
		return rtm_malloc_unseen(n_bytes);

	void *block = rtm_thread_cache_pop(
	    recorder->cache, rtm_size_class_of_small(n_bytes));

	if (RTM_UNLIKELY(block == NULL))
		return rtm_malloc_unseen(n_bytes);

	size_t bucket = (n_bytes - 1) / 8;
	struct rtm_counts *counts = &recorder->buckets[bucket];
	uint16_t *mark = rtm_marks_find(block);

	if (RTM_UNLIKELY(mark == NULL))
		return note_malloc(block, n_bytes);
	*mark = (uint16_t)(bucket + 1);
	rtm_recorder_add(&counts->n_requests, 1);
	rtm_recorder_add(&counts->n_bytes, n_bytes);
	if (RTM_UNLIKELY(
		rtm_recorder_change(recorder, 8 * (ptrdiff_t)(bucket + 1))))
		return tell_malloc(recorder, block);
	return block;
}

static void note_free(void *block, const char *function) RTM_COLD;

static void
note_free(void *block, const char *function)
{
	rtm_profile_note_free(block);
	rtm_free_unseen(block, function);
}

static void tell_free(void *block, const char *function) RTM_COLD;

static void
tell_free(void *block, const char *function)
{
	rtm_recorder_tell(rtm_recorder_own);
	rtm_free_unseen(block, function);
}

void
rtm_profile_free(void *block, const char *function)
{
	struct rtm_recorder *recorder = rtm_recorder_own;
	uint16_t *mark = rtm_marks_find(block);
	size_t was = mark != NULL ? *mark : 0;

	/* Objects of 8 bytes share a mark with another, so it stays. */
	if (RTM_UNLIKELY(
		was - 2 >= RTM_HISTOGRAM_FINE - 1 || recorder == NULL)) {
		note_free(block, function);
		return;
	}
	*mark = 0;
	rtm_recorder_add(&recorder->buckets[was - 1].n_frees, 1);
	if (RTM_UNLIKELY(rtm_recorder_change(recorder, -8 * (ptrdiff_t)was)))
		tell_free(block, function);
	else if (RTM_UNLIKELY(RTM_DEBUG ||
		     !rtm_thread_cache_push(
			 recorder->cache, rtm_page_map_class(block), block)))
		rtm_free_unseen(block, function);
}

/* ---------------------------------------------------------- and of others */

void
rtm_profile_note_alloc(const void *block, size_t n_bytes)
{
	/* Even none takes an object of the smallest kind. */
	unsigned bucket = rtm_histogram_index(n_bytes != 0 ? n_bytes : 1);
	uint16_t *mark = rtm_marks_find(block);
	struct rtm_recorder *recorder = rtm_recorder_enter();
	struct rtm_counts *counts = &recorder->buckets[bucket];

	if (RTM_UNLIKELY(mark == NULL))
		mark = rtm_marks_make(block);
	rtm_recorder_add(&counts->n_requests, 1);
	rtm_recorder_add(&counts->n_bytes, n_bytes);
	if (RTM_UNLIKELY(mark == NULL)) { /* its free will be unknown */
		rtm_recorder_add(&counts->n_frees, 1);
	} else {
		*mark = (uint16_t)(bucket + 1);
		if (rtm_recorder_change(
			recorder, (ptrdiff_t)rtm_histogram_upper(bucket)))
			rtm_recorder_tell(recorder);
	}
	rtm_recorder_leave(recorder);
}

void
rtm_profile_forget_alloc(const void *block, size_t n_bytes)
{
	unsigned mark = rtm_profile_note_free(block);
	struct rtm_recorder *recorder = rtm_recorder_enter();

	if (mark != 0) {
		struct rtm_counts *counts = &recorder->buckets[mark - 1];

		rtm_recorder_add(&counts->n_requests, -UINT64_C(1));
		rtm_recorder_add(&counts->n_frees, -UINT64_C(1));
		rtm_recorder_add(&counts->n_bytes, -(uint64_t)n_bytes);
	}
	rtm_recorder_leave(recorder);
}

unsigned
rtm_profile_note_free(const void *block)
{
	uint16_t *mark = rtm_marks_find(block);
	unsigned was = mark != NULL ? *mark : 0;
	struct rtm_recorder *recorder = rtm_recorder_enter();

	if (RTM_UNLIKELY(was == 0)) {
		rtm_recorder_add(&recorder->n_unknown, 1);
	} else {
		/* Two objects of 8 bytes may share a mark. */
		if (was != 1)
			*mark = 0;
		rtm_recorder_add(&recorder->buckets[was - 1].n_frees, 1);
		if (rtm_recorder_change(
			recorder, -(ptrdiff_t)rtm_histogram_upper(was - 1)))
			rtm_recorder_tell(recorder);
	}
	rtm_recorder_leave(recorder);
	return was;
}

void
rtm_profile_undo_free(const void *block, unsigned mark)
{
	struct rtm_recorder *recorder = rtm_recorder_enter();

	if (mark == 0) {
		rtm_recorder_add(&recorder->n_unknown, -UINT64_C(1));
	} else {
		*rtm_marks_find(block) = (uint16_t)mark;
		rtm_recorder_add(
		    &recorder->buckets[mark - 1].n_frees, -UINT64_C(1));
		if (rtm_recorder_change(
			recorder, (ptrdiff_t)rtm_histogram_upper(mark - 1)))
			rtm_recorder_tell(recorder);
	}
	rtm_recorder_leave(recorder);
}

/* ---------------------------------------------------------------- on, off */

bool
rtm_profile_start(void)
{
	if (!rtm_marks_prepare())
		return false;
	if (!rtm_profile_is_on()) {
		rtm_recorder_reset();
		/* Blocks of the time between must not look like known ones. */
		if (atomic_exchange(&was_on, true))
			rtm_marks_forget();
	}
	rtm_thread_cache_hide(RTM_HIDE_PROFILE);
	return true;
}

void
rtm_profile_stop(void)
{
	rtm_thread_cache_unhide(RTM_HIDE_PROFILE);
}
