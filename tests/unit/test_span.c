/*
 * test_span.c - back/span: structures, made and used again
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/meta.h"
#include "back/span.h"
#include "tests/unit/unit.h"

START_TEST(a_new_span_describes_its_pages_and_nothing_else)
{
	struct rtm_span *span = rtm_span_new_locked(5, 3);

	ck_assert_uint_eq((uintptr_t)rtm_span_base(span), 5 * RTM_PAGE_SIZE);
	ck_assert_uint_eq(rtm_span_bytes(span), 3 * RTM_PAGE_SIZE);
	ck_assert_uint_eq(
	    rtm_page_of(rtm_span_base(span) + rtm_span_bytes(span) - 1), 7);
	ck_assert_uint_eq(span->size_class, 0);
	ck_assert(!span->is_zero);
	ck_assert_uint_eq(span->huge, 0);
}
END_TEST

START_TEST(a_deleted_structure_is_unused_and_comes_back_blank)
{
	struct rtm_span *span = rtm_span_new_locked(5, 3);

	span->state = RTM_SPAN_SMALL;
	span->size_class = 7;
	span->is_zero = true;
	span->huge = RTM_HUGE_ASKED;
	rtm_span_delete_locked(span);
	ck_assert_int_eq(span->state, RTM_SPAN_UNUSED);

	struct rtm_span *again = rtm_span_new_locked(9, 1);

	ck_assert_ptr_eq(again, span);
	ck_assert_uint_eq(again->first_page, 9);
	ck_assert_uint_eq(again->n_pages, 1);
	ck_assert_uint_eq(again->size_class, 0);
	ck_assert(!again->is_zero);
	ck_assert_uint_eq(again->huge, 0);
}
END_TEST

START_TEST(structures_are_used_again_before_new_ones_are_made)
{
	enum { N = 500 };
	struct rtm_span *spans[N];

	for (size_t i = 0; i < N; i++)
		spans[i] = rtm_span_new_locked(i, 1);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(spans[i]->first_page, i);

	size_t n_used = rtm_meta_used_bytes();

	for (size_t round = 0; round < 10; round++) {
		for (size_t i = 0; i < N; i++)
			rtm_span_delete_locked(spans[i]);
		for (size_t i = 0; i < N; i++)
			spans[i] = rtm_span_new_locked(i, 1);
	}
	ck_assert_uint_eq(rtm_meta_used_bytes(), n_used);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_new_span_describes_its_pages_and_nothing_else,
		a_deleted_structure_is_unused_and_comes_back_blank,
		structures_are_used_again_before_new_ones_are_made,
	};

	return test_suite_run("span", tests, TEST_COUNT(tests));
}
