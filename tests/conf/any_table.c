/*
 * any_table.c - the allocator works on any valid table of classes
 *
 * usage: any_table LIBRARY SCRATCH N_TABLES
 *
 * Linked against libc alone.  Writes one random table after the other into
 * the file SCRATCH and runs itself on it, with LIBRARY preloaded: threads
 * that allocate, grow, free and hand blocks to each other, and look whether
 * what they wrote is still there.  A table that the library refuses, or does
 * not use, is a failure.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	N_THREADS = 3,
	N_SHARED = 64,
	N_STEPS = 3000,
	PAGE = 8192,
	CLASSES_MAX = 63,
	SIZE_MAX_CLASS = 1 << 20,
};

#define must(x) ((x) ? (void)0 : die(#x, __LINE__))

static void
die(const char *what, int line)
{
	fprintf(stderr, "any_table.c:%d: not so: %s\n", line, what);
	exit(1);
}

/* Marsaglia, "Xorshift RNGs" (2003); state is not 0. */
static uint64_t
random_below(uint64_t *state, uint64_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % n;
}

/* ------------------------------------------------- in the preloaded process */

/* Begins every block; the rest of its first and last 4 KiB hold the tag. */
struct header {
	size_t n_bytes;
	uint64_t tag;
};

static _Atomic(struct header *) shared[N_SHARED];
static size_t largest_size; /* of the table */

static size_t
tagged_bytes(const struct header *block)
{
	size_t n = block->n_bytes - sizeof(*block);

	return n < 4096 ? n : 4096;
}

static void
write_block(struct header *block, size_t n_bytes, uint64_t tag)
{
	size_t n;

	*block = (struct header){ n_bytes, tag };
	n = tagged_bytes(block);
	memset(block + 1, (int)(tag & 255), n);
	memset((char *)block + n_bytes - n, (int)(tag & 255), n);
}

static void
check_block(const struct header *block)
{
	size_t n = tagged_bytes(block);
	const unsigned char *first = (const unsigned char *)(block + 1);
	const unsigned char *last =
	    (const unsigned char *)block + block->n_bytes - n;

	for (size_t i = 0; i < n; i++)
		must(first[i] == (block->tag & 255) &&
		    last[i] == (block->tag & 255));
}

static size_t
random_size(uint64_t *state)
{
	size_t most = largest_size + largest_size / 8 + 64;

	return sizeof(struct header) +
	    random_below(state, 1 + (most >> random_below(state, 12)));
}

static struct header *
new_block(uint64_t *state)
{
	size_t n_bytes = random_size(state);
	size_t alignment = 16;
	void *block;

	switch (random_below(state, 8)) {
	case 0:
		block = calloc(1, n_bytes);
		must(block != NULL);
		for (size_t i = 0; i < n_bytes; i += 61)
			must(((const char *)block)[i] == 0);
		break;
	case 1:
		alignment <<= random_below(state, 10);
		block = memalign(alignment, n_bytes);
		break;
	default:
		block = malloc(n_bytes);
	}
	must(block != NULL && (uintptr_t)block % alignment == 0);
	must(malloc_usable_size(block) >= n_bytes);
	write_block(block, n_bytes, *state);
	return block;
}

static struct header *
resized(struct header *block, uint64_t *state)
{
	size_t n_bytes = random_size(state);
	size_t n_kept = block->n_bytes < n_bytes ? block->n_bytes : n_bytes;
	unsigned char tag = (unsigned char)block->tag;

	if (n_kept > 4096)
		n_kept = 4096;
	block = realloc(block, n_bytes);
	must(block != NULL);
	for (size_t i = sizeof(*block); i < n_kept; i++)
		must(((const unsigned char *)block)[i] == tag);
	write_block(block, n_bytes, *state);
	return block;
}

/* Most blocks are freed by another thread than the one that made them. */
static void *
trade(void *seed)
{
	uint64_t state = *(const uint64_t *)seed;

	for (unsigned step = 0; step < N_STEPS; step++) {
		struct header *mine = NULL;
		struct header *other;

		if (random_below(&state, 3) != 0)
			mine = new_block(&state);
		other = atomic_exchange_explicit(
		    &shared[random_below(&state, N_SHARED)], mine,
		    memory_order_acq_rel); /* with itself */
		if (other == NULL)
			continue;
		check_block(other);
		if (random_below(&state, 4) == 0)
			other = resized(other, &state);
		check_block(other);
		free(other);
	}
	return NULL;
}

/* size is a class of the table: an object of it is just as large. */
static int
work(uint64_t seed, size_t size, size_t largest)
{
	pthread_t threads[N_THREADS];
	uint64_t seeds[N_THREADS];
	void *object = malloc(size);

	must(object != NULL && malloc_usable_size(object) == size);
	free(object);
	largest_size = largest;
	for (unsigned i = 0; i < N_THREADS; i++) {
		seeds[i] = seed * N_THREADS + i + 1;
		must(pthread_create(&threads[i], NULL, trade, &seeds[i]) == 0);
	}
	for (unsigned i = 0; i < N_THREADS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	for (unsigned i = 0; i < N_SHARED; i++)
		if (shared[i] != NULL) {
			check_block(shared[i]);
			free(shared[i]);
		}
	return 0;
}

/* ------------------------------------------------------ in the one that asks */

struct table {
	unsigned n;
	size_t sizes[CLASSES_MAX];
	size_t usable; /* a class that malloc uses, 0: there is none */
};

/* Rising sizes, multiples of 8 (now and then of 16 only), up to 1 MiB. */
static void
random_table(struct table *table, uint64_t *state)
{
	unsigned n_wanted = 1 + (unsigned)random_below(state, CLASSES_MAX);
	size_t step = random_below(state, 2) != 0 ? 8 : 16;
	size_t size = 0;

	*table = (struct table){ 0 };
	if (random_below(state, 8) == 0)
		n_wanted = 1;
	while (table->n < n_wanted) {
		uint64_t most = 1 + size / 64 +
		    random_below(state, 1u << random_below(state, 12));

		if (n_wanted == 1)
			most = SIZE_MAX_CLASS / step;
		size += step * (1 + random_below(state, most));
		if (size > SIZE_MAX_CLASS)
			break;
		table->sizes[table->n++] = size;
		if (size % 16 == 0)
			table->usable = size;
	}
	if (table->n == 0)
		table->sizes[table->n++] = table->usable = SIZE_MAX_CLASS;
}

static void
write_table(const struct table *table, const char *name, uint64_t *state)
{
	FILE *file = fopen(name, "w");

	must(file != NULL);
	for (unsigned i = 0; i < table->n; i++) {
		size_t least = (table->sizes[i] + PAGE - 1) / PAGE;

		fprintf(file, "[[class]]\nsize = %zu\n", table->sizes[i]);
		if (random_below(state, 2) != 0)
			fprintf(file, "pages = %zu\n",
			    least + (size_t)random_below(state, 8));
		if (random_below(state, 2) != 0)
			fprintf(file, "batch_size = %u\n",
			    1 + (unsigned)random_below(state, 512));
	}
	fprintf(file,
	    "[config]\nmax_free_list_length = %u\nmax_transfer_slots = %u\n",
	    1 + (unsigned)random_below(state, 4096),
	    1 + (unsigned)random_below(state, 64));
	must(fclose(file) == 0);
}

static void
run_on(const struct table *table, char **argv, unsigned round)
{
	char seed[32], size[32], largest[32];
	int status;
	pid_t child = fork();

	must(child >= 0);
	snprintf(seed, sizeof(seed), "%u", round);
	snprintf(size, sizeof(size), "%zu", table->usable);
	snprintf(largest, sizeof(largest), "%zu", table->sizes[table->n - 1]);
	if (child == 0) {
		setenv("LD_PRELOAD", argv[1], 1);
		setenv("RTMALLOC_CONF", argv[2], 1);
		setenv("RTMALLOC_CONF_STRICT", "1", 1);
		execl("/proc/self/exe", argv[0], seed, size, largest, "work",
		    (char *)NULL);
		_exit(127);
	}
	must(waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	fprintf(stderr, "any_table: table %u, in %s, ended with status %#x\n",
	    round, argv[2], (unsigned)status);
	exit(1);
}

int
main(int argc, char **argv)
{
	uint64_t state = 88172645463325252u;

	if (argc == 5 && strcmp(argv[4], "work") == 0)
		return work(strtoul(argv[1], NULL, 10),
		    strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	must(argc == 4);
	for (unsigned i = 0; i < strtoul(argv[3], NULL, 10); i++) {
		struct table table;

		do
			random_table(&table, &state);
		while (table.usable == 0);
		write_table(&table, argv[2], &state);
		run_on(&table, argv, i);
	}
	printf("%s tables\n", argv[3]);
	return 0;
}
