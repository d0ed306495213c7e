/*
 * aligned.c - blocks at multiples of 32 to 4096 bytes, 256 at a time
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>

enum { N_BLOCKS = 256 };

const size_t workload_rounds = 10 * 1000 * 1000;

void
workload_run(struct worker *worker)
{
	void *blocks[N_BLOCKS] = { NULL };
	size_t i;

	for (i = 0; i < worker->n_rounds; i++) {
		size_t alignment = (size_t)32
		    << random_below(&worker->random, 8);
		size_t n_bytes = 16 + random_below(&worker->random, 1000);
		void *block = NULL;

		if (posix_memalign(&block, alignment, n_bytes) != 0)
			must(NULL);
		worker->sum += (uintptr_t)block % alignment;
		block_end(worker, blocks[i % N_BLOCKS]);
		blocks[i % N_BLOCKS] = block_write(block, n_bytes);
	}
	for (i = 0; i < N_BLOCKS; i++)
		block_end(worker, blocks[i]);
}
