/*
 * pipeline.c - one thread allocates, another frees, and memory is used again
 *
 * Producers hand blocks to consumers through a ring.  The ring bounds what is
 * live at a time; what flows through it in all is hundreds of times as much.
 * Frees that did not find their way back to the producers would show as
 * resident memory that grows.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>

#define N_PAIRS 2
#define RING_SLOTS 1024
#define MAX_BYTES 2048
/* At most 2 rings of 1024 blocks of 2 KiB are live: 4 MiB. */
#define RSS_LIMIT MIB(48)

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void *blocks[RING_SLOTS]; /* guarded by lock, as all below */
	size_t n_bytes[RING_SLOTS];
	size_t n_put;
	size_t n_got;
	size_t n_total; /* how many will come; set before the threads */
	uint64_t seed;
};

/* Blocks move 64 at a time, so that the lock does not decide. */
#define BATCH 64

static void *
produce(void *arg)
{
	struct ring *ring = arg;
	struct test_rng rng;

	test_rng_init(&rng, ring->seed);
	for (size_t n = 0; n < ring->n_total; n += BATCH) {
		void *blocks[BATCH];
		size_t n_bytes[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			n_bytes[i] = test_rng_size(&rng, MAX_BYTES);
			blocks[i] = malloc(n_bytes[i]);
			test_require(blocks[i] != NULL);
			test_fill(blocks[i], n_bytes[i]);
		}
		pthread_mutex_lock(&ring->lock);
		while (ring->n_put - ring->n_got > RING_SLOTS - BATCH)
			pthread_cond_wait(&ring->changed, &ring->lock);
		for (size_t i = 0; i < BATCH; i++) {
			size_t slot = ring->n_put++ % RING_SLOTS;

			ring->blocks[slot] = blocks[i];
			ring->n_bytes[slot] = n_bytes[i];
		}
		pthread_cond_broadcast(&ring->changed);
		pthread_mutex_unlock(&ring->lock);
	}
	return NULL;
}

static void *
consume(void *arg)
{
	struct ring *ring = arg;

	for (size_t n = 0; n < ring->n_total; n += BATCH) {
		void *blocks[BATCH];
		size_t n_bytes[BATCH];

		pthread_mutex_lock(&ring->lock);
		while (ring->n_put - ring->n_got < BATCH)
			pthread_cond_wait(&ring->changed, &ring->lock);
		for (size_t i = 0; i < BATCH; i++) {
			size_t slot = ring->n_got++ % RING_SLOTS;

			blocks[i] = ring->blocks[slot];
			n_bytes[i] = ring->n_bytes[slot];
		}
		pthread_cond_broadcast(&ring->changed);
		pthread_mutex_unlock(&ring->lock);
		for (size_t i = 0; i < BATCH; i++) {
			test_verify(blocks[i], n_bytes[i]);
			free(blocks[i]);
		}
	}
	return NULL;
}

int
main(void)
{
	static struct ring rings[N_PAIRS];
	pthread_t threads[2 * N_PAIRS];
	size_t n_total = test_rounds(30000) * BATCH;
	uint64_t seed = test_seed();
	size_t before = test_rss();

	for (size_t i = 0; i < N_PAIRS; i++) {
		pthread_mutex_init(&rings[i].lock, NULL);
		pthread_cond_init(&rings[i].changed, NULL);
		rings[i].n_total = n_total;
		rings[i].seed = seed + i;
		test_require(pthread_create(&threads[2 * i], NULL, produce,
				 &rings[i]) == 0);
		test_require(pthread_create(&threads[2 * i + 1], NULL, consume,
				 &rings[i]) == 0);
	}
	for (size_t i = 0; i < 2 * N_PAIRS; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	test_rss_expect(before, RSS_LIMIT, 0);
	return 0;
}
