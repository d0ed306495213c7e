/*
 * pair.c - one block is made and freed, again and again
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

const size_t workload_rounds = 40 * 1000 * 1000;

void
workload_run(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->n_rounds; i++)
		block_end(worker, block_make(16 + i % 8 * 16));
}
