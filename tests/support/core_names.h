/*
 * core_names.h - the malloc family by the names it has inside the library
 *
 * Included before all else (-include) where something else owns libc's names,
 * as ThreadSanitizer does.  The program is linked with librtcore then.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_CORE_NAMES_H
#define TESTS_SUPPORT_CORE_NAMES_H

#include "api/malloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

static inline void
core_free(void *block)
{
	rtm_free(block, "free");
}

static inline size_t
core_usable_size(const void *block)
{
	return rtm_malloc_usable_size(block, "malloc_usable_size");
}

static inline int
core_posix_memalign(void **block, size_t alignment, size_t n_bytes)
{
	*block = rtm_aligned_alloc(alignment, n_bytes);
	return *block != NULL ? 0 : ENOMEM;
}

#define malloc rtm_malloc
#define calloc rtm_calloc
#define realloc rtm_realloc
#define aligned_alloc rtm_aligned_alloc
#define posix_memalign core_posix_memalign
#define malloc_usable_size core_usable_size
#define free core_free

#endif /* TESTS_SUPPORT_CORE_NAMES_H */
