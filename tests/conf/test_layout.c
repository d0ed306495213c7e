/*
 * test_layout.c - size classes from histograms
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/layout.h"
#include "tests/support/suite.h"

#include <string.h>

enum { PAGE = 8192, LARGEST = 262144 };

static struct rtm_histogram histogram;
static union rtm_layout_scratch scratch;

static const struct rtm_layout_goal usual = { RTM_OBJECTIVE_MEMORY,
	RTM_CLASSES_MAX, LARGEST, PAGE };

/* n requests of up to size bytes, all of them alive at the peak. */
static void
count(uint64_t size, uint64_t n)
{
	struct rtm_histogram_bucket *bucket =
	    &histogram.buckets[rtm_histogram_index(size)];

	bucket->n_requests += n;
	bucket->n_live_peak += n;
	bucket->n_bytes += n * size;
}

static void
must_be(const struct rtm_layout *layout, const uint32_t *sizes, unsigned n)
{
	ck_assert_uint_eq(layout->n_classes, n);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(layout->sizes[i], sizes[i]);
}

/* Numbers that repeat from run to run (Marsaglia, "Xorshift RNGs"). */
static uint64_t random_state = 88172645463325252u;

static uint64_t
random_below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static void
fill_randomly(unsigned n_buckets, uint64_t largest)
{
	memset(&histogram, 0, sizeof(histogram));
	for (unsigned i = 0; i < n_buckets; i++) {
		uint64_t size = 1 + random_below(largest >> random_below(10));
		uint64_t n = 1 + random_below(1u << random_below(20));

		count(size, n);
		histogram.buckets[rtm_histogram_index(size)].n_requests +=
		    random_below(1u << random_below(24));
	}
}

START_TEST(every_size_has_one_bucket)
{
	uint64_t before = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		uint64_t upper = rtm_histogram_upper(i);

		ck_assert_uint_gt(upper, before);
		ck_assert_uint_eq(rtm_histogram_lower(i), before);
		ck_assert_uint_eq(rtm_histogram_index(before + 1), i);
		ck_assert_uint_eq(rtm_histogram_index(upper), i);
		/* 8 bytes, or a 64th of the sizes in it */
		ck_assert(upper - before == 8 || upper - before <= before / 64);
		before = upper;
	}
	ck_assert_uint_eq(before, UINT64_C(1) << 47);
	ck_assert_uint_eq(
	    rtm_histogram_index(UINT64_MAX), RTM_HISTOGRAM_BUCKETS - 1);
	ck_assert_uint_eq(rtm_histogram_upper(511), 4096);
	ck_assert_uint_eq(rtm_histogram_upper(512), 4160);
}
END_TEST

/* The reference's vectors. */
START_TEST(greedy_gives_what_older_versions_gave)
{
	struct rtm_layout layout;
	struct rtm_layout_waste waste;

	memset(&histogram, 0, sizeof(histogram));
	waste = rtm_layout_greedy(
	    &histogram, 64, 0.125, LARGEST, &scratch, &layout);
	ck_assert_uint_eq(layout.n_classes, 0);
	ck_assert_double_eq(waste.average, 0);

	count(16, 1000);
	waste = rtm_layout_greedy(
	    &histogram, 64, 0.125, LARGEST, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 16 }, 1);
	ck_assert_double_eq(waste.average, 7.0);

	memset(&histogram, 0, sizeof(histogram));
	count(8, 400);
	count(16, 600);
	rtm_layout_greedy(&histogram, 64, 0.125, LARGEST, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 8, 16 }, 2);

	memset(&histogram, 0, sizeof(histogram));
	for (unsigned size = 8; size <= 80; size += 8)
		count(size, 100);
	waste =
	    rtm_layout_greedy(&histogram, 5, 1.0, LARGEST, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 16, 32, 48, 64, 80 }, 5);
	ck_assert_double_eq(waste.average, 11.0);
	ck_assert_double_eq_tol(waste.fragmentation, 0.2291667, 1e-7);
	rtm_layout_greedy(&histogram, 1, 1.0, LARGEST, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 80 }, 1);
}
END_TEST

/* Older versions gave 136 to 512 classes here. */
START_TEST(greedy_keeps_to_the_number_of_classes)
{
	struct rtm_layout layout;

	for (unsigned round = 0; round < 100; round++) {
		unsigned max = 1 + (unsigned)random_below(RTM_CLASSES_MAX);

		fill_randomly(600, LARGEST);
		rtm_layout_greedy(
		    &histogram, max, 0.125, LARGEST, &scratch, &layout);
		ck_assert_uint_ge(layout.n_classes, 1);
		ck_assert_uint_le(layout.n_classes, max);
		for (unsigned i = 1; i < layout.n_classes; i++)
			ck_assert_uint_gt(layout.sizes[i], layout.sizes[i - 1]);
	}
}
END_TEST

/* A pair that wastes too much is passed over, and a later one is joined. */
START_TEST(greedy_passes_over_a_wasteful_pair)
{
	struct rtm_layout layout;

	memset(&histogram, 0, sizeof(histogram));
	count(8, 1);
	count(256, 1);
	count(2048, 1000);
	count(2304, 1000000);
	rtm_layout_greedy(&histogram, 3, 0.125, LARGEST, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 8, 2048, 2304 }, 3);
}
END_TEST

/* The least price of all tables, by trying each. */
static uint64_t
least_by_force(
    const uint32_t *sizes, unsigned n, const struct rtm_layout_goal *goal)
{
	uint64_t least = UINT64_MAX;

	for (unsigned set = 1u << (n - 1); set < 1u << n; set++) {
		struct rtm_layout layout = { 0 };
		uint64_t cost;

		for (unsigned i = 0; i < n; i++)
			if ((set >> i & 1) != 0)
				layout.sizes[layout.n_classes++] = sizes[i];
		if (layout.n_classes > goal->max_classes)
			continue;
		cost = rtm_layout_cost(&histogram, goal, &layout);
		if (cost < least)
			least = cost;
	}
	return least;
}

/* The sizes that may end a class, found in another way than exact does. */
static unsigned
sizes_in_use(uint32_t *sizes)
{
	unsigned n = 0;

	for (uint64_t size = 1; size <= LARGEST; size++) {
		unsigned i = rtm_histogram_index(size);
		uint32_t end = (uint32_t)rtm_histogram_upper(i);

		if (histogram.buckets[i].n_requests == 0 || size != end)
			continue;
		if (end > 8 && end % 16 != 0)
			end += 8;
		if (n == 0 || sizes[n - 1] != end)
			sizes[n++] = end;
	}
	return n;
}

START_TEST(exact_finds_what_trying_all_tables_finds)
{
	for (unsigned round = 0; round < 150; round++) {
		struct rtm_layout_goal goal = usual;
		struct rtm_layout layout;
		uint32_t sizes[16];
		unsigned n;

		fill_randomly(1 + (unsigned)random_below(10), LARGEST);
		goal.objective = (enum rtm_objective)(round % 3);
		goal.max_classes = 1 + (unsigned)random_below(8);
		n = sizes_in_use(sizes);
		rtm_layout_exact(&histogram, &goal, &scratch, &layout);
		ck_assert_uint_le(layout.n_classes, goal.max_classes);
		ck_assert_uint_eq(rtm_layout_cost(&histogram, &goal, &layout),
		    least_by_force(sizes, n, &goal));
		ck_assert_uint_eq(
		    layout.sizes[layout.n_classes - 1], sizes[n - 1]);
	}
}
END_TEST

START_TEST(exact_is_never_worse_than_greedy)
{
	for (unsigned round = 0; round < 40; round++) {
		struct rtm_layout_goal goal = usual;
		struct rtm_layout exact, greedy;

		fill_randomly(20 + (unsigned)random_below(300), LARGEST);
		goal.objective = (enum rtm_objective)(round % 3);
		goal.max_classes = 1 + (unsigned)random_below(RTM_CLASSES_MAX);
		rtm_layout_greedy(&histogram, goal.max_classes,
		    (double)random_below(100) / 100, LARGEST, &scratch,
		    &greedy);
		rtm_layout_round(&greedy);
		rtm_layout_exact(&histogram, &goal, &scratch, &exact);
		ck_assert_uint_le(rtm_layout_cost(&histogram, &goal, &exact),
		    rtm_layout_cost(&histogram, &goal, &greedy));
	}
}
END_TEST

START_TEST(exact_uses_only_classes_that_malloc_can_use)
{
	struct rtm_layout layout;

	memset(&histogram, 0, sizeof(histogram));
	count(8, 1u << 20);
	count(24, 1u << 20);
	count(40, 1u << 20);
	rtm_layout_exact(&histogram, &usual, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 8, 32, 48 }, 3);

	/* A table with 24 and 40 serves these from 48, or as whole pages. */
	layout = (struct rtm_layout){ .n_classes = 3, .sizes = { 8, 24, 48 } };
	ck_assert_uint_eq(rtm_layout_cost(&histogram, &usual, &layout),
	    rtm_layout_class_cost(&usual, 8, 1u << 20) +
		rtm_layout_class_cost(&usual, 48, 2u << 20));
	layout = (struct rtm_layout){ .n_classes = 2, .sizes = { 8, 40 } };
	ck_assert_uint_eq(rtm_layout_cost(&histogram, &usual, &layout),
	    rtm_layout_class_cost(&usual, 8, 1u << 20) +
		(UINT64_C(2) << 20) * PAGE);
}
END_TEST

/* A class that would save less than it costs is not made. */
START_TEST(exact_makes_no_class_for_a_few_objects)
{
	struct rtm_layout layout;

	memset(&histogram, 0, sizeof(histogram));
	count(48, 3);
	count(64, 1u << 20);
	rtm_layout_exact(&histogram, &usual, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 64 }, 1);
	count(48, 1u << 20);
	rtm_layout_exact(&histogram, &usual, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 48, 64 }, 2);
}
END_TEST

/* Memory looks at what lives, speed at what is asked for. */
START_TEST(the_objective_decides_what_counts)
{
	struct rtm_layout_goal goal = usual;
	struct rtm_layout layout;

	memset(&histogram, 0, sizeof(histogram));
	count(1024, 1u << 20);
	count(640, 1);
	histogram.buckets[rtm_histogram_index(640)].n_requests = 1u << 30;
	rtm_layout_exact(&histogram, &goal, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 1024 }, 1);
	goal.objective = RTM_OBJECTIVE_SPEED;
	rtm_layout_exact(&histogram, &goal, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 640, 1024 }, 2);
	goal.objective = RTM_OBJECTIVE_BALANCED;
	rtm_layout_exact(&histogram, &goal, &scratch, &layout);
	must_be(&layout, (const uint32_t[]){ 640, 1024 }, 2);
}
END_TEST

/* Whoever wants speed gets no shorter span than by leaving pages out. */
START_TEST(short_spans_are_for_memory_alone)
{
	struct rtm_layout_goal goal = usual;
	struct rtm_layout layout = { .n_classes = 2, .sizes = { 64, 1024 } };

	memset(&histogram, 0, sizeof(histogram));
	count(64, 1u << 20);
	count(1024, 1u << 20);
	rtm_layout_choose_pages(&histogram, &goal, &layout);
	ck_assert_uint_eq(layout.n_pages[0], 1);
	ck_assert_uint_eq(layout.n_pages[1], 1);
	for (unsigned o = RTM_OBJECTIVE_SPEED; o <= RTM_OBJECTIVE_BALANCED;
	     o++) {
		goal.objective = (enum rtm_objective)o;
		rtm_layout_choose_pages(&histogram, &goal, &layout);
		ck_assert_uint_eq(
		    layout.n_pages[0], rtm_conf_own_pages(64, PAGE));
		ck_assert_uint_eq(
		    layout.n_pages[1], rtm_conf_own_pages(1024, PAGE));
	}
}
END_TEST

START_TEST(a_finished_table_serves_every_size)
{
	for (unsigned round = 0; round < 60; round++) {
		struct rtm_layout_goal goal = usual;
		struct rtm_layout layout, exact;
		unsigned n_same = 0;

		fill_randomly((unsigned)random_below(1 + 10 * round), LARGEST);
		goal.objective = (enum rtm_objective)(round % 3);
		goal.max_classes = 1 + (unsigned)random_below(RTM_CLASSES_MAX);
		rtm_layout_finish(
		    &histogram, &goal, goal.largest, &scratch, &layout);
		ck_assert_uint_ge(layout.n_classes, 1);
		ck_assert_uint_le(layout.n_classes, RTM_CLASSES_MAX);
		ck_assert_uint_eq(layout.sizes[layout.n_classes - 1], LARGEST);
		for (unsigned i = 1; i < layout.n_classes; i++) {
			ck_assert_uint_gt(layout.sizes[i], layout.sizes[i - 1]);
			ck_assert_uint_eq(layout.sizes[i] % 16, 0);
		}
		/* With room for all, exact's classes are all there. */
		goal.max_classes = 8;
		rtm_layout_exact(&histogram, &goal, &scratch, &exact);
		rtm_layout_finish(
		    &histogram, &goal, goal.largest, &scratch, &layout);
		for (unsigned i = 0; i < layout.n_classes; i++)
			if (n_same < exact.n_classes &&
			    layout.sizes[i] == exact.sizes[n_same])
				n_same++;
		ck_assert_uint_eq(n_same, exact.n_classes);
		ck_assert_uint_le(rtm_layout_cost(&histogram, &goal, &layout),
		    rtm_layout_cost(&histogram, &goal, &exact));
	}
}
END_TEST

START_TEST(gaps_and_the_top_get_a_ladder)
{
	struct rtm_layout layout;

	memset(&histogram, 0, sizeof(histogram));
	count(48, 1u << 20);
	count(1000, 1u << 20);
	rtm_layout_finish(&histogram, &usual, usual.largest, &scratch, &layout);
	must_be(&layout,
	    (const uint32_t[]){ 16, 32, 48, 128, 256, 512, 1008, 1280, 1536,
		1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192,
		10240, 12288, 14336, 16384, 20480, 24576, 28672, 32768, 40960,
		49152, 57344, 65536, 81920, 98304, 114688, 131072, 163840,
		196608, 229376, 262144 },
	    39);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		every_size_has_one_bucket,
		greedy_gives_what_older_versions_gave,
		greedy_keeps_to_the_number_of_classes,
		greedy_passes_over_a_wasteful_pair,
		exact_finds_what_trying_all_tables_finds,
		exact_is_never_worse_than_greedy,
		exact_uses_only_classes_that_malloc_can_use,
		exact_makes_no_class_for_a_few_objects,
		the_objective_decides_what_counts,
		short_spans_are_for_memory_alone,
		a_finished_table_serves_every_size,
		gaps_and_the_top_get_a_ladder,
	};

	return test_suite_run(
	    "layout", tests, sizeof(tests) / sizeof(tests[0]));
}
