/*
 * test_malloc.c - malloc, free and malloc_usable_size: results and alignment
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <string.h>

#define RING 32

/* Sizes worth a look: each small one, then those around powers of two and
 * their midpoints, up to 64 MiB.  Returns 0 behind the last. */
static size_t
nth_size(size_t n)
{
	static const int steps[] = { -17, -16, -1, 0, 1, 16, 4096 };
	size_t power, half;

	if (n < 4200)
		return n + 1;
	n -= 4200;
	power = n / (2 * TEST_COUNT(steps)) + 12;
	half = n / TEST_COUNT(steps) % 2;
	if (power > (test_is_slow() ? 22 : 24))
		return 0;
	return ((size_t)1 << power) + (half << (power - 1)) +
	    (size_t)(ptrdiff_t)steps[n % TEST_COUNT(steps)];
}

START_TEST(a_block_of_each_size_is_ours_to_its_last_usable_byte)
{
	unsigned char *ring[RING] = { NULL };
	size_t usable[RING] = { 0 };

	for (size_t i = 0; nth_size(i) != 0; i++) {
		size_t n_bytes = nth_size(i);
		size_t slot = i % RING;

		if (ring[slot] != NULL) {
			test_verify(ring[slot], usable[slot]);
			free(ring[slot]);
		}
		ring[slot] = malloc(n_bytes);
		test_require(ring[slot] != NULL);
		usable[slot] = malloc_usable_size(ring[slot]);
		test_require_msg(usable[slot] >= n_bytes,
		    "malloc(%zu) has only %zu bytes", n_bytes, usable[slot]);
		test_fill(ring[slot], usable[slot]);
	}
	for (size_t slot = 0; slot < RING; slot++) {
		test_verify(ring[slot], usable[slot]);
		free(ring[slot]);
	}
}
END_TEST

START_TEST(objects_of_16_bytes_and_more_are_16_aligned)
{
	for (size_t i = 0; nth_size(i) != 0; i++) {
		size_t n_bytes = nth_size(i);
		size_t alignment = n_bytes < 16 ? 8 : 16;
		void *first = malloc(n_bytes);
		void *second = malloc(n_bytes);

		test_require_msg(is_aligned(first, alignment) &&
			is_aligned(second, alignment),
		    "malloc(%zu) gives %p and %p", n_bytes, first, second);
		free(first);
		free(second);
	}
}
END_TEST

START_TEST(malloc_of_0_bytes_is_unique_and_can_be_freed)
{
	void *blocks[1000];

	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		blocks[i] = malloc(hide_size(0));
		test_require(blocks[i] != NULL);
		for (size_t j = 0; j < i; j++)
			test_require(blocks[j] != blocks[i]);
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
}
END_TEST

struct block {
	unsigned char *ptr;
	size_t n_bytes;
};

static int
by_address(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	return a->ptr < b->ptr ? -1 : a->ptr > b->ptr;
}

START_TEST(live_blocks_do_not_overlap)
{
	enum { N = 20000 };
	struct block *blocks = test_map(N * sizeof(*blocks));
	struct test_rng rng;

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < test_rounds(4 * N); round++) {
		struct block *block = &blocks[test_rng_below(&rng, N)];

		free(block->ptr);
		block->n_bytes = test_rng_size(&rng, MIB(1));
		block->ptr = malloc(block->n_bytes);
		test_require(block->ptr != NULL);
		block->n_bytes = malloc_usable_size(block->ptr);
	}
	qsort(blocks, N, sizeof(*blocks), by_address);
	for (size_t i = 1; i < N; i++) {
		struct block *low = &blocks[i - 1];

		test_require_msg(low->ptr == NULL ||
			low->ptr + low->n_bytes <= blocks[i].ptr,
		    "%p of %zu bytes reaches into %p", (void *)low->ptr,
		    low->n_bytes, (void *)blocks[i].ptr);
	}
	for (size_t i = 0; i < N; i++)
		free(blocks[i].ptr);
	test_unmap(blocks, N * sizeof(*blocks));
}
END_TEST

START_TEST(free_of_null_does_nothing)
{
	free(hide_ptr(NULL));
	cfree(hide_ptr(NULL));
	free_sized(hide_ptr(NULL), 10);
	free_aligned_sized(hide_ptr(NULL), 64, 128);
}
END_TEST

START_TEST(the_usable_size_of_null_is_0)
{
	test_require(malloc_usable_size(hide_ptr(NULL)) == 0);
}
END_TEST

START_TEST(freed_memory_is_used_again)
{
	static const size_t sizes[] = { 16, 1000, KIB(20), KIB(100), MIB(3) };
	size_t before;

	for (size_t i = 0; i < TEST_COUNT(sizes); i++)
		free(malloc(sizes[i]));
	before = test_rss();
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		/* 1 GiB in all of each size. */
		size_t n_rounds = GIB(1) / sizes[i];

		if (n_rounds > 1000000)
			n_rounds = 1000000;
		for (size_t round = 0; round < test_rounds(n_rounds); round++) {
			char *ptr = malloc(sizes[i]);

			test_require(ptr != NULL);
			ptr[0] = ptr[sizes[i] - 1] = 1;
			free(ptr);
		}
	}
	test_rss_expect(before, MIB(16), 0);
}
END_TEST

START_TEST(each_way_to_free_takes_blocks_of_each_size)
{
	for (size_t i = 0; nth_size(i) != 0; i++) {
		size_t n_bytes = nth_size(i);

		cfree(malloc(n_bytes));
		free_sized(malloc(n_bytes), n_bytes);
		free_sized(calloc(1, n_bytes), n_bytes);
		free_sized(realloc(NULL, n_bytes), n_bytes);
	}
}
END_TEST

START_TEST(what_cfree_and_free_sized_took_is_used_again)
{
	size_t before;

	free_sized(malloc(MIB(4)), MIB(4));
	before = test_rss();
	for (size_t round = 0; round < test_rounds(20000); round++) {
		void *block = malloc(3000);
		void *large = malloc(MIB(4));

		memset(block, 1, 3000);
		memset(large, 1, 5000);
		if (round % 2 == 0) {
			free_sized(block, 3000);
			free_sized(large, MIB(4));
		} else {
			cfree(block);
			cfree(large);
		}
	}
	test_rss_expect(before, MIB(8), 0);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		a_block_of_each_size_is_ours_to_its_last_usable_byte,
		objects_of_16_bytes_and_more_are_16_aligned,
		malloc_of_0_bytes_is_unique_and_can_be_freed,
		live_blocks_do_not_overlap,
		free_of_null_does_nothing,
		the_usable_size_of_null_is_0,
		freed_memory_is_used_again,
		each_way_to_free_takes_blocks_of_each_size,
		what_cfree_and_free_sized_took_is_used_again,
	};

	return test_suite_run("malloc", tests, TEST_COUNT(tests));
}
