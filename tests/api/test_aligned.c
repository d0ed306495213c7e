/*
 * test_aligned.c - the five calls that take or imply an alignment
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const size_t sizes[] = { 0, 1, 7, 16, 24, 100, 1000, 4095, 4096, 4097,
	KIB(20), KIB(32), KIB(100), KIB(256), KIB(300), MIB(1), MIB(5) };

/* Is the block aligned, large enough, ours, and can it be freed? */
static void
use_block(void *block, size_t alignment, size_t n_bytes)
{
	test_require_msg(block != NULL && is_aligned(block, alignment),
	    "alignment %zu, %zu bytes: %p", alignment, n_bytes, block);
	test_require(malloc_usable_size(block) >= n_bytes);
	test_fill(block, malloc_usable_size(block));
	test_verify(block, malloc_usable_size(block));
}

START_TEST(each_alignment_goes_with_each_size)
{
	for (size_t align = 1; align <= MIB(8); align *= 2) {
		for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
			void *blocks[3];

			blocks[0] = aligned_alloc(align, sizes[i]);
			blocks[1] = memalign(align, sizes[i]);
			use_block(blocks[0], align, sizes[i]);
			use_block(blocks[1], align, sizes[i]);
			test_verify(blocks[0], malloc_usable_size(blocks[0]));
			free(blocks[1]);
			free_aligned_sized(blocks[0], align, sizes[i]);
			if (align < sizeof(void *))
				continue;
			test_require(
			    posix_memalign(&blocks[2], align, sizes[i]) == 0);
			use_block(blocks[2], align, sizes[i]);
			cfree(blocks[2]);
		}
	}
}
END_TEST

START_TEST(many_aligned_blocks_live_side_by_side)
{
	struct test_rng rng;
	void *blocks[512] = { NULL };
	size_t usable[512] = { 0 };

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < test_rounds(20000); round++) {
		size_t i = test_rng_below(&rng, TEST_COUNT(blocks));
		size_t align = (size_t)1 << test_rng_below(&rng, 16);
		size_t n_bytes = test_rng_size(&rng, KIB(64));

		if (blocks[i] != NULL)
			test_verify(blocks[i], usable[i]);
		free(blocks[i]);
		blocks[i] = memalign(align, n_bytes);
		test_require(is_aligned(blocks[i], align));
		usable[i] = malloc_usable_size(blocks[i]);
		test_require(blocks[i] != NULL && usable[i] >= n_bytes);
		test_fill(blocks[i], usable[i]);
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
}
END_TEST

START_TEST(aligned_alloc_refuses_what_is_no_power_of_two)
{
	static const size_t bad[] = { 0, 3, 5, 6, 7, 12, 24, 48, 100, 1000,
		4095, 4097, SIZE_MAX, TEST_POWER(63) + 1 };

	for (size_t i = 0; i < TEST_COUNT(bad); i++) {
		for (size_t j = 0; j < TEST_COUNT(sizes); j++) {
			void *block;

			errno = 0;
			block = aligned_alloc(
			    hide_size(bad[i]), hide_size(sizes[j]));
			test_require_msg(block == NULL && errno == EINVAL,
			    "aligned_alloc(%zu, %zu) gives %p, errno %d",
			    bad[i], sizes[j], block, errno);
		}
	}
}
END_TEST

START_TEST(aligned_alloc_takes_a_size_that_is_no_multiple)
{
	void *block = aligned_alloc(64, hide_size(100));

	use_block(block, 64, 100);
	free(block);
	block = aligned_alloc(KIB(64), hide_size(1));
	use_block(block, KIB(64), 1);
	free(block);
}
END_TEST

START_TEST(memalign_rounds_up_to_the_next_power_of_two)
{
	static const size_t cases[][2] = { { 0, 1 }, { 3, 4 }, { 5, 8 },
		{ 12, 16 }, { 17, 32 }, { 24, 32 }, { 33, 64 }, { 100, 128 },
		{ 4097, 8192 }, { 5000, 8192 }, { 100000, 131072 },
		{ 1100000, 2097152 } };

	for (size_t i = 0; i < TEST_COUNT(cases); i++) {
		for (size_t j = 0; j < TEST_COUNT(sizes); j++) {
			void *one = memalign(hide_size(cases[i][0]), sizes[j]);
			void *two = memalign(hide_size(cases[i][0]), sizes[j]);

			use_block(one, cases[i][1], sizes[j]);
			use_block(two, cases[i][1], sizes[j]);
			test_require(one != two);
			free(one);
			free(two);
		}
	}
}
END_TEST

START_TEST(posix_memalign_refuses_a_bad_alignment_and_touches_nothing)
{
	static const size_t bad[] = { 0, 1, 2, 3, 4, 5, 7, 9, 12, 24, 40, 4095,
		4097, SIZE_MAX };

	for (size_t i = 0; i < TEST_COUNT(bad); i++) {
		void *ptr = &ptr;

		if (bad[i] == sizeof(void *)) /* of 32 bits */
			continue;
		errno = EDOM;
		test_require(
		    posix_memalign(&ptr, hide_size(bad[i]), 100) == EINVAL);
		test_require(ptr == &ptr);
		test_require(errno == EDOM);
	}
}
END_TEST

START_TEST(posix_memalign_keeps_errno_when_it_succeeds)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		void *ptr = NULL;

		errno = EDOM;
		test_require(posix_memalign(&ptr, 4096, sizes[i]) == 0);
		test_require(errno == EDOM && ptr != NULL);
		free(ptr);
	}
}
END_TEST

START_TEST(valloc_and_pvalloc_give_whole_pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		size_t rounded = (sizes[i] + page - 1) / page * page;
		void *block = valloc(sizes[i]);
		void *pages = pvalloc(sizes[i]);

		use_block(block, page, sizes[i]);
		use_block(pages, page, rounded);
		test_require(block != pages);
		free(block);
		free(pages);
	}
}
END_TEST

START_TEST(realloc_of_an_aligned_block_keeps_its_contents)
{
	for (size_t align = 32; align <= MIB(1); align *= 2) {
		for (size_t i = 1; i < TEST_COUNT(sizes); i++) {
			for (size_t j = 1; j < TEST_COUNT(sizes); j++) {
				size_t kept =
				    sizes[i] < sizes[j] ? sizes[i] : sizes[j];
				void *block = memalign(align, sizes[i]);
				uintptr_t old = (uintptr_t)block;

				test_fill(block, sizes[i]);
				block = realloc(block, sizes[j]);
				test_require(block != NULL);
				test_verify_moved(block, kept, old, sizes[i]);
				free(block);
			}
		}
	}
}
END_TEST

START_TEST(a_large_alignment_costs_addresses_and_no_memory)
{
	size_t before = test_rss();
	void *blocks[8];

	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		blocks[i] = aligned_alloc(MIB(256), 100);
		test_require(blocks[i] != NULL);
		test_require(is_aligned(blocks[i], MIB(256)));
		memset(blocks[i], 1, 100);
	}
	test_rss_expect(before, MIB(2), 0);
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		each_alignment_goes_with_each_size,
		many_aligned_blocks_live_side_by_side,
		aligned_alloc_refuses_what_is_no_power_of_two,
		aligned_alloc_takes_a_size_that_is_no_multiple,
		memalign_rounds_up_to_the_next_power_of_two,
		posix_memalign_refuses_a_bad_alignment_and_touches_nothing,
		posix_memalign_keeps_errno_when_it_succeeds,
		valloc_and_pvalloc_give_whole_pages,
		realloc_of_an_aligned_block_keeps_its_contents,
		a_large_alignment_costs_addresses_and_no_memory,
	};

	return test_suite_run("aligned", tests, TEST_COUNT(tests));
}
