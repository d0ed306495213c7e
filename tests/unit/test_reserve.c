/*
 * test_reserve.c - front/reserve: what a bin that swings has behind it
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/reserve.h"
#include "api/malloc.h"
#include "front/cache_budget.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

enum { SIZE = 64, OBJECTS_MAX = 20000 };

static void *objects[OBJECTS_MAX];

static void
start(void)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
	rtm_thread_cache_create();
}

static void
take_all(sclass_t class, void **into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = unit_take(class);
}

/* The one that was taken last first. */
static void
give_all(sclass_t class, void **from, size_t n)
{
	for (size_t i = n; i-- > 0;)
		unit_give(class, from[i]);
}

/* So many that the bin overflows five times, and then some. */
static size_t
swing_length(sclass_t class)
{
	return 11 * (size_t)rtm_size_classes[class].bin_max / 2;
}

/* The second time round it is known, and from the third on it is kept. */
static sclass_t
swing(size_t size)
{
	sclass_t class = rtm_size_class_of(size);
	size_t n = swing_length(class);

	for (int round = 0; round < 4; round++) {
		take_all(class, objects, n);
		give_all(class, objects, n);
		unit_check_layout();
	}
	return class;
}

static size_t
n_kept(sclass_t class)
{
	const struct rtm_reserve *reserve = rtm_thread_cache_own->reserve;

	return reserve != NULL ? reserve->bins[class].n_objects : 0;
}

/* Objects that left the middle tier up to now. */
static uint64_t
n_fetched(sclass_t class)
{
	struct rtm_central_stats central;
	struct rtm_transfer_stats transfer;

	rtm_central_list_stats(class, &central);
	rtm_transfer_cache_stats(class, &transfer);
	return central.n_taken + transfer.n_taken;
}

START_TEST(a_bin_that_swings_gets_back_what_it_gave_in_that_order)
{
	start();

	sclass_t class = swing(SIZE);
	size_t n = swing_length(class);
	uint64_t n_before = n_fetched(class);

	ck_assert_uint_ge(n_kept(class), 3 * rtm_size_classes[class].bin_max);
	memmove(objects + n, objects, n * sizeof(*objects));
	take_all(class, objects, n);
	ck_assert_uint_eq(n_fetched(class), n_before);
	ck_assert_mem_eq(objects, objects + n, n * sizeof(*objects));
	ck_assert_uint_eq(n_kept(class), 0);
	unit_check_layout();
}
END_TEST

START_TEST(short_swings_and_one_way_streets_have_no_reserve)
{
	start();

	sclass_t class = rtm_size_class_of(SIZE);
	size_t n = 2 * (size_t)rtm_size_classes[class].bin_max;

	for (int round = 0; round < 4; round++) {
		take_all(class, objects, n);
		give_all(class, objects, n);
	}
	ck_assert(!rtm_reserve_is_for(rtm_thread_cache_own, class));

	sclass_t taken = rtm_size_class_of(128);

	take_all(taken, objects, OBJECTS_MAX);
	ck_assert(!rtm_reserve_is_for(rtm_thread_cache_own, taken));
	give_all(taken, objects, OBJECTS_MAX);
	ck_assert(!rtm_reserve_is_for(rtm_thread_cache_own, taken));
	ck_assert_uint_eq(n_kept(class) + n_kept(taken), 0);
}
END_TEST

/* It would keep too small a part. */
START_TEST(what_swings_too_far_has_no_reserve)
{
	start();

	sclass_t class = rtm_size_class_of(1024);
	size_t n = MIB(5) / 1024;

	for (int round = 0; round < 4; round++) {
		take_all(class, objects, n);
		give_all(class, objects, n);
	}
	ck_assert_uint_eq(n_kept(class), 0);
	swing(1024);
	ck_assert_uint_gt(n_kept(class), 0);
}
END_TEST

START_TEST(who_gives_much_more_than_he_took_swings_no_more)
{
	start();

	sclass_t class = swing(SIZE);
	size_t n_in = 0;

	while (n_in < OBJECTS_MAX)
		n_in += rtm_central_list_take(
		    class, 0, objects + n_in, OBJECTS_MAX - n_in);
	give_all(class, objects, n_in);
	ck_assert(!rtm_reserve_is_for(rtm_thread_cache_own, class));
	unit_check_layout();
}
END_TEST

START_TEST(what_is_not_touched_serves_other_classes)
{
	start();

	sclass_t class = swing(SIZE);

	ck_assert_uint_gt(n_kept(class), 0);
	take_all(rtm_size_class_of(256), objects, OBJECTS_MAX);
	ck_assert_uint_eq(n_kept(class), 0);
	unit_check_layout();
}
END_TEST

START_TEST(what_is_not_touched_serves_large_blocks)
{
	start();

	sclass_t class = swing(SIZE);
	size_t n_before = n_kept(class);

	rtm_thread_cache_note_fresh(1);
	ck_assert_uint_eq(n_kept(class), n_before); /* it was touched */
	rtm_thread_cache_note_fresh(1);
	ck_assert_uint_lt(n_kept(class), n_before);
	ck_assert_uint_gt(n_kept(class), 0);
	for (int i = 0; i < 2; i++)
		rtm_thread_cache_note_fresh(MIB(1));
	ck_assert_uint_eq(n_kept(class), 0);
	unit_check_layout();
}
END_TEST

START_TEST(the_budget_holds_for_reserves)
{
	start();

	sclass_t class = swing(SIZE);
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	ck_assert_uint_gt(n_kept(class), 0);
	rtm_cache_budget_starve(cache);
	for (size_t i = 0; i < 100; i++) {
		take_all(rtm_size_class_of(256), objects, 100);
		give_all(rtm_size_class_of(256), objects, 100);
	}
	ck_assert_uint_eq(n_kept(class), 0);
	unit_check_layout();
	swing(SIZE);
	ck_assert_uint_eq(n_kept(class), 0);
}
END_TEST

START_TEST(a_flush_gives_reserves_away_too)
{
	size_t n_objects[RTM_N_CLASSES];

	start();

	sclass_t class = swing(SIZE);

	rtm_thread_cache_fork_prepare();
	rtm_thread_cache_count_locked(n_objects);
	rtm_thread_cache_fork_parent();
	ck_assert_uint_ge(n_objects[class], swing_length(class));
	ck_assert_uint_eq(rtm_thread_cache_flush(), n_objects[class]);
	ck_assert_uint_eq(n_kept(class), 0);
	unit_check_layout();
	ck_assert_uint_eq(unit_used_pages(), 0);
	swing(SIZE); /* all begins anew */
	ck_assert_uint_gt(n_kept(class), 0);
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
	swing(SIZE);
	sem_post(&is_kept);
	sem_wait(&is_drained);
	rtm_thread_cache_get(); /* others may have hidden it */
	unit_check_layout();
	swing(SIZE);
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

	sclass_t class = swing(SIZE);
	size_t n_pages = unit_used_pages();
	size_t n_most = swing_length(class);
	size_t n_drained = rtm_reserve_drain(true);

	ck_assert_uint_gt(n_drained, n_most); /* of both */
	ck_assert_uint_le(n_drained, 2 * n_most);
	ck_assert_uint_eq(n_kept(class), 0);
	ck_assert_uint_lt(unit_used_pages(), n_pages / 2);
	ck_assert_uint_eq(rtm_reserve_drain(true), 0);
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

	sclass_t class = swing(1024);
	size_t n_before = n_kept(class);

	ck_assert_uint_gt(n_before, 0);
	ck_assert_uint_gt(rtm_thread_cache_own->capacity_bytes, KIB(300));
	for (int round = 0; round < 5; round++) {
		ck_assert_uint_eq(rtm_reserve_drain(true), n_before);
		swing(1024);
		ck_assert_uint_eq(n_kept(class), n_before);
	}
}
END_TEST

/* The helper's: who works goes on with what he has. */
START_TEST(a_drain_of_the_quiet_spares_who_touched_his)
{
	start();

	sclass_t class = swing(SIZE);

	for (int round = 0; round < 3; round++) {
		ck_assert_uint_eq(rtm_reserve_drain(false), 0);
		swing(SIZE);
	}
	ck_assert_uint_gt(n_kept(class), 0);
	ck_assert_uint_eq(rtm_reserve_drain(false), 0);
	ck_assert_uint_gt(rtm_reserve_drain(false), 0);
	ck_assert_uint_eq(n_kept(class), 0);
}
END_TEST

static atomic_uint n_at_work;

/* One drains while the others swing, each with blocks of its own. */
static void
swing_or_drain(size_t number)
{
	void *mine[6000];
	sclass_t class = rtm_size_class_of(32);

	if (number == 0) {
		while (atomic_load(&n_at_work) < UNIT_THREADS - 1)
			rtm_reserve_drain(true);
		return;
	}
	rtm_thread_cache_create();
	for (size_t round = 0; round < test_rounds(100); round++) {
		take_all(class, mine, TEST_COUNT(mine));
		for (size_t i = 0; i < TEST_COUNT(mine); i++)
			memset(mine[i], (int)number, 32);
		for (size_t i = 0; i < TEST_COUNT(mine); i++)
			test_require(((unsigned char *)mine[i])[31] == number);
		give_all(class, mine, TEST_COUNT(mine));
	}
	rtm_thread_cache_destroy();
	atomic_fetch_add(&n_at_work, 1);
}

START_TEST(draining_takes_no_object_from_those_who_swing)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
	unit_run_threads(swing_or_drain);
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

static void
swing_with_a_double(void *arg)
{
	sclass_t class = *(sclass_t *)arg;
	size_t n = swing_length(class);

	take_all(class, objects, n);
	objects[n / 2 + 1] = objects[n / 2];
	give_all(class, objects, n);
}

START_TEST(a_second_free_in_a_row_is_seen)
{
	start();

	sclass_t class = swing(SIZE);

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
