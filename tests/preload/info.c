/*
 * info.c - a program that asks glibc's malloc what it holds
 *
 *	info xml | stats
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	void *blocks[300];

	for (int i = 0; i < 300; i++)
		blocks[i] = malloc((size_t)i * 37 + 1);
	for (int i = 0; i < 300; i += 2)
		free(blocks[i]);
#ifdef __GLIBC__
	if (argc == 2 && strcmp(argv[1], "xml") == 0)
		return malloc_info(0, stdout);
	malloc_stats();
	return 0;
#else
	fprintf(stderr, "%s: this is glibc's\n", argv[argc - 1]);
	return 1;
#endif
}
