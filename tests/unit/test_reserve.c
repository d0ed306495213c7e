/*
 * test_reserve.c - front/reserve: what a bin that swings has behind it
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/reserve.h"
#include "api/malloc.h"
#include "front/cache_budget.h"
#include "front/drain.h"
#include "tests/unit/swing.h"

#include <pthread.h>
#include <semaphore.h>

static void
begin(void)
{
	rtm_thread_cache_create();
}

static struct rtm_reserve *
own_reserve(void)
{
	return rtm_thread_cache_own->reserve;
}

static const struct swing_way threads_way = {
	unit_take,
	unit_give,
	begin,
	rtm_thread_cache_destroy,
	own_reserve,
	unit_check_layout,
};

static void
start(void)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
	rtm_thread_cache_create();
	swing_use(&threads_way);
}

START_TEST(a_bin_that_swings_gets_back_what_it_gave_in_that_order)
{
	start();
	swing_test_order();
}
END_TEST

START_TEST(short_swings_and_one_way_streets_have_no_reserve)
{
	start();
	swing_test_short_and_one_way();
}
END_TEST

/* It would keep too small a part. */
START_TEST(what_swings_too_far_has_no_reserve)
{
	start();
	swing_test_too_far();
}
END_TEST

START_TEST(who_gives_much_more_than_he_took_swings_no_more)
{
	start();
	swing_test_giver();
}
END_TEST

START_TEST(what_is_not_touched_serves_other_classes)
{
	start();
	swing_test_other_classes();
}
END_TEST

START_TEST(what_is_not_touched_serves_large_blocks)
{
	start();
	swing_test_fresh(rtm_thread_cache_note_fresh);
}
END_TEST

START_TEST(the_budget_holds_for_reserves)
{
	start();

	sclass_t class = swing(SWING_SIZE);
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	ck_assert_uint_gt(swing_kept(class), 0);
	rtm_cache_budget_starve(cache);
	for (size_t i = 0; i < 100; i++) {
		swing_take(rtm_size_class_of(256), swing_objects, 100);
		swing_give(rtm_size_class_of(256), swing_objects, 100);
	}
	ck_assert_uint_eq(swing_kept(class), 0);
	unit_check_layout();
	swing(SWING_SIZE);
	ck_assert_uint_eq(swing_kept(class), 0);
}
END_TEST

START_TEST(a_flush_gives_reserves_away_too)
{
	size_t n_objects[RTM_N_CLASSES];

	start();

	sclass_t class = swing(SWING_SIZE);

	rtm_thread_cache_fork_prepare();
	rtm_thread_cache_count_locked(n_objects);
	rtm_thread_cache_fork_parent();
	ck_assert_uint_ge(n_objects[class], swing_length(class));
	ck_assert_uint_eq(rtm_thread_cache_flush(), n_objects[class]);
	ck_assert_uint_eq(swing_kept(class), 0);
	unit_check_layout();
	ck_assert_uint_eq(unit_used_pages(), 0);
	swing(SWING_SIZE); /* all begins anew */
	ck_assert_uint_gt(swing_kept(class), 0);
	rtm_thread_cache_destroy();
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

static sem_t is_kept, is_drained;

static void *
swing_and_sleep(void *arg)
{
	(void)arg;
	rtm_thread_cache_create();
	swing(SWING_SIZE);
	sem_post(&is_kept);
	sem_wait(&is_drained);
	rtm_thread_cache_get(); /* others may have hidden it */
	unit_check_layout();
	swing(SWING_SIZE);
	rtm_thread_cache_destroy();
	return NULL;
}

static pthread_t
start_sleeper(void)
{
	pthread_t thread;

	start();
	sem_init(&is_kept, 0, 0);
	sem_init(&is_drained, 0, 0);
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, swing_and_sleep, NULL), 0);
	sem_wait(&is_kept);
	return thread;
}

static void
end_sleeper(pthread_t thread)
{
	sem_post(&is_drained);
	pthread_join(thread, NULL);
	rtm_thread_cache_destroy();
	ck_assert_uint_eq(unit_used_pages(), 0);
}

START_TEST(when_memory_ends_what_a_sleeper_keeps_goes)
{
	pthread_t thread = start_sleeper();
	size_t n_pages = unit_used_pages();

	ck_assert(rtm_malloc_relieve());
	ck_assert_uint_lt(unit_used_pages(), n_pages / 2);
	end_sleeper(thread);
}
END_TEST

START_TEST(others_drain_what_a_sleeper_keeps)
{
	pthread_t thread = start_sleeper();

	sclass_t class = swing(SWING_SIZE);
	size_t n_pages = unit_used_pages();
	size_t n_most = swing_length(class);
	size_t n_drained = rtm_drain_reserves(true);

	ck_assert_uint_gt(n_drained, n_most); /* of both */
	ck_assert_uint_le(n_drained, 2 * n_most);
	ck_assert_uint_eq(swing_kept(class), 0);
	ck_assert_uint_lt(unit_used_pages(), n_pages / 2);
	ck_assert_uint_eq(rtm_drain_reserves(true), 0);
	unit_check_layout();
	end_sleeper(thread);
}
END_TEST

/* What others took is claimed no more: the budget is as large as before. */
START_TEST(after_a_drain_there_is_room_for_as_much)
{
	struct rtm_conf conf = rtm_conf_default;

	unit_start_classes();
	conf.thread_cache_size = KIB(448);
	conf.min_per_thread_cache = KIB(448);
	rtm_thread_cache_init(&conf);
	rtm_thread_cache_create();
	swing_use(&threads_way);

	sclass_t class = swing(1024);
	size_t n_before = swing_kept(class);

	ck_assert_uint_gt(n_before, 0);
	ck_assert_uint_gt(
	    rtm_cache_budget_held(rtm_thread_cache_own), KIB(300));
	for (int round = 0; round < 5; round++) {
		ck_assert_uint_eq(rtm_drain_reserves(true), n_before);
		swing(1024);
		ck_assert_uint_eq(swing_kept(class), n_before);
	}
}
END_TEST

/* The helper's: who works goes on with what he has. */
START_TEST(a_drain_of_the_quiet_spares_who_touched_his)
{
	start();
	swing_test_quiet_drain();
}
END_TEST

START_TEST(draining_takes_no_object_from_those_who_swing)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
	swing_use(&threads_way);
	unit_run_threads(swing_or_drain);
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

START_TEST(a_second_free_in_a_row_is_seen)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	unit_expect_death(swing_with_a_double, &class, "): double free");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_bin_that_swings_gets_back_what_it_gave_in_that_order,
		short_swings_and_one_way_streets_have_no_reserve,
		what_swings_too_far_has_no_reserve,
		who_gives_much_more_than_he_took_swings_no_more,
		what_is_not_touched_serves_other_classes,
		what_is_not_touched_serves_large_blocks,
		the_budget_holds_for_reserves,
		a_flush_gives_reserves_away_too,
		when_memory_ends_what_a_sleeper_keeps_goes,
		others_drain_what_a_sleeper_keeps,
		after_a_drain_there_is_room_for_as_much,
		a_drain_of_the_quiet_spares_who_touched_his,
		draining_takes_no_object_from_those_who_swing,
		a_second_free_in_a_row_is_seen,
	};

	return test_suite_run("reserve", tests, TEST_COUNT(tests));
}
