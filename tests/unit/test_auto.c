/*
 * test_auto.c - front/auto: who shares his processor's bins, and when
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/auto.h"
#include "os/clock.h"
#include "os/rseq.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <string.h>

#if RTM_HAVE_PERCPU

static struct rtm_thread_cache cache;

static void
start(enum rtm_frontend frontend)
{
	struct rtm_conf conf = rtm_conf_default;

	conf.frontend = (uint8_t)frontend;
	conf.thread_cache_size = MIB(1);
	rtm_auto_init(&conf, rtm_rseq_count_allowed());
}

static void
begin(size_t n)
{
	while (n-- > 0)
		rtm_auto_note_begin();
}

static void
start_on_one_processor(void)
{
	cpu_set_t one;

	if (rtm_rseq_kind() == RTM_RSEQ_KIND_NONE)
		test_skip("no restartable sequences here");
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
	start(RTM_FRONTEND_AUTO);
}

static void
use_processor(uint64_t us)
{
	uint64_t end = rtm_clock_thread_us() + us;

	while (rtm_clock_thread_us() < end)
		;
}

/* Of n misses, the number of the one that is too much; 0: none. */
static size_t
miss(size_t n, uint64_t us_each)
{
	for (size_t i = 1; i <= n; i++) {
		use_processor(us_each);
		rtm_auto_note_miss(&cache, RTM_AUTO_GIVE);
		if (cache.is_due)
			return i;
	}
	return 0;
}

/* On one processor three are a crowd. */
static void
start_crowded(void)
{
	start_on_one_processor();
	begin(RTM_AUTO_THREADS);
	ck_assert_uint_eq(miss(1000, 0), 0);
	memset(&cache, 0, sizeof(cache));
	begin(1);
}

START_TEST(with_thread_nobody_shares_and_with_cpu_everybody)
{
	start(RTM_FRONTEND_THREAD);
	begin(10000);
	ck_assert(!rtm_auto_starts_shared());
	ck_assert_uint_eq(miss(1000, 0), 0);
	start(RTM_FRONTEND_CPU);
	ck_assert(rtm_auto_starts_shared());
	ck_assert_uint_eq(miss(1, 0), 1);
	cache.is_due = false;
	cache.is_kept = true;
	ck_assert_uint_eq(miss(1000, 0), 0);
}
END_TEST

START_TEST(few_threads_keep_their_caches)
{
	start(RTM_FRONTEND_AUTO);
	begin(RTM_AUTO_THREADS * rtm_max(rtm_rseq_count_allowed(), 1));
	ck_assert_uint_eq(miss(1000, 0), 0);
	ck_assert(!rtm_auto_starts_shared());
}
END_TEST

START_TEST(in_a_crowd_who_misses_often_gives_his_cache_up)
{
	start_crowded();
	/* Everybody misses in the beginning. */
	ck_assert_uint_eq(miss(1000, 0), 2 * RTM_AUTO_MISSES);
	ck_assert(cache.is_due);
}
END_TEST

START_TEST(in_a_crowd_who_misses_rarely_keeps_his_cache)
{
	start_crowded();
	ck_assert_uint_eq(
	    miss(6 * RTM_AUTO_MISSES, 2 * RTM_AUTO_MISSES_US / RTM_AUTO_MISSES),
	    0);
	/* And finds out when that changes. */
	ck_assert_uint_eq(miss(1000, 0), RTM_AUTO_MISSES);
}
END_TEST

START_TEST(in_a_crowd_nobody_caches_more_than_his_part)
{
	start_crowded();
	cache.capacity_bytes = MIB(1) / 2 / 3;
	ck_assert_uint_eq(miss(1, 0), 0);
	cache.capacity_bytes++;
	ck_assert_uint_eq(miss(1, 0), 1);
}
END_TEST

START_TEST(in_a_large_crowd_new_threads_begin_shared)
{
	start_crowded();
	begin(RTM_AUTO_CACHES - RTM_AUTO_THREADS - 1);
	ck_assert(!rtm_auto_starts_shared());
	begin(1);
	ck_assert(rtm_auto_starts_shared());
}
END_TEST

START_TEST(threads_that_end_soon_begin_shared)
{
	start_crowded();
	begin(RTM_AUTO_CACHES - RTM_AUTO_THREADS - 2);
	/* More than live have to end within a second. */
	for (size_t i = 0; i < RTM_AUTO_CACHES; i++) {
		ck_assert(!rtm_auto_starts_shared());
		rtm_auto_note_begin();
		rtm_auto_note_end();
	}
	for (size_t i = 0; i < 4; i++) {
		rtm_auto_note_begin();
		rtm_auto_note_end();
	}
	ck_assert(rtm_auto_starts_shared());
	/* When no more end, new ones live long again. */
	test_sleep_ms(2 * RTM_AUTO_LIFE_MS + 50);
	ck_assert(!rtm_auto_starts_shared());
}
END_TEST

START_TEST(without_a_crowd_lives_have_to_be_very_short)
{
	if (rtm_rseq_kind() == RTM_RSEQ_KIND_NONE)
		test_skip("no restartable sequences here");
	start(RTM_FRONTEND_AUTO);
	begin(1);
	for (size_t i = 0; i <= RTM_AUTO_LIVES; i++) {
		ck_assert(!rtm_auto_starts_shared());
		rtm_auto_note_begin();
		rtm_auto_note_end();
	}
	ck_assert(rtm_auto_starts_shared());
	/* Whoever lives longer is looked at from now on. */
	ck_assert_uint_eq(miss(1000, 0), 2 * RTM_AUTO_MISSES);
}
END_TEST

/* The number of the miss of that kind that is too much; 0: none. */
static size_t
trade(size_t n, enum rtm_auto_miss kind)
{
	for (size_t i = 1; i <= n; i++) {
		rtm_auto_note_miss(&cache, kind);
		if (cache.is_due)
			return i;
	}
	return 0;
}

START_TEST(who_only_frees_what_others_make_shares)
{
	start_on_one_processor();
	begin(2);
	/* Another thread takes what it gives. */
	ck_assert_uint_eq(trade(RTM_AUTO_GIVES - 1, RTM_AUTO_FOREIGN), 0);
	ck_assert_uint_eq(trade(1, RTM_AUTO_GIVE), 0);
	ck_assert_uint_eq(trade(RTM_AUTO_GIVES - 1, RTM_AUTO_FOREIGN), 0);
	ck_assert_uint_eq(trade(1, RTM_AUTO_TAKE), 0);
	ck_assert_uint_eq(trade(RTM_AUTO_GIVES - 1, RTM_AUTO_FOREIGN), 0);
	ck_assert_uint_ne(trade(RTM_AUTO_MISSES, RTM_AUTO_FOREIGN), 0);
}
END_TEST

START_TEST(who_only_allocates_shares_once_others_only_free)
{
	start_on_one_processor();
	begin(2);
	ck_assert_uint_eq(trade(10 * RTM_AUTO_TAKES, RTM_AUTO_TAKE), 0);
	memset(&cache, 0, sizeof(cache));
	ck_assert_uint_eq(trade(1000, RTM_AUTO_FOREIGN), RTM_AUTO_GIVES);
	memset(&cache, 0, sizeof(cache));
	ck_assert_uint_eq(trade(RTM_AUTO_TAKES - 1, RTM_AUTO_TAKE), 0);
	ck_assert_uint_eq(trade(1, RTM_AUTO_GIVE), 0);
	ck_assert_uint_eq(trade(1000, RTM_AUTO_TAKE), RTM_AUTO_TAKES);
	/* By and by there may be no consumer any more. */
	memset(&cache, 0, sizeof(cache));
	test_sleep_ms(RTM_AUTO_LIFE_MS + 50);
	ck_assert_uint_eq(trade(10 * RTM_AUTO_TAKES, RTM_AUTO_TAKE), 0);
}
END_TEST

START_TEST(who_trades_little_keeps_his_cache)
{
	start_on_one_processor();
	begin(2);
	for (size_t i = 0; i < 6 * RTM_AUTO_MISSES; i++) {
		use_processor(2 * RTM_AUTO_MISSES_US / RTM_AUTO_MISSES);
		ck_assert_uint_eq(trade(1, RTM_AUTO_FOREIGN), 0);
	}
}
END_TEST

START_TEST(with_a_processor_for_each_thread_traders_keep_their_caches)
{
	if (rtm_rseq_kind() == RTM_RSEQ_KIND_NONE)
		test_skip("no restartable sequences here");
	start(RTM_FRONTEND_AUTO);
	begin(rtm_rseq_count_allowed());
	ck_assert_uint_eq(trade(1000, RTM_AUTO_FOREIGN), 0);
	begin(1);
	ck_assert_uint_ne(trade(1000, RTM_AUTO_FOREIGN), 0);
	/* Nor do they when the others have ended. */
	memset(&cache, 0, sizeof(cache));
	rtm_auto_note_end();
	ck_assert_uint_eq(trade(1000, RTM_AUTO_FOREIGN), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		with_thread_nobody_shares_and_with_cpu_everybody,
		few_threads_keep_their_caches,
		in_a_crowd_who_misses_often_gives_his_cache_up,
		in_a_crowd_who_misses_rarely_keeps_his_cache,
		in_a_crowd_nobody_caches_more_than_his_part,
		in_a_large_crowd_new_threads_begin_shared,
		threads_that_end_soon_begin_shared,
		without_a_crowd_lives_have_to_be_very_short,
		who_only_frees_what_others_make_shares,
		who_only_allocates_shares_once_others_only_free,
		who_trades_little_keeps_his_cache,
		with_a_processor_for_each_thread_traders_keep_their_caches,
	};

	return test_suite_run("auto", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("all threads have caches of their own here");
}

#endif
