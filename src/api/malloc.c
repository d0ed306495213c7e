/*
 * malloc.c - the slow ways of malloc and free, and calloc
 *
 * Failure: what the system refuses is asked for once more after everything
 * that is cached has been given up; then it is NULL and ENOMEM.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/malloc.h"
#include "api/boot.h"
#include "api/large.h"
#include "api/perturb.h"
#include "api/profile.h"
#include "api/tracked.h"
#include "back/page_heap.h"
#include "base/panic.h"
#include "front/cache_budget.h"
#include "front/drain.h"
#include "middle/central_list.h"
#include "middle/live_map.h"
#include "middle/transfer_cache.h"

#include <errno.h>
#include <string.h>

/*
 * The calling thread's cache; NULL if it has none, and shares its processor's
 * or must do without.
 */
static struct rtm_thread_cache *
own_cache(void)
{
	if (rtm_cpu_cache_is_mine())
		return NULL;

	struct rtm_thread_cache *cache = rtm_thread_cache_get();

	if (RTM_UNLIKELY(cache == NULL || cache->is_due))
		return rtm_boot_thread();
	return cache;
}

/* ---------------------------------------------- threads without a cache */

static void *
take_uncached(sclass_t class)
{
	void *object = NULL;

#if RTM_HAVE_PERCPU
	if (rtm_cpu_cache_is_mine())
		return rtm_cpu_cache_take(class);
#endif
	rtm_central_list_take(class, 0, &object, 1);
	return object;
}

static void
give_uncached(sclass_t class, void *object)
{
#if RTM_HAVE_PERCPU
	if (rtm_cpu_cache_is_mine()) {
		rtm_cpu_cache_give(class, object);
		return;
	}
#endif
	rtm_central_list_give(class, &object, 1);
}

/* ------------------------------------------------------------ allocating */

static void *
take_object(struct rtm_thread_cache *cache, sclass_t class)
{
	if (RTM_UNLIKELY(cache == NULL))
		return take_uncached(class);

	/* Classes above the table, and debug builds, have not looked yet. */
	void *object = rtm_thread_cache_pop(cache, class);

	return object != NULL ? object : rtm_thread_cache_refill(cache, class);
}

bool
rtm_malloc_relieve(void)
{
	size_t n_given = rtm_thread_cache_flush();
	struct rtm_thread_cache *orphan;

	rtm_thread_cache_starve();
#if RTM_HAVE_PERCPU
	n_given += rtm_cpu_cache_starve();
#endif
	while ((orphan = rtm_cache_budget_orphan()) != NULL)
		rtm_thread_cache_adopt(orphan);
	n_given += rtm_drain_reserves(true);
	return n_given + rtm_transfer_cache_drain() != 0;
}

/* A block of n_bytes, or NULL; errno is the caller's business. */
static void *
allocate(struct rtm_thread_cache *cache, size_t n_bytes)
{
	sclass_t class = rtm_size_class_of(n_bytes);

	if (class == 0)
		return rtm_large_alloc(n_bytes, 1, false);

	void *object = take_object(cache, class);

	if (RTM_UNLIKELY(object == NULL) && rtm_malloc_relieve())
		object = take_object(cache, class);
	rtm_live_map_set(object);
	return object;
}

static void *miss(size_t n_bytes) RTM_COLD;

static void *
miss(size_t n_bytes)
{
	struct rtm_thread_cache *cache = own_cache();
	void *block = RTM_UNLIKELY(rtm_tracked_is_on)
	    ? rtm_tracked_alloc(1, n_bytes, false)
	    : allocate(cache, n_bytes);

	if (RTM_UNLIKELY(block == NULL))
		errno = ENOMEM;
	return block;
}

void *
rtm_malloc_unseen(size_t n_bytes)
{
	void *block = miss(n_bytes);

	if (RTM_UNLIKELY(rtm_profile_is_on()) && block != NULL)
		rtm_profile_note_alloc(block, n_bytes);
	return block;
}

/* Why this file has to see every call. */
enum { WATCHED = RTM_HIDE_PROFILE | RTM_HIDE_PERTURB };

static void *watched_malloc(size_t n_bytes) RTM_COLD;

static void *
watched_malloc(size_t n_bytes)
{
	void *block = rtm_profile_is_on() ? rtm_profile_malloc(n_bytes)
					  : rtm_malloc_unseen(n_bytes);

	return rtm_perturb_is_on() ? rtm_perturb_fresh(block, n_bytes) : block;
}

/* Large classes are cached too: that is the warm part of the slow way. */
void *
rtm_malloc_slow(size_t n_bytes)
{
	if (!RTM_DEBUG && n_bytes > RTM_TABLE_MAX &&
	    n_bytes <= rtm_size_class_max) {
		sclass_t class = rtm_size_class_of_large(n_bytes);
		void *object = rtm_malloc_pop(class);

		if (RTM_LIKELY(object != NULL))
			return object;
	}
	return RTM_UNLIKELY(rtm_thread_cache_is_hidden(WATCHED))
	    ? watched_malloc(n_bytes)
	    : rtm_malloc_unseen(n_bytes);
}

/* The page heap knows which pages are zero. */
static void *large_calloc(size_t n_bytes) RTM_COLD;

static void *
large_calloc(size_t n_bytes)
{
	own_cache();

	void *block = RTM_UNLIKELY(rtm_tracked_is_on)
	    ? rtm_tracked_alloc(1, n_bytes, true)
	    : rtm_large_alloc(n_bytes, 1, true);

	if (RTM_UNLIKELY(block == NULL))
		errno = ENOMEM;
	else if (RTM_UNLIKELY(rtm_profile_is_on()))
		rtm_profile_note_alloc(block, n_bytes);
	return block;
}

void *
rtm_calloc(size_t n, size_t n_bytes)
{
	size_t n_all;
	void *block;

	if (RTM_UNLIKELY(__builtin_mul_overflow(n, n_bytes, &n_all))) {
		errno = ENOMEM;
		return NULL;
	}
	if (RTM_LIKELY(n_all <= RTM_TABLE_MAX)) {
		block = rtm_malloc(n_all);
		return RTM_LIKELY(block != NULL) ? memset(block, 0, n_all)
						 : NULL;
	}
	return large_calloc(n_all);
}

/* --------------------------------------------------------------- freeing */

/* Which mistake is it?  Nobody is in a hurry any more. */
static void misuse(
    const void *block, const char *function) RTM_COLD RTM_NORETURN;

static void
misuse(const void *block, const char *function)
{
	const struct rtm_span *span = rtm_page_map_find(block);

	if (span == NULL)
		rtm_panic_foreign(function, block);
	if (span->state < RTM_SPAN_LARGE)
		rtm_panic_double_free(function, block);
	rtm_panic_interior(function, block);
}

/* The span whose block begins at the address; dies if none does. */
static struct rtm_span *
span_of(const void *block, const char *function)
{
	struct rtm_span *span = rtm_page_map_span(rtm_page_of(block));

	if (RTM_UNLIKELY(span == NULL ||
		rtm_page_of(block) - span->first_page >= span->n_pages))
		misuse(block, function);
	if (span->state == RTM_SPAN_SMALL)
		rtm_central_list_check(span, block, function);
	else if (span->state != RTM_SPAN_LARGE || rtm_span_base(span) != block)
		misuse(block, function);
	return span;
}

static void
free_object(struct rtm_thread_cache *cache, sclass_t class, void *object)
{
	if (RTM_UNLIKELY(cache == NULL))
		give_uncached(class, object);
	else if (!rtm_thread_cache_push(cache, class, object))
		rtm_thread_cache_overflow(cache, class, object);
}

void
rtm_free_unseen(void *block, const char *function)
{
	struct rtm_thread_cache *cache = own_cache();

	if (RTM_UNLIKELY(rtm_tracked_is_on)) {
		rtm_tracked_free(block, function);
		return;
	}

	struct rtm_span *span = span_of(block, function);

	if (span->state == RTM_SPAN_LARGE) {
		rtm_page_heap_give(span);
		return;
	}
	rtm_live_map_clear(block, function);
	free_object(cache, span->size_class, block);
}

static size_t
given_bytes(const struct rtm_span *span)
{
	return span->state == RTM_SPAN_LARGE
	    ? rtm_span_bytes(span)
	    : rtm_size_classes[span->size_class].size;
}

static void watched_free(void *block, const char *function) RTM_COLD;

static void
watched_free(void *block, const char *function)
{
	/* Nothing is filled before it is known to be a block. */
	if (rtm_perturb_is_on() && !rtm_tracked_is_on)
		rtm_perturb_freed(block, given_bytes(span_of(block, function)));
	if (rtm_profile_is_on())
		rtm_profile_free(block, function);
	else
		rtm_free_unseen(block, function);
}

void
rtm_free_slow(void *block, const char *function)
{
	if (block == NULL)
		return;
	if (RTM_UNLIKELY(rtm_thread_cache_is_hidden(WATCHED)))
		watched_free(block, function);
	else
		rtm_free_unseen(block, function);
}

size_t
rtm_malloc_usable_size(const void *block, const char *function)
{
	if (block == NULL)
		return 0;
	if (RTM_UNLIKELY(rtm_tracked_is_on))
		return rtm_tracked_usable_size(block, function);

	sclass_t class = rtm_page_map_class(block);

	if (RTM_LIKELY(class != 0))
		return rtm_size_classes[class].size;

	return given_bytes(span_of(block, function));
}
