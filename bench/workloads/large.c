/*
 * large.c - blocks of 64 KiB to 32 MiB, each page of them used
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

enum { N_BLOCKS = 16 }; /* of all workers, or one each */

const size_t workload_rounds = 600;

/* As many of 64 to 128 KiB as of 16 to 32 MiB. */
static size_t
large_size(uint64_t *state)
{
	size_t step = 64 * KIB << random_below(state, 9);

	return step + random_below(state, step);
}

void
workload_run(struct worker *worker)
{
	void *blocks[N_BLOCKS] = { NULL };
	size_t n_blocks =
	    worker->n_workers < N_BLOCKS ? N_BLOCKS / worker->n_workers : 1;
	size_t i, k;

	for (i = 0; i < worker->n_rounds; i++) {
		size_t slot = random_below(&worker->random, n_blocks);
		size_t n_bytes = large_size(&worker->random);

		block_end(worker, blocks[slot]);
		blocks[slot] = block_make(n_bytes);
		for (k = 4 * KIB; k < n_bytes - 1; k += 4 * KIB)
			((volatile char *)blocks[slot])[k] = 1;
	}
	for (i = 0; i < n_blocks; i++)
		block_end(worker, blocks[i]);
}
