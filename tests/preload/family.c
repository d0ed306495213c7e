/*
 * family.c - calls every member of the malloc family once, for binding.sh
 *
 * Linked against libc alone: what the library adds to libc's names is weak
 * here.  Prints each name and the file that its address lies in.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#pragma weak cfree
#pragma weak pvalloc
#pragma weak free_sized
#pragma weak free_aligned_sized

#define MEMBER(function)                            \
	{                                           \
#function, (void (*)(void))function \
	}

static const struct {
	const char *name;
	void (*function)(void);
} members[] = {
	MEMBER(malloc),
	MEMBER(calloc),
	MEMBER(realloc),
	MEMBER(free),
	MEMBER(memalign),
	MEMBER(aligned_alloc),
	MEMBER(posix_memalign),
	MEMBER(valloc),
	MEMBER(pvalloc),
	MEMBER(malloc_usable_size),
	MEMBER(cfree),
	MEMBER(free_sized),
	MEMBER(free_aligned_sized),
};

int
main(void)
{
	for (size_t i = 0; i < TEST_COUNT(members); i++) {
		Dl_info info = { .dli_fname = NULL };
		void *address;

		memcpy(&address, &members[i].function, sizeof(address));
		test_require_msg(
		    address != NULL, "nobody has %s", members[i].name);
		test_require(dladdr(address, &info) != 0);
		printf("%s %s\n", members[i].name, info.dli_fname);
	}
	free_aligned_sized(aligned_alloc(64, 128), 64, 128);
	free_sized(realloc(calloc(1, 10), 100), 100);
	free(memalign(64, 10));
	cfree(malloc(10));
	return 0;
}
