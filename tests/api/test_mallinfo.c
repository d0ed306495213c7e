/*
 * test_mallinfo.c - mallinfo2, mallinfo and malloc_info tell the truth
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#ifndef __GLIBC__
int
main(void)
{
	test_skip("mallinfo2 and malloc_info are glibc's");
}
#else
enum { N_BLOCKS = 1000 };

static void *blocks[N_BLOCKS];

static void
allocate(size_t n_bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_ptr_nonnull(blocks[i] = malloc(n_bytes));
}

static void
release(size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(blocks[i]);
}

START_TEST(small_blocks_are_in_the_arena)
{
	struct mallinfo2 before = mallinfo2(), after;

	allocate(1000, N_BLOCKS);
	after = mallinfo2();
	ck_assert_uint_ge(after.uordblks, before.uordblks + 1000 * N_BLOCKS);
	ck_assert_uint_le(after.uordblks, before.uordblks + 1100 * N_BLOCKS);
	ck_assert_uint_eq(after.arena, after.uordblks + after.fordblks);
	ck_assert_uint_eq(after.hblks, before.hblks);
	release(N_BLOCKS);
	after = mallinfo2();
	ck_assert_uint_eq(after.uordblks, before.uordblks);
	ck_assert_uint_eq(after.arena, after.uordblks + after.fordblks);
	ck_assert_uint_gt(after.ordblks + after.smblks, 0);
	ck_assert_uint_ge(after.fordblks, after.fsmblks + after.keepcost);
}
END_TEST

START_TEST(large_blocks_are_not)
{
	struct mallinfo2 before = mallinfo2(), after;

	allocate(MIB(1), 20);
	after = mallinfo2();
	ck_assert_uint_eq(after.hblks, before.hblks + 20);
	ck_assert_uint_ge(after.hblkhd, before.hblkhd + MIB(20));
	ck_assert_uint_eq(after.uordblks, before.uordblks);
	ck_assert_uint_eq(after.arena, after.uordblks + after.fordblks);
	release(20);
	after = mallinfo2();
	ck_assert_uint_eq(after.hblks, before.hblks);
	ck_assert_uint_eq(after.hblkhd, before.hblkhd);
	ck_assert_uint_gt(after.keepcost, 0);
	ck_assert_int_eq(malloc_trim(0), 1);
	ck_assert_uint_lt(mallinfo2().keepcost, after.keepcost);
}
END_TEST

START_TEST(the_old_one_saturates)
{
	struct mallinfo2 now;
	struct mallinfo old;
	void *huge;

	allocate(100, N_BLOCKS);
	now = mallinfo2();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	old = mallinfo();
	ck_assert_int_eq(old.uordblks, (int)now.uordblks);
	ck_assert_int_eq(old.arena, (int)now.arena);
	ck_assert_int_eq(old.ordblks, (int)now.ordblks);
	huge = malloc(hide_size((size_t)INT_MAX + MIB(64)));
	if (huge != NULL) { /* where address space is short it is not */
		old = mallinfo();
		ck_assert_int_eq(old.hblkhd, INT_MAX);
		ck_assert_int_eq(old.hblks, 1);
		free(huge);
	}
#pragma GCC diagnostic pop
	release(N_BLOCKS);
}
END_TEST

START_TEST(options_of_malloc_info)
{
	char *text = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&text, &n);

	ck_assert_int_eq(malloc_info(1, file), EINVAL);
	fflush(file);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(malloc_info(0, file), 0);
	fclose(file);
	ck_assert_ptr_nonnull(strstr(text, "<malloc version=\"1\">"));
	ck_assert_ptr_nonnull(strstr(text, "</malloc>\n"));
	free(text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		small_blocks_are_in_the_arena,
		large_blocks_are_not,
		the_old_one_saturates,
		options_of_malloc_info,
	};

	return test_suite_run("mallinfo", tests, TEST_COUNT(tests));
}
#endif
