/*
 * settings.c - shows what glibc's settings do to this process's malloc
 *
 * Prints the byte that a fresh block is filled with, the byte that a freed
 * one is, and whether 32 MiB that were freed are still resident.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

static unsigned
byte_at(const unsigned char *block, size_t at)
{
	return *(const unsigned char *)hide_ptr(
	    (void *)(uintptr_t)(block + at));
}

/* As many small ones as a heap that can shrink gives back. */
static size_t
free_many(void)
{
	enum { N_BLOCKS = 320, BYTES_EACH = 100 << 10 };
	void *blocks[N_BLOCKS];
	size_t with;

	for (size_t i = 0; i < N_BLOCKS; i++) {
		blocks[i] = malloc(BYTES_EACH);
		test_require(blocks[i] != NULL);
		memset(blocks[i], 1, BYTES_EACH);
	}
	with = test_rss();
	for (size_t i = N_BLOCKS; i-- != 0;)
		free(blocks[i]);

	size_t without = test_rss();

	return with > without ? with - without : 0;
}

int
main(void)
{
	/* glibc's cache of short blocks fills nothing that is freed. */
	enum { BYTES = 2000 };

	/* The second: the first may have been there before the setting. */
	free(malloc(BYTES));

	unsigned char *block = malloc(BYTES);

	test_require(block != NULL);

	unsigned fresh = byte_at(block, BYTES / 2);

	free(block);
	printf("fresh %02x freed %02x ", fresh, byte_at(block, BYTES / 2));
	printf("memory %s\n", free_many() > MIB(16) ? "went" : "stayed");
	return 0;
}
