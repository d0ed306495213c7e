/*
 * test_run_bins.c - back/run_bins: against a plain search through all runs
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_map.h"
#include "back/run_bins.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { N_RUNS = 400, LENGTH_MAX = 100000 };

static struct rtm_run_bins bins;
static struct rtm_span runs[N_RUNS];
static bool is_in[N_RUNS];

static void
start_empty(size_t n_exact)
{
	rtm_run_bins_init(n_exact);
	memset(&bins, 0, sizeof(bins));
	memset(is_in, 0, sizeof(is_in));
}

/* The shortest run that is in and long enough; 0 if there is none. */
static size_t
shortest_fit(size_t n_pages)
{
	size_t best = 0;

	for (size_t i = 0; i < N_RUNS; i++)
		if (is_in[i] && runs[i].n_pages >= n_pages &&
		    (best == 0 || runs[i].n_pages < best))
			best = runs[i].n_pages;
	return best;
}

static size_t
longest(void)
{
	size_t best = 0;

	for (size_t i = 0; i < N_RUNS; i++)
		if (is_in[i] && runs[i].n_pages > best)
			best = runs[i].n_pages;
	return best;
}

static void
check_inside(const struct rtm_span *run)
{
	test_require(run >= runs && run < runs + N_RUNS);
	test_require(is_in[run - runs]);
}

/* n_runs of 16 or less fit into one look, so that the best is found. */
static void
check_find(size_t n_pages, size_t n_exact, bool is_few)
{
	struct rtm_span *run = rtm_run_bins_find(&bins, n_pages);
	size_t best = shortest_fit(n_pages);

	if (run != NULL) {
		check_inside(run);
		test_require(run->n_pages >= n_pages);
		if (is_few || run->n_pages <= n_exact)
			test_require(run->n_pages == best);
	} else if (is_few) {
		test_require(best == 0);
	} else { /* overlooked at most in the list that it begins with */
		test_require(best < n_pages + n_pages / 4 + 2);
	}

	struct rtm_span *last = rtm_run_bins_longest(&bins);

	test_require((last == NULL) == (longest() == 0));
	if (last != NULL) {
		check_inside(last);
		test_require(last->n_pages >= longest() - longest() / 8);
		if (longest() <= n_exact)
			test_require(last->n_pages == longest());
	}
}

static void
churn(size_t n_exact, size_t n_runs, size_t n_rounds)
{
	struct test_rng rng;

	test_rng_init(&rng, test_seed() + n_exact + n_runs);
	start_empty(n_exact);
	for (size_t round = 0; round < n_rounds; round++) {
		size_t i = test_rng_below(&rng, n_runs);

		if (is_in[i]) {
			rtm_run_bins_remove(&bins, &runs[i]);
		} else {
			runs[i].n_pages = test_rng_size(&rng, LENGTH_MAX);
			rtm_run_bins_insert(&bins, &runs[i]);
		}
		is_in[i] = !is_in[i];
		check_find(
		    test_rng_size(&rng, LENGTH_MAX), n_exact, n_runs <= 16);
	}
}

static const size_t exact_counts[] = { 1, 2, 3, 100, 128, RTM_RUN_EXACT_MAX };

START_TEST(few_runs_are_always_fitted_best)
{
	for (size_t i = 0; i < TEST_COUNT(exact_counts); i++)
		churn(exact_counts[i], 16, test_rounds(20000));
}
END_TEST

START_TEST(many_runs_are_fitted_well)
{
	for (size_t i = 0; i < TEST_COUNT(exact_counts); i++)
		churn(exact_counts[i], N_RUNS, test_rounds(20000));
}
END_TEST

START_TEST(an_empty_bin_is_passed_by)
{
	start_empty(128);
	ck_assert_ptr_null(rtm_run_bins_find(&bins, 1));
	ck_assert_ptr_null(rtm_run_bins_longest(&bins));
	runs[0].n_pages = 7;
	rtm_run_bins_insert(&bins, &runs[0]);
	ck_assert_ptr_eq(rtm_run_bins_find(&bins, 7), &runs[0]);
	ck_assert_ptr_eq(rtm_run_bins_find(&bins, 1), &runs[0]);
	ck_assert_ptr_null(rtm_run_bins_find(&bins, 8));
	rtm_run_bins_remove(&bins, &runs[0]);
	ck_assert_ptr_null(rtm_run_bins_find(&bins, 1));
}
END_TEST

START_TEST(of_the_longest_the_oldest_goes_first)
{
	start_empty(128);
	for (size_t i = 0; i < 3; i++) {
		runs[i].n_pages = 50;
		rtm_run_bins_insert(&bins, &runs[i]);
	}
	runs[3].n_pages = 49;
	rtm_run_bins_insert(&bins, &runs[3]);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_ptr_eq(rtm_run_bins_longest(&bins), &runs[i]);
		rtm_run_bins_remove(&bins, &runs[i]);
	}
}
END_TEST

START_TEST(runs_as_long_as_the_address_space_have_a_bin)
{
	size_t most = (size_t)1 << RTM_PAGE_BITS;

	for (size_t i = 0; i < TEST_COUNT(exact_counts); i++) {
		start_empty(exact_counts[i]);
		runs[0].n_pages = most;
		rtm_run_bins_insert(&bins, &runs[0]);
		ck_assert_ptr_eq(rtm_run_bins_find(&bins, most), &runs[0]);
		ck_assert_ptr_null(rtm_run_bins_find(&bins, most + 1));
		ck_assert_ptr_eq(rtm_run_bins_longest(&bins), &runs[0]);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		few_runs_are_always_fitted_best,
		many_runs_are_fitted_well,
		an_empty_bin_is_passed_by,
		of_the_longest_the_oldest_goes_first,
		runs_as_long_as_the_address_space_have_a_bin,
	};

	return test_suite_run("run_bins", tests, TEST_COUNT(tests));
}
