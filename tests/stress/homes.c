/*
 * homes.c - objects that change hands between the homes of processors
 *
 * Threads that each stay on a processor of their own exchange blocks of a few
 * sizes, by turns one that fills the table and one that empties it: so
 * batches that go back hold objects of all homes, and spans drain meanwhile in
 * the hands of others.  Sizes are such that a span holds few objects.  Each
 * block says whose it is, at both ends; at the end all of them are freed, and
 * none is counted any more.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum {
	N_THREADS = 4,
	N_SLOTS = 4096,
	N_ACTIONS = 2000 /* of a turn */
};

static const size_t sizes[] = { 256, 512, 1024, 2048, 4096 };

static _Atomic(void *) slots[N_SLOTS];
static size_t size;
static uint64_t seed;
static size_t n_turns; /* of each thread and size */
static int cpus[N_THREADS];
static pthread_barrier_t begin;

/* Processors by turns; all of them the same where there is only one. */
static void
find_cpus(void)
{
	cpu_set_t all;
	int n = 0;

	test_require(sched_getaffinity(0, sizeof(all), &all) == 0);
	while (n < N_THREADS)
		for (int cpu = 0; cpu < CPU_SETSIZE && n < N_THREADS; cpu++)
			if (CPU_ISSET(cpu, &all))
				cpus[n++] = cpu;
}

/* Cheap marks: threads have to be quick to meet. */
static void *
make(void)
{
	uintptr_t *block = malloc(size);

	test_require(block != NULL);
	block[0] = ~(uintptr_t)block;
	block[size / sizeof(*block) - 1] = (uintptr_t)block;
	return block;
}

static void
drop(uintptr_t *block)
{
	if (block == NULL)
		return;
	test_require(block[0] == ~(uintptr_t)block);
	test_require(block[size / sizeof(*block) - 1] == (uintptr_t)block);
	block[0] = 0;
	free(block);
}

static void *
exchange(void *number)
{
	size_t me = (uintptr_t)number;
	struct test_rng rng;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpus[me], &one);
	test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
	test_rng_init(&rng, seed + me);
	pthread_barrier_wait(&begin);
	for (size_t turn = 0; turn < n_turns; turn++) {
		bool is_filling = test_rng_below(&rng, 2) != 0;

		for (size_t i = 0; i < N_ACTIONS; i++) {
			void *block = is_filling ? make() : NULL;

			drop(atomic_exchange(
			    &slots[test_rng_below(&rng, N_SLOTS)], block));
		}
	}
	return NULL;
}

static void
run_size(void)
{
	pthread_t threads[N_THREADS];

	for (uintptr_t i = 0; i < N_THREADS; i++)
		test_require(pthread_create(
				 &threads[i], NULL, exchange, (void *)i) == 0);
	for (size_t i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < N_SLOTS; i++)
		drop(atomic_exchange(&slots[i], NULL));
}

int
main(void)
{
	struct rtmalloc_stats before, after;

	seed = test_seed();
	n_turns = test_is_slow() ? 4 : 400;
	find_cpus();
	pthread_barrier_init(&begin, NULL, N_THREADS);
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		bool is_counted = rtmalloc_stats(&before, sizeof(before)) == 0;

		size = sizes[i];
		run_size();
		if (!is_counted)
			continue;
		test_require(rtmalloc_stats(&after, sizeof(after)) == 0);
		test_require_msg(after.small_blocks <= before.small_blocks + 16,
		    "of size %zu: %llu blocks, were %llu", size,
		    (unsigned long long)after.small_blocks,
		    (unsigned long long)before.small_blocks);
	}
	return 0;
}
