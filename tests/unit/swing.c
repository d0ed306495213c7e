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
