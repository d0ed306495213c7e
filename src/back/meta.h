/*
 * meta.h - memory for the allocator's own structures
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_META_H
#define RTM_BACK_META_H

#include "base/compiler.h"

/*
 * Zeroed memory that is never given back, aligned to a cache line.  NULL if
 * the system has none.  Takes rank META.
 */
void *rtm_meta_take(size_t n_bytes);

/*
 * Pieces of RTM_META_PIECE bytes are for what comes and goes: one, with anything
 * in it, or NULL; and back, for the next who needs one.
 */
enum { RTM_META_PIECE = 4096 };

void *rtm_meta_take_piece(void);
void rtm_meta_give_piece(void *piece);

/* Bytes handed out so far, and what they cost in address space. */
size_t rtm_meta_used_bytes(void);

/* fork(2): before; after, in the parent; after, in the child. */
void rtm_meta_fork_prepare(void);
void rtm_meta_fork_parent(void);
void rtm_meta_fork_child(void);

#endif
