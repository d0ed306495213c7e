/*
 * test_page_map.c - back/page_map: classes, spans, and entries that are stale
 *
 * The pages here are numbers; there is no memory behind them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_map.h"
#include "tests/unit/unit.h"

enum { N_OPEN = 3000 };

/* Ends of a leaf of the tree and of a piece of the flat table lie inside. */
static const page_no_t first = ((page_no_t)5 << RTM_LEAF_BITS) - N_OPEN / 2;

static char *
address(page_no_t page, size_t offset)
{
	return (char *)((page << RTM_PAGE_SHIFT) + offset);
}

static void
open_map(bool is_flat)
{
	ck_assert_int_eq(rtm_page_map_init(is_flat), is_flat);
	ck_assert(rtm_page_map_open_locked(first, N_OPEN));
}

static struct rtm_span *
make_span(page_no_t page, size_t n_pages, enum rtm_span_state state)
{
	struct rtm_span *span = rtm_span_new_locked(page, n_pages);

	span->state = (uint8_t)state;
	return span;
}

static struct rtm_span *
make_small(page_no_t page, size_t n_pages, sclass_t size_class)
{
	struct rtm_span *span = make_span(page, n_pages, RTM_SPAN_SMALL);

	span->size_class = size_class;
	rtm_page_map_set_small(span);
	return span;
}

static struct rtm_span *
make_large(page_no_t page, size_t n_pages)
{
	struct rtm_span *span = make_span(page, n_pages, RTM_SPAN_LARGE);

	rtm_page_map_set_ends_locked(span);
	return span;
}

static void
check_class(page_no_t page, sclass_t want)
{
	ck_assert_uint_eq(rtm_page_map_class(address(page, 0)), want);
	ck_assert_uint_eq(
	    rtm_page_map_class(address(page, RTM_PAGE_SIZE - 1)), want);
}

START_TEST(each_page_of_a_small_span_names_its_class_and_itself)
{
	open_map(true);

	/* Across the end of a leaf. */
	page_no_t page = first + N_OPEN / 2 - 3;
	struct rtm_span *span = make_small(page, 7, 42);

	for (page_no_t at = page; at < page + 7; at++) {
		check_class(at, 42);
		ck_assert_ptr_eq(rtm_page_map_span(at), span);
	}
	check_class(page - 1, 0);
	check_class(page + 7, 0);
	ck_assert_ptr_null(rtm_page_map_span(page - 1));
	ck_assert_ptr_null(rtm_page_map_span(page + 7));
}
END_TEST

START_TEST(a_cleared_span_has_no_class)
{
	open_map(true);
	make_small(first + 4, 4, 9);

	struct rtm_span *span = make_small(first, 4, 8);

	rtm_page_map_clear_small(span);
	for (page_no_t at = first; at < first + 4; at++)
		check_class(at, 0);
	check_class(first + 4, 9);
}
END_TEST

START_TEST(the_tree_alone_knows_spans_and_no_class)
{
	open_map(false);

	struct rtm_span *span = make_small(first, 4, 8);

	check_class(first, 0);
	ck_assert_ptr_eq(rtm_page_map_span(first + 3), span);
	rtm_page_map_clear_small(span);
	check_class(first, 0);
}
END_TEST

START_TEST(any_address_may_be_asked)
{
	static const uintptr_t foreign[] = { 0, 1, 4096, TEST_POWER(47) - 1,
		TEST_POWER(47), TEST_POWER(48), TEST_POWER(60), UINTPTR_MAX };

	open_map(true);
	for (size_t i = 0; i < TEST_COUNT(foreign); i++) {
		char *where = (char *)foreign[i];

		ck_assert_uint_eq(rtm_page_map_class(where), 0);
		ck_assert_ptr_null(rtm_page_map_span(rtm_page_of(where)));
		ck_assert_ptr_null(rtm_page_map_find(where));
	}
	ck_assert_ptr_null(rtm_page_map_find(address(first + 5, 5)));
}
END_TEST

/* The stack is at the top of what a process has. */
START_TEST(the_highest_addresses_have_a_place)
{
	char on_stack = 1;

	open_map(true);
	ck_assert(rtm_page_map_open_locked(rtm_page_of(&on_stack), 1));
}
END_TEST

START_TEST(pages_beyond_the_address_space_cannot_be_opened)
{
	open_map(true);
	ck_assert(
	    !rtm_page_map_open_locked(((page_no_t)1 << RTM_PAGE_BITS) - 1, 2));
	ck_assert(
	    rtm_page_map_open_locked(((page_no_t)1 << RTM_PAGE_BITS) - 1, 1));
	ck_assert(rtm_page_map_open_locked(first, N_OPEN)); /* once more */
}
END_TEST

START_TEST(pages_inside_a_large_block_lead_to_it)
{
	open_map(true);

	struct rtm_span *span = make_large(first + 10, N_OPEN - 20);

	for (page_no_t at = first; at < first + N_OPEN; at += 5)
		ck_assert_ptr_eq(rtm_page_map_find(address(at, 99)),
		    at >= first + 10 && at < first + N_OPEN - 10 ? span : NULL);
}
END_TEST

START_TEST(stale_entries_inside_a_block_are_passed_over)
{
	open_map(true);

	struct rtm_span *dead = make_small(first + 100, 10, 3);
	struct rtm_span *elsewhere = make_small(first + 110, 10, 4);

	rtm_page_map_clear_small(dead);
	rtm_page_map_clear_small(elsewhere);
	rtm_span_delete_locked(dead);
	elsewhere->first_page = first + 900; /* the structure is recycled */
	rtm_page_map_set_small(elsewhere);

	struct rtm_span *block = make_large(first + 90, 50);

	for (page_no_t at = first + 90; at < first + 140; at++)
		ck_assert_ptr_eq(rtm_page_map_find(address(at, 0)), block);
	ck_assert_ptr_eq(rtm_page_map_find(address(first + 905, 0)), elsewhere);
	ck_assert_ptr_null(rtm_page_map_find(address(first + 140, 0)));
}
END_TEST

START_TEST(free_runs_are_found_in_their_state)
{
	open_map(false);

	struct rtm_span *run = make_span(first, 20, RTM_SPAN_FREE);
	struct rtm_span *block = make_large(first + 20, 20);

	rtm_page_map_set_ends_locked(run);
	ck_assert_ptr_eq(rtm_page_map_find(address(first + 7, 0)), run);
	ck_assert_ptr_eq(rtm_page_map_find(address(first + 20, 0)), block);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		each_page_of_a_small_span_names_its_class_and_itself,
		a_cleared_span_has_no_class,
		the_tree_alone_knows_spans_and_no_class,
		any_address_may_be_asked,
		the_highest_addresses_have_a_place,
		pages_beyond_the_address_space_cannot_be_opened,
		pages_inside_a_large_block_lead_to_it,
		stale_entries_inside_a_block_are_passed_over,
		free_runs_are_found_in_their_state,
	};

	return test_suite_run("page_map", tests, TEST_COUNT(tests));
}
