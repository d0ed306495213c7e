/*
 * hooks.h - the malloc hooks, between the fast ways and the slow ones
 *
 * In a process that names a hook the thread caches are hidden
 * (front/thread_cache.h), so that every call comes by here and finds what the
 * program has assigned by then.  In any other process nothing is looked at.
 *
 * A hook is called like the function that it stands for, and nothing else is
 * done then.  Inside, hooks take themselves out, call malloc, and put
 * themselves back: there is no other guard against recursion, as with glibc.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_COMPAT_HOOKS_H
#define RTM_COMPAT_HOOKS_H

#include "api/malloc.h"

/*
 * What hooks are told: where the call that is under way returns to.  To ask
 * for it costs the fast way of malloc or free an instruction, hit or not; so
 * there the slow function asks, which is jumped to as the last act (where
 * the compiler optimises) and thus returns to the same place.
 */
#define RTM_CALLER() __builtin_return_address(0)

RTM_INLINE bool
rtm_hooks_are_named(void)
{
	return RTM_COMPAT && rtm_thread_cache_is_hidden(RTM_HIDE_HOOKS);
}

#if RTM_COMPAT

/* The fast way had no object: malloc's hook, or malloc's slow way. */
void *rtm_hooks_malloc_slow(size_t n_bytes) RTM_COLD;

/* The fast way did not take the block: free's hook, or free's slow way. */
void rtm_hooks_free_slow(void *block, const char *function) RTM_COLD;

/* The same for a caller that has something left to do. */
void *rtm_hooks_malloc_for(size_t n_bytes, const void *caller) RTM_COLD;

/* calloc asks malloc's hook, and clears what it gives. */
void *rtm_hooks_calloc_slow(
    size_t n, size_t n_bytes, const void *caller) RTM_COLD;

/* These two are for a process that names hooks. */
void *rtm_hooks_realloc(
    void *block, size_t n_bytes, const void *caller) RTM_COLD;

/*
 * memalign and its kin: the hook is told the alignment as the program gave
 * it, and rtm_aligned_alloc() one that is a power of two.
 */
void *rtm_hooks_memalign(size_t given, size_t alignment, size_t n_bytes,
    const void *caller) RTM_COLD;

#else /* nobody's names, and nobody's hooks */

RTM_INLINE void *
rtm_hooks_malloc_slow(size_t n_bytes)
{
	return rtm_malloc_slow(n_bytes);
}

RTM_INLINE void
rtm_hooks_free_slow(void *block, const char *function)
{
	rtm_free_slow(block, function);
}

RTM_INLINE void *
rtm_hooks_calloc_slow(size_t n, size_t n_bytes, const void *caller)
{
	(void)caller;
	return rtm_calloc(n, n_bytes);
}

RTM_INLINE void *
rtm_hooks_realloc(void *block, size_t n_bytes, const void *caller)
{
	(void)caller;
	return rtm_realloc(block, n_bytes);
}

RTM_INLINE void *
rtm_hooks_memalign(
    size_t given, size_t alignment, size_t n_bytes, const void *caller)
{
	(void)given, (void)caller;
	return rtm_aligned_alloc(alignment, n_bytes);
}

#endif

RTM_INLINE void *
rtm_hooks_malloc(size_t n_bytes)
{
	void *object = rtm_malloc_fast(n_bytes);

	return RTM_LIKELY(object != NULL) ? object
					  : rtm_hooks_malloc_slow(n_bytes);
}

RTM_INLINE void
rtm_hooks_free(void *block, const char *function)
{
	if (RTM_UNLIKELY(!rtm_free_fast(block)))
		rtm_hooks_free_slow(block, function);
}

#endif
