/*
 * test_realloc.c - api/realloc: another size, where the block lies or not
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/malloc.h"
#include "api/tracked.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

START_TEST(random_sizes_keep_the_contents)
{
	enum { N = 100 };
	void *blocks[N] = { NULL };
	size_t sizes[N] = { 0 };
	const size_t most = test_is_slow() ? KIB(600) : MIB(2);
	struct test_rng rng;

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < test_rounds(10000); round++) {
		size_t i = test_rng_below(&rng, N);
		size_t n = test_rng_size(&rng, most);
		uintptr_t address = (uintptr_t)blocks[i];
		void *moved = rtm_realloc(blocks[i], n);

		test_require(moved != NULL);
		test_require(n < 16 || (uintptr_t)moved % 16 == 0);
		test_require(rtm_malloc_usable_size(moved, "test") >= n);
		if (address != 0)
			test_verify_moved(moved, n < sizes[i] ? n : sizes[i],
			    address, sizes[i]);
		test_fill(moved, n);
		blocks[i] = moved;
		sizes[i] = n;
	}
	for (size_t i = 0; i < N; i++)
		rtm_free(blocks[i], "free");
}
END_TEST

START_TEST(no_block_is_malloc_and_no_bytes_is_free)
{
	char *block = rtm_realloc(NULL, 100);

	ck_assert_ptr_nonnull(block);
	memset(block, 7, 100);
	errno = EDOM;
	ck_assert_ptr_null(rtm_realloc(block, 0));
	ck_assert_int_eq(errno, EDOM);

	char *empty = rtm_realloc(NULL, 0);

	ck_assert_ptr_nonnull(empty);
	rtm_free(empty, "free");
}
END_TEST

/* The class of 8 bytes is the only one that is not 16-aligned. */
START_TEST(a_block_that_grows_to_16_bytes_is_16_aligned)
{
	for (int i = 0; i < 100; i++) {
		char *block = rtm_realloc(rtm_malloc(8), 16);

		ck_assert_uint_eq((uintptr_t)block % 16, 0);
		rtm_free(rtm_realloc(block, 4), "free");
	}
}
END_TEST

/* Objects of 24 bytes serve requests up to 8, and half are not aligned. */
START_TEST(a_block_that_becomes_aligned_moves_though_it_would_fit)
{
	static struct rtm_conf odd;

	odd = rtm_conf_default;
	odd.n_classes = 2;
	odd.classes[0] = (struct rtm_class_spec){ .size = 24 };
	odd.classes[1] = (struct rtm_class_spec){ .size = 48 };
	rtm_conf_complete(&odd);
	memset(rtm_size_class_table, 0, sizeof(rtm_size_class_table));
	rtm_size_class_init(&odd);
	for (int i = 0; i < 100; i++) {
		char *block = rtm_malloc(8), *other = rtm_malloc(8);

		memset(block, i, 8);
		block = rtm_realloc(block, 20);
		ck_assert_uint_eq((uintptr_t)block % 16, 0);
		ck_assert_int_eq(block[7], i);
		rtm_free(block, "free"); /* the next lies elsewhere */
		rtm_free(other, "free");
	}
}
END_TEST

START_TEST(a_size_that_still_fits_stays)
{
	char *block = rtm_malloc(1000);

	memset(block, 7, 1000);
	if (rtm_tracked_is_on) { /* each block gets a new fence */
		rtm_free(block, "free");
		return;
	}
	ck_assert_ptr_eq(rtm_realloc(block, 900), block);
	ck_assert_ptr_eq(rtm_realloc(block, 1024), block);
	block = rtm_realloc(block, 100); /* half of it would be wasted */
	ck_assert_uint_lt(rtm_malloc_usable_size(block, "test"), 200);
	ck_assert_int_eq(block[99], 7);
	rtm_free(block, "free");
}
END_TEST

START_TEST(an_impossible_size_leaves_the_block)
{
	static const size_t before[] = { 8, 100, 5000, KIB(100), MIB(1) };

	for (size_t i = 0; i < TEST_COUNT(before); i++) {
		char *block = rtm_malloc(before[i]);

		test_fill(block, before[i]);
		/* Of 32 bits, a process may have 2 GiB. */
		errno = 0;
		ck_assert_ptr_null(rtm_realloc(block,
		    sizeof(size_t) == 8 ? (size_t)PTRDIFF_MAX - 4096
					: SIZE_MAX - 4096));
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_ptr_null(rtm_realloc(block, SIZE_MAX));
		test_verify(block, before[i]);
		rtm_free(block, "free");
	}
}
END_TEST

static void
realloc_it(void *block)
{
	rtm_realloc(block, 5000);
}

START_TEST(a_wrong_pointer_dies_in_the_name_of_realloc)
{
	char *large = rtm_malloc(MIB(1)), *small = rtm_malloc(100);
	long local;

	unit_expect_death(realloc_it, &local, "rtmalloc: realloc(0x");
	unit_expect_death(
	    realloc_it, &local, "not a pointer from this allocator");
	unit_expect_death(realloc_it, large + 4096, "into the middle");
	rtm_free(large, "free");
	unit_expect_death(realloc_it, large, "double free");
	rtm_free(small, "free");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		random_sizes_keep_the_contents,
		no_block_is_malloc_and_no_bytes_is_free,
		a_block_that_grows_to_16_bytes_is_16_aligned,
		a_block_that_becomes_aligned_moves_though_it_would_fit,
		a_size_that_still_fits_stays,
		an_impossible_size_leaves_the_block,
		a_wrong_pointer_dies_in_the_name_of_realloc,
	};

	return test_suite_run("realloc", tests, TEST_COUNT(tests));
}
