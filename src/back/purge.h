/*
 * purge.h - how much freed memory may stay resident
 *
 * The rule is "resident <= recent peak": pages in use plus dirty pages
 * (free, but still backed by memory) stay below the peak of pages in use in
 * this and the previous half second, plus a fifth and 1 MiB.  It is asked
 * when clean pages are handed out, for that is when resident memory grows;
 * so it never raises a program's peak, and never takes away what a program
 * that breathes in and out is about to use again.
 *
 * Memory that nobody has needed for a while goes back by time: see
 * rtm_purge_low_water_locked().
 * Guard: the page heap's lock.  Nothing here can fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_PURGE_H
#define RTM_BACK_PURGE_H

#include "base/compiler.h"

#include <stdbool.h>

#include <stdint.h>

void rtm_purge_init(size_t slack_percent);

/*
 * The user's own rule in place of that: as soon as more than threshold_pages
 * are dirty, all but kept_pages go back at once, also when no clean ones are
 * handed out.  SIZE_MAX: no page goes back but by rtm_page_heap_purge() and
 * where memory is short.
 */
void rtm_purge_set_threshold_locked(size_t threshold_pages, size_t kept_pages);

/* True if nothing goes back unasked. */
bool rtm_purge_is_off_locked(void);

/* Pages were freed: how many are too many by the user's rule; 0 if none. */
size_t rtm_purge_surplus_locked(size_t dirty_pages);

/* Pages in use: told after they rise, and before they fall. */
void rtm_purge_note_use_locked(size_t used_pages);

/* The recent peak of pages in use; without the lock, a hint. */
size_t rtm_purge_peak(void);

/* How far use is below its recent peak. */
size_t rtm_purge_fall_locked(size_t used_pages);

/* Dirty pages have fallen to dirty_pages. */
void rtm_purge_note_dirty_locked(size_t dirty_pages);

/* How many dirty pages are too many now; 0 if none. */
size_t rtm_purge_excess_locked(size_t used_pages, size_t dirty_pages);

/*
 * The fewest pages that were dirty at any time since the call before: what
 * nobody needed in between.
 */
size_t rtm_purge_low_water_locked(size_t dirty_pages);

#endif
