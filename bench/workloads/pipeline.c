/*
 * pipeline.c - one thread makes the blocks, another frees them
 *
 * Each worker is a producer with a consumer of its own.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>
#include <stdbool.h>

enum { BATCH = 64, N_BATCHES = 32 };

struct pipe {
	pthread_mutex_t lock; /* guards n_full */
	pthread_cond_t moved;
	size_t n_full; /* batches between producer and consumer */
	size_t n_rounds;
	void *blocks[N_BATCHES][BATCH];
	uint64_t sum; /* of what the consumer read, at the end */
};

const size_t workload_rounds = 8 * 1000 * 1000;

/* Waits until low to high batches are under way. */
static void
await(struct pipe *pipe, size_t low, size_t high)
{
	pthread_mutex_lock(&pipe->lock);
	while (pipe->n_full < low || pipe->n_full > high)
		pthread_cond_wait(&pipe->moved, &pipe->lock);
	pthread_mutex_unlock(&pipe->lock);
}

static void
move(struct pipe *pipe, bool in)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->n_full += in ? 1 : (size_t)-1;
	pthread_cond_signal(&pipe->moved);
	pthread_mutex_unlock(&pipe->lock);
}

static void *
consume(void *argument)
{
	struct pipe *pipe = argument;
	struct worker consumer = { .sum = 0 };
	size_t i, k;

	for (i = 0; i < pipe->n_rounds / BATCH; i++) {
		await(pipe, 1, N_BATCHES);
		for (k = 0; k < BATCH; k++)
			block_end(&consumer, pipe->blocks[i % N_BATCHES][k]);
		move(pipe, false);
	}
	pipe->sum = consumer.sum;
	return NULL;
}

void
workload_run(struct worker *worker)
{
	struct pipe pipe = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER,
		.n_rounds = worker->n_rounds,
	};
	pthread_t consumer;
	size_t i, k;

	if (pthread_create(&consumer, NULL, consume, &pipe) != 0)
		must(NULL);
	for (i = 0; i < pipe.n_rounds / BATCH; i++) {
		await(&pipe, 0, N_BATCHES - 1);
		for (k = 0; k < BATCH; k++)
			pipe.blocks[i % N_BATCHES][k] =
			    block_make(16 + random_below(&worker->random, 240));
		move(&pipe, true);
	}
	pthread_join(consumer, NULL);
	worker->sum += pipe.sum;
}
