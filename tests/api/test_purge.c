/*
 * test_purge.c - memory goes back to the system, also when nobody calls
 *
 * Each case notes what is resident, uses memory, frees it and then sleeps
 * without a call of malloc or free.  Within a second and a half (the promise
 * is one second) resident memory has to be near what it was.  Two of them use
 * 1 GiB; what the others differ in shows with less.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <string.h>

#define TOTAL test_amount(GIB(1))
/* Several times what may stay. */
#define PART MIB(192)
/* It takes less than a second, unless other programs keep both cores busy. */
#define WAIT_MS 10000
/* What may stay: caches, span records, the map. */
#define NEAR_BYTES MIB(48)

struct heap {
	void **blocks; /* mapped, not from malloc */
	size_t n;
	size_t capacity;
};

static void
heap_open(struct heap *heap, size_t capacity)
{
	heap->blocks = test_map(capacity * sizeof(void *));
	heap->capacity = capacity;
	heap->n = 0;
}

/* Takes n_total bytes in blocks of min .. max bytes, all of it touched. */
static void
heap_grow(struct heap *heap, struct test_rng *rng, size_t n_total, size_t min,
    size_t max)
{
	for (size_t n_sum = 0; n_sum < n_total;) {
		size_t n_bytes = min + test_rng_below(rng, max - min + 1);
		char *block = malloc(n_bytes);

		test_require(block != NULL && heap->n < heap->capacity);
		memset(block, 1, n_bytes);
		heap->blocks[heap->n++] = block;
		n_sum += n_bytes;
	}
}

static void
heap_shuffle(struct heap *heap, struct test_rng *rng)
{
	for (size_t i = heap->n; i > 1; i--) {
		size_t j = test_rng_below(rng, i);
		void *other = heap->blocks[j];

		heap->blocks[j] = heap->blocks[i - 1];
		heap->blocks[i - 1] = other;
	}
}

static void
heap_free(struct heap *heap)
{
	while (heap->n > 0)
		free(heap->blocks[--heap->n]);
}

static void
heap_close(struct heap *heap)
{
	test_unmap(heap->blocks, heap->capacity * sizeof(void *));
}

static void
expect_near(size_t before)
{
	test_rss_expect(before, before / 20 + NEAR_BYTES, WAIT_MS);
}

enum order { FORWARD, RANDOM };

static void
use_and_sleep(size_t n_bytes, size_t min, size_t max, enum order order)
{
	struct test_rng rng;
	struct heap heap;
	size_t before;

	test_rng_init(&rng, test_seed());
	free(malloc(max));
	heap_open(&heap, n_bytes / min + 1);
	before = test_rss();
	heap_grow(&heap, &rng, n_bytes, min, max);
	test_require(test_rss() > before + n_bytes);
	if (order == RANDOM)
		heap_shuffle(&heap, &rng);
	heap_free(&heap);
	heap_close(&heap);
	expect_near(before);
}

START_TEST(freed_small_blocks_go_back_while_the_program_sleeps)
{
	use_and_sleep(TOTAL, 64, 512, FORWARD);
}
END_TEST

START_TEST(small_blocks_freed_in_random_order_go_back)
{
	use_and_sleep(PART, 64, 512, RANDOM);
}
END_TEST

START_TEST(freed_medium_blocks_go_back_while_the_program_sleeps)
{
	use_and_sleep(PART, KIB(2), KIB(200), RANDOM);
}
END_TEST

START_TEST(freed_large_blocks_go_back_while_the_program_sleeps)
{
	use_and_sleep(PART, KIB(512), MIB(40), RANDOM);
}
END_TEST

START_TEST(one_large_block_goes_back_while_the_program_sleeps)
{
	size_t before = test_rss();
	char *block = malloc(TOTAL);

	test_require(block != NULL);
	memset(block, 1, TOTAL);
	free(block);
	expect_near(before);
}
END_TEST

/* A second wave: the clock that drives the purge has not stopped. */
START_TEST(memory_goes_back_each_time)
{
	struct test_rng rng;
	struct heap heap;
	size_t before = test_rss();

	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < 3; round++) {
		heap_open(&heap, PART / 64 + 1);
		heap_grow(&heap, &rng, PART, 64, KIB(64));
		heap_shuffle(&heap, &rng);
		heap_free(&heap);
		heap_close(&heap);
		expect_near(before);
	}
}
END_TEST

START_TEST(memory_goes_back_while_other_blocks_stay)
{
	struct test_rng rng;
	struct heap stay, go;
	size_t before;

	test_rng_init(&rng, test_seed());
	heap_open(&stay, MIB(64) / 64 + 1);
	heap_open(&go, PART / KIB(2) + 1);
	heap_grow(&stay, &rng, MIB(32), 64, 1024);
	before = test_rss();
	heap_grow(&go, &rng, PART, KIB(2), MIB(2));
	heap_shuffle(&go, &rng);
	heap_free(&go);
	heap_close(&go);
	expect_near(before);
	heap_free(&stay);
	heap_close(&stay);
}
END_TEST

struct worker {
	size_t n_bytes;
	uint64_t seed;
};

static void *
use_and_exit(void *arg)
{
	const struct worker *worker = arg;
	struct test_rng rng;
	struct heap heap;

	test_rng_init(&rng, worker->seed);
	heap_open(&heap, worker->n_bytes / 64 + 1);
	heap_grow(&heap, &rng, worker->n_bytes, 64, 4096);
	heap_shuffle(&heap, &rng);
	heap_free(&heap);
	heap_close(&heap);
	return NULL;
}

START_TEST(what_threads_freed_goes_back_after_they_are_gone)
{
	pthread_t threads[4];
	struct worker workers[4];
	uint64_t seed = test_seed();
	size_t before = test_rss();

	for (size_t i = 0; i < TEST_COUNT(threads); i++) {
		workers[i].n_bytes = PART / TEST_COUNT(threads);
		workers[i].seed = seed + i;
		test_require(pthread_create(&threads[i], NULL, use_and_exit,
				 &workers[i]) == 0);
	}
	for (size_t i = 0; i < TEST_COUNT(threads); i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	expect_near(before);
}
END_TEST

START_TEST(memory_stays_low_after_the_next_call)
{
	struct test_rng rng;
	struct heap heap;
	size_t before = test_rss();
	void *block;

	test_rng_init(&rng, test_seed());
	heap_open(&heap, PART / 64 + 1);
	heap_grow(&heap, &rng, PART, 64, KIB(16));
	heap_free(&heap);
	heap_close(&heap);
	test_sleep_ms(1000);
	block = malloc(MIB(1));
	expect_near(before);
	free(block);
	block = malloc(100);
	expect_near(before);
	free(block);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		freed_small_blocks_go_back_while_the_program_sleeps,
		small_blocks_freed_in_random_order_go_back,
		freed_medium_blocks_go_back_while_the_program_sleeps,
		freed_large_blocks_go_back_while_the_program_sleeps,
		one_large_block_goes_back_while_the_program_sleeps,
		memory_goes_back_each_time,
		memory_goes_back_while_other_blocks_stay,
		what_threads_freed_goes_back_after_they_are_gone,
		memory_stays_low_after_the_next_call,
	};

	return test_suite_run("purge", tests, TEST_COUNT(tests));
}
