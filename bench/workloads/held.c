/*
 * held.c - what an allocator holds for threads that worked and wait
 *
 * VALUE threads (else 500), one after the other, have their rounds of blocks
 * of mixed sizes, a thousand of them live at once, free all, and wait for the
 * end.  What the process has in memory then is reported; without rounds (0
 * percent) it is what the threads themselves take.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>
#include <stdlib.h>

enum { N_BLOCKS = 1000, STACK_BYTES = 128 << 10 };

struct waiter {
	pthread_t thread;
	struct worker worker;
};

const size_t workload_rounds = 5 * 1000;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t n_waiting; /* guarded by lock, as is_over */
static int is_over;

static void
churn(struct worker *worker)
{
	/* One thread at a time is here; on the stack it would count. */
	static void *blocks[N_BLOCKS];
	size_t i;

	for (i = 0; i < worker->n_rounds; i++) {
		block_end(worker, blocks[i % N_BLOCKS]);
		blocks[i % N_BLOCKS] = block_make(random_size(&worker->random));
	}
	for (i = 0; i < N_BLOCKS; i++) {
		block_end(worker, blocks[i]);
		blocks[i] = NULL;
	}
}

static void *
work_and_wait(void *argument)
{
	struct waiter *waiter = argument;

	churn(&waiter->worker);
	pthread_mutex_lock(&lock);
	n_waiting++;
	pthread_cond_broadcast(&changed);
	while (!is_over)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

void
workload_run(struct worker *worker)
{
	size_t n = worker->value ? worker->value : 500;
	struct waiter *waiters = must(calloc(n, sizeof(*waiters)));
	pthread_attr_t attributes;
	size_t i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (i = 0; i < n; i++) {
		waiters[i].worker = *worker;
		waiters[i].worker.random += i;
		waiters[i].worker.sum = 0;
		if (pthread_create(&waiters[i].thread, &attributes,
			work_and_wait, &waiters[i]) != 0)
			must(NULL);
		pthread_mutex_lock(&lock);
		while (n_waiting <= i)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
	}
	report("resident", "MiB", resident_mib());
	pthread_mutex_lock(&lock);
	is_over = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < n; i++) {
		pthread_join(waiters[i].thread, NULL);
		worker->sum += waiters[i].worker.sum;
	}
	free(waiters);
}
