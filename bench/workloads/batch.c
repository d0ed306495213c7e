/*
 * batch.c - many blocks are made, then freed
 *
 * VALUE is the number of blocks (else 1000).  They are freed last made first,
 * with OPTION 1 first made first.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>

const size_t workload_rounds = 20 * 1000 * 1000;

void
workload_run(struct worker *worker)
{
	size_t n_blocks = worker->value ? worker->value : 1000;
	size_t n_batches = worker->n_rounds / n_blocks;
	void **blocks = must(calloc(n_blocks, sizeof(*blocks)));
	size_t batch, i;

	for (batch = 0; batch < n_batches; batch++) {
		for (i = 0; i < n_blocks; i++)
			blocks[i] =
			    block_make(16 + random_below(&worker->random, 128));
		for (i = 0; i < n_blocks; i++)
			block_end(worker,
			    blocks[worker->option ? i : n_blocks - 1 - i]);
	}
	free(blocks);
}
