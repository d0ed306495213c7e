/*
 * short_threads.c - a thread's cache goes back when the thread exits
 *
 * 100,000 threads live one after the other (four at a time).  Each allocates,
 * frees most of it, leaves some blocks for its successor to free, and goes on
 * using malloc in destructors of thread-specific data that run after the
 * allocator's own.  Resident memory must not grow with the number of threads.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define AT_A_TIME 4
#define N_LEFT 8
#define GROWTH_LIMIT MIB(6)

struct left {
	void *ptr;
	size_t n_bytes;
};

static pthread_key_t key;
static atomic_size_t n_destroyed;

/* ThreadSanitizer ends its own record of a thread in the last iteration. */
static unsigned int n_repeats = PTHREAD_DESTRUCTOR_ITERATIONS - 1;

static uint64_t seed;

/* Runs up to PTHREAD_DESTRUCTOR_ITERATIONS times for each thread: as often
 * as it stores a new value. */
static void
destroy(void *arg)
{
	unsigned char *old = arg;
	unsigned char n_times = old[0];

	free(old);
	free(calloc(1, 5000));
	if (n_times < n_repeats) {
		unsigned char *fresh = malloc(1 + n_times * 100u);

		test_require(fresh != NULL);
		fresh[0] = n_times + 1;
		pthread_setspecific(key, fresh);
		return;
	}
	atomic_fetch_add_explicit(&n_destroyed, 1, memory_order_relaxed);
}

static void *
live(void *arg)
{
	struct left *left = arg;
	struct test_rng rng;
	void *blocks[64];
	unsigned char *value = malloc(1);

	test_require(value != NULL);
	value[0] = 0;
	test_require(pthread_setspecific(key, value) == 0);
	for (size_t i = 0; i < N_LEFT; i++) {
		if (left[i].ptr != NULL)
			test_verify(left[i].ptr, left[i].n_bytes);
		free(left[i].ptr);
	}
	test_rng_init(&rng, seed + (uintptr_t)left[0].n_bytes);
	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		blocks[i] = malloc(test_rng_size(&rng, 8192));
		test_require(blocks[i] != NULL);
	}
	for (size_t i = 0; i < N_LEFT; i++) {
		left[i].n_bytes = test_rng_size(&rng, 2000);
		left[i].ptr = malloc(left[i].n_bytes);
		test_require(left[i].ptr != NULL);
		test_fill(left[i].ptr, left[i].n_bytes);
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
	return NULL;
}

static void
run_threads(struct left left[AT_A_TIME][N_LEFT], size_t n_threads)
{
	for (size_t n = 0; n < n_threads; n += AT_A_TIME) {
		pthread_t threads[AT_A_TIME];

		for (size_t i = 0; i < AT_A_TIME; i++)
			test_require(pthread_create(&threads[i], NULL, live,
					 left[i]) == 0);
		for (size_t i = 0; i < AT_A_TIME; i++)
			test_require(pthread_join(threads[i], NULL) == 0);
	}
}

int
main(void)
{
	static struct left left[AT_A_TIME][N_LEFT];
	size_t n_threads = test_is_slow() ? 2000 : 100000;
	size_t n_warm = n_threads / 100;
	size_t early;

	if (test_is_slow())
		n_repeats = 1;
	seed = test_seed();
	test_require(pthread_key_create(&key, destroy) == 0);
	run_threads(left, n_warm);
	early = test_rss();
	run_threads(left, n_threads - n_warm);
	test_rss_expect(early, GROWTH_LIMIT, 0);
	test_require(atomic_load(&n_destroyed) == n_threads);
	for (size_t i = 0; i < AT_A_TIME; i++) {
		for (size_t j = 0; j < N_LEFT; j++)
			free(left[i][j].ptr);
	}
	return 0;
}
