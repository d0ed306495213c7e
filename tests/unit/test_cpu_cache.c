/*
 * test_cpu_cache.c - front/cpu_cache: what a thread brings along
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_cache.h"
#include "middle/central_list.h"
#include "tests/unit/unit.h"

#include <sched.h>

#if RTM_HAVE_PERCPU

static int cpus[2]; /* that this process may use */

/* As one of two threads: a lone one takes its processor's cache along. */
static void
start(void)
{
	unit_start_thread();
	unit_start_classes();
	rtm_cpu_cache_init(&rtm_conf_default);
	if (!rtm_cpu_cache_enter())
		test_skip("the system does not count its processors");
}

static struct rtm_central_stats
stats(sclass_t class)
{
	struct rtm_central_stats now;

	rtm_central_list_stats(class, &now);
	return now;
}

/* Objects of the first processor's. */
static void
take_there(sclass_t class, void **objects, size_t n)
{
	unit_go_to(cpus[0]);
	for (size_t i = 0; i < n; i++)
		objects[i] = rtm_cpu_cache_take(class);
}

/* Frees them here; says how many went to their spans. */
static uint64_t
count_sent_back(sclass_t class, void **objects, size_t n)
{
	uint64_t n_given = stats(class).n_given;

	for (size_t i = 0; i < n; i++)
		rtm_cpu_cache_give(class, objects[i]);
	return stats(class).n_given - n_given;
}

/* The fast ways see the slab of the second processor. */
static void
expect_fast(void)
{
	ck_assert_ptr_eq(rtm_front.slab, rtm_cpu_slab_at((unsigned)cpus[1]));
}

/* The second processor has taken an object of the class, and has it back. */
static void *
use_here(sclass_t class)
{
	void *object;

	unit_go_to(cpus[1]);
	object = rtm_cpu_cache_take(class);
	rtm_cpu_cache_give(class, object);
	return object;
}

/*
 * The thread comes to the second processor, where the class was in use, with
 * objects of the first's.  Returns the object that is free here.
 */
static void *
bring(sclass_t class, void **objects, size_t n)
{
	void *last = use_here(class);

	take_there(class, objects, n);
	unit_go_to(cpus[1]);
	return last;
}

START_TEST(small_objects_that_came_along_go_to_their_spans)
{
	void *objects[40], *last;
	sclass_t class;

	start();
	class = rtm_size_class_of(16);
	last = bring(class, objects, 40);
	ck_assert_uint_eq(count_sent_back(class, objects, 40), 40);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), last);
}
END_TEST

/* The kernel likes to move a thread where nobody works. */
START_TEST(so_they_do_where_nobody_cached_before)
{
	void *objects[40];
	sclass_t class;

	start();
	class = rtm_size_class_of(16);
	take_there(class, objects, 40);
	unit_go_to(cpus[1]);
	ck_assert_ptr_null(rtm_cpu_slab_at((unsigned)cpus[1]));
	ck_assert_uint_eq(count_sent_back(class, objects, 40), 40);
}
END_TEST

START_TEST(so_they_do_if_the_thread_takes_one_first)
{
	void *objects[2], *last;
	sclass_t class;

	start();
	class = rtm_size_class_of(48);
	last = bring(class, objects, 2);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), last);
	ck_assert_uint_eq(count_sent_back(class, &objects[0], 1), 1);
	rtm_cpu_cache_give(class, last); /* ours: into the bin */
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), last);
	ck_assert_uint_eq(count_sent_back(class, &objects[1], 1), 1);
}
END_TEST

START_TEST(a_large_one_goes_into_the_bin_as_any)
{
	void *object;
	sclass_t class;

	start();
	class = rtm_size_class_of(KIB(4));
	bring(class, &object, 1);
	ck_assert_uint_eq(count_sent_back(class, &object, 1), 0);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), object);
}
END_TEST

/* Then who was given what says nothing. */
START_TEST(so_does_a_small_one_where_spans_are_many)
{
	enum { N = 40000 };
	static void *objects[N];
	sclass_t class;

	start();
	class = rtm_size_class_of(48);
	use_here(class);
	take_there(class, objects, N);
	for (size_t i = 0; i < N; i++) /* each span loses some */
		if (i % 3 != 0)
			rtm_central_list_give(class, &objects[i], 1);
	ck_assert(!rtm_central_list_keeps_apart(class));
	unit_go_to(cpus[1]);
	ck_assert_uint_eq(count_sent_back(class, &objects[0], 1), 0);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), objects[0]);
}
END_TEST

START_TEST(whoever_frees_his_own_again_is_not_looked_at_any_more)
{
	void *object, *own;
	sclass_t class;

	start();
	class = rtm_size_class_of(16);
	use_here(class);
	take_there(class, &object, 1);
	own = use_here(class);
	for (int i = 0; i < 20; i++) {
		ck_assert_ptr_eq(rtm_cpu_cache_take(class), own);
		rtm_cpu_cache_give(class, own);
	}
	expect_fast();
	ck_assert_uint_eq(count_sent_back(class, &object, 1), 0);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), object);
}
END_TEST

/* One who frees only what others make goes fast again, too. */
START_TEST(nobody_is_looked_at_forever)
{
	enum { N = 3000 };
	static void *objects[N];
	sclass_t class;
	uint64_t n_sent_back;

	start();
	class = rtm_size_class_of(16);
	bring(class, objects, N);
	n_sent_back = count_sent_back(class, objects, N / 2);
	ck_assert_uint_ge(n_sent_back, 1000);
	expect_fast();
}
END_TEST

START_TEST(one_who_only_takes_is_not_either)
{
	sclass_t class;
	void *object;

	start();
	class = rtm_size_class_of(16);
	bring(class, &object, 1);
	for (int i = 0; i < 3000; i++)
		ck_assert_ptr_nonnull(rtm_cpu_cache_take(class));
	expect_fast();
}
END_TEST

static bool
has_two_processors(void)
{
	cpu_set_t all;
	int n_found = 0;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && n_found < 2; cpu++)
		if (CPU_ISSET(cpu, &all))
			cpus[n_found++] = cpu;
	return n_found == 2;
}

int
main(void)
{
	const TTest *const tests[] = {
		small_objects_that_came_along_go_to_their_spans,
		so_they_do_where_nobody_cached_before,
		so_they_do_if_the_thread_takes_one_first,
		a_large_one_goes_into_the_bin_as_any,
		so_does_a_small_one_where_spans_are_many,
		whoever_frees_his_own_again_is_not_looked_at_any_more,
		nobody_is_looked_at_forever,
		one_who_only_takes_is_not_either,
	};

	if (!has_two_processors() || rtm_rseq_kind() == RTM_RSEQ_KIND_NONE)
		test_skip("two processors, and restartable sequences, needed");
	return test_suite_run("cpu_cache", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("all threads have caches of their own here");
}

#endif
