/*
 * test_format.c - base/format: numbers, and texts that do not fit
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/format.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t numbers[] = { 0, 1, 9, 10, 99, 100, 4294967295u,
	4294967296u, UINT64_MAX / 10, UINT64_MAX - 1, UINT64_MAX };

START_TEST(numbers_read_as_printf_writes_them)
{
	for (size_t i = 0; i < TEST_COUNT(numbers); i++) {
		char ours[64], theirs[64];
		struct rtm_text text;

		rtm_text_init(&text, ours, sizeof(ours));
		rtm_text_add_number(&text, numbers[i]);
		snprintf(theirs, sizeof(theirs), "%" PRIu64, numbers[i]);
		ck_assert_str_eq(ours, theirs);
		ck_assert_uint_eq(text.length, strlen(theirs));
	}
}
END_TEST

START_TEST(a_pointer_is_hexadecimal)
{
	char buffer[64];
	struct rtm_text text;

	rtm_text_init(&text, buffer, sizeof(buffer));
	rtm_text_add_pointer(&text, (void *)((uintptr_t)-1 / 15 * 11));
	rtm_text_add(&text, " ");
	rtm_text_add_pointer(&text, NULL);
	ck_assert_str_eq(buffer,
	    sizeof(void *) == 8 ? "0xbbbbbbbbbbbbbbbb 0x0" : "0xbbbbbbbb 0x0");
}
END_TEST

START_TEST(a_new_text_is_empty)
{
	char buffer[4] = "old";
	struct rtm_text text;

	rtm_text_init(&text, buffer, sizeof(buffer));
	ck_assert_str_eq(buffer, "");
	ck_assert_uint_eq(text.length, 0);
	ck_assert(!text.is_cut);
}
END_TEST

START_TEST(what_does_not_fit_is_cut_and_said)
{
	static const char whole[] = "abc12345def";

	for (size_t n_bytes = 1; n_bytes <= sizeof(whole) + 1; n_bytes++) {
		char buffer[sizeof(whole) + 2];
		struct rtm_text text;
		size_t n_kept =
		    n_bytes < sizeof(whole) ? n_bytes - 1 : sizeof(whole) - 1;

		memset(buffer, '#', sizeof(buffer));
		rtm_text_init(&text, buffer, n_bytes);
		rtm_text_add(&text, "abc");
		rtm_text_add_number(&text, 12345);
		rtm_text_add_bytes(&text, "defghi", 3);
		ck_assert_uint_eq(text.length, n_kept);
		ck_assert_uint_eq(strlen(buffer), n_kept);
		ck_assert(memcmp(buffer, whole, n_kept) == 0);
		ck_assert_int_eq(text.is_cut, n_bytes < sizeof(whole));
		for (size_t i = n_bytes; i < sizeof(buffer); i++)
			ck_assert_int_eq(buffer[i], '#');
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		numbers_read_as_printf_writes_them,
		a_pointer_is_hexadecimal,
		a_new_text_is_empty,
		what_does_not_fit_is_cut_and_said,
	};

	return test_suite_run("format", tests, TEST_COUNT(tests));
}
