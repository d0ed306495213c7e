/*
 * malloc.c - the malloc family, under libc's names
 *
 * All names that libc's malloc.o defines stand in this one object, so that a
 * program which is linked statically never needs libc's as well.  No logic
 * but what each call's own rules ask for (C11 7.22.3, POSIX.1-2017, and the
 * glibc manual for the older ones).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/malloc.h"
#include "base/panic.h"
#include "compat/hooks.h"
#include "os/memory.h"
#include "rtmalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In the headers of some C libraries, and not of others. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
RTM_EXPORT void *memalign(size_t alignment, size_t n_bytes);
RTM_EXPORT void *pvalloc(size_t n_bytes);
RTM_EXPORT size_t malloc_usable_size(void *block);
RTM_EXPORT void cfree(void *block);
RTM_EXPORT void free_sized(void *block, size_t n_bytes);
RTM_EXPORT void free_aligned_sized(
    void *block, size_t alignment, size_t n_bytes);
#pragma GCC diagnostic pop

#if RTM_COMPAT
#define NAME(name) name
#else
#define NAME(name) RTMALLOC_NAME(name)
#endif

/*
 * These two begin cache lines: else it is for the linker to say how many lines
 * the fast ways lie in, and where a jump to that of the processors' caches leads.
 */
RTM_EXPORT RTM_LINE_ALIGNED void *
NAME(malloc)(size_t n_bytes)
{
	return rtm_hooks_malloc(n_bytes);
}

RTM_EXPORT RTM_LINE_ALIGNED void
NAME(free)(void *block)
{
	rtm_hooks_free(block, "free");
}

RTM_EXPORT void *
NAME(calloc)(size_t n, size_t n_bytes)
{
	size_t n_all;

	if (RTM_LIKELY(!__builtin_mul_overflow(n, n_bytes, &n_all))) {
		void *block = rtm_malloc_fast(n_all);

		if (RTM_LIKELY(block != NULL))
			return memset(block, 0, n_all);
	}
	return rtm_hooks_calloc_slow(n, n_bytes, RTM_CALLER());
}

RTM_EXPORT void *
NAME(realloc)(void *block, size_t n_bytes)
{
	if (RTM_UNLIKELY(rtm_hooks_are_named()))
		return rtm_hooks_realloc(block, n_bytes, RTM_CALLER());
	return rtm_realloc(block, n_bytes);
}

/* The hook is told the alignment that the program gave. */
RTM_INLINE void *
aligned(size_t given, size_t alignment, size_t n_bytes, const void *caller)
{
	if (RTM_UNLIKELY(rtm_hooks_are_named()))
		return rtm_hooks_memalign(given, alignment, n_bytes, caller);
	return rtm_aligned_alloc(alignment, n_bytes);
}

RTM_EXPORT void *
NAME(aligned_alloc)(size_t alignment, size_t n_bytes)
{
	if (RTM_UNLIKELY(!rtm_is_power_of_two(alignment))) {
		errno = EINVAL;
		return NULL;
	}
	return aligned(alignment, alignment, n_bytes, RTM_CALLER());
}

/* An alignment that is none is raised to the next one. */
RTM_EXPORT void *
NAME(memalign)(size_t alignment, size_t n_bytes)
{
	size_t raised = 1;

	if (RTM_UNLIKELY(alignment > SIZE_MAX / 2 + 1)) {
		errno = EINVAL;
		return NULL;
	}
	if (alignment > 1)
		raised = (size_t)2 << rtm_log2_floor(alignment - 1);
	return aligned(alignment, raised, n_bytes, RTM_CALLER());
}

RTM_EXPORT int
NAME(posix_memalign)(void **block, size_t alignment, size_t n_bytes)
{
	if (RTM_UNLIKELY(!rtm_is_power_of_two(alignment) ||
		alignment % sizeof(void *) != 0))
		return EINVAL;

	int saved_errno = errno;
	void *given = aligned(alignment, alignment, n_bytes, RTM_CALLER());

	errno = saved_errno;
	if (given == NULL)
		return ENOMEM;
	*block = given;
	return 0;
}

RTM_EXPORT void *
NAME(valloc)(size_t n_bytes)
{
	size_t page = rtm_mem_page_size();

	return aligned(page, page, n_bytes, RTM_CALLER());
}

RTM_EXPORT void *
NAME(pvalloc)(size_t n_bytes)
{
	size_t page = rtm_mem_page_size();

	if (RTM_UNLIKELY(n_bytes > PTRDIFF_MAX)) {
		errno = ENOMEM;
		return NULL;
	}
	n_bytes = rtm_round_up(rtm_max(n_bytes, 1), page);
	return aligned(page, page, n_bytes, RTM_CALLER());
}

RTM_EXPORT size_t
NAME(malloc_usable_size)(void *block)
{
	return rtm_malloc_usable_size(block, "malloc_usable_size");
}

RTM_EXPORT void
NAME(cfree)(void *block)
{
	rtm_hooks_free(block, "cfree");
}

static void
check_size(const void *block, size_t n_bytes, const char *function)
{
	if (!RTM_DEBUG || block == NULL)
		return;

	size_t n_given = rtm_malloc_usable_size(block, function);

	if (n_bytes > n_given)
		rtm_panic_size(function, block, n_bytes, n_given);
}

RTM_EXPORT void
NAME(free_sized)(void *block, size_t n_bytes)
{
	check_size(block, n_bytes, "free_sized");
	rtm_hooks_free(block, "free_sized");
}

RTM_EXPORT void
NAME(free_aligned_sized)(void *block, size_t alignment, size_t n_bytes)
{
	(void)alignment;
	check_size(block, n_bytes, "free_aligned_sized");
	rtm_hooks_free(block, "free_aligned_sized");
}

#if RTM_COMPAT

/* --------------------------------------------------- libc's second names */

/* Programs that replace malloc themselves find the real one under these. */
#define LIBC_NAME(name) \
	extern RTM_EXPORT __typeof__(name) __libc_##name RTM_ALIAS(name)

LIBC_NAME(malloc);
LIBC_NAME(calloc);
LIBC_NAME(realloc);
LIBC_NAME(free);
LIBC_NAME(memalign);
LIBC_NAME(valloc);
LIBC_NAME(pvalloc);

/*
 * Only libc.a has these.  They are for programs that are linked with
 * librtmalloc.a, and leave no library.
 */
#define ARCHIVE_NAME(name) \
	extern RTM_HIDDEN __typeof__(name) __##name RTM_ALIAS(name)

ARCHIVE_NAME(malloc);
ARCHIVE_NAME(calloc);
ARCHIVE_NAME(realloc);
ARCHIVE_NAME(free);
ARCHIVE_NAME(memalign);
ARCHIVE_NAME(valloc);
ARCHIVE_NAME(pvalloc);
ARCHIVE_NAME(posix_memalign);
ARCHIVE_NAME(malloc_usable_size);

/* ----------------------------------------------------------- our own names */

#define OWN_NAME(name) \
	RTM_EXPORT __typeof__(name) RTMALLOC_NAME(name) RTM_ALIAS(name)

OWN_NAME(malloc);
OWN_NAME(calloc);
OWN_NAME(realloc);
OWN_NAME(free);
OWN_NAME(cfree);
OWN_NAME(free_sized);
OWN_NAME(free_aligned_sized);
OWN_NAME(aligned_alloc);
OWN_NAME(memalign);
OWN_NAME(posix_memalign);
OWN_NAME(valloc);
OWN_NAME(pvalloc);
OWN_NAME(malloc_usable_size);

#endif
