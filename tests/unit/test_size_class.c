/*
 * test_size_class.c - middle/size_class: every size, and odd tables
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/size_class.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct rtm_conf conf;

/* As at the start of a process. */
static void
start_with(const uint32_t *sizes, unsigned n_classes)
{
	conf = rtm_conf_default;
	memset(conf.classes, 0, sizeof(conf.classes));
	conf.n_classes = n_classes;
	for (unsigned i = 0; i < n_classes; i++)
		conf.classes[i].size = sizes[i];
	rtm_conf_complete(&conf);
	memset(rtm_size_classes, 0, sizeof(rtm_size_classes));
	memset(rtm_size_class_table, 0, sizeof(rtm_size_class_table));
	memset(rtm_size_class_coarse, 0, sizeof(rtm_size_class_coarse));
	rtm_size_class_max = 0;
	rtm_size_class_init(&conf);
}

/* Above 8 bytes an object is 16-aligned, so its class is a multiple. */
static bool
serves(uint32_t size, size_t n_bytes)
{
	return size >= n_bytes && (n_bytes <= 8 || size % 16 == 0);
}

/* The smallest class that serves each size is the one that is found. */
static void
check_sizes(size_t step)
{
	unsigned want = 1; /* rises with the size */

	for (size_t n = 0; n <= RTM_CLASS_SIZE_MAX + 1; n++) {
		while (want <= conf.n_classes &&
		    !serves(conf.classes[want - 1].size, n))
			want++;
		/* All sizes next to a class's, and some in between. */
		bool is_edge = n % 8 <= 1 || n % 8 == 7;

		if (!is_edge || (step > 1 && n / 8 % step != 0))
			continue;
		test_require_msg(
		    rtm_size_class_of(n) == (want <= conf.n_classes ? want : 0),
		    "size %zu: class %u where %u is due", n,
		    rtm_size_class_of(n), want);
	}
	test_require(rtm_size_class_of(SIZE_MAX) == 0);
	test_require(rtm_size_class_of(TEST_POWER(47)) == 0);
}

START_TEST(every_size_gets_the_smallest_class_that_serves_it)
{
	uint32_t sizes[RTM_CLASSES_MAX];

	for (unsigned i = 0; i < rtm_conf_default.n_classes; i++)
		sizes[i] = rtm_conf_default.classes[i].size;
	start_with(sizes, rtm_conf_default.n_classes);
	check_sizes(1);
}
END_TEST

START_TEST(tables_of_one_class_serve_what_they_can)
{
	static const uint32_t lone[] = { 8, 16, 24, 48, 32768, 32776, 32784,
		65536, RTM_CLASS_SIZE_MAX - 8, RTM_CLASS_SIZE_MAX };

	for (size_t i = 0; i < TEST_COUNT(lone); i++) {
		start_with(&lone[i], 1);
		check_sizes(test_is_slow() ? 16 : 1);
	}
}
END_TEST

/* Random multiples of 8, rising, of any number up to the most there may be. */
static void
make_odd_table(struct test_rng *rng, unsigned n_classes)
{
	bool is_in[RTM_CLASS_SIZE_MAX / 8 + 1] = { false };
	uint32_t sizes[RTM_CLASSES_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < n_classes;) {
		size_t unit = (test_rng_size(rng, RTM_CLASS_SIZE_MAX) + 7) / 8;

		i += !is_in[unit];
		is_in[unit] = true;
	}
	for (uint32_t unit = 1; unit <= RTM_CLASS_SIZE_MAX / 8; unit++)
		if (is_in[unit])
			sizes[n++] = 8 * unit;
	start_with(sizes, n);
}

START_TEST(odd_tables_serve_every_size)
{
	struct test_rng rng;

	test_rng_init(&rng, test_seed());
	for (unsigned n = 1; n <= RTM_CLASSES_MAX;
	     n += test_is_slow() ? 31 : 2) {
		make_odd_table(&rng, n);
		check_sizes(test_is_slow() ? 16 : 1);
	}
}
END_TEST

START_TEST(a_class_is_described_as_its_row_says)
{
	unit_start_classes();
	ck_assert_uint_eq(rtm_size_class_last, rtm_conf_default.n_classes);
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		const struct rtm_size_class *class = &rtm_size_classes[c];
		const struct rtm_class_spec *row =
		    &rtm_conf_default.classes[c - 1];
		size_t n_bytes = row->n_pages * RTM_PAGE_SIZE;

		ck_assert_uint_eq(class->size, row->size);
		ck_assert_uint_eq(class->n_pages, row->n_pages);
		ck_assert_uint_eq(class->batch, row->batch);
		ck_assert_uint_eq(class->n_objects, n_bytes / row->size);
		ck_assert_uint_ge(class->n_objects, 1);
		ck_assert_uint_ge(class->bin_max, 2);
		ck_assert_uint_ge(class->transfer_max, class->batch);
		ck_assert_uint_eq(rtm_divide((uint32_t)n_bytes - 1, row->size,
				      class->reciprocal),
		    (n_bytes - 1) / row->size);
	}
}
END_TEST

/* Spans begin at a page: a multiple of the alignment lies aligned. */
START_TEST(an_aligned_class_is_the_smallest_multiple)
{
	unit_start_classes();
	for (size_t alignment = 16; alignment <= RTM_PAGE_SIZE; alignment *= 2)
		for (size_t n = 1; n <= KIB(300); n += n / 7 + 1) {
			sclass_t found = rtm_size_class_aligned(n, alignment);
			unsigned want = 1;

			while (want <= rtm_size_class_last &&
			    (rtm_size_classes[want].size < n ||
				rtm_size_classes[want].size % alignment != 0))
				want++;
			ck_assert_uint_eq(
			    found, want <= rtm_size_class_last ? want : 0);
		}
}
END_TEST

START_TEST(before_the_start_no_size_has_a_class)
{
	for (size_t n = 0; n <= RTM_TABLE_MAX; n += 100)
		ck_assert_uint_eq(rtm_size_class_of(n), 0);
	ck_assert_uint_eq(rtm_size_class_of(100000), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		every_size_gets_the_smallest_class_that_serves_it,
		tables_of_one_class_serve_what_they_can,
		odd_tables_serve_every_size,
		a_class_is_described_as_its_row_says,
		an_aligned_class_is_the_smallest_multiple,
		before_the_start_no_size_has_a_class,
	};

	return test_suite_run("size_class", tests, TEST_COUNT(tests));
}
