/*
 * resize.c - large blocks grow and shrink by realloc
 *
 * Blocks go up from 64 KiB to 32 MiB and down again, by a quarter to the
 * double each time.  What is new is written; what was kept is read.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdbool.h>
#include <stdlib.h>

enum { N_BLOCKS = 4 }; /* of all workers, or one each */

struct block {
	unsigned char *bytes;
	size_t n_bytes;
	bool shrinks;
};

const size_t workload_rounds = 240;

static size_t
next_size(struct block *block, uint64_t *random)
{
	size_t percent = 125 + random_below(random, 76);
	size_t n_bytes = block->shrinks ? block->n_bytes * 100 / percent
					: block->n_bytes * percent / 100;

	if (n_bytes >= 32 * MIB) {
		block->shrinks = true;
		return 32 * MIB;
	}
	if (n_bytes <= 64 * KIB) {
		block->shrinks = false;
		return 64 * KIB;
	}
	return n_bytes;
}

static void
resize(struct worker *worker, struct block *block)
{
	size_t old = block->n_bytes;
	size_t n_bytes = next_size(block, &worker->random);
	size_t i;

	block->bytes = must(realloc(block->bytes, n_bytes));
	block->n_bytes = n_bytes;
	for (i = old; i < n_bytes; i += 4 * KIB)
		((volatile unsigned char *)block->bytes)[i] =
		    (unsigned char)(n_bytes / KIB);
	worker->sum += n_bytes + block->bytes[0];
	/* The first byte that the last growth wrote, wherever it is now. */
	if (old > 0 && n_bytes > old)
		worker->sum += block->bytes[old];
}

void
workload_run(struct worker *worker)
{
	struct block blocks[N_BLOCKS] = { { NULL, 0, false } };
	size_t n_blocks =
	    worker->n_workers < N_BLOCKS ? N_BLOCKS / worker->n_workers : 1;
	size_t i;

	for (i = 0; i < worker->n_rounds; i++)
		resize(worker, &blocks[i % n_blocks]);
	for (i = 0; i < n_blocks; i++)
		free(blocks[i].bytes);
}
