/*
 * purged_runs.h - free runs on their way back to the system
 *
 * Giving memory back is a system call, and others need runs meanwhile: so the
 * runs leave all lists, their memory goes with the lock dropped, and they come
 * back as clean ones.  Nobody can be given them, or join them, in between.
 * Guard: the page heap's lock.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_PURGED_RUNS_H
#define RTM_BACK_PURGED_RUNS_H

#include <stddef.h>

/*
 * Gives dirty pages back to the system, at most n_pages; drops the lock
 * meanwhile.  Says how many.
 */
size_t rtm_purged_runs_purge_locked(size_t n_pages);

/* In the child of fork: whoever was giving some back is not here. */
void rtm_purged_runs_adopt_locked(void);

/* Pages that are under way now. */
size_t rtm_purged_runs_count_pages_locked(void);

#endif
