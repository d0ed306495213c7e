/*
 * startup.c - malloc in each phase of a program that links the library
 *
 * Blocks are allocated before all constructors (.preinit_array), in the
 * first constructor, in main, in atexit functions and in the last
 * destructor, and each is freed in a later phase than its own.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <unistd.h>

#define N_BLOCKS 200

enum phase { PREINIT, CONSTRUCTOR, MAIN, ATEXIT, N_PHASES };

static void *blocks[N_PHASES][N_BLOCKS];

static size_t
size_of(enum phase phase, size_t i)
{
	return i % 20 == 0 ? KIB(100) * i + 1 : i * 13 + phase;
}

static void
allocate(enum phase phase)
{
	for (size_t i = 0; i < N_BLOCKS; i++) {
		blocks[phase][i] = malloc(size_of(phase, i));
		test_require(blocks[phase][i] != NULL);
		test_fill(blocks[phase][i], size_of(phase, i));
	}
}

static void
release(enum phase phase)
{
	for (size_t i = 0; i < N_BLOCKS; i++) {
		test_require(blocks[phase][i] != NULL);
		test_verify(blocks[phase][i], size_of(phase, i));
		free(blocks[phase][i]);
		blocks[phase][i] = NULL;
	}
}

static void
at_preinit(void)
{
	allocate(PREINIT);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(
    void) = at_preinit;

static __attribute__((constructor(101))) void
at_first_constructor(void)
{
#ifndef __GLIBC__ /* calls no such functions: musl */
	at_preinit();
#endif
	allocate(CONSTRUCTOR);
}

static void
at_exit_function(void)
{
	release(MAIN);
	allocate(ATEXIT);
}

static __attribute__((destructor(101))) void
at_last_destructor(void)
{
	release(CONSTRUCTOR);
	release(ATEXIT);
	/* main gives status 3; this is the only way to 0. */
	_exit(0);
}

int
main(void)
{
	allocate(MAIN);
	release(PREINIT);
	test_require(atexit(at_exit_function) == 0);
	return 3;
}
