/*
 * profile_marks.c - the memory in which blocks' marks are
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/profile_marks.h"
#include "os/memory.h"

#define N_CHUNKS ((RTM_MARKED_MAX >> RTM_MARK_CHUNK_SHIFT) + 1)
#define CHUNK_BYTES (RTM_MARK_CHUNK_MARKS * sizeof(uint16_t))

uint16_t *_Atomic *rtm_marks_directory;

bool
rtm_marks_prepare(void)
{
	if (rtm_marks_directory == NULL)
		rtm_marks_directory = rtm_mem_map(
		    N_CHUNKS * sizeof(*rtm_marks_directory), RTM_CACHE_LINE);
	return rtm_marks_directory != NULL;
}

void
rtm_marks_forget(void)
{
	for (size_t i = 0; i < N_CHUNKS; i++)
		if (rtm_marks_directory[i] != NULL)
			rtm_mem_decommit(rtm_marks_directory[i], CHUNK_BYTES);
}

uint16_t *
rtm_marks_make(const void *block)
{
	uintptr_t address = (uintptr_t)block;
	uint16_t *chunk, *before = NULL;

	if (address > RTM_MARKED_MAX)
		return NULL;
	chunk = rtm_mem_map(CHUNK_BYTES, RTM_CACHE_LINE);
	if (chunk != NULL &&
	    !atomic_compare_exchange_strong(
		&rtm_marks_directory[address >> RTM_MARK_CHUNK_SHIFT], &before,
		chunk))
		rtm_mem_unmap(chunk, CHUNK_BYTES);
	return rtm_marks_find(block);
}
