/*
 * test_tracked.c - api/tracked: the allocator under memcheck
 *
 * It works without memcheck as well, which then is told nothing; run under
 * it, the cases also ask what the program may touch.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/tracked.h"
#include "base/track.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

enum { RING_BLOCKS = 1024 }; /* that rest after they are freed */

static const size_t sizes[] = { 0, 1, 7, 8, 16, 100, 1000, 4096, 8192, KIB(40),
	KIB(300), MIB(1) };

static void
free_it(void *block)
{
	rtm_tracked_free(block, "free");
}

/* Without memcheck, whatever is hoped for. */
static bool
may_touch(const char *byte, bool hope)
{
#if RTM_HAVE_VALGRIND
	unsigned char bits;

	if (rtm_track_wanted())
		return VALGRIND_GET_VBITS(byte, &bits, 1) == 1;
#endif
	(void)byte;
	return hope;
}

START_TEST(a_block_has_the_size_that_was_asked_for)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++)
		for (size_t align = 1; align <= KIB(64); align *= 4) {
			size_t n = sizes[i];
			char *block = rtm_tracked_alloc(align, n, false);

			ck_assert_ptr_nonnull(block);
			ck_assert_uint_eq((uintptr_t)block % align, 0);
			ck_assert_uint_eq((uintptr_t)block % 16, 0);
			memset(block, 7, n);
			ck_assert_uint_eq(
			    rtm_tracked_usable_size(block, "test"), n);
			ck_assert(!may_touch(block + n, false));
			ck_assert(!may_touch(block + n + 15, false));
			ck_assert(n == 0 || may_touch(block + n - 1, true));
			rtm_tracked_free(block, "free");
			ck_assert(!may_touch(block, false));
		}
}
END_TEST

START_TEST(a_zeroed_block_is_zero)
{
	for (int round = 0; round < 3 * RING_BLOCKS; round++) {
		char *block = rtm_tracked_alloc(1, 1000, true);

		test_require(test_is_zero(block, 1000));
		memset(block, 7, 1000);
		rtm_tracked_free(block, "free");
	}
}
END_TEST

START_TEST(a_freed_block_rests_before_it_is_used_again)
{
	void *first = rtm_tracked_alloc(1, 100, false);
	bool was_seen = false;

	rtm_tracked_free(first, "free");
	for (int i = 0; i < RING_BLOCKS; i++) {
		void *block = rtm_tracked_alloc(1, 100, false);

		ck_assert_ptr_ne(block, first);
		rtm_tracked_free(block, "free");
	}
	for (int i = 0; i < RING_BLOCKS && !was_seen; i++) {
		void *block = rtm_tracked_alloc(1, 100, false);

		was_seen = block == first;
		rtm_tracked_free(block, "free");
	}
	ck_assert(was_seen);
}
END_TEST

START_TEST(realloc_copies_to_a_new_block)
{
	char *block = rtm_tracked_alloc(1, 100, false);

	test_fill(block, 100);
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		size_t n = sizes[i] + 10;
		size_t n_before = rtm_tracked_usable_size(block, "test");
		uintptr_t address = (uintptr_t)block;
		char *copy = rtm_tracked_realloc(block, n);

		ck_assert_ptr_nonnull(copy);
		ck_assert((uintptr_t)copy != address);
		test_verify_moved(
		    copy, n < n_before ? n : n_before, address, n_before);
		test_fill(copy, n);
		block = copy;
	}
	errno = 0;
	ck_assert_ptr_null(rtm_tracked_realloc(block, PTRDIFF_MAX));
	ck_assert_int_eq(errno, ENOMEM);
	test_verify(block, MIB(1) + 10);
	rtm_tracked_free(block, "free");
}
END_TEST

START_TEST(impossible_sizes_are_null)
{
	ck_assert_ptr_null(rtm_tracked_alloc(1, SIZE_MAX, false));
	ck_assert_ptr_null(rtm_tracked_alloc(1, SIZE_MAX - 20, true));
	ck_assert_ptr_null(rtm_tracked_alloc(64, PTRDIFF_MAX, false));
	/* Of 32 bits, a process may have 2 GiB. */
	if (sizeof(size_t) == 8)
		ck_assert_ptr_null(
		    rtm_tracked_alloc(1, (size_t)PTRDIFF_MAX - 32, false));
}
END_TEST

START_TEST(mistakes_die)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		char *block = rtm_tracked_alloc(1, sizes[i], false);

		unit_expect_death(
		    free_it, block + 8, "points into the middle of an object");
		rtm_tracked_free(block, "free");
		unit_expect_death(free_it, block, "): double free");
	}
	unit_expect_death(free_it, &errno, "not a pointer from this allocator");
}
END_TEST

/* Every case starts where a process under memcheck does. */
int
main(void)
{
	const TTest *const tests[] = {
		a_block_has_the_size_that_was_asked_for,
		a_zeroed_block_is_zero,
		a_freed_block_rests_before_it_is_used_again,
		realloc_copies_to_a_new_block,
		impossible_sizes_are_null,
		mistakes_die,
	};

	rtm_tracked_is_on = true;
	return test_suite_run("tracked", tests, TEST_COUNT(tests));
}
