/*
 * heirs.c - blocks outlive the thread that made them
 *
 * Each round starts a thread that makes blocks and ends; the worker frees them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>

enum { N_BLOCKS = 2000 };

struct estate {
	uint64_t random;
	void *blocks[N_BLOCKS];
};

const size_t workload_rounds = 1600;

static void *
make(void *argument)
{
	struct estate *estate = argument;
	size_t i;

	for (i = 0; i < N_BLOCKS; i++)
		estate->blocks[i] =
		    block_make(16 + random_below(&estate->random, 500));
	return NULL;
}

void
workload_run(struct worker *worker)
{
	struct estate estate = { .random = worker->random };
	pthread_t maker;
	size_t round, i;

	for (round = 0; round < worker->n_rounds; round++) {
		if (pthread_create(&maker, NULL, make, &estate) != 0)
			must(NULL);
		pthread_join(maker, NULL);
		for (i = 0; i < N_BLOCKS; i++)
			block_end(worker, estate.blocks[i]);
	}
}
