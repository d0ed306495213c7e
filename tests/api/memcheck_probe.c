/*
 * memcheck_probe.c - a program full of mistakes that memcheck reports
 *
 * Built twice: with librtmalloc.a, and on libc's malloc.  memcheck.sh holds
 * the two reports against each other.  No stdio: its buffers would be found.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"

#include <string.h>

static volatile char sink;

/* Still reachable in the end. */
static void *kept;

/* Each lost block is the only one that its pointer ever named. */
static __attribute__((noinline)) void
lose(size_t n_bytes)
{
	char *block = hide_ptr(malloc(n_bytes));

	block[0] = 1;
}

static __attribute__((noinline)) void
use_after_free(size_t n_bytes)
{
	char *block = hide_ptr(malloc(n_bytes));

	memset(block, 1, n_bytes);
	free(block);
	block = hide_ptr(block);
	sink = block[8];
	block[n_bytes - 1] = 2;
}

static __attribute__((noinline)) void
read_behind(size_t n_bytes)
{
	char *block = hide_ptr(malloc(n_bytes));

	memset(block, 1, n_bytes);
	sink = block[n_bytes];
	free(block);
}

static __attribute__((noinline)) void
branch_on_undefined(size_t n_bytes)
{
	char *block = hide_ptr(malloc(n_bytes));

	if (block[5] == 'x')
		sink = 1;
	free(block);
}

static __attribute__((noinline)) void
use_after_realloc(size_t n_bytes)
{
	char *block = hide_ptr(malloc(n_bytes));
	char *more;

	memset(block, 1, n_bytes);
	more = hide_ptr(realloc(block, n_bytes * 40));
	block = hide_ptr(block);
	sink = block[3];
	/* The old contents are defined, the rest is not. */
	if (more[n_bytes - 1] == 'x')
		sink = 1;
	if (more[n_bytes] == 'x')
		sink = 1;
	free(more);
}

int
main(void)
{
	char *zeroes = calloc(10, 77);

	kept = malloc(55);
	for (size_t n_bytes = 17; n_bytes < 1000000; n_bytes *= 7) {
		lose(n_bytes);
		use_after_free(n_bytes);
		read_behind(n_bytes);
		branch_on_undefined(n_bytes);
		use_after_realloc(n_bytes);
	}
	/* No mistake: calloc's memory is defined. */
	if (zeroes[99] != 0)
		sink = 1;
	free(zeroes);
	free(aligned_alloc(64, 100));
	return 0;
}
