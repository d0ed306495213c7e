/*
 * items.h - blocks that threads make, pass on, verify and free
 *
 * In a header, as each test has them from the library that it is about
 * (family.h).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_ITEMS_H
#define TESTS_SUPPORT_ITEMS_H

#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

/* A block that carries its pattern; the item itself is a block, too. */
struct item {
	void *ptr;
	size_t n_bytes;
};

/* Small ones as likely as large ones, up to max. */
static inline struct item *
item_make(struct test_rng *rng, size_t max)
{
	struct item *item = malloc(sizeof(*item));

	test_require(item != NULL);
	item->n_bytes = test_rng_size(rng, max);
	item->ptr = malloc(item->n_bytes);
	test_require(item->ptr != NULL);
	test_fill(item->ptr, item->n_bytes);
	return item;
}

/* NULL is no mistake. */
static inline void
item_drop(struct item *item)
{
	if (item == NULL)
		return;
	test_verify(item->ptr, item->n_bytes);
	free(item->ptr);
	free(item);
}

/* Skips the test in a build without statistics. */
static inline struct rtmalloc_stats
items_take_stats(void)
{
	struct rtmalloc_stats stats;

	if (rtmalloc_stats(&stats, sizeof(stats)) != 0)
		test_skip("no statistics in this build");
	return stats;
}

#endif /* TESTS_SUPPORT_ITEMS_H */
