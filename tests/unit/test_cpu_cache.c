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

/* An object of one processor's is freed on the other; its bin has a last. */
static void
expect_moved(size_t size, bool comes_next)
{
	sclass_t class;
	void *moved, *last;
	uint64_t n_given;

	start();
	class = rtm_size_class_of(size);
	unit_go_to(cpus[1]);
	last = rtm_cpu_cache_take(class);
	rtm_cpu_cache_give(class, last);
	unit_go_to(cpus[0]);
	moved = rtm_cpu_cache_take(class);
	ck_assert_ptr_ne(moved, last);
	unit_go_to(cpus[1]);
	n_given = stats(class).n_given;
	rtm_cpu_cache_give(class, moved);
	ck_assert_uint_eq(stats(class).n_given, n_given + !comes_next);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), comes_next ? moved : last);
	/* What it frees from then on it is taken to have got here. */
	rtm_cpu_cache_give(class, last);
	ck_assert_ptr_eq(rtm_cpu_cache_take(class), last);
}

START_TEST(a_small_object_that_came_along_goes_to_its_span)
{
	expect_moved(16, false);
}
END_TEST

START_TEST(a_large_one_goes_into_the_bin_as_any)
{
	expect_moved(KIB(4), true);
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
		a_small_object_that_came_along_goes_to_its_span,
		a_large_one_goes_into_the_bin_as_any,
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
