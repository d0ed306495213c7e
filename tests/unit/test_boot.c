/*
 * test_boot.c - api/boot: threads that come and go, and fork
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/boot.h"
#include "api/malloc.h"
#include "api/tracked.h"
#include "middle/transfer_cache.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t
count_threads(void)
{
	struct rtm_thread_cache_stats stats;

	rtm_thread_cache_stats(&stats);
	return stats.n_threads;
}

static void
allocate_of_each_class(void)
{
	void *blocks[RTM_N_CLASSES];

	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		blocks[c] = rtm_malloc(rtm_size_classes[c].size);
		test_require(blocks[c] != NULL);
		memset(blocks[c], 7, rtm_size_classes[c].size);
	}
	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		rtm_free(blocks[c], "free");
}

static pthread_barrier_t all_are_here;

static void
allocate_and_meet(size_t number)
{
	allocate_of_each_class();
	pthread_barrier_wait(&all_are_here);
	if (number == 0)
		test_require(count_threads() ==
		    (rtm_tracked_is_on ? 0 : UNIT_THREADS));
	pthread_barrier_wait(&all_are_here);
}

START_TEST(a_thread_has_a_cache_until_it_ends)
{
	struct rtm_page_heap_stats stats;

	ck_assert_uint_eq(count_threads(), 0);
	pthread_barrier_init(&all_are_here, NULL, UNIT_THREADS);
	unit_run_threads(allocate_and_meet);
	ck_assert_uint_eq(count_threads(), 0);
	if (rtm_tracked_is_on)
		return; /* freed blocks rest */
	rtm_transfer_cache_drain();
	rtm_page_heap_stats(&stats);
	ck_assert_uint_eq(stats.used_pages, 0);
}
END_TEST

static pthread_key_t late_key;
static int n_late;

static void
allocate_late(void *value)
{
	allocate_of_each_class();
	test_require(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	if (++n_late < 3)
		pthread_setspecific(late_key, value);
}

static void *
allocate_and_end(void *value)
{
	allocate_of_each_class();
	pthread_setspecific(late_key, value);
	return NULL;
}

/* Keys made later have destructors that run later. */
START_TEST(a_thread_that_is_ending_may_still_allocate)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_key_create(&late_key, allocate_late), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, allocate_and_end,
	                     &n_late), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(n_late, 3);
	ck_assert_uint_eq(count_threads(), 0);
}
END_TEST

static _Atomic bool is_over;

static void *
allocate_until_over(void *unused)
{
	while (!atomic_load(&is_over))
		allocate_of_each_class();
	return unused;
}

/*
 * While another thread holds one lock or the other.  What that thread has is
 * lost in the child, which memcheck would call a leak.
 */
START_TEST(both_sides_of_a_fork_go_on)
{
	pthread_t thread;

	if (rtm_tracked_is_on)
		return;
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, allocate_until_over, NULL), 0);
	for (size_t round = 0; round < test_rounds(50); round++) {
		int status;
		pid_t child = fork();

		ck_assert_int_ne(child, -1);
		if (child == 0) {
			allocate_of_each_class();
			rtm_malloc_relieve();
			_exit(count_threads() <= 1 ? 0 : 1);
		}
		allocate_of_each_class();
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	atomic_store(&is_over, true);
	pthread_join(thread, NULL);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_thread_has_a_cache_until_it_ends,
		a_thread_that_is_ending_may_still_allocate,
		both_sides_of_a_fork_go_on,
	};

	return test_suite_run("boot", tests, TEST_COUNT(tests));
}
