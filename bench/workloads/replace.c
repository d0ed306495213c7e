/*
 * replace.c - blocks of all sizes live for a random time
 *
 * Each round replaces one of VALUE blocks (else 4096) by another.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>

const size_t workload_rounds = 6 * 1000 * 1000;

void
workload_run(struct worker *worker)
{
	size_t n_blocks =
	    (worker->value ? worker->value : 4096) / worker->n_workers;
	void **blocks = must(calloc(n_blocks, sizeof(*blocks)));
	size_t i, slot;

	for (i = 0; i < worker->n_rounds; i++) {
		slot = random_below(&worker->random, n_blocks);
		block_end(worker, blocks[slot]);
		blocks[slot] = block_make(random_size(&worker->random));
	}
	for (i = 0; i < n_blocks; i++)
		block_end(worker, blocks[i]);
	free(blocks);
}
