/*
 * test_lock.c - os/lock: contention, sleep and wake, ranks of debug builds
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/lock.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>

static struct rtm_lock lock;
static size_t count; /* guarded by the lock, and not atomic */
static size_t n_rounds;

static void
count_up(size_t number)
{
	(void)number;
	for (size_t i = 0; i < n_rounds; i++) {
		rtm_lock_take(&lock, RTM_RANK_CENTRAL);

		size_t seen = count;

		if (i % 512 == 0)
			sched_yield(); /* others run while it is held */
		count = seen + 1;
		rtm_lock_give(&lock, RTM_RANK_CENTRAL);
	}
}

START_TEST(threads_that_count_together_lose_nothing)
{
	n_rounds = test_rounds(100000);
	unit_run_threads(count_up);
	ck_assert_uint_eq(count, UNIT_THREADS * n_rounds);
	ck_assert_uint_eq(atomic_load(&lock.word), 0);
}
END_TEST

static _Atomic bool has_it;

static void *
take_once(void *unused)
{
	rtm_lock_take(&lock, RTM_RANK_CENTRAL);
	atomic_store(&has_it, true);
	rtm_lock_give(&lock, RTM_RANK_CENTRAL);
	return unused;
}

/* It is taken by a process that is alone, and given by one that is not. */
START_TEST(a_thread_that_waits_sleeps_until_the_lock_is_given)
{
	pthread_t thread;

	rtm_lock_take(&lock, RTM_RANK_CENTRAL);
	ck_assert_uint_eq(atomic_load(&lock.word), 1);
	test_require(pthread_create(&thread, NULL, take_once, NULL) == 0);
	while (atomic_load(&lock.word) != 2) /* somebody sleeps */
		test_sleep_ms(1);
	ck_assert(!atomic_load(&has_it));
	rtm_lock_give(&lock, RTM_RANK_CENTRAL);
	pthread_join(thread, NULL);
	ck_assert(atomic_load(&has_it));
	ck_assert_uint_eq(atomic_load(&lock.word), 0);
}
END_TEST

START_TEST(a_lock_that_is_initialised_is_free)
{
	rtm_lock_take_unranked(&lock);
	rtm_lock_init(&lock);
	rtm_lock_take_unranked(&lock);
	ck_assert_uint_eq(atomic_load(&lock.word), 1);
	rtm_lock_give_unranked(&lock);
	ck_assert_uint_eq(atomic_load(&lock.word), 0);
}
END_TEST

START_TEST(locks_of_rising_rank_nest)
{
	struct rtm_lock others[2] = { 0 };

	rtm_lock_take(&lock, RTM_RANK_TRANSFER);
	rtm_lock_take(&others[0], RTM_RANK_PAGE_HEAP);
	rtm_lock_take(&others[1], RTM_RANK_META);
	rtm_lock_give(&others[1], RTM_RANK_META);
	rtm_lock_give(&others[0], RTM_RANK_PAGE_HEAP);
	rtm_lock_take(&others[0], RTM_RANK_CENTRAL);
	rtm_lock_give(&others[0], RTM_RANK_CENTRAL);
	rtm_lock_give(&lock, RTM_RANK_TRANSFER);
	ck_assert_uint_eq(atomic_load(&lock.word), 0);
}
END_TEST

#if RTM_DEBUG
static void
take_downwards(void *rank)
{
	struct rtm_lock other = { 0 };

	rtm_lock_take(&lock, RTM_RANK_PAGE_HEAP);
	rtm_lock_take(&other, *(enum rtm_rank *)rank);
}

static void
give_what_is_not_held(void *unused)
{
	(void)unused;
	rtm_lock_give(&lock, RTM_RANK_META);
}

START_TEST(locks_of_falling_rank_are_an_assertion)
{
	enum rtm_rank lower = RTM_RANK_CENTRAL, same = RTM_RANK_PAGE_HEAP;

	unit_expect_death(take_downwards, &lower, "assertion failed");
	unit_expect_death(take_downwards, &same, "assertion failed");
	unit_expect_death(give_what_is_not_held, NULL, "assertion failed");
}
END_TEST
#endif

int
main(void)
{
	const TTest *const tests[] = {
		threads_that_count_together_lose_nothing,
		a_thread_that_waits_sleeps_until_the_lock_is_given,
		a_lock_that_is_initialised_is_free,
		locks_of_rising_rank_nest,
#if RTM_DEBUG
		locks_of_falling_rank_are_an_assertion,
#endif
	};

	return test_suite_run("lock", tests, TEST_COUNT(tests));
}
