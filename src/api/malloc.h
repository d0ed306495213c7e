/*
 * malloc.h - malloc and free: the fast ways, and the slow ones behind them
 *
 * A call that finds an object (or a slot) in the thread's cache ends here,
 * after one branch.  All else - a miss, a large block, NULL, somebody else's
 * pointer, a thread that is new or ending, a process that has not begun -
 * falls through the same branch into one slow function.
 *
 * These functions are what other rooms and compat/ call; they set errno.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_MALLOC_H
#define RTM_API_MALLOC_H

#include "back/page_map.h"
#include "front/cpu_cache.h"
#include "front/thread_cache.h"

/* n_bytes of memory, or NULL and ENOMEM. */
void *rtm_malloc_slow(size_t n_bytes) RTM_COLD;

/* function is what the user called, for the message of death. */
void rtm_free_slow(void *block, const char *function) RTM_COLD;

/*
 * The same, but not noted by a recording that is on: malloc's block is noted
 * here, as this call may be what turned it on.
 */
void *rtm_malloc_unseen(size_t n_bytes) RTM_COLD;
void rtm_free_unseen(void *block, const char *function) RTM_NOINLINE;

/* The bytes that the program may use of a block; 0 for NULL. */
size_t rtm_malloc_usable_size(const void *block, const char *function);

/* Zeroed memory for n objects, or NULL and ENOMEM. */
void *rtm_calloc(size_t n, size_t n_bytes);

/* rtm_realloc() of a block that is not NULL. */
void *rtm_realloc_block(void *block, size_t n_bytes);

/*
 * n_bytes at a multiple of alignment, which is a power of two; NULL, and
 * errno as it was, without memory.
 */
void *rtm_aligned_alloc(size_t alignment, size_t n_bytes);

/*
 * When the system has no more: gives what this thread and the middle tier
 * hold to the page heap.  True if that was anything.
 */
bool rtm_malloc_relieve(void) RTM_COLD;

/*
 * An object from the thread's cache or, where it has none, from its
 * processor's; NULL: go the slow way.
 */
RTM_INLINE void *
rtm_malloc_pop(sclass_t class)
{
	struct rtm_thread_cache *cache = rtm_front.cache;

	return RTM_LIKELY(cache != NULL) ? rtm_thread_cache_pop(cache, class)
					 : rtm_cpu_cache_pop(class);
}

/* The same for any request; one compare finds out whose cache it is. */
RTM_INLINE void *
rtm_malloc_fast(size_t n_bytes)
{
	if (RTM_DEBUG)
		return NULL;
	if (RTM_LIKELY(n_bytes < rtm_front.n_bytes_end))
		return rtm_thread_cache_pop(
		    rtm_front.cache, rtm_size_class_of_small(n_bytes));
	if (RTM_LIKELY(n_bytes < rtm_front.n_shared_bytes_end))
		return rtm_cpu_cache_pop_shared(
		    rtm_size_class_of_small(n_bytes));
	return NULL;
}

RTM_INLINE void *
rtm_malloc(size_t n_bytes)
{
	void *object = rtm_malloc_fast(n_bytes);

	return RTM_LIKELY(object != NULL) ? object : rtm_malloc_slow(n_bytes);
}

/*
 * The block with its size changed, perhaps elsewhere; NULL and ENOMEM, and
 * the block as it was, without memory; NULL without an error for 0 bytes,
 * which frees the block.
 */
RTM_INLINE void *
rtm_realloc(void *block, size_t n_bytes)
{
	/* Some programs know no other call (Lua's allocator, for one). */
	return block == NULL ? rtm_malloc(n_bytes)
			     : rtm_realloc_block(block, n_bytes);
}

/* False: no cache took the object, go the slow way. */
RTM_INLINE bool
rtm_free_push(size_t class, void *object)
{
	struct rtm_thread_cache *cache = rtm_front.cache;

	return RTM_LIKELY(cache != NULL)
	    ? RTM_LIKELY(rtm_thread_cache_push(cache, class, object))
	    : RTM_LIKELY(rtm_cpu_cache_push(class, object));
}

/* The same for any block. */
RTM_INLINE bool
rtm_free_fast(void *block)
{
	return !RTM_DEBUG && rtm_free_push(rtm_page_map_class(block), block);
}

RTM_INLINE void
rtm_free(void *block, const char *function)
{
	if (RTM_UNLIKELY(!rtm_free_fast(block)))
		rtm_free_slow(block, function);
}

#endif
