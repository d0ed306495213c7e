/*
 * purged_runs.h - free runs on their way back to the system
 *
 * Giving memory back is a system call, and others need runs meanwhile: so the
 * runs leave all lists, their memory goes with the lock dropped, and they come
 * back as clean ones.  Nobody can be given them, or join them, in between.
 * Guard: the page heap's lock, but for rtm_purged_runs_release().
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_PURGED_RUNS_H
#define RTM_BACK_PURGED_RUNS_H

#include "back/span.h"

enum { RTM_PURGED_RUNS_MAX = 64 }; /* while the lock is dropped once */

struct rtm_purged_batch {
	size_t n_runs;
	size_t n_pages;
	struct rtm_span *runs[RTM_PURGED_RUNS_MAX];
};

/* Takes dirty runs of at most n_pages in all out of the lists. */
void rtm_purged_runs_collect_locked(
    struct rtm_purged_batch *batch, size_t n_pages);

/* Without the lock: gives the memory of the runs back. */
void rtm_purged_runs_release(const struct rtm_purged_batch *batch);

/*
 * Puts the runs into the lists, or forgets them with their address space
 * (tight mode); says how many pages went.
 */
size_t rtm_purged_runs_settle_locked(const struct rtm_purged_batch *batch);

/* In the child of fork: whoever was giving some back is not here. */
void rtm_purged_runs_adopt_locked(void);

/* Pages that are under way now. */
size_t rtm_purged_runs_count_pages_locked(void);

#endif
