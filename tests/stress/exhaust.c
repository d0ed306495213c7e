/*
 * exhaust.c - memory ends: NULL and ENOMEM, nothing lost, and life goes on
 *
 * usage: exhaust LEAST_MIB MAX_BYTES [N_THREADS]
 *
 * Run under a limit (limits.sh does).  Each thread allocates blocks of 64 to
 * MAX_BYTES bytes until it is refused, verifies that all it has is intact,
 * frees every second block, gets most of that again, and frees all.  Then,
 * while the threads sleep and when they are gone, half of it can be had in
 * large blocks.  In all at least LEAST_MIB must be had.
 * The blocks are chained through themselves: there is no other memory.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_THREADS 8

struct block {
	struct block *next;
	size_t n_bytes; /* of body */
	char body[];
};

struct chain {
	struct block *first;
	size_t n_blocks;
	size_t n_bytes;
};

static size_t least;
static size_t max_bytes;
static atomic_size_t n_had;
static uint64_t seed;
static pthread_barrier_t barrier;

/* One block more; false if there is no memory. */
static bool
chain_add(struct chain *chain, size_t n_bytes)
{
	struct block *block;

	errno = 0;
	block = malloc(n_bytes);
	if (block == NULL) {
		test_require_msg(errno == ENOMEM,
		    "malloc(%zu) gives NULL and errno %d", n_bytes, errno);
		return false;
	}
	block->n_bytes = n_bytes - sizeof(*block);
	block->next = chain->first;
	chain->first = block;
	chain->n_blocks++;
	chain->n_bytes += n_bytes;
	test_fill(block->body, block->n_bytes);
	return true;
}

static void
chain_fill(struct chain *chain, struct test_rng *rng, size_t max)
{
	while (chain_add(chain, 64 + test_rng_below(rng, max - 63)))
		continue;
}

static void
chain_verify(const struct chain *chain)
{
	for (struct block *b = chain->first; b != NULL; b = b->next)
		test_verify(b->body, b->n_bytes);
}

/* Frees every step-th block; errno stays. */
static void
chain_thin(struct chain *chain, size_t step)
{
	struct block **link = &chain->first;

	for (size_t i = 0; *link != NULL; i++) {
		struct block *block = *link;

		if (i % step != 0) {
			link = &block->next;
			continue;
		}
		*link = block->next;
		chain->n_blocks--;
		chain->n_bytes -= block->n_bytes + sizeof(*block);
		errno = EXDEV;
		free(block);
		test_require(errno == EXDEV);
	}
}

static void
be_refused(void)
{
	void *block = malloc(64);

	/* Smaller than these, there may be room between the blocks. */
	for (size_t n_bytes = MIB(4); n_bytes <= GIB(4); n_bytes *= 2) {
		size_t n = hide_size(n_bytes);

		errno = 0;
		test_require(calloc(n, 16) == NULL && errno == ENOMEM);
		errno = 0;
		test_require(memalign(n, n) == NULL && errno == ENOMEM);
		if (block == NULL)
			continue;
		memset(block, 7, 64);
		errno = 0;
		test_require(realloc(block, n * 64) == NULL);
		test_require(errno == ENOMEM && ((char *)block)[63] == 7);
	}
	free(block);
}

/* Not every size need be there, but so many bytes in all. */
static void
have_again(struct chain *chain, struct test_rng *rng, size_t n_bytes)
{
	size_t n_tries = 1000 + 20 * (n_bytes / 64);

	while (chain->n_bytes < n_bytes) {
		chain_add(chain, 64 + test_rng_below(rng, max_bytes - 63));
		test_require_msg(n_tries-- > 0,
		    "of %zu bytes only %zu can be had again", n_bytes,
		    chain->n_bytes);
	}
}

/* The pages of small blocks serve large ones. */
static void
have_large(size_t n_bytes)
{
	struct chain chain = { NULL, 0, 0 };

	while (chain.n_bytes < n_bytes)
		test_require_msg(chain_add(&chain, KIB(500)),
		    "of %zu bytes only %zu can be had in large blocks", n_bytes,
		    chain.n_bytes);
	chain_verify(&chain);
	chain_thin(&chain, 1);
}

static void *
exhaust(void *arg)
{
	struct chain chain = { NULL, 0, 0 };
	struct chain more = { NULL, 0, 0 };
	struct test_rng rng;
	size_t n_most;

	test_rng_init(&rng, seed + (uintptr_t)arg);
	chain_fill(&chain, &rng, max_bytes);
	n_most = chain.n_bytes;
	atomic_fetch_add(&n_had, n_most);
	pthread_barrier_wait(&barrier);
	be_refused();
	chain_verify(&chain);
	pthread_barrier_wait(&barrier);

	chain_thin(&chain, 2);
	chain_verify(&chain);
	pthread_barrier_wait(&barrier);
	if (chain.n_bytes < n_most / 4 * 3)
		have_again(&more, &rng, n_most / 4 * 3 - chain.n_bytes);
	chain_verify(&chain);
	chain_verify(&more);
	pthread_barrier_wait(&barrier);

	chain_thin(&chain, 1);
	chain_thin(&more, 1);
	test_require(chain.first == NULL && more.first == NULL);

	/* The others live, and sleep; what they cache is not worth much. */
	pthread_barrier_wait(&barrier);
	if (arg == NULL)
		have_large(atomic_load(&n_had) / 2);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void
fork_when_full(void)
{
	struct chain chain = { NULL, 0, 0 };
	struct test_rng rng;
	int status = 0;
	pid_t pid;

	test_rng_init(&rng, seed);
	chain_fill(&chain, &rng, max_bytes);
	pid = fork();
	test_require(pid >= 0);
	if (pid == 0) {
		be_refused();
		chain_verify(&chain);
		chain_thin(&chain, 2);
		test_require(chain_add(&chain, 64));
		_exit(0);
	}
	test_require(waitpid(pid, &status, 0) == pid && status == 0);
	chain_verify(&chain);
	chain_thin(&chain, 1);
}

int
main(int argc, char **argv)
{
	pthread_t threads[MAX_THREADS];
	size_t n_threads = argc > 3 ? strtoul(argv[3], NULL, 0) : 1;
	pthread_attr_t attr;

	test_require(argc > 2 && n_threads >= 1 && n_threads <= MAX_THREADS);
	least = MIB(strtoul(argv[1], NULL, 0));
	max_bytes = strtoul(argv[2], NULL, 0);
	test_require(max_bytes >= 64);
	seed = test_seed();
	pthread_barrier_init(&barrier, NULL, (unsigned int)n_threads);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, KIB(64));
	for (uintptr_t i = 1; i < n_threads; i++)
		test_require(pthread_create(
				 &threads[i], &attr, exhaust, (void *)i) == 0);
	exhaust(NULL);
	for (size_t i = 1; i < n_threads; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	have_large(atomic_load(&n_had) / 2);
	test_require_msg(atomic_load(&n_had) >= least,
	    "only %zu bytes could be had", atomic_load(&n_had));
	fork_when_full();
	return 0;
}
