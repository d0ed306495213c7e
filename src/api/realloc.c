/*
 * realloc.c - another size for a block, where it lies or elsewhere
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/large.h"
#include "api/malloc.h"
#include "api/tracked.h"

#include <errno.h>
#include <string.h>

/* Is the object still the right one for n_bytes? */
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

	if (copy == NULL) {
		/* Less is wanted, and what is here is enough. */
		return n_bytes <= n_given ? block : NULL;
	}
	memcpy(copy, block, rtm_min(n_given, n_bytes));
	rtm_free(block, "realloc");
	return copy;
}

void *
rtm_realloc(void *block, size_t n_bytes)
{
	if (RTM_UNLIKELY(block == NULL))
		return rtm_malloc(n_bytes);
	if (RTM_UNLIKELY(n_bytes == 0)) {
		rtm_free(block, "realloc");
		return NULL;
	}
	if (RTM_UNLIKELY(rtm_tracked_is_on))
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
