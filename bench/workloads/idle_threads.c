/*
 * idle_threads.c - many threads hold caches while one works
 *
 * VALUE threads (else 200) each make and free some blocks, then wait for the
 * end.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>
#include <stdlib.h>

enum { N_BLOCKS = 500 };

struct idler {
	pthread_t thread;
	pthread_barrier_t *ready, *end;
	struct worker worker;
};

const size_t workload_rounds = 6 * 1000 * 1000;

static void
churn(struct worker *worker, size_t n_rounds)
{
	void *blocks[N_BLOCKS] = { NULL };
	size_t i;

	for (i = 0; i < n_rounds; i++) {
		block_end(worker, blocks[i % N_BLOCKS]);
		blocks[i % N_BLOCKS] = block_make(random_size(&worker->random));
	}
	for (i = 0; i < N_BLOCKS; i++)
		block_end(worker, blocks[i]);
}

static void *
idle(void *argument)
{
	struct idler *idler = argument;

	churn(&idler->worker, 3 * (size_t)N_BLOCKS);
	pthread_barrier_wait(idler->ready);
	pthread_barrier_wait(idler->end);
	return NULL;
}

void
workload_run(struct worker *worker)
{
	size_t n_idlers = worker->value ? worker->value : 200;
	struct idler *idlers = must(calloc(n_idlers, sizeof(*idlers)));
	pthread_barrier_t ready, end;
	size_t i;

	pthread_barrier_init(&ready, NULL, (unsigned int)n_idlers + 1);
	pthread_barrier_init(&end, NULL, (unsigned int)n_idlers + 1);
	for (i = 0; i < n_idlers; i++) {
		struct idler *idler = &idlers[i];

		idler->ready = &ready;
		idler->end = &end;
		idler->worker.random = worker->random + i + 1;
		if (pthread_create(&idler->thread, NULL, idle, idler) != 0)
			must(NULL);
	}
	pthread_barrier_wait(&ready);
	churn(worker, worker->n_rounds);
	pthread_barrier_wait(&end);
	for (i = 0; i < n_idlers; i++) {
		pthread_join(idlers[i].thread, NULL);
		worker->sum += idlers[i].worker.sum;
	}
	free(idlers);
}
