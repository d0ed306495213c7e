/*
 * hooks.c - the malloc hooks, between the fast ways and the slow ones
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "compat/hooks.h"
#include "back/page_heap.h"
#include "compat/hook_variables.h"
#include "os/environment.h"

#include <errno.h>
#include <string.h>

/* What the program has assigned to a hook by now; NULL where there is none. */
#define HOOK(hook) (&(hook) != NULL ? (hook) : NULL)

static size_t
heap_pages(void)
{
	struct rtm_page_heap_stats heap;

	rtm_page_heap_stats(&heap);
	return heap.used_pages + heap.dirty_pages + heap.clean_pages;
}

/* A hook must not be called while a lock is held: so we look afterwards. */
static size_t
pages_before(void)
{
	return HOOK(__after_morecore_hook) != NULL ? heap_pages() : SIZE_MAX;
}

static void
tell_growth(size_t n_before)
{
	void (*hook)(void) = HOOK(__after_morecore_hook);

	if (hook != NULL && heap_pages() > n_before)
		hook();
}

static void *watched_malloc(size_t n_bytes, const void *caller) RTM_COLD;

static void *
watched_malloc(size_t n_bytes, const void *caller)
{
	void *(*hook)(size_t, const void *) = HOOK(__malloc_hook);

	if (hook != NULL)
		return hook(n_bytes, caller);

	size_t n_before = pages_before();
	void *block = rtm_malloc_slow(n_bytes);

	tell_growth(n_before);
	return block;
}

void *
rtm_hooks_malloc_slow(size_t n_bytes)
{
	return RTM_UNLIKELY(rtm_hooks_are_named())
	    ? watched_malloc(n_bytes, RTM_CALLER())
	    : rtm_malloc_slow(n_bytes);
}

void *
rtm_hooks_malloc_for(size_t n_bytes, const void *caller)
{
	return RTM_UNLIKELY(rtm_hooks_are_named())
	    ? watched_malloc(n_bytes, caller)
	    : rtm_malloc_slow(n_bytes);
}

static void watched_free(
    void *block, const char *function, const void *caller) RTM_COLD;

static void
watched_free(void *block, const char *function, const void *caller)
{
	void (*hook)(void *, const void *) = HOOK(__free_hook);

	if (hook != NULL)
		hook(block, caller);
	else
		rtm_free_slow(block, function);
}

void
rtm_hooks_free_slow(void *block, const char *function)
{
	if (RTM_UNLIKELY(rtm_hooks_are_named()))
		watched_free(block, function, RTM_CALLER());
	else
		rtm_free_slow(block, function);
}

void *
rtm_hooks_calloc_slow(size_t n, size_t n_bytes, const void *caller)
{
	size_t n_all;

	if (RTM_LIKELY(!rtm_hooks_are_named()) ||
	    __builtin_mul_overflow(n, n_bytes, &n_all))
		return rtm_calloc(n, n_bytes);
	if (HOOK(__malloc_hook) != NULL) {
		void *block = watched_malloc(n_all, caller);

		return block != NULL ? memset(block, 0, n_all) : NULL;
	}

	size_t n_before = pages_before();
	void *block = rtm_calloc(n, n_bytes);

	tell_growth(n_before);
	return block;
}

void *
rtm_hooks_realloc(void *block, size_t n_bytes, const void *caller)
{
	void *(*hook)(void *, size_t, const void *) = HOOK(__realloc_hook);

	if (hook != NULL)
		return hook(block, n_bytes, caller);
	/* What realloc is then, another's hook hears of: as in glibc. */
	if (block == NULL)
		return watched_malloc(n_bytes, caller);
	if (n_bytes == 0) {
		watched_free(block, "realloc", caller);
		return NULL;
	}

	size_t n_before = pages_before();
	void *resized = rtm_realloc_block(block, n_bytes);

	tell_growth(n_before);
	return resized;
}

void *
rtm_hooks_memalign(
    size_t given, size_t alignment, size_t n_bytes, const void *caller)
{
	void *(*hook)(size_t, size_t, const void *) = HOOK(__memalign_hook);

	if (hook != NULL)
		return hook(given, n_bytes, caller);

	size_t n_before = pages_before();
	void *block = rtm_aligned_alloc(alignment, n_bytes);

	tell_growth(n_before);
	return block;
}

/* ------------------------------------------------------------------- start */

static bool
are_named(void)
{
	const char *wish = rtm_env_get("RTMALLOC_HOOKS");

	if (rtm_hook_variables_are_named == NULL)
		return false;
	if (wish != NULL && (strcmp(wish, "0") == 0 || strcmp(wish, "1") == 0))
		return wish[0] == '1';
	return rtm_hook_variables_are_named();
}

/* All is relocated now, be it linked to the program or preloaded. */
static void __attribute__((constructor)) look_for_hooks(void)
{
	if (!are_named())
		return;
	rtm_thread_cache_hide(RTM_HIDE_HOOKS);

	void (*initialize)(void) = HOOK(__malloc_initialize_hook);

	if (initialize != NULL)
		initialize();
}
