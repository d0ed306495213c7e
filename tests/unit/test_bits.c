/*
 * test_bits.c - base/bits: rounding, bit search, division by multiplication
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/bits.h"
#include "conf/conf.h"
#include "tests/unit/unit.h"

START_TEST(rounding_goes_to_the_next_multiple)
{
	for (size_t to = 1; to <= 64; to *= 2)
		for (size_t n = 0; n <= 200; n++) {
			ck_assert_uint_eq(
			    rtm_round_up(n, to), (n + to - 1) / to * to);
			ck_assert_uint_eq(rtm_round_down(n, to), n / to * to);
		}
	ck_assert_uint_eq(rtm_round_up((size_t)PTRDIFF_MAX, 8192),
	    (size_t)PTRDIFF_MAX + 1);
}
END_TEST

START_TEST(bits_are_found_where_they_are)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t n = (uint64_t)1 << bit;

		ck_assert_uint_eq(rtm_log2_floor(n), bit);
		ck_assert_uint_eq(rtm_log2_floor(n | (n - 1)), bit);
		ck_assert_uint_eq(rtm_lowest_bit(n), bit);
		ck_assert_uint_eq(rtm_lowest_bit(~(uint64_t)0 << bit), bit);
		if ((size_t)n != n)
			continue;
		ck_assert(rtm_is_power_of_two((size_t)n));
		ck_assert_int_eq(rtm_is_power_of_two((size_t)n + 1), n == 1);
	}
	ck_assert(!rtm_is_power_of_two(0));
}
END_TEST

/* Where a wrong reciprocal shows first: next to the multiples. */
static void
divide_near_multiples(uint32_t size, size_t span_bytes)
{
	uint32_t reciprocal = rtm_reciprocal(size, span_bytes);

	for (size_t at = 0; at < span_bytes; at += size)
		for (int beside = -1; beside <= 1; beside++) {
			uint32_t offset = (uint32_t)at + (uint32_t)beside;

			if (offset < span_bytes)
				test_require_msg(
				    rtm_divide(offset, size, reciprocal) ==
				        offset / size,
				    "%u / %u", offset, size);
		}
}

START_TEST(dividing_is_exact_for_every_offset_in_a_span_of_every_class)
{
	const struct rtm_conf *conf = &rtm_conf_default;
	size_t step = test_is_slow() ? 61 : 1;

	for (unsigned c = 0; c < conf->n_classes; c++) {
		uint32_t size = conf->classes[c].size;
		size_t n_bytes = conf->classes[c].n_pages * RTM_PAGE_SIZE;
		uint32_t reciprocal = rtm_reciprocal(size, n_bytes);

		for (size_t at = 0; at < n_bytes; at += step)
			test_require(rtm_divide((uint32_t)at, size,
			                 reciprocal) == at / size);
	}
}
END_TEST

START_TEST(dividing_is_exact_for_classes_that_people_may_ask_for)
{
	uint32_t step = test_is_slow() ? 8 * 101 : 8;

	for (uint32_t size = 8; size <= RTM_CLASS_SIZE_MAX; size += step) {
		uint32_t n_least =
		    (uint32_t)((size + RTM_PAGE_SIZE - 1) / RTM_PAGE_SIZE);

		divide_near_multiples(size, n_least * RTM_PAGE_SIZE);
		if (size % 1000 == 0)
			divide_near_multiples(
			    size, RTM_SPAN_PAGES_MAX * RTM_PAGE_SIZE);
	}
}
END_TEST

START_TEST(what_would_not_be_exact_has_no_reciprocal)
{
	ck_assert_uint_eq(rtm_reciprocal(1, 8192), 0);
	ck_assert_uint_eq(rtm_reciprocal(1 << 20, RTM_MIB(2)), 0);
	ck_assert_uint_ne(rtm_reciprocal(1000, 8192), 0);
	ck_assert_uint_eq(rtm_divide(1999999, 1 << 20, 0), 1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		rounding_goes_to_the_next_multiple,
		bits_are_found_where_they_are,
		dividing_is_exact_for_every_offset_in_a_span_of_every_class,
		dividing_is_exact_for_classes_that_people_may_ask_for,
		what_would_not_be_exact_has_no_reciprocal,
	};

	return test_suite_run("bits", tests, TEST_COUNT(tests));
}
