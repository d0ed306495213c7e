/*
 * test_errno.c - free keeps errno, whatever it has to do
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* A value no call in this file would set. */
#define MARK EXDEV

static void
free_and_look(void *block, size_t n_bytes)
{
	errno = MARK;
	free(block);
	test_require_msg(
	    errno == MARK, "free of %zu bytes sets errno %d", n_bytes, errno);
}

START_TEST(freeing_a_block_of_any_size_keeps_errno)
{
	for (size_t n_bytes = 1; n_bytes <= MIB(512); n_bytes *= 2) {
		free_and_look(malloc(n_bytes), n_bytes);
		free_and_look(malloc(n_bytes + n_bytes / 3), n_bytes);
		free_and_look(calloc(1, n_bytes), n_bytes);
		free_and_look(memalign(4096, n_bytes), n_bytes);
	}
	free_and_look(NULL, 0);
}
END_TEST

START_TEST(freeing_a_touched_large_block_keeps_errno)
{
	for (size_t n_bytes = KIB(64); n_bytes <= MIB(256); n_bytes *= 2) {
		void *block = malloc(n_bytes);

		memset(block, 1, n_bytes);
		free_and_look(block, n_bytes);
	}
}
END_TEST

/* So many that caches overflow, spans become free and pages go back. */
START_TEST(freeing_many_blocks_keeps_errno)
{
	static const size_t sizes[] = { 16, 64, 1024, 5000, KIB(30), KIB(200) };
	size_t capacity = MIB(64) / 16;
	void **blocks = test_map(capacity * sizeof(*blocks));

	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		size_t n = MIB(64) / sizes[i];

		for (size_t j = 0; j < n; j++) {
			blocks[j] = malloc(sizes[i]);
			test_require(blocks[j] != NULL);
			*(char *)blocks[j] = 1;
		}
		for (size_t j = 0; j < n; j++)
			free_and_look(blocks[j], sizes[i]);
	}
	test_unmap(blocks, capacity * sizeof(*blocks));
}
END_TEST

START_TEST(the_other_ways_to_free_keep_errno)
{
	for (size_t n_bytes = 16; n_bytes <= MIB(64); n_bytes *= 4) {
		void *block;

		errno = MARK;
		block = malloc(n_bytes);
		test_require(block != NULL);
		cfree(block);
		block = malloc(n_bytes);
		free_sized(block, n_bytes);
		block = aligned_alloc(64, n_bytes);
		free_aligned_sized(block, 64, n_bytes);
		test_require_msg(
		    errno == MARK, "%zu bytes: errno %d", n_bytes, errno);
	}
}
END_TEST

/* The first thing these threads do with the heap is a free. */
static void *
free_all(void *arg)
{
	void **blocks = arg;

	for (size_t i = 0; blocks[i] != NULL; i++)
		free_and_look(blocks[i], 0);
	return NULL;
}

START_TEST(a_thread_that_only_frees_keeps_errno)
{
	static void *blocks[10001];

	for (size_t round = 0; round < 20; round++) {
		pthread_t thread;

		for (size_t i = 0; i < TEST_COUNT(blocks) - 1; i++)
			blocks[i] = malloc(16 + i % 3 * 500 + round * 16);
		blocks[TEST_COUNT(blocks) - 1] = NULL;
		test_require(
		    pthread_create(&thread, NULL, free_all, blocks) == 0);
		test_require(pthread_join(thread, NULL) == 0);
	}
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		freeing_a_block_of_any_size_keeps_errno,
		freeing_a_touched_large_block_keeps_errno,
		freeing_many_blocks_keeps_errno,
		the_other_ways_to_free_keep_errno,
		a_thread_that_only_frees_keeps_errno,
	};

	return test_suite_run("errno", tests, TEST_COUNT(tests));
}
