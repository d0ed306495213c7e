/*
 * drift.c - a long run in which sizes change slowly
 *
 * The mean size goes from 48 bytes to 3 KiB and back, twice, in small steps;
 * the bytes alive stay about the same.  Blocks end in the order in which they
 * were made, but for one in sixteen, which gets another life: pages empty
 * slowly, and never all at once.  A thread alone reports what is resident at
 * eight points, which a good allocator keeps near to what is alive.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

enum { N_SLOTS = 1 << 21, N_STEPS = 64, N_REPORTS = 8, SURVIVE = 16 };

struct queue {
	void **blocks; /* a ring of N_SLOTS */
	size_t head, tail, n_bytes;
};

const size_t workload_rounds = 3 * 1000 * 1000;

static void
enqueue(struct queue *queue, void *block, size_t n_bytes)
{
	queue->blocks[queue->head++ % N_SLOTS] = block;
	queue->n_bytes += n_bytes;
}

/* The oldest block ends, or starts again. */
static void
dequeue(struct queue *queue, struct worker *worker)
{
	void *block = queue->blocks[queue->tail++ % N_SLOTS];
	size_t n_bytes = *(size_t *)block;

	queue->n_bytes -= n_bytes;
	if (random_below(&worker->random, SURVIVE) == 0)
		enqueue(queue, block, n_bytes);
	else
		block_end(worker, block);
}

/* Up in half of the steps, then down; eight of them double the mean. */
static size_t
mean_size(size_t step)
{
	size_t up = step % N_STEPS < N_STEPS / 2 ? step % (N_STEPS / 2)
						 : N_STEPS - 1 - step % N_STEPS;
	size_t mean = (size_t)48 << up * 6 / (N_STEPS / 2);

	return mean + mean * (up * 6 % (N_STEPS / 2)) / (N_STEPS / 2);
}

static void
report_point(const struct worker *worker, size_t i)
{
	size_t part = worker->n_rounds / N_REPORTS;
	char name[32];

	if (worker->n_workers > 1 || part == 0 || (i + 1) % part != 0)
		return;
	snprintf(name, sizeof(name), "rss_at_%zu_of_%d", (i + 1) / part,
	    (int)N_REPORTS);
	report(name, "MiB", resident_mib());
}

void
workload_run(struct worker *worker)
{
	struct queue queue = { .blocks = NULL };
	size_t budget = 32 * MIB / worker->n_workers;
	size_t i;

	queue.blocks = must(calloc(N_SLOTS, sizeof(*queue.blocks)));
	for (i = 0; i < worker->n_rounds; i++) {
		size_t mean = mean_size(
		    i / (worker->n_rounds / (2 * (size_t)N_STEPS) + 1));
		size_t n_bytes = 16 + random_below(&worker->random, 2 * mean);

		enqueue(&queue, block_make(n_bytes), n_bytes);
		while (queue.n_bytes > budget)
			dequeue(&queue, worker);
		report_point(worker, i);
	}
	while (queue.tail != queue.head)
		block_end(worker, queue.blocks[queue.tail++ % N_SLOTS]);
	free(queue.blocks);
}
