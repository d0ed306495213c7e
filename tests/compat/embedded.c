/*
 * embedded.c - the library beside the system's malloc
 *
 * usage: embedded stats | none    does the library keep statistics?
 *
 * Linked with a library that has only its own names.  FIRST is what they
 * begin with, as a string.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "rtmalloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(x)                                  \
	do {                                        \
		if (!(x)) {                         \
			printf("not so: %s\n", #x); \
			return 1;                   \
		}                                   \
	} while (0)

int
main(int argc, char **argv)
{
	const bool has_stats = argc == 2 && strcmp(argv[1], "stats") == 0;
	struct rtmalloc_stats stats = { 0 };
	char *theirs = malloc(1000);
	char *ours = RTMALLOC_NAME(malloc)(1000);
	void *aligned = NULL;

	REQUIRE(ours != NULL && theirs != NULL);
	memset(ours, 1, 1000);
	memset(theirs, 2, 1000);
	REQUIRE(RTMALLOC_NAME(malloc_usable_size)(ours) >= 1000);
	ours = RTMALLOC_NAME(realloc)(ours, 100000);
	theirs = realloc(theirs, 100000);
	REQUIRE(ours[999] == 1 && theirs[999] == 2);
	RTMALLOC_NAME(free)(ours);
	free(theirs);
	REQUIRE(RTMALLOC_NAME(posix_memalign)(&aligned, 256, 10) == 0);
	REQUIRE((size_t)aligned % 256 == 0);
	RTMALLOC_NAME(free_aligned_sized)(aligned, 256, 10);
	ours = RTMALLOC_NAME(calloc)(10, 10);
	REQUIRE(ours != NULL && ours[99] == 0);
	RTMALLOC_NAME(free_sized)(ours, 100);
	RTMALLOC_NAME(cfree)(RTMALLOC_NAME(memalign)(64, 10));
	RTMALLOC_NAME(free)(RTMALLOC_NAME(aligned_alloc)(64, 10));
	RTMALLOC_NAME(free)(RTMALLOC_NAME(valloc)(10));
	RTMALLOC_NAME(free)(RTMALLOC_NAME(pvalloc)(10));
	REQUIRE(strlen(rtmalloc_version()) > 0);
	REQUIRE(rtmalloc_stats(&stats, sizeof(stats)) == (has_stats ? 0 : -1));
	REQUIRE(has_stats || errno == ENOTSUP);
	REQUIRE((stats.heap_bytes != 0) == has_stats);
	puts("good");
	return 0;
}
