/*
 * test_memory.c - os/memory: reserve, open, give back, move
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/track.h"
#include "os/memory.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static void
read_byte(void *address)
{
	(void)*(volatile char *)address;
}

static void
write_byte(void *address)
{
	*(volatile char *)address = 1;
}

START_TEST(reserved_space_faults_until_it_is_opened)
{
	char *base = rtm_mem_reserve(MIB(4), MIB(2));

	ck_assert_uint_eq((uintptr_t)base % MIB(2), 0);
	unit_expect_signal(read_byte, base, SIGSEGV, "");
	ck_assert(rtm_mem_open(base + MIB(1), KIB(64)));
	ck_assert(test_is_zero(base + MIB(1), KIB(64)));
	memset(base + MIB(1), 7, KIB(64));
	unit_expect_signal(read_byte, base + MIB(1) - 1, SIGSEGV, "");
	unit_expect_signal(read_byte, base + MIB(1) + KIB(64), SIGSEGV, "");
	rtm_mem_unmap(base, MIB(4));
	unit_expect_signal(read_byte, base + MIB(1), SIGSEGV, "");
}
END_TEST

START_TEST(reserved_zeros_can_be_read_only)
{
	char *base = rtm_mem_reserve_zeros(MIB(4));

	ck_assert_ptr_nonnull(base);
	ck_assert(test_is_zero(base, MIB(1)));
	unit_expect_signal(write_byte, base, SIGSEGV, "");
	ck_assert(rtm_mem_open(base, KIB(64)));
	write_byte(base);
	unit_expect_signal(write_byte, base + KIB(64), SIGSEGV, "");
	rtm_mem_unmap(base, MIB(4));
}
END_TEST

START_TEST(mapped_memory_is_zero_and_aligned)
{
	for (size_t alignment = 64; alignment <= MIB(32); alignment *= 2) {
		char *base = rtm_mem_map(KIB(80), alignment);

		ck_assert_uint_eq((uintptr_t)base % alignment, 0);
		ck_assert(test_is_zero(base, KIB(80)));
		memset(base, 1, KIB(80));
		rtm_mem_unmap(base, KIB(80));
	}
}
END_TEST

START_TEST(what_cannot_be_had_is_null_and_keeps_errno)
{
	errno = EDOM;
	ck_assert_ptr_null(rtm_mem_map(TEST_TOO_MUCH, 4096));
	ck_assert_ptr_null(rtm_mem_reserve(SIZE_MAX - 4095, MIB(2)));
	ck_assert_ptr_null(rtm_mem_reserve_zeros(TEST_TOO_MUCH));
	ck_assert(!rtm_mem_open((char *)rtm_mem_page_size(), KIB(64)) ||
	    test_is_emulated()); /* qemu-user has it mapped */
	ck_assert_int_eq(errno, EDOM);
}
END_TEST

START_TEST(decommitted_pages_read_as_zeros)
{
	size_t page = rtm_mem_page_size();
	char *base = rtm_mem_map(8 * page, page);

	memset(base, 7, 8 * page);
	errno = EDOM;
	ck_assert(rtm_mem_decommit(base + 2 * page, 3 * page));
	ck_assert(test_is_zero(base + 2 * page, 3 * page));
	ck_assert_int_eq(base[2 * page - 1], 7);
	ck_assert_int_eq(base[5 * page], 7);
	memset(base + 2 * page, 9, 3 * page);
	ck_assert_int_eq(errno, EDOM);
	rtm_mem_unmap(base, 8 * page);
}
END_TEST

START_TEST(what_cannot_be_decommitted_stays)
{
	size_t page = rtm_mem_page_size();
	char *base = rtm_mem_map(4 * page, page);

	memset(base, 7, 4 * page);
	errno = EDOM;
	ck_assert(!rtm_mem_decommit(base + 1, page));
	ck_assert(!rtm_mem_decommit(base, page / 2));
	if (mlock(base + page, page) == 0)
		ck_assert(!rtm_mem_decommit(base, 4 * page) ||
		    rtm_track_is_simulated());
	ck_assert_int_eq(base[page], 7);
	ck_assert_int_eq(errno, EDOM);
	rtm_mem_unmap(base, 4 * page);
}
END_TEST

START_TEST(a_move_takes_the_contents_along)
{
	size_t n_bytes = 16 * rtm_mem_page_size();
	char *from = rtm_mem_map(n_bytes, 64);
	char *to = rtm_mem_map(n_bytes, 64);

	memset(from, 7, n_bytes);
	memset(to, 9, n_bytes);
	errno = EDOM;

	enum rtm_move result = rtm_mem_move(from, to, n_bytes);

	ck_assert_int_eq(errno, EDOM);
	if (result == RTM_MOVE_REFUSED) { /* valgrind does not know the call */
		ck_assert(rtm_track_is_simulated() || test_is_emulated());
		ck_assert_int_eq(to[0], 9);
		ck_assert_int_eq(from[n_bytes - 1], 7);
		return;
	}
	ck_assert_int_eq(result, RTM_MOVE_DONE);
	for (size_t i = 0; i < n_bytes; i++)
		test_require(to[i] == 7);
	ck_assert(test_is_zero(from, n_bytes));
	memset(from, 5, n_bytes); /* it is still open */
	ck_assert_int_eq(to[0], 7);
	ck_assert(rtm_mem_decommit(from, n_bytes)); /* and ours to give back */
	ck_assert(test_is_zero(from, n_bytes));
}
END_TEST

START_TEST(a_move_onto_itself_is_refused)
{
	size_t page = rtm_mem_page_size();
	char *base = rtm_mem_map(4 * page, page);

	memset(base, 7, 4 * page);
	ck_assert_int_eq(
	    rtm_mem_move(base, base + page, 2 * page), RTM_MOVE_REFUSED);
	for (size_t i = 0; i < 4 * page; i++)
		test_require(base[i] == 7);
}
END_TEST

START_TEST(a_limit_of_address_space_is_seen)
{
	struct rlimit limit = { 0, 0 };

	ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(
	    rtm_mem_is_space_limited(), limit.rlim_cur != RLIM_INFINITY);
	limit.rlim_cur = (rlim_t)TEST_POWER(45);
	if (setrlimit(RLIMIT_AS, &limit) == 0)
		ck_assert(rtm_mem_is_space_limited() ||
		    test_is_emulated()); /* qemu-user does as if */
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		reserved_space_faults_until_it_is_opened,
		reserved_zeros_can_be_read_only,
		mapped_memory_is_zero_and_aligned,
		what_cannot_be_had_is_null_and_keeps_errno,
		decommitted_pages_read_as_zeros,
		what_cannot_be_decommitted_stays,
		a_move_takes_the_contents_along,
		a_move_onto_itself_is_refused,
		a_limit_of_address_space_is_seen,
	};

	return test_suite_run("memory", tests, TEST_COUNT(tests));
}
