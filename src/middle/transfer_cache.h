/*
 * transfer_cache.h - objects on their way between threads
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_TRANSFER_CACHE_H
#define RTM_MIDDLE_TRANSFER_CACHE_H

#include "middle/size_class.h"

struct rtm_transfer_stats {
	size_t n_objects; /* that are in it now */
	/* Up to now, without what was drained: */
	uint64_t n_takes;
	uint64_t n_hits;  /* takes that got some */
	uint64_t n_taken; /* objects */
	uint64_t n_gives;
	uint64_t n_given; /* objects, those that were passed on too */
};

/*
 * Takes up to n objects of those of the caller's home (os/home.h); says how
 * many, 0 if there are none.
 */
size_t rtm_transfer_cache_take(sclass_t size_class, void **objects, size_t n);

/* The same, from another home. */
size_t rtm_transfer_cache_take_far(
    sclass_t size_class, void **objects, size_t n);

/*
 * Gives n objects to the caller's home; what does not fit goes on to the
 * central list.
 */
void rtm_transfer_cache_give(
    sclass_t size_class, void *const *objects, size_t n);

/* The same for those who only free: to the home that the objects are from. */
void rtm_transfer_cache_give_back(
    sclass_t size_class, void *const *objects, size_t n);

/* The same for that home; the caller's need not be known. */
void rtm_transfer_cache_give_to(
    unsigned home, sclass_t size_class, void *const *objects, size_t n);

/*
 * The cheap part of what the central list checks, for objects that do not go
 * there: dies of one that was freed twice in a row, or with one other in
 * between, and of a pointer that is less aligned than every object of its class
 * (spans begin at a page).
 */
void rtm_transfer_cache_check_row(
    sclass_t size_class, void *const *objects, size_t n);

/* Moves everything on to the central lists; says how many objects. */
size_t rtm_transfer_cache_drain(void);

void rtm_transfer_cache_stats(
    sclass_t size_class, struct rtm_transfer_stats *stats);

/* The same between fork_prepare and fork_parent, which hold all locks. */
void rtm_transfer_cache_stats_locked(
    sclass_t size_class, struct rtm_transfer_stats *stats);

void rtm_transfer_cache_fork_prepare(void);
void rtm_transfer_cache_fork_parent(void);
void rtm_transfer_cache_fork_child(void);

#endif
