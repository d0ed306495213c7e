/*
 * server.c - requests are served by threads that come and go
 *
 * Each worker starts one thread after another; each serves some requests and
 * ends.  A request makes some blocks, frees most of them when it is answered,
 * and leaves one block in a table that all threads share: whose place it takes
 * was made by any thread, most likely by one that has ended.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>
#include <stdatomic.h>

enum { N_SESSIONS = 16 * 1024, N_REQUESTS = 500, N_BLOCKS = 24 };

/* In requests. */
const size_t workload_rounds = 400 * 1000;

static _Atomic(void *) sessions[N_SESSIONS];

static void
serve(struct worker *worker)
{
	size_t slot = random_below(&worker->random, N_SESSIONS);
	void *blocks[N_BLOCKS], *session;
	size_t i;

	for (i = 0; i < N_BLOCKS; i++)
		blocks[i] = block_make(16 + random_below(&worker->random, 300));
	session = block_make(random_size(&worker->random));
	/* acq_rel: with whoever takes it from the same place */
	session = atomic_exchange_explicit(
	    &sessions[slot], session, memory_order_acq_rel);
	block_end(worker, session);
	for (i = 0; i < N_BLOCKS; i++)
		block_end(worker, blocks[i]);
}

static void *
live(void *argument)
{
	struct worker *worker = argument;
	size_t i;

	for (i = 0; i < N_REQUESTS; i++)
		serve(worker);
	return NULL;
}

/* The workers end at different times: the last one clears the table. */
static void
clear(struct worker *worker)
{
	static atomic_uint n_ended;
	size_t i;

	if (atomic_fetch_add(&n_ended, 1) + 1 < worker->n_workers)
		return;
	for (i = 0; i < N_SESSIONS; i++)
		block_end(worker, atomic_exchange(&sessions[i], NULL));
}

void
workload_run(struct worker *worker)
{
	pthread_t thread;
	size_t i;

	for (i = 0; i < worker->n_rounds; i += N_REQUESTS) {
		if (pthread_create(&thread, NULL, live, worker) != 0)
			must(NULL);
		pthread_join(thread, NULL);
	}
	clear(worker);
}
