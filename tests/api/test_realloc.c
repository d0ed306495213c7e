/*
 * test_realloc.c - realloc: contents across all changes of size, and pages
 *
 * Every way a block can change is taken: within its class, to another class,
 * to a large block and back, large in place, large moved because a neighbour
 * is in the way, and down in steps.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <string.h>

static const size_t sizes[] = { 1, 8, 16, 17, 100, 128, 129, 1000, 4096,
	KIB(16), KIB(30), KIB(32), KIB(32) + 1, KIB(48), KIB(100), KIB(255),
	KIB(256), KIB(256) + 1, KIB(300), KIB(512), KIB(513), MIB(1),
	MIB(1) + 1, MIB(2), MIB(5), MIB(33) };

/* Takes block from old_size to new_size; the contents have to come along. */
static void *
change(void *block, size_t old_size, size_t new_size)
{
	uintptr_t old = (uintptr_t)block;
	size_t kept = old_size < new_size ? old_size : new_size;

	test_fill(block, old_size);
	block = realloc(block, new_size);
	test_require(block != NULL);
	test_require(is_aligned(block, new_size < 16 ? 8 : 16));
	test_require(malloc_usable_size(block) >= new_size);
	test_verify_moved(block, kept, old, old_size);
	test_fill(block, new_size);
	test_verify(block, new_size);
	return block;
}

START_TEST(contents_survive_each_change_of_size)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		for (size_t j = 0; j < TEST_COUNT(sizes); j++) {
			void *block = malloc(sizes[i]);

			block = change(block, sizes[i], sizes[j]);
			block = change(block, sizes[j], sizes[i]);
			free(block);
		}
	}
}
END_TEST

START_TEST(contents_survive_when_neighbours_are_in_the_way)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		for (size_t j = 0; j < TEST_COUNT(sizes); j++) {
			void *left = malloc(sizes[i]);
			void *block = malloc(sizes[i]);
			void *right = malloc(sizes[i]);
			size_t usable = malloc_usable_size(left);

			test_fill(left, usable);
			test_fill(right, usable);
			block = change(block, sizes[i], sizes[j]);
			test_verify(left, usable);
			test_verify(right, usable);
			free(right);
			block = change(block, sizes[j], sizes[i]);
			test_verify(left, usable);
			free(left);
			free(block);
		}
	}
}
END_TEST

START_TEST(contents_survive_a_random_walk)
{
	struct test_rng rng;
	void *blocks[32];
	size_t n_bytes[32];

	test_rng_init(&rng, test_seed());
	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		n_bytes[i] = 1;
		blocks[i] = malloc(1);
		test_fill(blocks[i], 1);
	}
	for (size_t round = 0; round < test_rounds(20000); round++) {
		size_t i = test_rng_below(&rng, TEST_COUNT(blocks));
		size_t size =
		    test_rng_size(&rng, round % 50 ? KIB(64) : MIB(8));

		test_verify(blocks[i], n_bytes[i]);
		blocks[i] = change(blocks[i], n_bytes[i], size);
		n_bytes[i] = size;
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		test_verify(blocks[i], n_bytes[i]);
		free(blocks[i]);
	}
}
END_TEST

START_TEST(a_block_grows_byte_by_byte_and_shrinks_again)
{
	unsigned char *block = NULL;

	for (size_t n = 1; n <= 20000; n++) {
		block = realloc(block, n);
		test_require(block != NULL);
		block[n - 1] = (unsigned char)(n * 7);
	}
	for (size_t n = 20000; n >= 1; n--) {
		test_require(block[n - 1] == (unsigned char)(n * 7));
		block = realloc(block, n);
		test_require(block != NULL);
	}
	free(block);
}
END_TEST

START_TEST(realloc_of_null_is_malloc)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		void *block = realloc(hide_ptr(NULL), sizes[i]);

		test_require(block != NULL);
		test_fill(block, sizes[i]);
		test_verify(block, sizes[i]);
		free(block);
	}
	free(realloc(hide_ptr(NULL), hide_size(0)));
}
END_TEST

START_TEST(realloc_to_0_bytes_frees_and_gives_null)
{
	size_t before;

	for (size_t i = 0; i < TEST_COUNT(sizes); i++)
		test_require(realloc(malloc(sizes[i]), hide_size(0)) == NULL);
	before = test_rss();
	for (size_t round = 0; round < test_rounds(2000); round++) {
		for (size_t i = 0; i < 16; i++) {
			void *block = malloc(sizes[i]);

			memset(block, 1, sizes[i]);
			test_require(realloc(block, hide_size(0)) == NULL);
		}
	}
	test_rss_expect(before, MIB(4), 0);
}
END_TEST

/* What a block no longer has room for leaves within a second or two. */
START_TEST(shrinking_a_large_block_gives_pages_back)
{
	static const size_t goals[] = { MIB(64), MIB(4), KIB(300), KIB(40),
		100 };

	size_t before = test_rss();

	for (size_t i = 0; i < TEST_COUNT(goals); i++) {
		void *block = malloc(MIB(256));

		test_require(block != NULL);
		memset(block, 1, MIB(256));
		test_require(test_rss() > before + MIB(250));
		block = realloc(block, goals[i]);
		test_require(block != NULL);
		test_rss_expect(before, goals[i] + MIB(8), 2000);
		free(block);
	}
}
END_TEST

START_TEST(growing_does_not_touch_what_is_new)
{
	size_t before = test_rss();
	unsigned char *block = malloc(MIB(1));

	memset(block, 1, MIB(1));
	for (size_t n = MIB(2); n <= GIB(1); n *= 2) {
		block = realloc(block, n);
		test_require(block != NULL && block[MIB(1) - 1] == 1);
	}
	test_rss_expect(before, MIB(16), 0);
	free(block);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		contents_survive_each_change_of_size,
		contents_survive_when_neighbours_are_in_the_way,
		contents_survive_a_random_walk,
		a_block_grows_byte_by_byte_and_shrinks_again,
		realloc_of_null_is_malloc,
		realloc_to_0_bytes_frees_and_gives_null,
		shrinking_a_large_block_gives_pages_back,
		growing_does_not_touch_what_is_new,
	};

	return test_suite_run("realloc", tests, TEST_COUNT(tests));
}
