/*
 * speed_pairs.c - the calls that bench/speedometer counts instructions of
 *
 *     speed_pairs ROUNDS
 *
 * For each kind of block there are two functions, get_<kind> and
 * put_<kind>, that call the allocator for some blocks from a loop.  One round
 * is one of each.  Few blocks and many rounds: after the first, each call
 * finds what it needs in the caches nearest to it, and one round costs what
 * the next one does.  Of large blocks there is but one, a bare pair.
 *
 * It is not linked with any malloc, so that each can be preloaded.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_BLOCKS = 8 };

#define KIB ((size_t)1024)

/* Written by get_, read by put_; volatile, so that no call is left out. */
static void *volatile slots[MAX_BLOCKS];

/* Keeps the compiler from making one of two functions that do the same. */
#define BE_DISTINCT(kind) __asm__ volatile("# " #kind)

/*
 * call is an expression that makes a block, uncall a statement that ends it;
 * both may use p, what the slot has.
 */
#define DEFINE_KIND(kind, n_blocks, call, uncall)              \
	static __attribute__((noinline)) void get_##kind(void) \
	{                                                      \
		BE_DISTINCT(kind);                             \
		for (int i = 0; i < n_blocks; i++) {           \
			void *p = slots[i];                    \
			(void)p;                               \
			slots[i] = (call);                     \
		}                                              \
	}                                                      \
	static __attribute__((noinline)) void put_##kind(void) \
	{                                                      \
		BE_DISTINCT(kind);                             \
		for (int i = 0; i < n_blocks; i++) {           \
			void *p = slots[i];                    \
			uncall;                                \
		}                                              \
	}

#define ALL_KINDS(KIND)                                      \
	KIND(malloc_32, 8, malloc(32), free(p))              \
	KIND(malloc_1024, 8, malloc(1024), free(p))          \
	KIND(malloc_16K, 2, malloc(16 * KIB), free(p))       \
	KIND(malloc_100K, 1, malloc(100 * KIB), free(p))     \
	KIND(malloc_1M, 1, malloc(1024 * KIB), free(p))      \
	KIND(calloc_32, 8, calloc(4, 8), free(p))            \
	KIND(aligned_64, 8, aligned_alloc(64, 64), free(p))  \
	KIND(memalign_4096, 1, memalign(4096, 100), free(p)) \
	KIND(null, 8, NULL, free(p))

/* These want blocks of 32 bytes that are there already. */
#define REALLOC_KINDS(KIND)                                \
	KIND(realloc_in_place, 8, realloc(p, 30), (void)p) \
	KIND(usable_size, 8, (malloc_usable_size(p), p), (void)p)

ALL_KINDS(DEFINE_KIND)
REALLOC_KINDS(DEFINE_KIND)

#define RUN_KIND(kind, n_blocks, call, uncall)          \
	for (long round = 0; round < rounds; round++) { \
		get_##kind();                           \
		put_##kind();                           \
	}

static void
run_all(long rounds)
{
	ALL_KINDS(RUN_KIND)
	get_malloc_32();
	REALLOC_KINDS(RUN_KIND)
	put_malloc_32();
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: speed_pairs ROUNDS\n", stderr);
		return 2;
	}
	run_all(strtol(argv[1], NULL, 10));
	return 0;
}
