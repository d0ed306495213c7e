/*
 * perturb.h - memory that shows who reads it before writing, or after free
 *
 * A byte of the user's choice fills each block that is freed, and its
 * complement each that is handed out (mallopt(3), M_PERTURB).  While it is on
 * the thread caches are hidden (front/thread_cache.h), so that every call
 * comes by a slow way; while it is off nothing is tested on the fast ways.
 *
 * Under memcheck nothing is filled: it knows better.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_PERTURB_H
#define RTM_API_PERTURB_H

#include "front/thread_cache.h"

/* 0 turns it off. */
void rtm_perturb_set(uint8_t byte);

RTM_INLINE bool
rtm_perturb_is_on(void)
{
	return rtm_thread_cache_is_hidden(RTM_HIDE_PERTURB);
}

/* A block, or NULL, that the program gets; returns it. */
void *rtm_perturb_fresh(void *block, size_t n_bytes) RTM_COLD;

/* All of a block that the program gives back. */
void rtm_perturb_freed(void *block, size_t n_bytes) RTM_COLD;

#endif
