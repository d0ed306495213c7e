/*
 * realloc.c - another size for a block, where it lies or elsewhere
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/large.h"
#include "api/malloc.h"
#include "api/tracked.h"

#include <string.h>

/* Is an object of n_given bytes still the right one for n_bytes? */
static bool
fits(const void *object, size_t n_given, size_t n_bytes)
{
	return n_bytes <= n_given && n_bytes > n_given / 2 &&
	    (n_bytes < RTM_ALIGN_MIN ||
		((uintptr_t)object & (RTM_ALIGN_MIN - 1)) == 0);
}

static void *
copy_elsewhere(void *block, size_t n_given, size_t n_bytes)
{
	void *copy = rtm_malloc(n_bytes);

	/* Where less is wanted, what is here is enough. */
	if (RTM_UNLIKELY(copy == NULL))
		return n_bytes <= n_given ? block : NULL;
	memcpy(copy, block, rtm_min(n_given, n_bytes));
	rtm_free(block, "realloc");
	return copy;
}

/* The page map names no class: a large block, or one to look up. */
static void *resize_slow(void *block, size_t n_bytes) RTM_COLD;

static void *
resize_slow(void *block, size_t n_bytes)
{
	if (rtm_tracked_is_on)
		return rtm_tracked_realloc(block, n_bytes);

	size_t n_given = rtm_malloc_usable_size(block, "realloc");
	struct rtm_span *span = rtm_page_map_span(rtm_page_of(block));

	if (span->state == RTM_SPAN_SMALL) {
		if (fits(block, n_given, n_bytes))
			return block;
	} else if (n_bytes > rtm_size_class_max) {
		void *resized = rtm_large_resize(span, n_bytes);

		if (resized != NULL)
			return resized;
	}
	return copy_elsewhere(block, n_given, n_bytes);
}

void *
rtm_realloc_block(void *block, size_t n_bytes)
{
	if (RTM_UNLIKELY(n_bytes == 0)) {
		rtm_free(block, "realloc");
		return NULL;
	}

	sclass_t class = rtm_page_map_class(block);

	if (RTM_UNLIKELY(RTM_DEBUG || class == 0))
		return resize_slow(block, n_bytes);

	size_t n_given = rtm_size_classes[class].size;

	return fits(block, n_given, n_bytes) ||
		rtm_size_class_of(n_bytes) == class
	    ? block
	    : copy_elsewhere(block, n_given, n_bytes);
}
