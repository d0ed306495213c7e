/*
 * run_source.h - where free runs come from: what is there, or a larger heap
 *
 * Dirty runs before clean ones, the owner's (free_runs.h) before others', both
 * before the heap grows.  In a heap that is not small each home comes to have
 * what it needs, by whole page tables of the system's.
 *
 * Guard:   the page heap's lock, for all that is _locked; it is dropped
 *          meanwhile, but for system calls only.  Who makes the heap grow holds
 *          another, HEAP_SPACE.
 * Failure: NULL or false, without address space or memory.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_RUN_SOURCE_H
#define RTM_BACK_RUN_SOURCE_H

#include "back/span.h"

/* Is the heap not small, or was it not of late?  Without the lock, a hint. */
bool rtm_run_source_is_roomy(void);

/*
 * A free run of at least n_pages, which stays where it is: anybody's, and when
 * all else fails, of whatever there is.
 */
struct rtm_span *rtm_run_source_find_locked(unsigned owner, size_t n_pages);

/* The same for rtm_page_heap_take_near(), as it says. */
struct rtm_span *rtm_run_source_find_near_locked(
    unsigned owner, size_t n_pages);

/*
 * True if n_pages from page on are free, when the heap has grown if need be.
 */
bool rtm_run_source_extend_locked(page_no_t page, size_t n_pages);

#endif
