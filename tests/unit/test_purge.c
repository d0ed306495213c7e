/*
 * test_purge.c - back/purge: resident memory stays below the recent peak
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/purge.h"
#include "conf/conf.h"
#include "tests/unit/unit.h"

#define SLACK_PAGES (MIB(1) >> RTM_PAGE_SHIFT)

START_TEST(a_mib_of_dirty_pages_is_never_too_much)
{
	rtm_purge_init(0);
	rtm_purge_note_use_locked(0);
	ck_assert_uint_eq(rtm_purge_excess_locked(0, SLACK_PAGES), 0);
	ck_assert_uint_gt(rtm_purge_excess_locked(0, SLACK_PAGES + 1), 0);
}
END_TEST

/* Memory breathes in and out at random; the rule is obeyed each time. */
START_TEST(resident_memory_stays_below_the_peak_and_an_eighth)
{
	struct test_rng rng;
	size_t used = 0, dirty = 0, peak = 0;
	const size_t percent = 12;

	test_rng_init(&rng, test_seed());
	rtm_purge_init(percent);
	for (size_t round = 0; round < 100000; round++) {
		size_t n = test_rng_size(&rng, 5000);

		if (test_rng_below(&rng, 2) == 0 && used >= n) {
			rtm_purge_note_use_locked(used);
			used -= n;
			dirty += n;
			continue;
		}
		used += n; /* of clean pages, the worst case */
		rtm_purge_note_use_locked(used);
		peak = used > peak ? used : peak;

		size_t n_excess = rtm_purge_excess_locked(used, dirty);

		test_require(n_excess <= dirty);
		dirty -= n_excess;
		test_require(
		    used + dirty <= peak + peak * percent / 100 + SLACK_PAGES);
	}
}
END_TEST

START_TEST(what_was_in_use_a_moment_ago_may_stay)
{
	rtm_purge_init(12);
	rtm_purge_note_use_locked(100000);
	rtm_purge_note_use_locked(0);
	ck_assert_uint_eq(rtm_purge_excess_locked(0, 100000), 0);
	ck_assert_uint_eq(rtm_purge_excess_locked(1000, 99000), 0);
	ck_assert_uint_eq(rtm_purge_excess_locked(0, 112000), 0);
	ck_assert_uint_gt(rtm_purge_excess_locked(0, 112200), 0);
}
END_TEST

START_TEST(the_slack_is_what_the_option_says)
{
	for (size_t percent = 0; percent <= 200; percent += 50) {
		size_t limit = 1000 + 10 * percent + SLACK_PAGES;

		rtm_purge_init(percent);
		rtm_purge_note_use_locked(1000);
		ck_assert_uint_eq(rtm_purge_excess_locked(0, limit), 0);
		ck_assert_uint_gt(rtm_purge_excess_locked(0, limit + 1), 0);
	}
}
END_TEST

/* The window before this one counts too; a busy machine may miss it. */
START_TEST(a_peak_is_forgotten_after_a_second)
{
	bool was_seen = false;

	rtm_purge_init(12);
	for (int tries = 0; tries < 10 && !was_seen; tries++) {
		rtm_purge_note_use_locked(100000);
		test_sleep_ms(1100); /* whatever window that was is over */
		rtm_purge_note_use_locked(100000);

		uint64_t start_ms = test_clock_ms();

		rtm_purge_note_use_locked(10);
		test_sleep_ms(600);
		rtm_purge_note_use_locked(10);

		size_t n_excess = rtm_purge_excess_locked(10, 90000);

		if (test_clock_ms() - start_ms < 900) {
			ck_assert_uint_eq(n_excess, 0);
			was_seen = true;
		}
		test_sleep_ms(600);
		rtm_purge_note_use_locked(10);
		ck_assert_uint_gt(rtm_purge_excess_locked(10, 90000), 80000);
	}
	ck_assert(was_seen);
}
END_TEST

START_TEST(what_nobody_needed_is_the_least_that_was_dirty)
{
	rtm_purge_low_water_locked(500);
	rtm_purge_note_dirty_locked(300);
	rtm_purge_note_dirty_locked(200);
	rtm_purge_note_dirty_locked(400);
	ck_assert_uint_eq(rtm_purge_low_water_locked(600), 200);
	ck_assert_uint_eq(rtm_purge_low_water_locked(700), 600);
	ck_assert_uint_eq(rtm_purge_low_water_locked(50), 50);
}
END_TEST

START_TEST(a_threshold_of_the_user_s_stands_in_for_the_rule)
{
	ck_assert_uint_eq(rtm_purge_surplus_locked(100000), 0);
	rtm_purge_set_threshold_locked(1000, 100);
	ck_assert_uint_eq(rtm_purge_surplus_locked(1000), 0);
	ck_assert_uint_eq(rtm_purge_surplus_locked(1001), 901);
	ck_assert_uint_eq(rtm_purge_excess_locked(10, 100000), 0);
	ck_assert(!rtm_purge_is_off_locked());
	/* No more is kept than the threshold allows. */
	rtm_purge_set_threshold_locked(10, 100);
	ck_assert_uint_eq(rtm_purge_surplus_locked(11), 1);
	rtm_purge_set_threshold_locked(SIZE_MAX, 100);
	ck_assert(rtm_purge_is_off_locked());
	ck_assert_uint_eq(rtm_purge_surplus_locked(SIZE_MAX), 0);
	rtm_purge_low_water_locked(500);
	ck_assert_uint_eq(rtm_purge_low_water_locked(500), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_mib_of_dirty_pages_is_never_too_much,
		resident_memory_stays_below_the_peak_and_an_eighth,
		what_was_in_use_a_moment_ago_may_stay,
		the_slack_is_what_the_option_says,
		a_peak_is_forgotten_after_a_second,
		what_nobody_needed_is_the_least_that_was_dirty,
		a_threshold_of_the_user_s_stands_in_for_the_rule,
	};

	return test_suite_run("purge", tests, TEST_COUNT(tests));
}
