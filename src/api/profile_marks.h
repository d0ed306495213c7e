/*
 * profile_marks.h - which bucket a block was asked for in, kept beside the heap
 *
 * Two bytes for every 16 bytes of heap hold a block's bucket + 1, its mark:
 *
 *	address  |  directory: 64 MiB  |  chunk: 16 bytes  | 4 bits |
 *
 * Objects of 8 bytes share one; they are of one bucket.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_PROFILE_MARKS_H
#define RTM_API_PROFILE_MARKS_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if UINTPTR_MAX > UINT32_MAX
#define RTM_MARKED_BITS 48 /* of an address */
#else
#define RTM_MARKED_BITS 32
#endif
#define RTM_MARKED_MAX (UINTPTR_MAX >> (8 * sizeof(void *) - RTM_MARKED_BITS))

enum {
	RTM_MARK_SHIFT = 4,
	RTM_MARK_CHUNK_SHIFT = 26, /* of what a chunk is about */
	RTM_MARK_CHUNK_MARKS = 1 << (RTM_MARK_CHUNK_SHIFT - RTM_MARK_SHIFT),
};

/* Indexed by address; NULL until rtm_marks_prepare(), written once. */
extern RTM_HIDDEN uint16_t *_Atomic *rtm_marks_directory;

/* Once, before any mark is looked for; false without memory. */
bool rtm_marks_prepare(void);

/* No block has a mark any more. */
void rtm_marks_forget(void);

/*
 * The block's mark, as far as there is a place for it; NULL otherwise.  The
 * block may be any address, and then it is the mark of somebody else.
 */
RTM_INLINE uint16_t *
rtm_marks_find(const void *block)
{
	uintptr_t address = (uintptr_t)block & RTM_MARKED_MAX;
	uint16_t *chunk = atomic_load_explicit(
	    &rtm_marks_directory[address >> RTM_MARK_CHUNK_SHIFT],
	    memory_order_acquire);

	if (RTM_UNLIKELY(chunk == NULL))
		return NULL;
	return &chunk[address >> RTM_MARK_SHIFT & (RTM_MARK_CHUNK_MARKS - 1)];
}

/* Makes a place for it; NULL without memory. */
uint16_t *rtm_marks_make(const void *block) RTM_COLD;

#endif
