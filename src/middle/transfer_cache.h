/*
 * transfer_cache.h - objects on their way between threads
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_TRANSFER_CACHE_H
#define RTM_MIDDLE_TRANSFER_CACHE_H

#include "middle/size_class.h"

/* Takes up to n objects; says how many, 0 if it is empty. */
size_t rtm_transfer_cache_take(sclass_t size_class, void **objects, size_t n);

/* Gives n objects; what does not fit goes on to the central list. */
void rtm_transfer_cache_give(
    sclass_t size_class, void *const *objects, size_t n);

/* Moves everything on to the central lists; says how many objects. */
size_t rtm_transfer_cache_drain(void);

/* Objects in the cache of a class. */
size_t rtm_transfer_cache_length(sclass_t size_class);

void rtm_transfer_cache_fork_prepare(void);
void rtm_transfer_cache_fork_parent(void);
void rtm_transfer_cache_fork_child(void);

#endif
