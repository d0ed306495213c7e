/*
 * test_helper.c - os/helper: a thread that libc does not know
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/track.h"
#include "os/helper.h"
#include "os/thread.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Atomic int n_left;   /* calls of work() until it says false */
static _Atomic int n_calls;  /* of work() */
static _Atomic int n_wishes; /* times that is_wanted() says true */
static _Atomic long helper_id;

static bool
work(void)
{
	atomic_store(&helper_id, syscall(SYS_gettid));
	atomic_fetch_add(&n_calls, 1);
	rtm_helper_sleep(1);
	return atomic_fetch_sub(&n_left, 1) > 1;
}

static bool
is_wanted(void)
{
	if (atomic_fetch_sub(&n_wishes, 1) <= 0)
		return false;
	atomic_store(&n_left, 2);
	return true;
}

static void
wait_for_end(void)
{
	while (!atomic_load(&rtm_thread_no_helper))
		test_sleep_ms(1); /* a helper that hangs ends the case */
}

START_TEST(it_works_until_there_is_nothing_to_do)
{
	atomic_store(&n_left, 5);
	errno = EDOM;
	ck_assert(rtm_helper_start(work, is_wanted));
	ck_assert_int_eq(errno, EDOM);
	wait_for_end();
	ck_assert_int_eq(atomic_load(&n_calls), 5);
	ck_assert_int_ne(atomic_load(&helper_id), 0);
	ck_assert_int_ne(atomic_load(&helper_id), syscall(SYS_gettid));
}
END_TEST

START_TEST(it_goes_on_while_it_is_wanted)
{
	atomic_store(&n_left, 1);
	atomic_store(&n_wishes, 3);
	ck_assert(rtm_helper_start(work, is_wanted));
	wait_for_end();
	ck_assert_int_eq(atomic_load(&n_calls), 1 + 3 * 2);
}
END_TEST

START_TEST(there_is_one_at_a_time_and_the_process_is_not_alone)
{
	ck_assert(atomic_load(&rtm_thread_no_helper));
	atomic_store(&n_left, 1000000);
	ck_assert(rtm_helper_start(work, is_wanted));
	ck_assert(!rtm_thread_is_alone());
	ck_assert(!rtm_helper_start(work, is_wanted));
	atomic_store(&n_left, 1);
	wait_for_end();
}
END_TEST

START_TEST(it_can_be_started_again_and_again)
{
	for (int i = 1; i <= 200; i++) {
		atomic_store(&n_left, 1);
		/* The one before may still be on its way out. */
		while (!rtm_helper_start(work, is_wanted))
			test_sleep_ms(1);
		wait_for_end();
		ck_assert_int_eq(atomic_load(&n_calls), i);
	}
}
END_TEST

START_TEST(the_child_of_a_fork_starts_its_own)
{
	int status;

	if (test_is_emulated())
		test_skip("qemu-user starts no threads in a child of threads");
	atomic_store(&n_left, 1000000);
	ck_assert(rtm_helper_start(work, is_wanted));

	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		rtm_helper_forget();
		atomic_store(&n_calls, 0);
		atomic_store(&n_left, 3);
		test_require(rtm_helper_start(work, is_wanted));
		wait_for_end();
		_exit(atomic_load(&n_calls) == 3 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	atomic_store(&n_left, 1);
	wait_for_end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		it_works_until_there_is_nothing_to_do,
		it_goes_on_while_it_is_wanted,
		there_is_one_at_a_time_and_the_process_is_not_alone,
		it_can_be_started_again_and_again,
		the_child_of_a_fork_starts_its_own,
	};

	if (rtm_track_is_simulated() || RTM_TSAN)
		test_skip("this tool knows no thread without a libc");
	if (sizeof(void *) == 4)
		test_skip("os/helper starts no thread of 32 bits");
	return test_suite_run("helper", tests, TEST_COUNT(tests));
}
