/*
 * test_calloc.c - calloc: zeroes, whatever the memory held before
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <string.h>

static const size_t sizes[] = { 1, 8, 16, 24, 100, 1000, 4096, 5000, KIB(30),
	KIB(32), KIB(33), KIB(100), KIB(256), KIB(257), MIB(1), MIB(3), MIB(20),
	MIB(40) };

START_TEST(recycled_memory_is_zero)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		void *blocks[16];
		size_t n = sizes[i] > MIB(4) ? 2 : TEST_COUNT(blocks);

		for (size_t round = 0; round < 3; round++) {
			for (size_t j = 0; j < n; j++) {
				blocks[j] = malloc(sizes[i]);
				test_require(blocks[j] != NULL);
				memset(blocks[j], 0xa5,
				    malloc_usable_size(blocks[j]));
			}
			for (size_t j = 0; j < n; j++)
				free(blocks[j]);
			for (size_t j = 0; j < n; j++) {
				blocks[j] = calloc(1, sizes[i]);
				test_require(blocks[j] != NULL);
				test_require_msg(
				    test_is_zero(blocks[j], sizes[i]),
				    "calloc(1, %zu) is not zero", sizes[i]);
				memset(blocks[j], 0x5a, sizes[i]);
			}
			for (size_t j = 0; j < n; j++)
				free(blocks[j]);
		}
	}
}
END_TEST

/* A large block may be carved out of another that was written, joined with
 * one that was not, or cut by realloc: all of it has to be zero. */
START_TEST(recycled_memory_of_another_size_is_zero)
{
	struct test_rng rng;
	unsigned char *blocks[24] = { NULL };

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < test_rounds(4000); round++) {
		size_t slot = test_rng_below(&rng, TEST_COUNT(blocks));
		size_t n_bytes = test_rng_size(&rng, MIB(4));

		if (blocks[slot] != NULL && round % 3 == 0) {
			blocks[slot] = realloc(blocks[slot], n_bytes);
			memset(blocks[slot], 0x33, n_bytes);
			continue;
		}
		free(blocks[slot]);
		blocks[slot] = calloc(n_bytes, 1);
		test_require(blocks[slot] != NULL);
		test_require_msg(test_is_zero(blocks[slot], n_bytes),
		    "calloc(%zu, 1) is not zero", n_bytes);
		/* Part of the time only the ends become dirty. */
		if (round % 2 == 0)
			memset(blocks[slot], 0xff, n_bytes);
		else
			blocks[slot][n_bytes - 1] = 0xee;
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
}
END_TEST

START_TEST(count_times_size_bytes_are_usable)
{
	for (size_t count = 1; count < 300; count += 7) {
		for (size_t size = 1; size < 300; size += 11) {
			unsigned char *block = calloc(count, size);

			test_require(block != NULL);
			test_require(malloc_usable_size(block) >= count * size);
			test_require(
			    is_aligned(block, count * size < 16 ? 8 : 16));
			test_fill(block, malloc_usable_size(block));
			free(block);
		}
	}
}
END_TEST

START_TEST(calloc_of_nothing_is_unique_and_can_be_freed)
{
	void *one = calloc(hide_size(0), 10);
	void *two = calloc(10, hide_size(0));
	void *three = calloc(hide_size(0), hide_size(SIZE_MAX));

	test_require(one != NULL && two != NULL && three != NULL);
	test_require(one != two && one != three && two != three);
	free(one);
	free(two);
	free(three);
}
END_TEST

START_TEST(calloc_of_fresh_memory_touches_nothing)
{
	size_t before = test_rss();
	unsigned char *block = calloc(1024, MIB(1));

	test_require(block != NULL);
	test_rss_expect(before, MIB(4), 0);
	for (size_t i = 0; i < GIB(1); i += MIB(16))
		test_require(block[i] == 0);
	test_require(block[GIB(1) - 1] == 0);
	free(block);
}
END_TEST

START_TEST(a_large_block_given_back_and_fetched_again_is_zero)
{
	for (size_t round = 0; round < 4; round++) {
		unsigned char *block = calloc(1, MIB(64) + round * KIB(12));

		test_require(block != NULL);
		for (size_t i = 0; i < MIB(64); i += 512)
			test_require(block[i] == 0);
		memset(block, 0xcc, MIB(64));
		free(block);
	}
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		recycled_memory_is_zero,
		recycled_memory_of_another_size_is_zero,
		count_times_size_bytes_are_usable,
		calloc_of_nothing_is_unique_and_can_be_freed,
		calloc_of_fresh_memory_touches_nothing,
		a_large_block_given_back_and_fetched_again_is_zero,
	};

	return test_suite_run("calloc", tests, TEST_COUNT(tests));
}
