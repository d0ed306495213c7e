/*
 * tiny.c - a program of which as good as everything is the allocator
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"

int
main(void)
{
	void *blocks[20];

	for (size_t i = 0; i < 20; i++)
		blocks[i] = malloc(hide_size(i * 50));
	for (size_t i = 0; i < 20; i++)
		free(blocks[i]);
	return 0;
}
