/*
 * mistakes_large.c - mistakes with large blocks, which are seen at once
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/misuse/mistakes.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

static void
free_large_unaligned(void)
{
	char *block = malloc(MIB(3));

	free(tell(block + 1));
}

static void
free_large_interior(void)
{
	char *block = malloc(MIB(3));

	free(tell(block + 64));
}

static void
free_large_second_page(void)
{
	char *block = malloc(MIB(3));

	free(tell(block + 8192));
}

static void
free_large_last_page(void)
{
	char *block = malloc(MIB(3));

	free(tell(block + MIB(3) - 8192));
}

static void
realloc_large_interior(void)
{
	char *block = malloc(MIB(3));

	test_require(realloc(tell(block + KIB(64)), MIB(4)) == NULL);
}

static void
usable_size_large_interior(void)
{
	char *block = malloc(MIB(3));

	test_require(malloc_usable_size(tell(block + KIB(64))) == 1);
}

static void
free_large_twice(void)
{
	void *block = malloc(MIB(3));

	free(block);
	free(tell(block));
}

static void
free_huge_twice(void)
{
	void *block = malloc(MIB(300));

	free(block);
	free(tell(block));
}

static void
free_large_twice_with_others_between(void)
{
	void *block = malloc(MIB(3));
	void *other = malloc(MIB(3));
	void *third = malloc(MIB(3));

	free(block);
	free(third);
	free(tell(block));
	free(other);
}

static void
cfree_large_twice(void)
{
	void *block = malloc(MIB(3));

	free(block);
	cfree(tell(block));
}

static void
realloc_freed_large(void)
{
	void *block = malloc(MIB(3));

	free(block);
	test_require(realloc(tell(block), MIB(4)) == NULL);
}

static void
realloc_to_0_and_free_large(void)
{
	void *block = malloc(MIB(3));

	test_require(realloc(block, hide_size(0)) == NULL);
	free(tell(block));
}

static void
free_large_twice_in_two_threads(void)
{
	void *block = malloc(MIB(3));

	in_a_thread(free_it, block);
	free(tell(block));
}

const struct mistake mistakes_large[] = {
	MISTAKE(free_large_unaligned, "free", INTERIOR),
	MISTAKE(free_large_interior, "free", INTERIOR),
	MISTAKE(free_large_second_page, "free", INTERIOR),
	MISTAKE(free_large_last_page, "free", INTERIOR),
	MISTAKE(realloc_large_interior, "realloc", INTERIOR),
	MISTAKE(usable_size_large_interior, "malloc_usable_size", INTERIOR),
	MISTAKE(free_large_twice, "free", DOUBLE),
	MISTAKE(free_huge_twice, "free", DOUBLE),
	MISTAKE(free_large_twice_with_others_between, "free", DOUBLE),
	MISTAKE(cfree_large_twice, "cfree", DOUBLE),
	MISTAKE(realloc_freed_large, "realloc", DOUBLE),
	MISTAKE(realloc_to_0_and_free_large, "free", DOUBLE),
	MISTAKE(free_large_twice_in_two_threads, "free", DOUBLE),
	MISTAKES_END,
};
