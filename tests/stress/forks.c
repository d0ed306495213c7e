/*
 * forks.c - a threaded process forks thousands of times and goes on
 *
 * Threads allocate and free without a pause while the main thread forks, so
 * that each lock is held at the moment of some fork.  Each child verifies
 * what it inherited, allocates, starts threads of its own every few times,
 * and exits through exit().  A child that hangs on a lock is ended by alarm.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_THREADS 3
#define N_KEPT 200
#define CHILD_SECONDS 30

static atomic_bool is_over;
static uint64_t seed;

static void
churn(struct test_rng *rng, size_t n_rounds)
{
	void *blocks[64] = { NULL };
	size_t n_bytes[64];

	for (size_t round = 0; round < n_rounds; round++) {
		size_t i = test_rng_below(rng, TEST_COUNT(blocks));

		if (blocks[i] != NULL) {
			test_verify(blocks[i], n_bytes[i]);
			free(blocks[i]);
		}
		n_bytes[i] = test_rng_size(rng, round % 64 ? 2000 : KIB(300));
		blocks[i] = malloc(n_bytes[i]);
		test_require(blocks[i] != NULL);
		test_fill(blocks[i], n_bytes[i]);
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		free(blocks[i]);
}

static void *
churn_until_over(void *arg)
{
	struct test_rng rng;

	test_rng_init(&rng, seed + (uintptr_t)arg);
	while (!atomic_load_explicit(&is_over, memory_order_relaxed))
		churn(&rng, 200);
	return NULL;
}

static void *
churn_a_little(void *arg)
{
	struct test_rng rng;

	test_rng_init(&rng, (uintptr_t)arg);
	churn(&rng, 200);
	return NULL;
}

static void
be_child(size_t n, void **kept, const size_t *n_kept_bytes)
{
	struct test_rng rng;
	pthread_t threads[2];

	alarm(CHILD_SECONDS);
	test_rng_init(&rng, seed ^ n);
	for (size_t i = 0; i < N_KEPT; i += 1 + n % 7) {
		test_verify(kept[i], n_kept_bytes[i]);
		free(kept[i]);
	}
	churn(&rng, 100);
	/* Where qemu-user dies of an assertion of its own. */
	if (n % 8 == 0 && !test_is_emulated() &&
	    test_env("TEST_FORK_THREADS", 1) != 0) {
		for (uintptr_t i = 0; i < TEST_COUNT(threads); i++)
			test_require(pthread_create(&threads[i], NULL,
					 churn_a_little, (void *)i) == 0);
		for (size_t i = 0; i < TEST_COUNT(threads); i++)
			test_require(pthread_join(threads[i], NULL) == 0);
	}
	if (n % 100 == 0) {
		pid_t pid = fork();

		if (pid == 0) {
			churn(&rng, 100);
			exit(0);
		}
		test_require(waitpid(pid, NULL, 0) == pid);
	}
	exit(0);
}

static void
fork_and_wait(size_t n, void **kept, const size_t *n_kept_bytes)
{
	int status = 0;
	pid_t pid = fork();

	test_require(pid >= 0);
	if (pid == 0)
		be_child(n, kept, n_kept_bytes);
	test_require(waitpid(pid, &status, 0) == pid);
	test_require_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "child %zu ends with status 0x%x", n, (unsigned int)status);
}

int
main(void)
{
	pthread_t threads[N_THREADS];
	void *kept[N_KEPT];
	size_t n_kept_bytes[N_KEPT];
	struct test_rng rng;
	size_t n_forks = test_rounds(test_env("TEST_FORKS", 800));

	seed = test_seed();
	test_rng_init(&rng, seed);
	for (size_t i = 0; i < N_KEPT; i++) {
		n_kept_bytes[i] = test_rng_size(&rng, KIB(64));
		kept[i] = malloc(n_kept_bytes[i]);
		test_require(kept[i] != NULL);
		test_fill(kept[i], n_kept_bytes[i]);
	}
	for (uintptr_t i = 0; i < N_THREADS; i++)
		test_require(pthread_create(&threads[i], NULL, churn_until_over,
				 (void *)i) == 0);
	for (size_t n = 0; n < n_forks; n++) {
		fork_and_wait(n, kept, n_kept_bytes);
		churn(&rng, 20);
	}
	atomic_store_explicit(&is_over, true, memory_order_relaxed);
	for (size_t i = 0; i < N_THREADS; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	for (size_t i = 0; i < N_KEPT; i++) {
		test_verify(kept[i], n_kept_bytes[i]);
		free(kept[i]);
	}
	return 0;
}
