/*
 * answers.c - what malloc and its family say, in the cases that are known
 *
 * Prints each call, its result and the errno that it leaves.  Only what is the
 * same in each version of glibc since 2.26 stands here, so that its output
 * on libc's malloc is what it has to be on any other.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>

#ifndef __GLIBC__
int
main(void)
{
	return 77;
}
#else
static void
tell(const char *call, long result, int error)
{
	printf("%s: %ld, errno %d\n", call, result, error);
}

#define TELL(call)                           \
	do {                                 \
		long result_;                \
                                             \
		errno = 0;                   \
		result_ = (long)(call);      \
		tell(#call, result_, errno); \
	} while (0)

/* Of an address only whether it is one. */
#define TELL_IF(call) TELL(hide_ptr(call) != NULL)

static void
tell_settings(void)
{
	TELL(mallopt(M_MXFAST, -1));
	TELL(mallopt(M_MXFAST, 0));
	TELL(mallopt(M_MXFAST, (int)(80 * sizeof(size_t) / 4)));
	TELL(mallopt(M_MXFAST, (int)(80 * sizeof(size_t) / 4 + 1)));
	TELL(mallopt(M_MMAP_THRESHOLD, 0));
	TELL(mallopt(M_MMAP_THRESHOLD, 1 << 20));
	TELL(mallopt(M_MMAP_MAX, 0));
	TELL(mallopt(M_MMAP_MAX, -1));
	TELL(mallopt(M_ARENA_MAX, 1));
	TELL(mallopt(M_ARENA_TEST, 1));
	TELL(mallopt(M_TRIM_THRESHOLD, -1));
	TELL(mallopt(M_TOP_PAD, 0));
	TELL(mallopt(M_PERTURB, 0));
	TELL(mallopt(M_CHECK_ACTION, 3));
	TELL(mallopt(12345, 6));
	TELL(mallopt(0, 0));
}

static void
tell_refusals(void)
{
	const size_t much = hide_size(SIZE_MAX), half = hide_size(PTRDIFF_MAX);
	void *block = malloc(100), *untouched = &untouched;

	TELL_IF(malloc(half + 1));
	TELL_IF(malloc(much));
	TELL_IF(calloc(much, 2));
	TELL_IF(calloc(1, much));
	TELL_IF(realloc(NULL, much));
	TELL_IF(realloc(hide_ptr(block), half + 1));
	TELL_IF(reallocarray(hide_ptr(block), much, 2));
	TELL_IF(reallocarray(hide_ptr(block), much / 2, 2));
	TELL(malloc_usable_size(block) >= 100);
	TELL_IF(memalign(64, much));
	TELL_IF(memalign(64, half + 1));
	TELL_IF(aligned_alloc(64, much));
	TELL_IF(valloc(much));
	TELL_IF(valloc(half + 1));
	TELL_IF(pvalloc(much));
	TELL_IF(pvalloc(half + 1));
	TELL(posix_memalign(&untouched, hide_size(3), 1));
	TELL(posix_memalign(&untouched, hide_size(0), 1));
	TELL(posix_memalign(&untouched, hide_size(sizeof(void *) / 2), 1));
	TELL(posix_memalign(&untouched, sizeof(void *) * 3, 1));
	TELL(untouched == (void *)&untouched);
	TELL(malloc_info(1, stdout));
	free(block);
}

static void
tell_blocks(void)
{
	void *one = malloc(hide_size(0)), *two = malloc(hide_size(0));
	void *block = NULL;

	TELL(one != NULL && two != NULL && one != two);
	free(one);
	TELL_IF(realloc(two, hide_size(0)));
	TELL_IF(block = reallocarray(NULL, 30, 10));
	TELL(malloc_usable_size(block) >= 300);
	TELL_IF(block = reallocarray(block, 300, 100));
	TELL(malloc_usable_size(block) >= 30000);
	TELL_IF(reallocarray(block, hide_size(0), 10));
	TELL(malloc_usable_size(hide_ptr(NULL)));
	TELL_IF(block = aligned_alloc(64, hide_size(100)));
	TELL(is_aligned(block, 64) && malloc_usable_size(block) >= 100);
	TELL((free(block), 0));
	TELL_IF(block = memalign(hide_size(24), 100));
	TELL(is_aligned(block, 32));
	TELL((free(block), 0));
	TELL_IF(block = pvalloc(5000));
	TELL(is_aligned(block, 4096) && malloc_usable_size(block) >= 8192);
	TELL((free(block), 0));
	TELL_IF(block = malloc(MIB(64)));
	TELL((free(block), 0));
	TELL((free(hide_ptr(NULL)), 0));
	TELL(malloc_trim(SIZE_MAX / 2));
}

int
main(void)
{
	tell_blocks();
	tell_refusals();
	tell_settings();
	return 0;
}
#endif
