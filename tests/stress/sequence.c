/*
 * sequence.c - one thread, every size, every call, by chance
 *
 * Sizes up to 64 MiB and alignments up to 4 MiB cut the heap into runs of all
 * lengths, and join, move and give them back.  Each block carries its pattern
 * for as long as it lives.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <string.h>

enum { N_SLOTS = 200, LIVE_MAX_MIB = 200 };

struct slot {
	void *block;
	size_t n_bytes;
};

static struct slot slots[N_SLOTS];
static size_t n_live; /* bytes in all slots */

static void
drop(struct slot *slot)
{
	test_verify(slot->block, slot->n_bytes);
	free(slot->block);
	n_live -= slot->n_bytes;
	slot->block = NULL;
}

static void
take(struct slot *slot, struct test_rng *rng, size_t n_bytes)
{
	size_t alignment = (size_t)1 << test_rng_below(rng, 23);

	switch (test_rng_below(rng, 8)) {
	case 0:
		slot->block = memalign(alignment, n_bytes);
		test_require(((uintptr_t)slot->block & (alignment - 1)) == 0);
		break;
	case 1:
		slot->block = calloc(1, n_bytes);
		test_require(test_is_zero(slot->block, n_bytes));
		break;
	default:
		slot->block = malloc(n_bytes);
	}
	test_require(slot->block != NULL);
	test_fill(slot->block, n_bytes);
	slot->n_bytes = n_bytes;
	n_live += n_bytes;
}

static void
resize(struct slot *slot, size_t n_bytes)
{
	size_t n_before = slot->n_bytes;
	size_t n_kept = n_bytes < n_before ? n_bytes : n_before;
	uintptr_t address_before = (uintptr_t)slot->block;

	slot->block = realloc(slot->block, n_bytes);
	test_require(slot->block != NULL);
	test_verify_moved(slot->block, n_kept, address_before, n_before);
	test_fill(slot->block, n_bytes);
	slot->n_bytes = n_bytes;
	n_live += n_bytes - n_before;
}

int
main(void)
{
	size_t n_rounds = test_rounds(test_env("SEQUENCE_ROUNDS", 6000));
	struct test_rng rng;

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < n_rounds; round++) {
		struct slot *slot = &slots[test_rng_below(&rng, N_SLOTS)];
		size_t n_bytes = test_rng_size(&rng, MIB(64));

		if (n_live > MIB(LIVE_MAX_MIB))
			n_bytes %= KIB(64);
		if (slot->block == NULL)
			take(slot, &rng, n_bytes + 1);
		else if (test_rng_below(&rng, 2) == 0)
			resize(slot, n_bytes + 1);
		else
			drop(slot);
	}
	for (size_t i = 0; i < N_SLOTS; i++)
		if (slots[i].block != NULL)
			drop(&slots[i]);
	return 0;
}
