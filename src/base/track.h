/*
 * track.h - tells memcheck which bytes are a live block
 *
 * Built without valgrind's headers, all of it is empty.  Under memcheck the
 * front end stays off (api/tracked.h), so that every block passes by here;
 * callgrind and the other tools see the allocator as it is.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_TRACK_H
#define RTM_BASE_TRACK_H

#include "base/compiler.h"

#include <stdbool.h>

#if RTM_HAVE_VALGRIND
#include <valgrind/memcheck.h>
#endif

/* True under memcheck alone: it answers -1 where the others answer 0. */
RTM_INLINE bool
rtm_track_wanted(void)
{
#if RTM_HAVE_VALGRIND
	char byte;

	return RUNNING_ON_VALGRIND && VALGRIND_MAKE_MEM_DEFINED(&byte, 0) != 0;
#else
	return false;
#endif
}

/* True under any of valgrind's tools. */
RTM_INLINE bool
rtm_track_is_simulated(void)
{
#if RTM_HAVE_VALGRIND
	return RUNNING_ON_VALGRIND != 0;
#else
	return false;
#endif
}

/* n_bytes at block now belong to the program, undefined unless is_zero. */
RTM_INLINE void
rtm_track_alloc(void *block, size_t n_bytes, bool is_zero)
{
#if RTM_HAVE_VALGRIND
	VALGRIND_MALLOCLIKE_BLOCK(block, n_bytes, 0, is_zero);
#else
	(void)block, (void)n_bytes, (void)is_zero;
#endif
}

/* The block is the program's no more: touching it is an error. */
RTM_INLINE void
rtm_track_free(void *block)
{
#if RTM_HAVE_VALGRIND
	VALGRIND_FREELIKE_BLOCK(block, 0);
#else
	(void)block;
#endif
}

/* The bytes are ours again, and hold what they held. */
RTM_INLINE void
rtm_track_reclaim(void *block, size_t n_bytes)
{
#if RTM_HAVE_VALGRIND
	VALGRIND_MAKE_MEM_DEFINED(block, n_bytes);
#else
	(void)block, (void)n_bytes;
#endif
}

/* Behind the end of a block: touching it is an error. */
RTM_INLINE void
rtm_track_forbid(void *block, size_t n_bytes)
{
#if RTM_HAVE_VALGRIND
	VALGRIND_MAKE_MEM_NOACCESS(block, n_bytes);
#else
	(void)block, (void)n_bytes;
#endif
}

#endif
