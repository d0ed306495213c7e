/*
 * threads.c - threads that allocate, change, pass on and free blocks
 *
 * Each thread owns a table of blocks; a shared table is where they swap
 * blocks with others, so that about half of all frees come from a thread
 * that did not allocate.  Each block carries its size in a record and a
 * pattern that is verified before it is changed or freed.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <stdatomic.h>

#define N_THREADS 6
#define N_OWN 300
#define N_SHARED 256

/* The record of a block; it is itself a block from malloc. */
struct item {
	void *ptr;
	size_t n_bytes;
};

static _Atomic(struct item *) shared[N_SHARED];
static atomic_bool is_over;
static uint64_t seed;

static void *
take_block(struct test_rng *rng, size_t n_bytes)
{
	void *ptr = NULL;
	size_t align = (size_t)16 << test_rng_below(rng, 9);

	switch (test_rng_below(rng, 8)) {
	case 0:
		ptr = calloc(1, n_bytes);
		test_require(ptr == NULL || test_is_zero(ptr, n_bytes));
		break;
	case 1:
		ptr = aligned_alloc(align, n_bytes);
		test_require(is_aligned(ptr, align));
		break;
	case 2:
		test_require(posix_memalign(&ptr, align, n_bytes) == 0);
		test_require(is_aligned(ptr, align));
		break;
	case 3:
		ptr = realloc(NULL, n_bytes);
		break;
	default:
		ptr = malloc(n_bytes);
		break;
	}
	test_require(ptr != NULL);
	test_require(malloc_usable_size(ptr) >= n_bytes);
	return ptr;
}

static struct item *
make_item(struct test_rng *rng)
{
	struct item *item = malloc(sizeof(*item));
	size_t max = test_rng_below(rng, 200) == 0 ? MIB(2) : KIB(8);

	test_require(item != NULL);
	item->n_bytes = test_rng_size(rng, max);
	item->ptr = take_block(rng, item->n_bytes);
	test_fill(item->ptr, item->n_bytes);
	return item;
}

static void
drop_item(struct item *item)
{
	if (item == NULL)
		return;
	test_verify(item->ptr, item->n_bytes);
	free(item->ptr);
	free(item);
}

static void
resize_item(struct test_rng *rng, struct item *item)
{
	size_t n_bytes = test_rng_size(rng, KIB(16));
	size_t n_kept = n_bytes < item->n_bytes ? n_bytes : item->n_bytes;
	uintptr_t old = (uintptr_t)item->ptr;

	test_verify(item->ptr, item->n_bytes);
	item->ptr = realloc(item->ptr, n_bytes);
	test_require(item->ptr != NULL);
	test_verify_moved(item->ptr, n_kept, old, item->n_bytes);
	item->n_bytes = n_bytes;
	test_fill(item->ptr, n_bytes);
}

static void *
work(void *arg)
{
	struct item *own[N_OWN] = { NULL };
	struct test_rng rng;
	size_t n_rounds = 0;

	test_rng_init(&rng, seed + (uintptr_t)arg);
	while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
		size_t i = test_rng_below(&rng, N_OWN);
		size_t j = test_rng_below(&rng, N_SHARED);
		size_t action = test_rng_below(&rng, 8);

		n_rounds++;
		if (own[i] == NULL) {
			own[i] = make_item(&rng);
		} else if (action == 0) {
			resize_item(&rng, own[i]);
		} else if (action < 4) {
			drop_item(own[i]);
			own[i] = NULL;
		} else {
			/* acq_rel: the item's contents travel with it. */
			own[i] = atomic_exchange_explicit(
			    &shared[j], own[i], memory_order_acq_rel);
		}
	}
	for (size_t i = 0; i < N_OWN; i++)
		drop_item(own[i]);
	return (void *)(uintptr_t)n_rounds;
}

int
main(void)
{
	pthread_t threads[N_THREADS];
	size_t n_rounds = 0;

	seed = test_seed();
	for (uintptr_t i = 0; i < N_THREADS; i++)
		test_require(
		    pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	test_sleep_ms(test_duration_ms(2000));
	atomic_store_explicit(&is_over, true, memory_order_relaxed);
	for (size_t i = 0; i < N_THREADS; i++) {
		void *result;

		test_require(pthread_join(threads[i], &result) == 0);
		n_rounds += (uintptr_t)result;
	}
	for (size_t i = 0; i < N_SHARED; i++)
		drop_item(atomic_load(&shared[i]));
	test_require(n_rounds > N_THREADS * N_OWN);
	return 0;
}
