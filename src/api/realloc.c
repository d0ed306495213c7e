/*
 * realloc.c - another size for a block, where it lies or elsewhere
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/large.h"
#include "api/malloc.h"
#include "api/profile.h"
#include "api/tracked.h"

#include <string.h>

/* Is an object of this class still the right one for n_bytes? */
static bool
fits(const struct rtm_size_class *kind, size_t n_bytes)
{
	return n_bytes <= kind->serves_max && 2 * n_bytes > kind->size;
}

static void *keep_noted(void *block, size_t n_bytes) RTM_COLD;

static void *
keep_noted(void *block, size_t n_bytes)
{
	rtm_profile_note_free(block);
	rtm_profile_note_alloc(block, n_bytes);
	return block;
}

/* The block stays where it is, for other bytes. */
RTM_INLINE void *
keep(void *block, size_t n_bytes)
{
	return RTM_UNLIKELY(rtm_profile_is_on()) ? keep_noted(block, n_bytes)
						 : block;
}

static void *
copy_elsewhere(void *block, size_t n_given, size_t n_bytes)
{
	void *copy = rtm_malloc(n_bytes);

	/* Where less is wanted, what is here is enough. */
	if (RTM_UNLIKELY(copy == NULL))
		return n_bytes <= n_given ? keep(block, n_bytes) : NULL;
	memcpy(copy, block, rtm_min(n_given, n_bytes));
	rtm_free(block, "realloc");
	return copy;
}

/* Moves a block otherwise than by malloc and free, which are noted. */
static void *
resize_noted(
    void *block, size_t n_bytes, void *(*resize)(void *block, size_t n_bytes))
{
	if (RTM_LIKELY(!rtm_profile_is_on()))
		return resize(block, n_bytes);

	unsigned mark = rtm_profile_note_free(block);
	void *resized = resize(block, n_bytes);

	if (resized != NULL)
		rtm_profile_note_alloc(resized, n_bytes);
	else
		rtm_profile_undo_free(block, mark);
	return resized;
}

static void *
resize_large(void *block, size_t n_bytes)
{
	return rtm_large_resize(rtm_page_map_span(rtm_page_of(block)), n_bytes);
}

/* The page map names no class: a large block, or one to look up. */
static void *resize_slow(void *block, size_t n_bytes) RTM_COLD;

static void *
resize_slow(void *block, size_t n_bytes)
{
	if (rtm_tracked_is_on)
		return resize_noted(block, n_bytes, rtm_tracked_realloc);

	size_t n_given = rtm_malloc_usable_size(block, "realloc");
	struct rtm_span *span = rtm_page_map_span(rtm_page_of(block));

	if (span->state == RTM_SPAN_SMALL) {
		if (fits(&rtm_size_classes[span->size_class], n_bytes))
			return keep(block, n_bytes);
	} else if (n_bytes > rtm_size_class_max) {
		void *resized = resize_noted(block, n_bytes, resize_large);

		if (resized != NULL)
			return resized;
	}
	return copy_elsewhere(block, n_given, n_bytes);
}

void *
rtm_realloc_block(void *block, size_t n_bytes)
{
	sclass_t class = rtm_page_map_class(block);
	const struct rtm_size_class *kind = &rtm_size_classes[class];

	if (RTM_LIKELY(!RTM_DEBUG && fits(kind, n_bytes))) /* not of class 0 */
		return keep(block, n_bytes);
	if (RTM_UNLIKELY(n_bytes == 0)) {
		rtm_free(block, "realloc");
		return NULL;
	}
	if (RTM_UNLIKELY(RTM_DEBUG || class == 0))
		return resize_slow(block, n_bytes);
	return rtm_size_class_of(n_bytes) == class ? keep(block, n_bytes)
						   : copy_elsewhere(block,
							 kind->size, n_bytes);
}
