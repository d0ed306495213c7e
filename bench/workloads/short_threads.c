/*
 * short_threads.c - threads come, use a little memory, and go
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>

enum { N_BLOCKS = 100 };

const size_t workload_rounds = 8 * 1000;

static void *
live(void *argument)
{
	struct worker *worker = argument;
	void *blocks[N_BLOCKS];
	size_t i;

	for (i = 0; i < N_BLOCKS; i++)
		blocks[i] = block_make(random_size(&worker->random));
	for (i = 0; i < N_BLOCKS; i++)
		block_end(worker, blocks[i]);
	return NULL;
}

void
workload_run(struct worker *worker)
{
	pthread_t thread;
	size_t i;

	for (i = 0; i < worker->n_rounds; i++) {
		if (pthread_create(&thread, NULL, live, worker) != 0)
			must(NULL);
		pthread_join(thread, NULL);
	}
}
