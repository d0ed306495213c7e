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
#include "api/perturb.h"
#include "api/profile.h"
#include "api/tracked.h"

#include <errno.h>

/* The class whose objects all lie so, or 0. */
static sclass_t
class_of(size_t alignment, size_t n_bytes)
{
	return alignment <= RTM_PAGE_SIZE
	    ? rtm_size_class_aligned(
		  rtm_max(n_bytes, 1), rtm_max(alignment, RTM_ALIGN_MIN))
	    : 0;
}

static void *
noted(void *block, size_t alignment, size_t n_bytes)
{
	/* What it takes: a smaller class would not do. */
	size_t n_asked = alignment <= RTM_PAGE_SIZE
	    ? rtm_round_up(rtm_max(n_bytes, 1), alignment)
	    : n_bytes;

	if (RTM_UNLIKELY(rtm_profile_is_on()) && block != NULL)
		rtm_profile_note_alloc(block, n_asked);
	return block;
}

static void *
alloc_large(size_t alignment, size_t n_bytes)
{
	void *block = RTM_UNLIKELY(rtm_tracked_is_on)
	    ? rtm_tracked_alloc(alignment, n_bytes, false)
	    : rtm_large_alloc(n_bytes, alignment, false);

	if (RTM_UNLIKELY(block == NULL))
		errno = ENOMEM;
	else if (RTM_UNLIKELY(rtm_perturb_is_on()))
		rtm_perturb_fresh(block, n_bytes);
	return noted(block, alignment, n_bytes);
}

/* The fast ways see no cache: one that is hidden, or none yet. */
static void *alloc_unseen(size_t alignment, size_t n_bytes) RTM_COLD;

static void *
alloc_unseen(size_t alignment, size_t n_bytes)
{
	if (rtm_thread_cache_own == NULL && !rtm_cpu_cache_is_mine())
		rtm_boot_thread(); /* or there are no classes yet */

	sclass_t class = rtm_tracked_is_on ? 0 : class_of(alignment, n_bytes);

	if (class == 0)
		return alloc_large(alignment, n_bytes);

	size_t n_given = rtm_size_classes[class].size;
	void *block = rtm_malloc(n_given);

	if (rtm_profile_is_on() && block != NULL)
		rtm_profile_forget_alloc(block, n_given);
	return noted(block, alignment, n_bytes);
}

/*
 * An object from the thread's cache or its processor's, or NULL: go the slow way.  Mostly the
 * first class that is large enough has a size that is a multiple.
 */
RTM_INLINE void *
alloc_fast(size_t alignment, size_t n_bytes)
{
	if (RTM_UNLIKELY(RTM_DEBUG || alignment > RTM_PAGE_SIZE ||
		n_bytes > RTM_TABLE_MAX - RTM_PAGE_SIZE))
		return NULL;

	sclass_t class =
	    rtm_size_class_of_small(rtm_round_up(n_bytes, alignment));

	if (RTM_UNLIKELY((rtm_size_classes[class].size & (alignment - 1)) != 0))
		return NULL;

	return rtm_malloc_pop(class);
}

void *
rtm_aligned_alloc(size_t alignment, size_t n_bytes)
{
	void *object = alloc_fast(alignment, n_bytes);

	if (RTM_LIKELY(object != NULL))
		return object;
	if (RTM_UNLIKELY(n_bytes > PTRDIFF_MAX || alignment > PTRDIFF_MAX)) {
		errno = ENOMEM;
		return NULL;
	}
	if (RTM_UNLIKELY(rtm_thread_cache_is_none(rtm_thread_cache_self())))
		return alloc_unseen(alignment, n_bytes);

	sclass_t class = class_of(alignment, n_bytes);

	return RTM_LIKELY(class != 0) ? rtm_malloc(rtm_size_classes[class].size)
				      : alloc_large(alignment, n_bytes);
}
