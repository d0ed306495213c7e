/*
 * test_futex.c - os/futex: sleep until a word changes
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/futex.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>

static _Atomic unsigned word;
static _Atomic unsigned n_awake;

START_TEST(a_word_that_has_changed_already_is_not_waited_for)
{
	atomic_store(&word, 1);
	errno = EDOM;
	rtm_futex_wait(&word, 0, RTM_FUTEX_FOREVER);
	ck_assert_int_eq(errno, EDOM); /* futex(2) said EAGAIN */
}
END_TEST

START_TEST(a_wait_ends_when_its_time_is_over)
{
	uint64_t start_ms = test_clock_ms();

	errno = EDOM;
	while (test_clock_ms() - start_ms < 30) {
		uint64_t before_ms = test_clock_ms();

		rtm_futex_wait(&word, 0, 40);
		if (test_clock_ms() - before_ms >= 39)
			break; /* it may also wake early, for no reason */
	}
	ck_assert_uint_ge(test_clock_ms() - start_ms, 30);
	ck_assert_int_eq(errno, EDOM);
}
END_TEST

static void *
sleep_on_word(void *unused)
{
	while (atomic_load(&word) == 0)
		rtm_futex_wait(&word, 0, RTM_FUTEX_FOREVER);
	atomic_fetch_add(&n_awake, 1);
	return unused;
}

START_TEST(waking_wakes_everybody_who_sleeps)
{
	enum { N_THREADS = 3 };
	pthread_t threads[N_THREADS];

	for (int i = 0; i < N_THREADS; i++)
		test_require(pthread_create(&threads[i], NULL, sleep_on_word,
		                 NULL) == 0);
	test_sleep_ms(20);
	ck_assert_uint_eq(atomic_load(&n_awake), 0);
	atomic_store(&word, 1);
	errno = EDOM;
	rtm_futex_wake(&word, N_THREADS);
	ck_assert_int_eq(errno, EDOM);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL); /* or the case hangs */
	ck_assert_uint_eq(atomic_load(&n_awake), N_THREADS);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_word_that_has_changed_already_is_not_waited_for,
		a_wait_ends_when_its_time_is_over,
		waking_wakes_everybody_who_sleeps,
	};

	return test_suite_run("futex", tests, TEST_COUNT(tests));
}
