/*
 * swing.h - what the suites of reserves share: a bin that runs full and empty
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_UNIT_SWING_H
#define TESTS_UNIT_SWING_H

#include "tests/unit/unit.h"

enum { SWING_SIZE = 64, SWING_MAX = 20000 };

/* The objects of the thread that swings alone. */
extern void *swing_objects[SWING_MAX];

/* How a thread takes and gives an object, and how it begins and ends. */
struct swing_way {
	void *(*take)(sclass_t class);
	void (*give)(sclass_t class, void *object);
	void (*begin)(void);
	void (*end)(void);
	void (*check)(void); /* after each swing */
};

/* From now on all of this goes that way. */
void swing_use(const struct swing_way *way);

void swing_take(sclass_t class, void **objects, size_t n);

/* The one that was taken last first. */
void swing_give(sclass_t class, void **objects, size_t n);

/* So many that the bin overflows five times, and then some. */
size_t swing_length(sclass_t class);

/* The second time round it is known, and from the third on it is kept. */
sclass_t swing(size_t size);

/* Objects that left the middle tier up to now. */
uint64_t swing_fetched(sclass_t class);

/* For unit_run_threads(): one drains while the others swing. */
void swing_or_drain(size_t number);

/* For unit_expect_death(): of a class that has swung, one is freed twice. */
void swing_with_a_double(void *size_class);

#endif /* TESTS_UNIT_SWING_H */
