/*
 * test_large.c - api/large: blocks of whole pages
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/large.h"
#include "back/page_map.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct rtm_span *
span_of(const void *block)
{
	struct rtm_span *span = rtm_page_map_span(rtm_page_of(block));

	test_require(span != NULL && span->state == RTM_SPAN_LARGE);
	test_require(rtm_span_base(span) == block);
	return span;
}

/* A block whose next page is another's, so that it cannot grow in place. */
static char *
alloc_fenced(size_t n_bytes)
{
	char *block = rtm_large_alloc(n_bytes, 1, false);
	char *end = block + rtm_span_bytes(span_of(block));
	char *fence = NULL;

	for (int i = 0; i < 200 && fence != end; i++)
		fence = rtm_large_alloc(1, 1, false);
	test_require(fence == end || test_is_slow());
	return block;
}

START_TEST(sizes_are_counted_in_whole_pages)
{
	ck_assert_uint_eq(rtm_large_pages(0), 1);
	ck_assert_uint_eq(rtm_large_pages(1), 1);
	ck_assert_uint_eq(rtm_large_pages(RTM_PAGE_SIZE), 1);
	ck_assert_uint_eq(rtm_large_pages(RTM_PAGE_SIZE + 1), 2);
	ck_assert_uint_eq(rtm_large_pages(PTRDIFF_MAX),
	    ((size_t)PTRDIFF_MAX + 1) / RTM_PAGE_SIZE);
	ck_assert_uint_eq(rtm_large_pages((size_t)PTRDIFF_MAX + 1), 0);
	ck_assert_uint_eq(rtm_large_pages(SIZE_MAX), 0);
}
END_TEST

START_TEST(a_block_is_aligned_and_its_own)
{
	char *blocks[12];

	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		size_t alignment = RTM_PAGE_SIZE << i;

		blocks[i] = rtm_large_alloc(KIB(300), alignment, false);
		ck_assert_ptr_nonnull(blocks[i]);
		ck_assert_uint_eq((uintptr_t)blocks[i] % alignment, 0);
		memset(blocks[i], (int)i + 1, KIB(300));
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		ck_assert_int_eq(blocks[i][0], (int)i + 1);
		ck_assert_int_eq(blocks[i][KIB(300) - 1], (int)i + 1);
		rtm_page_heap_give(span_of(blocks[i]));
	}
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

START_TEST(a_zeroed_block_is_zero_where_others_wrote)
{
	for (int round = 0; round < 5; round++) {
		char *block = rtm_large_alloc(KIB(700), 1, round > 0);

		if (round > 0)
			ck_assert(test_is_zero(block, KIB(700)));
		memset(block, 7, KIB(700));
		rtm_page_heap_give(span_of(block));
		if (round == 2)
			rtm_page_heap_purge(SIZE_MAX);
	}
}
END_TEST

START_TEST(a_zeroed_block_of_fresh_memory_is_not_touched)
{
	size_t before = test_rss();
	char *block = rtm_large_alloc(MIB(256), 1, true);

	ck_assert_ptr_nonnull(block);
	test_rss_expect(before, MIB(2), 0);
	ck_assert_int_eq(block[MIB(200)], 0);
}
END_TEST

/* In a process with threads; see large.c. */
START_TEST(a_zeroed_block_that_is_not_large_is_cleared_at_once)
{
	size_t before;
	char *small, *large;

	if (test_is_slow()) /* and has memory of its own */
		return;
	unit_start_thread();
	before = test_rss();
	large = rtm_large_alloc(MIB(256), 1, true);
	ck_assert_ptr_nonnull(large);
	test_rss_expect(before, MIB(2), 0);
	small = rtm_large_alloc(MIB(4), 1, true);
	ck_assert_ptr_nonnull(small);
	ck_assert_uint_ge(test_rss(), before + MIB(3));
	ck_assert(test_is_zero(small, MIB(4)));
}
END_TEST

START_TEST(of_such_blocks_few_are_cleared_at_a_time)
{
	size_t before;
	char *first;

	if (test_is_slow()) /* and has memory of its own */
		return;
	unit_start_thread();
	before = test_rss();
	first = rtm_large_alloc(MIB(1), 1, true);
	ck_assert_ptr_nonnull(first);
	for (int i = 1; i < 100; i++)
		ck_assert_ptr_nonnull(rtm_large_alloc(MIB(1), 1, true));
	ck_assert_uint_ge(test_rss(), before + MIB(14));
	test_rss_expect(before, MIB(20), 0);
	/* One that goes makes room for another. */
	rtm_page_heap_give(span_of(first));
	rtm_page_heap_purge(SIZE_MAX);
	before = test_rss();
	ck_assert_ptr_nonnull(rtm_large_alloc(MIB(1), 1, true));
	ck_assert_uint_ge(test_rss(), before + KIB(900));
	ck_assert_ptr_nonnull(rtm_large_alloc(MIB(1), 1, true));
	test_rss_expect(before, MIB(1) + KIB(500), 0);
}
END_TEST

START_TEST(a_block_grows_in_place_where_it_can)
{
	char *block = rtm_large_alloc(MIB(1), 1, false);
	struct rtm_span *span = span_of(block);

	if (!unit_heap_is_one_piece())
		return;
	memset(block, 7, MIB(1));
	ck_assert_ptr_eq(rtm_large_resize(span, MIB(3)), block);
	ck_assert_uint_eq(rtm_span_bytes(span), MIB(3));
	ck_assert_int_eq(block[MIB(1) - 1], 7);
	memset(block, 8, MIB(3));
}
END_TEST

START_TEST(a_block_that_shrinks_a_lot_gives_its_end_back)
{
	char *block = alloc_fenced(MIB(1));
	struct rtm_span *span = span_of(block);
	size_t n_used = unit_used_pages();

	memset(block, 7, MIB(1));
	ck_assert_ptr_eq(rtm_large_resize(span, KIB(900)), block);
	ck_assert_uint_eq(unit_used_pages(), n_used); /* room to grow again */
	ck_assert_ptr_eq(rtm_large_resize(span, KIB(300)), block);
	ck_assert_uint_eq(
	    rtm_span_bytes(span), rtm_large_pages(KIB(300)) * RTM_PAGE_SIZE);
	ck_assert_uint_eq(unit_used_pages(),
	    n_used - rtm_large_pages(MIB(1)) + rtm_large_pages(KIB(300)));
	for (size_t i = 0; i < KIB(300); i += 100)
		ck_assert_int_eq(block[i], 7);
}
END_TEST

/* Memcheck refuses the move, and the caller copies. */
START_TEST(a_fenced_block_is_moved_with_its_contents)
{
	char *block = alloc_fenced(MIB(2));
	struct rtm_span *span = span_of(block);

	for (size_t i = 0; i < MIB(2); i += KIB(4))
		memcpy(block + i, &i, sizeof(i));

	char *moved = rtm_large_resize(span, MIB(3));

	if (moved == NULL && test_is_slow())
		moved = block;
	else
		ck_assert_uint_ge(rtm_span_bytes(span_of(moved)), MIB(3));
	ck_assert_ptr_nonnull(moved);
	ck_assert(moved != block || test_is_slow());
	for (size_t i = 0; i < MIB(2); i += KIB(4))
		ck_assert(memcmp(moved + i, &i, sizeof(i)) == 0);
	if (moved != block) /* what was left is nobody's */
		ck_assert_int_ne(
		    rtm_page_map_find(block)->state, RTM_SPAN_LARGE);
}
END_TEST

START_TEST(a_small_fenced_block_is_left_to_the_caller)
{
	char *block = alloc_fenced(KIB(300));
	struct rtm_span *span = span_of(block);
	size_t n_before = rtm_span_bytes(span);

	memset(block, 7, KIB(300));
	ck_assert_ptr_null(rtm_large_resize(span, KIB(400)));
	ck_assert_uint_eq(rtm_span_bytes(span), n_before);
	ck_assert_int_eq(block[KIB(300) - 1], 7);
}
END_TEST

START_TEST(impossible_sizes_leave_everything_as_it_was)
{
	static const size_t impossible[] = { SIZE_MAX,
		TEST_SIZE_BITS > 32 ? PTRDIFF_MAX : SIZE_MAX,
		(size_t)PTRDIFF_MAX + 1, TEST_POWER(50) };
	char *block = rtm_large_alloc(MIB(1), 1, false);
	struct rtm_span *span = span_of(block);
	size_t n_used = unit_used_pages();

	memset(block, 7, MIB(1));
	for (size_t i = 0; i < TEST_COUNT(impossible); i++) {
		size_t n = impossible[i];

		ck_assert_ptr_null(rtm_large_alloc(n, 1, false));
		ck_assert_ptr_null(rtm_large_alloc(n, MIB(2), true));
		ck_assert_ptr_null(rtm_large_resize(span, n));
	}
	if (TEST_SIZE_BITS > 32) /* 2 GiB is a place among 4 */
		ck_assert_ptr_null(
		    rtm_large_alloc(1, (size_t)PTRDIFF_MAX + 1, false));
	ck_assert_uint_eq(unit_used_pages(), n_used);
	ck_assert_uint_eq(rtm_span_bytes(span), MIB(1));
	ck_assert_int_eq(block[MIB(1) - 1], 7);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		sizes_are_counted_in_whole_pages,
		a_block_is_aligned_and_its_own,
		a_zeroed_block_is_zero_where_others_wrote,
		a_zeroed_block_of_fresh_memory_is_not_touched,
		a_zeroed_block_that_is_not_large_is_cleared_at_once,
		of_such_blocks_few_are_cleared_at_a_time,
		a_block_grows_in_place_where_it_can,
		a_block_that_shrinks_a_lot_gives_its_end_back,
		a_fenced_block_is_moved_with_its_contents,
		a_small_fenced_block_is_left_to_the_caller,
		impossible_sizes_leave_everything_as_it_was,
	};

	return test_suite_run("large", tests, TEST_COUNT(tests));
}
