/*
 * heap_space.h - where the heap grows
 *
 * Roomy mode reserves a region of 64 GiB at a time and opens it from its
 * start, in steps that grow with the heap; the pages of a small program lie
 * together and a large block can grow in place.  Tight mode, for processes
 * whose address space is limited, maps just what is needed.
 * Locks: one, rank HEAP_SPACE, held while the heap grows, and not the page
 *        heap's: opening memory is a system call, and others need runs
 *        meanwhile.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_HEAP_SPACE_H
#define RTM_BACK_HEAP_SPACE_H

#include "back/span.h"

/* Once, at start. */
void rtm_heap_space_init(bool is_tight);

/* Whoever makes the heap grow is alone with that from enter to leave. */
void rtm_heap_space_enter(void);
void rtm_heap_space_leave(void);
void rtm_heap_space_fork_child(void);

/* In tight mode freed pages go back with their address space. */
bool rtm_heap_space_is_tight(void);

/*
 * At least n_pages fresh, zeroed, mapped pages that the page map knows.
 * Sets where they begin and how many they are; false if the system has none.
 */
bool rtm_heap_space_grow_locked(
    size_t n_pages, page_no_t *first_page, size_t *n_grown);

/*
 * The page that the next growth would begin with; 0 if that is unknown.
 * Without the lock it is a hint.
 */
page_no_t rtm_heap_space_end(void);

#endif
