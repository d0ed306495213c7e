/*
 * live_map.c - debug builds: which objects the program holds
 *
 * A byte per 8 bytes of heap, in leaves of 1 MiB of heap that hang in a hash
 * of their numbers.  A set byte is a live object's first.
 * Failure: once there was no memory for a leaf, some live objects are not
 *          known, and nothing is a mistake any more.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/live_map.h"

#if RTM_DEBUG

#include "back/meta.h"
#include "base/bits.h"
#include "base/panic.h"

#include <stdatomic.h>

enum { LEAF_SHIFT = 20, UNIT_SHIFT = 3, N_HEADS = 4096 };

struct leaf {
	struct leaf *next; /* set before the leaf is seen */
	uintptr_t number;  /* address without its LEAF_SHIFT bits */
	_Atomic uint8_t is_live[(size_t)1 << (LEAF_SHIFT - UNIT_SHIFT)];
};

static struct leaf *_Atomic heads[N_HEADS];
static _Atomic bool has_gaps; /* a live object may have no mark */

static struct leaf *
find_leaf(uintptr_t number)
{
	struct leaf *leaf = atomic_load_explicit(
	    &heads[number % N_HEADS], memory_order_acquire);

	while (leaf != NULL && leaf->number != number)
		leaf = leaf->next;
	return leaf;
}

/* Two threads may add the same leaf: the first found one counts. */
static struct leaf *
find_or_add_leaf(uintptr_t number)
{
	struct leaf *_Atomic *head = &heads[number % N_HEADS];
	struct leaf *first = atomic_load_explicit(head, memory_order_acquire);
	struct leaf *leaf = find_leaf(number);

	if (leaf != NULL)
		return leaf;
	leaf = rtm_meta_take(sizeof(*leaf));
	if (leaf == NULL)
		return NULL;
	leaf->number = number;
	leaf->next = first;
	if (atomic_compare_exchange_strong_explicit(
		head, &first, leaf, memory_order_acq_rel, memory_order_acquire))
		return leaf;
	return find_or_add_leaf(number);
}

static _Atomic uint8_t *
flag_of(struct leaf *leaf, const void *object)
{
	uintptr_t offset =
	    (uintptr_t)object & (((uintptr_t)1 << LEAF_SHIFT) - 1);

	return &leaf->is_live[offset >> UNIT_SHIFT];
}

void
rtm_live_map_set(const void *object)
{
	struct leaf *leaf = NULL;

	if (object != NULL)
		leaf = find_or_add_leaf((uintptr_t)object >> LEAF_SHIFT);
	if (leaf != NULL)
		atomic_store_explicit(
		    flag_of(leaf, object), 1, memory_order_relaxed);
	else if (object != NULL)
		atomic_store_explicit(&has_gaps, true, memory_order_relaxed);
}

void
rtm_live_map_clear(const void *object, const char *function)
{
	struct leaf *leaf = find_leaf((uintptr_t)object >> LEAF_SHIFT);

	if (leaf != NULL &&
	    atomic_exchange_explicit(
		flag_of(leaf, object), 0, memory_order_relaxed) == 0 &&
	    !atomic_load_explicit(&has_gaps, memory_order_relaxed))
		rtm_panic_double_free(function, object);
}

#else
typedef int rtm_live_map_is_empty;
#endif
