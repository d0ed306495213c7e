/*
 * fault_work.c - work that reaches each call of the system, under faults
 *
 * usage: fault_work COUNT_FILE
 *
 * Run by fault.sh with libfault.so and librtmalloc.so preloaded.  Whatever
 * fails, a call gives either a block or NULL with ENOMEM, what was there
 * stays intact, and free keeps errno.  In the end, with the faults off, all
 * sizes can be had.  COUNT_FILE gets the number of calls that libfault saw.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of libfault.so, which is preloaded. */
void fault_disarm(void) __attribute__((weak));
unsigned long fault_count(void) __attribute__((weak));

#define N_BLOCKS 64

struct table {
	void *blocks[N_BLOCKS];
	size_t n_bytes[N_BLOCKS];
};

/* Takes note of what an allocating call gave, NULL included. */
static void
keep(struct table *table, size_t i, void *block, size_t n_bytes)
{
	int seen = errno;

	if (block == NULL) {
		test_require_msg(
		    seen == ENOMEM, "%zu bytes: errno is %d", n_bytes, seen);
		return;
	}
	table->blocks[i] = block;
	table->n_bytes[i] = n_bytes;
	test_fill(block, n_bytes);
}

static void
drop(struct table *table, size_t i)
{
	if (table->blocks[i] == NULL)
		return;
	test_verify(table->blocks[i], table->n_bytes[i]);
	errno = EXDEV;
	free(table->blocks[i]);
	test_require(errno == EXDEV);
	table->blocks[i] = NULL;
}

static void
resize(struct table *table, size_t i, size_t n_bytes)
{
	uintptr_t old = (uintptr_t)table->blocks[i];
	size_t old_n_bytes = table->n_bytes[i];
	size_t kept = n_bytes < old_n_bytes ? n_bytes : old_n_bytes;
	void *block;

	if (table->blocks[i] == NULL)
		return;
	block = realloc(table->blocks[i], n_bytes);
	if (block == NULL) {
		test_require(errno == ENOMEM);
		test_verify(table->blocks[i], old_n_bytes);
		return;
	}
	test_verify_moved(block, kept, old, old_n_bytes);
	keep(table, i, block, n_bytes);
}

static void
take(struct table *table, struct test_rng *rng, size_t i, size_t n_bytes)
{
	size_t align = (size_t)16 << test_rng_below(rng, 14);
	void *block;

	errno = 0;
	switch (test_rng_below(rng, 4)) {
	case 0:
		block = calloc(1, n_bytes);
		test_require(block == NULL || test_is_zero(block, n_bytes));
		break;
	case 1:
		block = memalign(align, n_bytes);
		test_require(is_aligned(block, align));
		break;
	default:
		block = malloc(n_bytes);
		break;
	}
	keep(table, i, block, n_bytes);
}

static void *
work(void *arg)
{
	struct table table = { { NULL }, { 0 } };
	struct test_rng rng;

	test_rng_init(&rng, 1 + (uintptr_t)arg);
	for (size_t round = 0; round < test_rounds(3000); round++) {
		size_t i = test_rng_below(&rng, N_BLOCKS);
		size_t max = round % 16 == 0 ? MIB(6) : KIB(64);
		size_t n_bytes = test_rng_size(&rng, max);

		if (table.blocks[i] != NULL && round % 3 == 0) {
			resize(&table, i, n_bytes);
			continue;
		}
		drop(&table, i);
		take(&table, &rng, i, n_bytes);
	}
	for (size_t i = 0; i < N_BLOCKS; i++)
		drop(&table, i);
	return NULL;
}

/* One large block goes up and down alone: mremap, and pages given back. */
static void
walk_large(void)
{
	struct table table = { { NULL }, { 0 } };

	keep(&table, 0, malloc(MIB(2)), MIB(2));
	for (size_t n = MIB(1); n <= MIB(64); n *= 2)
		resize(&table, 0, n);
	for (size_t n = MIB(40); n >= KIB(64); n /= 2)
		resize(&table, 0, n);
	drop(&table, 0);
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	test_require(argc == 2 && fault_disarm != NULL);
	work(NULL);
	walk_large();
	/* A thread that cannot be had is no fault of the allocator. */
	if (pthread_create(&thread, NULL, work, (void *)1) == 0)
		pthread_join(thread, NULL);
	/* What is idle goes back in this time. */
	test_sleep_ms((unsigned int)test_env("TEST_MS", 0));
	fault_disarm();
	for (size_t n = 16; n <= MIB(64); n *= 2) {
		void *block = malloc(n);

		test_require_msg(block != NULL, "no %zu bytes in the end", n);
		memset(block, 1, n);
		free(block);
	}
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	test_require(fd >= 0);
	test_say(fd, "%lu\n", fault_count());
	return 0;
}
