/*
 * test_heap_space.c - back/heap_space: where the heap grows
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/heap_space.h"
#include "back/page_map.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

static page_no_t first_page;
static size_t n_grown;

static bool
grow(size_t n_pages)
{
	return rtm_heap_space_grow_locked(n_pages, &first_page, &n_grown);
}

/* The new pages are zero, can be written, and have entries in the map. */
static void
check_grown(size_t n_least)
{
	char *base = (char *)(first_page << RTM_PAGE_SHIFT);

	ck_assert_uint_ge(n_grown, n_least);
	for (size_t i = 0; i < n_grown; i++) {
		ck_assert(test_is_zero(base + i * RTM_PAGE_SIZE, 64));
		memset(base + i * RTM_PAGE_SIZE, 7, 64);
	}

	struct rtm_span *span = rtm_span_new_locked(first_page, n_grown);

	span->state = RTM_SPAN_LARGE;
	rtm_page_map_set_ends_locked(span);
	ck_assert_ptr_eq(
	    rtm_page_map_find(base + n_grown * RTM_PAGE_SIZE - 1), span);
}

START_TEST(a_roomy_heap_grows_where_it_ended)
{
	page_no_t end = 0;

	unit_start_heap(true);
	ck_assert(!rtm_heap_space_is_tight());
	ck_assert_uint_eq(rtm_heap_space_end(), 0);
	for (size_t n_pages = 1; n_pages <= 1000; n_pages *= 3) {
		ck_assert(grow(n_pages));
		check_grown(n_pages);
		if (!unit_heap_is_one_piece())
			return;
		if (end != 0)
			ck_assert_uint_eq(first_page, end);
		end = first_page + n_grown;
		ck_assert_uint_eq(rtm_heap_space_end(), end);
	}
}
END_TEST

START_TEST(steps_grow_with_the_heap_and_end_at_4_mib)
{
	size_t n_before = 0;

	unit_start_heap(true);
	for (int i = 0; i < 40; i++) {
		ck_assert(grow(1));
		if (!unit_heap_is_one_piece())
			return;
		ck_assert_uint_ge(n_grown, n_before);
		n_before = n_grown;
		if (i == 0)
			ck_assert_uint_eq(n_grown, KIB(256) / RTM_PAGE_SIZE);
	}
	ck_assert_uint_eq(n_before, MIB(4) / RTM_PAGE_SIZE);
}
END_TEST

START_TEST(a_tight_heap_maps_a_mib_or_what_is_needed)
{
	unit_start_heap(false);
	ck_assert(rtm_heap_space_is_tight());
	ck_assert(grow(1));
	ck_assert_uint_eq(n_grown, MIB(1) / RTM_PAGE_SIZE);
	check_grown(1);
	ck_assert(grow(300));
	ck_assert_uint_eq(n_grown, 300);
	check_grown(300);
	ck_assert_uint_eq(rtm_heap_space_end(), 0);
}
END_TEST

START_TEST(what_the_system_refuses_changes_nothing)
{
	unit_start_heap(true);
	ck_assert(grow(1));

	page_no_t end = rtm_heap_space_end();

	ck_assert(!grow(TEST_TOO_MUCH >> RTM_PAGE_SHIFT));
	ck_assert(grow(5));
	if (unit_heap_is_one_piece())
		ck_assert_uint_eq(first_page, end);
	check_grown(5);
}
END_TEST

/* Valgrind itself would not survive the limit. */
START_TEST(without_room_for_a_region_it_maps_what_is_needed)
{
	const struct rlimit limit = { GIB(32), GIB(32) };

	if (test_is_slow() || TEST_SIZE_BITS == 32)
		return;
	unit_start_heap(true); /* 16 GiB for the map, and no 64 for a region */
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert(grow(3));
	check_grown(3);
	ck_assert_uint_eq(rtm_heap_space_end(), 0);
}
END_TEST

/* Of a system with larger pages this process knows no more than that. */
static unsigned long told_page_size;

unsigned long
getauxval(unsigned long type)
{
	if (type != AT_PAGESZ)
		return 0;
	return told_page_size != 0 ? told_page_size
				   : (unsigned long)sysconf(_SC_PAGESIZE);
}

START_TEST(steps_are_whole_pages_of_the_system)
{
	told_page_size = KIB(64);
	unit_start_heap(true);
	for (size_t n_pages = 1; n_pages <= 2000; n_pages *= 3) {
		ck_assert(grow(n_pages));
		check_grown(n_pages);
		ck_assert_uint_eq(n_grown % (KIB(64) / RTM_PAGE_SIZE), 0);
	}
}
END_TEST

/* Parts of a page that is larger than ours cannot go. */
START_TEST(a_heap_of_larger_pages_is_not_tight)
{
	told_page_size = KIB(64);
	unit_start_heap(false);
	ck_assert(!rtm_heap_space_is_tight());
	ck_assert(grow(9));
	check_grown(9);
	ck_assert_uint_eq(n_grown % (KIB(64) / RTM_PAGE_SIZE), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_roomy_heap_grows_where_it_ended,
		steps_grow_with_the_heap_and_end_at_4_mib,
		a_tight_heap_maps_a_mib_or_what_is_needed,
		what_the_system_refuses_changes_nothing,
		without_room_for_a_region_it_maps_what_is_needed,
		steps_are_whole_pages_of_the_system,
		a_heap_of_larger_pages_is_not_tight,
	};

	return test_suite_run("heap_space", tests, TEST_COUNT(tests));
}
