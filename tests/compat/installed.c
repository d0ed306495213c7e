/*
 * installed.c - a program of somebody who has rtmalloc installed
 *
 * usage: installed VERSION FILE    prints "good" if malloc comes from FILE, a
 *                                  library, or from the program itself
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <dlfcn.h>
#include "rtmalloc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	char *blocks[100];

	if (argc < 2 || strcmp(rtmalloc_version(), argv[1]) != 0) {
		printf("version %s\n", rtmalloc_version());
		return 1;
	}
#ifdef SHARED
	void *(*function)(size_t) = RTMALLOC_NAME(malloc);
	Dl_info ours, theirs;
	void *address;

	memcpy(&address, &function, sizeof(address));
	if (dladdr(address, &ours) == 0 ||
	    strcmp(ours.dli_fname, argv[2]) != 0) {
		printf("%s is used\n", ours.dli_fname);
		return 1;
	}
#ifdef COMPAT
	function = malloc;
	memcpy(&address, &function, sizeof(address));
	if (dladdr(address, &theirs) == 0 ||
	    strcmp(theirs.dli_fname, argv[2]) != 0) {
		printf("malloc is in %s\n", theirs.dli_fname);
		return 1;
	}
#endif
#endif
	for (int i = 0; i < 100; i++)
		blocks[i] = RTMALLOC_NAME(malloc)((size_t)i * 1000);
	for (int i = 0; i < 100; i++)
		RTMALLOC_NAME(free)(blocks[i]);
	puts("good");
	return 0;
}
