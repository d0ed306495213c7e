/*
 * test_central_list.c - middle/central_list: spans and their free objects
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_map.h"
#include "middle/central_list.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { OBJECTS_MAX = 2048 };

static void *objects[OBJECTS_MAX];

static struct rtm_central_stats
stats(sclass_t class)
{
	struct rtm_central_stats now;

	rtm_central_list_stats(class, &now);
	return now;
}

/* All objects of one fresh span, the lowest last. */
static size_t
take_span(sclass_t class)
{
	size_t n = rtm_size_classes[class].n_objects;

	test_require(n <= OBJECTS_MAX);
	test_require(rtm_central_list_take(class, 0, objects, n) == n);
	return n;
}

START_TEST(objects_are_taken_lowest_address_first)
{
	unit_start_classes();
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		sclass_t class = (sclass_t)c;
		uint32_t size = rtm_size_classes[c].size;
		size_t n = take_span(class);
		char *base = objects[n - 1];

		ck_assert_uint_eq((uintptr_t)base % RTM_PAGE_SIZE, 0);
		for (size_t i = 0; i < n; i++) {
			ck_assert_ptr_eq(objects[n - 1 - i], base + i * size);
			ck_assert_uint_eq(rtm_page_map_class(objects[i]), c);
			memset(objects[i], (int)c, size);
		}
		rtm_central_list_give(class, objects, n);
	}
}
END_TEST

START_TEST(what_was_given_back_is_taken_lowest_first_again)
{
	sclass_t class;
	size_t n;
	void *again[3];

	unit_start_classes();
	class = rtm_size_class_of(1024);
	n = take_span(class);
	/* n-1 is the lowest; these come back out of order. */
	rtm_central_list_give(class, &objects[n - 5], 1);
	rtm_central_list_give(class, &objects[n - 2], 1);
	rtm_central_list_give(class, &objects[n - 4], 1);
	ck_assert_uint_eq(stats(class).n_free_objects, 3);
	ck_assert_uint_eq(rtm_central_list_take(class, 0, again, 3), 3);
	ck_assert_ptr_eq(again[2], objects[n - 2]);
	ck_assert_ptr_eq(again[1], objects[n - 4]);
	ck_assert_ptr_eq(again[0], objects[n - 5]);
}
END_TEST

START_TEST(freeing_the_last_object_returns_the_span)
{
	unit_start_classes();
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		sclass_t class = (sclass_t)c;
		size_t n = take_span(class);
		char *first = objects[n - 1];

		ck_assert_uint_eq(
		    unit_used_pages(), rtm_size_classes[c].n_pages);
		rtm_central_list_give(class, objects, n - 1);
		ck_assert_uint_eq(stats(class).n_spans, 1);
		ck_assert_uint_eq(stats(class).n_free_objects, n - 1);
		ck_assert_uint_eq(
		    unit_used_pages(), rtm_size_classes[c].n_pages);
		rtm_central_list_give(class, &objects[n - 1], 1);
		ck_assert_uint_eq(stats(class).n_spans, 0);
		ck_assert_uint_eq(stats(class).n_free_objects, 0);
		ck_assert_uint_eq(unit_used_pages(), 0);
		ck_assert_uint_eq(rtm_page_map_class(first), 0);
	}
}
END_TEST

START_TEST(the_fullest_span_is_taken_from_first)
{
	sclass_t class;
	size_t n;
	void *first[OBJECTS_MAX], *again;

	unit_start_classes();
	class = rtm_size_class_of(128);
	n = take_span(class);
	memcpy(first, objects, n * sizeof(*first));
	take_span(class);
	/* The first span keeps one object, the second all but one. */
	rtm_central_list_give(class, first, n - 1);
	rtm_central_list_give(class, &objects[7], 1);
	ck_assert_uint_eq(rtm_central_list_take(class, 0, &again, 1), 1);
	ck_assert_ptr_eq(again, objects[7]);
	ck_assert_uint_eq(rtm_central_list_take(class, 0, &again, 1), 1);
	ck_assert_ptr_eq(again, first[n - 2]);
}
END_TEST

START_TEST(a_fresh_span_has_objects_of_nobody_else)
{
	sclass_t class;
	void *here, *there;

	unit_start_classes();
	class = rtm_size_class_of(32);
	ck_assert_uint_eq(rtm_central_list_take(class, 0, &here, 1), 1);
	ck_assert_uint_eq(rtm_central_list_take_fresh(class, 1, &there, 1), 1);
	ck_assert_ptr_ne(rtm_page_map_span(rtm_page_of(here)),
	    rtm_page_map_span(rtm_page_of(there)));
	ck_assert_uint_eq(stats(class).n_spans, 2);
}
END_TEST

START_TEST(no_fresh_span_is_made_beside_many_that_are_mostly_free)
{
	enum { N_SPANS = 40 };
	sclass_t class;
	void *mine;

	unit_start_classes();
	class = rtm_size_class_of(1024);

	size_t n = rtm_size_classes[class].n_objects;

	test_require(n > 2 && n * N_SPANS <= OBJECTS_MAX);
	for (size_t i = 0; i < N_SPANS; i++)
		test_require(
		    rtm_central_list_take(class, 0, objects + i * n, n) == n);
	ck_assert_uint_eq(rtm_central_list_take_fresh(class, 1, &mine, 1), 1);
	ck_assert_uint_eq(stats(class).n_spans, N_SPANS + 1);
	rtm_central_list_give(class, &mine, 1);
	ck_assert_uint_eq(stats(class).n_spans, N_SPANS);
	/* One object of each stays in use. */
	for (size_t i = 0; i < N_SPANS; i++)
		rtm_central_list_give(class, objects + i * n, n - 1);
	ck_assert_uint_eq(rtm_central_list_take_fresh(class, 1, &mine, 1), 1);
	ck_assert_uint_eq(stats(class).n_spans, N_SPANS);
}
END_TEST

/* As a cache asks for them. */
static void
take_for(uint16_t taker, sclass_t class, void **mine, size_t n)
{
	size_t n_taken = rtm_central_list_take_near(class, taker, mine, n);

	if (n_taken == 0)
		n_taken = rtm_central_list_take(class, taker, mine, n);
	ck_assert_uint_eq(n_taken, n);
}

static struct rtm_span *
span_of(const void *object)
{
	return rtm_page_map_span(rtm_page_of(object));
}

START_TEST(a_span_that_was_made_for_a_cache_is_its_own)
{
	sclass_t class;
	void *first[4], *other[4], *again[4], *any;

	unit_start_classes();
	class = rtm_size_class_of(32);
	take_for(1, class, first, 4);
	take_for(3, class, other, 4);
	ck_assert_uint_eq(stats(class).n_spans, 2);
	ck_assert_ptr_ne(span_of(first[0]), span_of(other[0]));
	/* Whoever does not care needs no span, and takes none away. */
	take_for(0, class, &any, 1);
	take_for(1, class, again, 4);
	ck_assert_ptr_eq(span_of(first[0]), span_of(again[3]));
	take_for(3, class, again, 4);
	ck_assert_ptr_eq(span_of(other[0]), span_of(again[3]));
	ck_assert_uint_eq(stats(class).n_spans, 2);
}
END_TEST

/* N spans of a class, of which all objects but n_free are in use. */
static void
start_spans(sclass_t class, size_t n_spans, size_t n_free)
{
	size_t n = rtm_size_classes[class].n_objects;

	test_require(n > n_free && n * n_spans <= OBJECTS_MAX);
	for (size_t i = 0; i < n_spans; i++)
		test_require(
		    rtm_central_list_take(class, 0, objects + i * n, n) == n);
	for (size_t i = 0; i < n_spans; i++)
		rtm_central_list_give(class, objects + i * n, n_free);
	ck_assert_uint_eq(stats(class).n_spans, n_spans);
}

START_TEST(spans_in_use_in_part_are_shared_where_they_are_many)
{
	enum { N_FEW = 15, N_SPANS = 40 };
	sclass_t class, larger;
	void *mine;

	unit_start_classes();
	class = rtm_size_class_of(1008);
	start_spans(class, N_SPANS, 1);
	take_for(1, class, &mine, 1);
	ck_assert_uint_eq(stats(class).n_spans, N_SPANS);
	larger = rtm_size_class_of(2048);
	start_spans(larger, N_FEW, 1);
	take_for(1, larger, &mine, 1);
	ck_assert_uint_eq(stats(larger).n_spans, N_FEW + 1);
	take_for(3, larger, &mine, 1);
	ck_assert_uint_eq(stats(larger).n_spans, N_FEW + 1);
}
END_TEST

START_TEST(spans_without_free_objects_do_not_count_as_many)
{
	enum { N_SPANS = 40 };
	sclass_t class;
	void *mine, *other;

	unit_start_classes();
	class = rtm_size_class_of(1008);
	start_spans(class, N_SPANS, 0);
	for (size_t i = 0; i < N_SPANS; i++) {
		rtm_central_list_give(class, objects, 1);
		take_for(0, class, objects, 1);
	}
	take_for(1, class, &mine, 1);
	take_for(3, class, &other, 1);
	ck_assert_ptr_ne(span_of(mine), span_of(other));
	ck_assert_uint_eq(stats(class).n_spans, N_SPANS + 2);
}
END_TEST

START_TEST(without_memory_a_cache_is_given_objects_of_any_span)
{
	const struct rlimit limit = { MIB(24), MIB(24) };
	sclass_t class;
	void *first, *other;
	size_t n_left = 64;

	unit_start_classes();
	class = rtm_size_class_of(32);
	take_for(1, class, &first, 1);
	test_require(setrlimit(RLIMIT_DATA, &limit) == 0);
	for (size_t n = 512; n != 0; n /= 2)
		while (rtm_page_heap_take(n, 1) != NULL)
			if (--n_left == 0)
				return; /* no limit here */
	take_for(3, class, &other, 1);
	ck_assert_ptr_eq(span_of(other), span_of(first));
}
END_TEST

/* Gives objects[from .. from + n) back, backwards if asked to. */
static void
give_row(sclass_t class, size_t from, size_t n, bool backwards)
{
	void *row[OBJECTS_MAX];

	for (size_t i = 0; i < n; i++)
		row[i] = objects[backwards ? from + n - 1 - i : from + i];
	rtm_central_list_give(class, row, n);
}

static bool
is_free(sclass_t class, size_t i)
{
	void *taken[OBJECTS_MAX];
	size_t n_free = stats(class).n_free_objects, n = 0;
	bool is_there = false;

	while (n < n_free)
		n += rtm_central_list_take(class, 0, taken + n, n_free - n);
	for (size_t j = 0; j < n; j++)
		is_there = is_there || taken[j] == objects[i];
	rtm_central_list_give(class, taken, n);
	return is_there;
}

static int
by_address(const void *a, const void *b)
{
	uintptr_t first = *(const uintptr_t *)a, second = *(const uintptr_t *)b;

	return (first > second) - (first < second);
}

/* Over words of the bitmap, from span to span, and no further. */
START_TEST(objects_in_a_row_come_back_each)
{
	static const size_t sizes[] = { 16, 48, 64, 1024 };
	enum { N = 600 };

	unit_start_classes();
	for (size_t s = 0; s < 2 * TEST_COUNT(sizes); s++) {
		sclass_t class = rtm_size_class_of(sizes[s / 2]);
		bool backwards = s % 2 != 0;
		size_t n = 0;

		while (n < N)
			n +=
			    rtm_central_list_take(class, 0, objects + n, N - n);
		qsort(objects, N, sizeof(*objects), by_address);
		give_row(class, 3, 70, backwards);
		ck_assert(!is_free(class, 2) && is_free(class, 3));
		ck_assert(is_free(class, 72) && !is_free(class, 73));
		give_row(class, 73, N - 74, backwards);
		ck_assert(is_free(class, N - 2) && !is_free(class, N - 1));
		give_row(class, 0, 3, backwards);
		ck_assert_uint_ne(unit_used_pages(), 0);
		give_row(class, N - 1, 1, backwards);
		ck_assert_uint_eq(unit_used_pages(), 0);
	}
}
END_TEST

/* ---------------------------------------------------------------- misuse */

static void
give_one(void *object)
{
	rtm_central_list_give(rtm_size_class_of(48), &object, 1);
}

static void
give_twice_in_a_row(void *object)
{
	void *both[] = { object, object };

	rtm_central_list_give(rtm_size_class_of(48), both, 2);
}

static void
give_ten_in_a_row(void *object)
{
	void *row[10];

	for (int i = 0; i < 10; i++)
		row[i] = (char *)object + 48 * (i - 4);
	rtm_central_list_give(rtm_size_class_of(48), row, 10);
}

static void
check_one(void *object)
{
	rtm_central_list_check(rtm_page_map_find(object), object, "realloc");
}

START_TEST(a_second_free_dies)
{
	unit_start_classes();

	size_t n = take_span(rtm_size_class_of(48));
	char *object = objects[n / 2];

	unit_expect_death(give_twice_in_a_row, object, "double free");
	check_one(object);
	give_one(object);
	unit_expect_death(give_one, object, "rtmalloc: free(0x");
	unit_expect_death(give_one, object, "): double free");
	unit_expect_death(check_one, object, "rtmalloc: realloc(0x");
	unit_expect_death(give_ten_in_a_row, object, "rtmalloc: free(0x");
	unit_expect_death(give_ten_in_a_row, object, "): double free");
}
END_TEST

START_TEST(a_pointer_into_an_object_dies)
{
	static const char words[] = "points into the middle of an object";

	unit_start_classes();

	size_t n = take_span(rtm_size_class_of(48));
	char *lowest = objects[n - 1];

	unit_expect_death(give_one, lowest + 1, words);
	unit_expect_death(give_one, lowest + 47, words);
	unit_expect_death(check_one, lowest + 48 * 3 + 16, words);
	/* The tail of the span is nobody's. */
	unit_expect_death(give_one, lowest + 48 * n, words);
	unit_expect_death(give_ten_in_a_row, lowest + 48 * (n - 3), words);
}
END_TEST

START_TEST(an_object_of_another_class_or_span_dies)
{
	unit_start_classes();

	size_t n = take_span(rtm_size_class_of(64));
	void *one = objects[n - 1];

	unit_expect_death(give_one, one, "double free");
	rtm_central_list_give(rtm_size_class_of(64), objects, n);
	unit_expect_death(give_one, one, "double free");
}
END_TEST

/* --------------------------------------------------------------- at random */

static void
churn(sclass_t class, struct test_rng *rng)
{
	static void *held[OBJECTS_MAX];
	size_t n_held = 0;
	uint32_t size = rtm_size_classes[class].size;

	for (size_t round = 0; round < test_rounds(2000); round++) {
		size_t n = 1 + test_rng_below(rng, 40);

		if (test_rng_below(rng, 2) == 0 && n_held + n <= OBJECTS_MAX) {
			n = rtm_central_list_take(class, 0, held + n_held, n);
			test_require(n != 0);
			for (size_t i = n_held; i < n_held + n; i++)
				test_fill(held[i], size);
			n_held += n;
			continue;
		}
		n = n < n_held ? n : n_held;
		n_held -= n;
		for (size_t i = 0; i < n; i++) { /* the last n, mixed */
			size_t other = test_rng_below(rng, n_held + n);
			void *swapped = held[other];

			held[other] = held[n_held + i];
			held[n_held + i] = swapped;
		}
		for (size_t i = n_held; i < n_held + n; i++)
			test_verify(held[i], size);
		rtm_central_list_give(class, held + n_held, n);
		test_require(
		    stats(class).n_spans * rtm_size_classes[class].n_objects ==
		    n_held + stats(class).n_free_objects);
	}
	rtm_central_list_give(class, held, n_held);
}

START_TEST(random_work_hands_no_object_out_twice)
{
	static const size_t sizes[] = { 8, 16, 48, 1000, 6144, 40960 };
	struct test_rng rng;

	unit_start_classes();
	test_rng_init(&rng, test_seed());
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		churn(rtm_size_class_of(sizes[i]), &rng);
		ck_assert_uint_eq(unit_used_pages(), 0);
	}
}
END_TEST

static void
take_and_give(size_t number)
{
	sclass_t class = rtm_size_class_of(96);
	void *mine[50];

	for (size_t round = 0; round < test_rounds(3000); round++) {
		size_t n = rtm_central_list_take(class, 0, mine, 50);

		for (size_t i = 0; i < n; i++)
			memcpy(mine[i], &number, sizeof(number));
		for (size_t i = 0; i < n; i++)
			test_require(
			    memcmp(mine[i], &number, sizeof(number)) == 0);
		rtm_central_list_give(class, mine, n);
	}
}

START_TEST(threads_share_a_class)
{
	unit_start_classes();
	unit_run_threads(take_and_give);
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		objects_are_taken_lowest_address_first,
		what_was_given_back_is_taken_lowest_first_again,
		freeing_the_last_object_returns_the_span,
		the_fullest_span_is_taken_from_first,
		a_fresh_span_has_objects_of_nobody_else,
		no_fresh_span_is_made_beside_many_that_are_mostly_free,
		a_span_that_was_made_for_a_cache_is_its_own,
		spans_in_use_in_part_are_shared_where_they_are_many,
		spans_without_free_objects_do_not_count_as_many,
		without_memory_a_cache_is_given_objects_of_any_span,
		objects_in_a_row_come_back_each,
		a_second_free_dies,
		a_pointer_into_an_object_dies,
		an_object_of_another_class_or_span_dies,
		random_work_hands_no_object_out_twice,
		threads_share_a_class,
	};

	return test_suite_run("central_list", tests, TEST_COUNT(tests));
}
