/*
 * aligned.c - blocks at multiples of a power of two
 *
 * Spans begin at a page, so the objects of a class whose size is a multiple
 * of the alignment are aligned by themselves.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/boot.h"
#include "api/large.h"
#include "api/malloc.h"
#include "api/tracked.h"

#include <errno.h>

void *
rtm_aligned_alloc(size_t alignment, size_t n_bytes)
{
	if (RTM_UNLIKELY(n_bytes > PTRDIFF_MAX || alignment > PTRDIFF_MAX)) {
		errno = ENOMEM;
		return NULL;
	}
	if (rtm_thread_cache_own == NULL)
		rtm_boot_thread(); /* or there are no classes yet */

	void *block = NULL;

	if (RTM_UNLIKELY(rtm_tracked_is_on)) {
		block = rtm_tracked_alloc(alignment, n_bytes, false);
	} else if (alignment <= RTM_PAGE_SIZE) {
		sclass_t class = rtm_size_class_aligned(
		    rtm_max(n_bytes, 1), rtm_max(alignment, RTM_ALIGN_MIN));

		if (class != 0)
			return rtm_malloc(rtm_size_classes[class].size);
	}
	if (block == NULL && !rtm_tracked_is_on)
		block = rtm_large_alloc(n_bytes, alignment, false);
	if (RTM_UNLIKELY(block == NULL))
		errno = ENOMEM;
	return block;
}
