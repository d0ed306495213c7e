/*
 * test_cpu_slab.c - front/cpu_slab: which processor has a slab
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_batch.h"
#include "front/cpu_slab.h"
#include "os/thread.h"
#include "tests/unit/unit.h"

#include <pthread.h>

#if RTM_HAVE_PERCPU

static void
start(void)
{
	unit_start_classes();
	if (!rtm_cpu_slab_start())
		test_skip("the system does not count its processors");
}

START_TEST(before_the_start_no_processor_has_a_slab)
{
	ck_assert_ptr_null(rtm_cpu_slab_get(0));
	ck_assert_uint_eq(rtm_cpu_slab_drain(true), 0);
}
END_TEST

static void *
do_nothing(void *argument)
{
	return argument;
}

START_TEST(each_processor_has_a_slab_of_its_own)
{
	pthread_t thread;
	unsigned last;

	/* From here on libc does not call this process single-threaded. */
	test_require(pthread_create(&thread, NULL, do_nothing, NULL) == 0);
	test_require(pthread_join(thread, NULL) == 0);
	start();
	last = rtm_rseq_count_cpus() - 1;

	struct rtm_cpu_slab *slab = rtm_cpu_slab_get(last);

	ck_assert_ptr_nonnull(slab);
	ck_assert_ptr_eq(rtm_cpu_slab_get(last), slab);
	if (last != 0)
		ck_assert_ptr_ne(rtm_cpu_slab_get(0), slab);
	ck_assert_uint_eq(rtm_cpu_slab_count_shown(), 1 + (last != 0));
	for (size_t c = 0; c <= rtm_size_class_last; c++) {
		ck_assert_uint_eq(slab->bins[c].cur, rtm_cpu_base[c]);
		ck_assert_uint_eq(slab->bins[c].end, rtm_cpu_base[c]);
	}
}
END_TEST

START_TEST(a_lone_thread_takes_its_slab_along)
{
	unsigned last;

	if (!rtm_thread_is_programs_only())
		test_skip("libc does not say that there is one thread");
	start();
	last = rtm_rseq_count_cpus() - 1;

	struct rtm_cpu_slab *slab = rtm_cpu_slab_get(last);

	slab->bins[1].end++; /* so that it is told from one that is new */
	for (unsigned i = 0; i <= last; i++) {
		ck_assert_ptr_eq(rtm_cpu_slab_get(i), slab);
		ck_assert_ptr_eq(rtm_cpu_slab_at(i), slab);
		ck_assert_uint_eq(rtm_cpu_slab_count_shown(), 1);
		if (i != 0)
			ck_assert_ptr_null(rtm_cpu_slab_at(i - 1));
	}
	ck_assert_uint_eq(slab->bins[1].end, rtm_cpu_base[1] + 1u);
}
END_TEST

START_TEST(batches_have_a_stage_each_while_there_are_some)
{
	struct rtm_cpu_batch batches[RTM_CPU_STAGES], one_more;

	start();

	struct rtm_cpu_slab *slab = rtm_cpu_slab_get(0);

	for (size_t i = 0; i < RTM_CPU_STAGES; i++) {
		rtm_cpu_batch_open(&batches[i], slab);
		ck_assert_uint_eq(batches[i].n_max, RTM_BATCH_MAX);
		for (size_t k = 0; k < i; k++)
			ck_assert_ptr_ne(
			    batches[i].objects, batches[k].objects);
	}
	rtm_cpu_batch_open(&one_more, slab);
	ck_assert_uint_eq(one_more.n_max, RTM_CPU_BATCH_FEW);
	ck_assert_ptr_eq(one_more.objects, one_more.few);
	rtm_cpu_batch_close(&one_more);
	/* What one leaves the next one gets. */
	rtm_cpu_batch_close(&batches[3]);
	rtm_cpu_batch_open(&one_more, slab);
	ck_assert_ptr_eq(one_more.objects, batches[3].objects);
	/* In the child of a fork nobody else holds any. */
	rtm_cpu_slab_fork_child();
	rtm_cpu_batch_open(&batches[0], slab);
	ck_assert_uint_eq(batches[0].n_max, RTM_BATCH_MAX);
}
END_TEST

START_TEST(a_number_beyond_what_is_mapped_has_none)
{
	static const unsigned more[] = { 0, 1, RTM_CPUS_MAX };
	unsigned n;

	start();
	n = rtm_rseq_count_cpus();
	for (size_t i = 0; i < TEST_COUNT(more); i++)
		ck_assert_ptr_null(rtm_cpu_slab_get(n + more[i]));
	/* What the kernel writes for a thread that is not registered. */
	ck_assert_ptr_null(rtm_cpu_slab_get(-1u));
	ck_assert_ptr_null(rtm_cpu_slab_get(-2u));
	ck_assert_uint_eq(rtm_cpu_slab_count_shown(), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		before_the_start_no_processor_has_a_slab,
		each_processor_has_a_slab_of_its_own,
		a_lone_thread_takes_its_slab_along,
		batches_have_a_stage_each_while_there_are_some,
		a_number_beyond_what_is_mapped_has_none,
	};

	return test_suite_run("cpu_slab", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("all threads have caches of their own here");
}

#endif
