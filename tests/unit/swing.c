/*
 * swing.c - what the suites of reserves share: a bin that runs full and empty
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/unit/swing.h"
#include "front/drain.h"
#include "front/reserve.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"

#include <string.h>

void *swing_objects[SWING_MAX];
static const struct swing_way *way;

void
swing_use(const struct swing_way *new_way)
{
	way = new_way;
}

void
swing_take(sclass_t class, void **objects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		objects[i] = way->take(class);
}

void
swing_give(sclass_t class, void **objects, size_t n)
{
	for (size_t i = n; i-- > 0;)
		way->give(class, objects[i]);
}

size_t
swing_length(sclass_t class)
{
	return 11 * (size_t)rtm_size_classes[class].bin_max / 2;
}

sclass_t
swing(size_t size)
{
	sclass_t class = rtm_size_class_of(size);
	size_t n = swing_length(class);

	for (int round = 0; round < 4; round++) {
		swing_take(class, swing_objects, n);
		swing_give(class, swing_objects, n);
		way->check();
	}
	return class;
}

uint64_t
swing_fetched(sclass_t class)
{
	struct rtm_central_stats central;
	struct rtm_transfer_stats transfer;

	rtm_central_list_stats(class, &central);
	rtm_transfer_cache_stats(class, &transfer);
	return central.n_taken + transfer.n_taken;
}

size_t
swing_kept(sclass_t class)
{
	const struct rtm_reserve *reserve = way->reserve();

	return reserve != NULL ? reserve->bins[class].n_objects : 0;
}

/* ----------------------------------------------------------------- tests */

void
swing_test_order(void)
{
	sclass_t class = swing(SWING_SIZE);
	size_t n = swing_length(class);
	uint64_t n_before = swing_fetched(class);
	void **before = swing_objects + n;

	ck_assert_uint_ge(
	    swing_kept(class), 3 * rtm_size_classes[class].bin_max);
	memmove(before, swing_objects, n * sizeof(*before));
	swing_take(class, swing_objects, n);
	ck_assert_uint_eq(swing_fetched(class), n_before);
	ck_assert_mem_eq(swing_objects, before, n * sizeof(*before));
	ck_assert_uint_eq(swing_kept(class), 0);
	way->check();
}

static void
take_and_give(sclass_t class, size_t n)
{
	for (int round = 0; round < 4; round++) {
		swing_take(class, swing_objects, n);
		swing_give(class, swing_objects, n);
	}
}

void
swing_test_short_and_one_way(void)
{
	sclass_t class = rtm_size_class_of(SWING_SIZE);
	sclass_t taken = rtm_size_class_of(128);

	take_and_give(class, 2 * (size_t)rtm_size_classes[class].bin_max);
	ck_assert(!rtm_reserve_is_for(way->reserve(), class));
	swing_take(taken, swing_objects, SWING_MAX);
	ck_assert(!rtm_reserve_is_for(way->reserve(), taken));
	swing_give(taken, swing_objects, SWING_MAX);
	ck_assert(!rtm_reserve_is_for(way->reserve(), taken));
	ck_assert_uint_eq(swing_kept(class) + swing_kept(taken), 0);
}

void
swing_test_too_far(void)
{
	sclass_t class = rtm_size_class_of(1024);

	take_and_give(class, MIB(5) / 1024);
	ck_assert_uint_eq(swing_kept(class), 0);
	swing(1024);
	ck_assert_uint_gt(swing_kept(class), 0);
}

void
swing_test_giver(void)
{
	sclass_t class = swing(SWING_SIZE);
	size_t n_in = 0;

	while (n_in < SWING_MAX)
		n_in += rtm_central_list_take(
		    class, 0, swing_objects + n_in, SWING_MAX - n_in);
	swing_give(class, swing_objects, n_in);
	ck_assert(!rtm_reserve_is_for(way->reserve(), class));
	way->check();
}

void
swing_test_other_classes(void)
{
	sclass_t class = swing(SWING_SIZE);

	ck_assert_uint_gt(swing_kept(class), 0);
	swing_take(rtm_size_class_of(256), swing_objects, SWING_MAX);
	ck_assert_uint_eq(swing_kept(class), 0);
	way->check();
}

void
swing_test_fresh(void (*note_fresh)(size_t n_bytes))
{
	sclass_t class = swing(SWING_SIZE);
	size_t n_before = swing_kept(class);

	note_fresh(1);
	ck_assert_uint_eq(swing_kept(class), n_before); /* it was touched */
	note_fresh(1);
	ck_assert_uint_lt(swing_kept(class), n_before);
	ck_assert_uint_gt(swing_kept(class), 0);
	for (int i = 0; i < 2; i++)
		note_fresh(MIB(1));
	ck_assert_uint_eq(swing_kept(class), 0);
	way->check();
}

void
swing_test_quiet_drain(void)
{
	sclass_t class = swing(SWING_SIZE);

	for (int round = 0; round < 3; round++) {
		ck_assert_uint_eq(rtm_drain_reserves(false), 0);
		swing(SWING_SIZE);
	}
	ck_assert_uint_gt(swing_kept(class), 0);
	ck_assert_uint_eq(rtm_drain_reserves(false), 0);
	ck_assert_uint_gt(rtm_drain_reserves(false), 0);
	ck_assert_uint_eq(swing_kept(class), 0);
}

/* --------------------------------------------------------------- threads */

static atomic_uint n_done;

/* With blocks of its own. */
static void
swing_and_look(sclass_t class, size_t number)
{
	void *mine[6000];

	swing_take(class, mine, TEST_COUNT(mine));
	for (size_t i = 0; i < TEST_COUNT(mine); i++)
		memset(mine[i], (int)number, 32);
	for (size_t i = 0; i < TEST_COUNT(mine); i++)
		test_require(((unsigned char *)mine[i])[31] == number);
	swing_give(class, mine, TEST_COUNT(mine));
}

void
swing_or_drain(size_t number)
{
	if (number == 0) {
		while (atomic_load(&n_done) < UNIT_THREADS - 1)
			rtm_drain_reserves(true);
		return;
	}
	way->begin();
	for (size_t round = 0; round < test_rounds(100); round++)
		swing_and_look(rtm_size_class_of(32), number);
	way->end();
	atomic_fetch_add(&n_done, 1);
}

void
swing_with_a_double(void *size_class)
{
	sclass_t class = *(sclass_t *)size_class;
	size_t n = swing_length(class);

	swing_take(class, swing_objects, n);
	swing_objects[n / 2 + 1] = swing_objects[n / 2];
	swing_give(class, swing_objects, n);
}
