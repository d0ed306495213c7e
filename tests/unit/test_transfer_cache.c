/*
 * test_transfer_cache.c - middle/transfer_cache: batches between threads
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { OBJECTS_MAX = 20000 };

static void *objects[OBJECTS_MAX];

static size_t
free_in_spans(sclass_t class)
{
	struct rtm_central_stats now;

	rtm_central_list_stats(class, &now);
	return now.n_free_objects;
}

static void
take_from_spans(sclass_t class, size_t n)
{
	size_t n_taken = 0;

	test_require(n <= OBJECTS_MAX);
	while (n_taken < n) {
		size_t n_more = rtm_central_list_take(
		    class, 0, objects + n_taken, n - n_taken);

		test_require(n_more != 0);
		n_taken += n_more;
	}
}

static size_t
objects_in(sclass_t size_class)
{
	struct rtm_transfer_stats stats;

	rtm_transfer_cache_stats(size_class, &stats);
	return stats.n_objects;
}

START_TEST(what_was_given_last_is_taken_first_and_in_order)
{
	sclass_t class;
	void *back[10];

	unit_start_classes();
	class = rtm_size_class_of(64);
	ck_assert_uint_eq(rtm_transfer_cache_take(class, back, 10), 0);
	take_from_spans(class, 12);

	size_t n_free = free_in_spans(class);

	rtm_transfer_cache_give(class, objects, 12);
	ck_assert_uint_eq(objects_in(class), 12);
	ck_assert_uint_eq(rtm_transfer_cache_take(class, back, 10), 10);
	ck_assert_mem_eq(back, objects + 2, sizeof(back));
	ck_assert_uint_eq(rtm_transfer_cache_take(class, back, 10), 2);
	ck_assert_mem_eq(back, objects, 2 * sizeof(*back));
	ck_assert_uint_eq(objects_in(class), 0);
	ck_assert_uint_eq(free_in_spans(class), n_free); /* passed by */
}
END_TEST

START_TEST(what_does_not_fit_goes_to_the_spans)
{
	unit_start_classes();
	for (unsigned c = 1; c <= rtm_size_class_last; c += 6) {
		sclass_t class = (sclass_t)c;
		size_t n_room = rtm_size_classes[c].transfer_max;
		size_t n_free;

		take_from_spans(class, n_room + 5);
		n_free = free_in_spans(class);
		rtm_transfer_cache_give(class, objects, n_room - 1);
		ck_assert_uint_eq(objects_in(class), n_room - 1);
		ck_assert_uint_eq(free_in_spans(class), n_free);
		rtm_transfer_cache_give(class, objects + n_room - 1, 6);
		ck_assert_uint_eq(objects_in(class), n_room);

		void *last;

		ck_assert_uint_eq(rtm_transfer_cache_take(class, &last, 1), 1);
		ck_assert_ptr_eq(last, objects[n_room + 4]);
		rtm_central_list_give(class, &last, 1);
	}
}
END_TEST

START_TEST(draining_leaves_no_object_and_no_page)
{
	struct rtm_page_heap_stats stats;
	size_t n_given = 0;

	unit_start_classes();
	ck_assert_uint_eq(rtm_transfer_cache_drain(), 0);
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		size_t n = rtm_size_classes[c].batch;

		take_from_spans((sclass_t)c, n);
		rtm_transfer_cache_give((sclass_t)c, objects, n);
		n_given += n;
	}
	ck_assert_uint_eq(rtm_transfer_cache_drain(), n_given);
	rtm_page_heap_stats(&stats);
	ck_assert_uint_eq(stats.used_pages, 0);
	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		ck_assert_uint_eq(objects_in((sclass_t)c), 0);
}
END_TEST

static void
swap_batches(size_t number)
{
	sclass_t class = rtm_size_class_of(200);
	void *mine[30];

	for (size_t round = 0; round < test_rounds(5000); round++) {
		size_t n = rtm_transfer_cache_take(class, mine, 30);

		if (n == 0)
			n = rtm_central_list_take(class, 0, mine, 30);
		for (size_t i = 0; i < n; i++)
			memcpy(mine[i], &number, sizeof(number));
		for (size_t i = 0; i < n; i++)
			test_require(
			    memcmp(mine[i], &number, sizeof(number)) == 0);
		rtm_transfer_cache_give(class, mine, n);
	}
}

START_TEST(what_nobody_takes_goes_back_to_its_spans)
{
	struct rtm_page_heap_stats stats;
	sclass_t class, other;
	void *mine;

	unit_start_classes();
	class = rtm_size_class_of(64);
	other = rtm_size_class_of(512);
	take_from_spans(class, 1000);
	rtm_transfer_cache_give(class, objects, 1000);
	ck_assert_uint_eq(objects_in(class), 1000);
	/* Whoever finds his own class empty looks at one class, by turns. */
	for (unsigned i = 0; i < 5u * rtm_size_class_last; i++)
		ck_assert_uint_eq(rtm_transfer_cache_take(other, &mine, 1), 0);
	ck_assert_uint_eq(objects_in(class), 0);
	rtm_page_heap_stats(&stats);
	ck_assert_uint_eq(stats.used_pages, 0);
}
END_TEST

START_TEST(what_is_taken_again_and_again_stays)
{
	sclass_t class, other;
	void *mine;

	unit_start_classes();
	class = rtm_size_class_of(64);
	other = rtm_size_class_of(512);
	take_from_spans(class, 100);
	for (unsigned i = 0; i < 5u * rtm_size_class_last; i++) {
		rtm_transfer_cache_give(class, objects, 100);
		ck_assert_uint_eq(rtm_transfer_cache_take(other, &mine, 1), 0);
		ck_assert_uint_eq(
		    rtm_transfer_cache_take(class, objects, 100), 100);
	}
}
END_TEST

START_TEST(threads_never_hold_one_object_together)
{
	struct rtm_page_heap_stats stats;

	unit_start_classes();
	unit_run_threads(swap_batches);
	rtm_transfer_cache_drain();
	rtm_page_heap_stats(&stats);
	ck_assert_uint_eq(stats.used_pages, 0);
}
END_TEST

enum { ROW_MAX = 5 };

struct row {
	void *objects[ROW_MAX];
	size_t n;
};

static void
check_row(void *with)
{
	const struct row *row = with;

	rtm_transfer_cache_check_row(
	    rtm_size_class_of(64), row->objects, row->n);
}

/* Rows of each length that differs, for who looks at two at a time. */
START_TEST(a_second_free_is_seen_wherever_it_stands_in_a_row)
{
	static char memory[ROW_MAX * 64] __attribute__((aligned(64)));
	struct row good = { .n = 0 };

	unit_start_classes();
	for (size_t i = 0; i < ROW_MAX; i++)
		good.objects[i] = memory + 64 * i;
	for (good.n = 0; good.n <= ROW_MAX; good.n++) {
		check_row(&good);
		for (size_t i = 0; i < good.n; i++) {
			struct row bad = good;

			bad.objects[i] = (char *)bad.objects[i] + 8;
			unit_expect_death(check_row, &bad, "into the middle");
			for (size_t far = 1; far <= 2 && far <= i; far++) {
				bad.objects[i] = good.objects[i - far];
				unit_expect_death(
				    check_row, &bad, "double free");
			}
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		what_was_given_last_is_taken_first_and_in_order,
		what_does_not_fit_goes_to_the_spans,
		draining_leaves_no_object_and_no_page,
		what_nobody_takes_goes_back_to_its_spans,
		what_is_taken_again_and_again_stays,
		threads_never_hold_one_object_together,
		a_second_free_is_seen_wherever_it_stands_in_a_row,
	};

	return test_suite_run("transfer_cache", tests, TEST_COUNT(tests));
}
