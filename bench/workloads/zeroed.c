/*
 * zeroed.c - cleared blocks of all sizes, 256 at a time
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>

enum { N_BLOCKS = 256 };

const size_t workload_rounds = 4 * 1000 * 1000;

void
workload_run(struct worker *worker)
{
	void *blocks[N_BLOCKS] = { NULL };
	size_t i;

	for (i = 0; i < worker->n_rounds; i++) {
		size_t n_bytes = random_size(&worker->random);
		unsigned char *block = must(calloc(1, n_bytes));

		worker->sum += block[n_bytes / 2];
		block_end(worker, blocks[i % N_BLOCKS]);
		blocks[i % N_BLOCKS] = block_write(block, n_bytes);
	}
	for (i = 0; i < N_BLOCKS; i++)
		block_end(worker, blocks[i]);
}
