/*
 * tracked.h - the allocator under memcheck
 *
 * Every block is announced with the size that was asked for, ends in bytes
 * that must not be touched, and rests for a while after it is freed.  The
 * caches stay off, so that no call gets past.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_TRACKED_H
#define RTM_API_TRACKED_H

#include "base/compiler.h"

#include <stdbool.h>

/* Set once, at start. */
extern bool rtm_tracked_is_on;

/* These return NULL without memory; errno is the caller's business. */
void *rtm_tracked_alloc(size_t alignment, size_t n_bytes, bool is_zeroed);
void rtm_tracked_free(void *block, const char *function);
size_t rtm_tracked_usable_size(const void *block, const char *function);

/* Sets errno as realloc does; neither is NULL or 0. */
void *rtm_tracked_realloc(void *block, size_t n_bytes);

/* fork(2): before; after, in the parent; after, in the child. */
void rtm_tracked_fork_prepare(void);
void rtm_tracked_fork_parent(void);
void rtm_tracked_fork_child(void);

#endif
