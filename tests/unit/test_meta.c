/*
 * test_meta.c - back/meta: memory for the allocator's own structures
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/meta.h"
#include "tests/unit/unit.h"

#include <string.h>

START_TEST(structures_are_zero_aligned_and_apart)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 1000, KIB(64), KIB(300),
		MIB(3), MIB(9) };
	enum { N_ROUNDS = 3, N = TEST_COUNT(sizes) };
	char *taken[N_ROUNDS * N];

	for (size_t i = 0; i < TEST_COUNT(taken); i++) {
		taken[i] = rtm_meta_take(sizes[i % N]);
		ck_assert_ptr_nonnull(taken[i]);
		ck_assert_uint_eq((uintptr_t)taken[i] % 64, 0);
		ck_assert(test_is_zero(taken[i], sizes[i % N]));
		memset(taken[i], (int)i + 1, sizes[i % N]);
	}
	for (size_t i = 0; i < TEST_COUNT(taken); i++) {
		ck_assert_int_eq(taken[i][0], (int)i + 1);
		ck_assert_int_eq(taken[i][sizes[i % N] - 1], (int)i + 1);
	}
}
END_TEST

START_TEST(used_bytes_add_up_in_whole_lines)
{
	size_t before = rtm_meta_used_bytes();

	rtm_meta_take(1);
	rtm_meta_take(65);
	rtm_meta_take(MIB(5));
	ck_assert_uint_eq(rtm_meta_used_bytes() - before, 64 + 128 + MIB(5));
}
END_TEST

START_TEST(small_structures_share_one_chunk)
{
	char *first = rtm_meta_take(64);

	for (size_t i = 1; i < 1000; i++)
		ck_assert_ptr_eq(rtm_meta_take(64), first + 64 * i);
}
END_TEST

START_TEST(pieces_that_came_back_serve_again)
{
	char *first = rtm_meta_take_piece();
	char *second = rtm_meta_take_piece();
	size_t n_used = rtm_meta_used_bytes();

	ck_assert(first + RTM_META_PIECE <= second || second < first);
	memset(first, 1, RTM_META_PIECE);
	memset(second, 2, RTM_META_PIECE);
	rtm_meta_give_piece(first);
	rtm_meta_give_piece(second);
	ck_assert_ptr_eq(rtm_meta_take_piece(), second);
	ck_assert_ptr_eq(rtm_meta_take_piece(), first);
	ck_assert_uint_eq(rtm_meta_used_bytes(), n_used);
	ck_assert_ptr_nonnull(rtm_meta_take_piece());
	ck_assert_uint_eq(rtm_meta_used_bytes(), n_used + RTM_META_PIECE);
}
END_TEST

START_TEST(what_the_system_refuses_leaves_the_chunk_usable)
{
	char *before = rtm_meta_take(64);
	size_t n_used = rtm_meta_used_bytes();

	ck_assert_ptr_null(rtm_meta_take(TEST_TOO_MUCH));
	ck_assert_uint_eq(rtm_meta_used_bytes(), n_used);
	ck_assert_ptr_eq(rtm_meta_take(64), before + 64);
}
END_TEST

enum { N_NUMBERS = 1000 };

static size_t *numbers[UNIT_THREADS][N_NUMBERS];

static void
take_many(size_t thread)
{
	for (size_t i = 0; i < N_NUMBERS; i++) {
		numbers[thread][i] = rtm_meta_take(sizeof(size_t));
		*numbers[thread][i] = N_NUMBERS * thread + i;
	}
}

START_TEST(threads_get_structures_of_their_own)
{
	unit_run_threads(take_many);
	for (size_t i = 0; i < UNIT_THREADS * N_NUMBERS; i++)
		ck_assert_uint_eq(*numbers[i / N_NUMBERS][i % N_NUMBERS], i);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		structures_are_zero_aligned_and_apart,
		used_bytes_add_up_in_whole_lines,
		small_structures_share_one_chunk,
		pieces_that_came_back_serve_again,
		what_the_system_refuses_leaves_the_chunk_usable,
		threads_get_structures_of_their_own,
	};

	return test_suite_run("meta", tests, TEST_COUNT(tests));
}
