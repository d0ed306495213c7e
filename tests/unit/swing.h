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
	struct rtm_reserve *(*reserve)(void); /* that stands behind; or NULL */
	void (*check)(void);                  /* after each swing */
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

/* Objects of the class that are kept. */
size_t swing_kept(sclass_t class);

/*
 * Tests, each from a start on: what comes back is what was kept, in that order;
 * what does not swing, or too far, has no reserve; nor does it any more when
 * much more is given than was taken; what is not touched serves other classes,
 * and blocks that take fresh memory; and a drain of the quiet spares the others.
 */
void swing_test_order(void);
void swing_test_short_and_one_way(void);
void swing_test_too_far(void);
void swing_test_giver(void);
void swing_test_other_classes(void);
void swing_test_fresh(void (*note_fresh)(size_t n_bytes));
void swing_test_quiet_drain(void);

/* For unit_run_threads(): one drains while the others swing. */
void swing_or_drain(size_t number);

/* For unit_expect_death(): of a class that has swung, one is freed twice. */
void swing_with_a_double(void *size_class);

#endif /* TESTS_UNIT_SWING_H */
