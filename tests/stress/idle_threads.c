/*
 * idle_threads.c - many threads that wait share one budget of cached memory
 *
 * 500 threads, one after the other, each allocate and free 4 MiB of blocks of
 * many sizes and then wait.  Without a common budget each would keep up to
 * 64 KiB of each class: more than 500 MiB.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <string.h>

#define N_THREADS 500
#define LIMIT MIB(160)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t n_idle; /* guarded by lock, as is_over */
static bool is_over;

static void
use_all_sizes(void)
{
	/* One thread at a time is here; on the stack it would count. */
	static void *blocks[4096];

	for (size_t size = 16; size <= KIB(32); size += size / 4) {
		size_t n = KIB(128) / size < TEST_COUNT(blocks)
		    ? KIB(128) / size
		    : TEST_COUNT(blocks);

		for (size_t i = 0; i < n; i++) {
			blocks[i] = malloc(size);
			test_require(blocks[i] != NULL);
			memset(blocks[i], 1, size);
		}
		for (size_t i = 0; i < n; i++)
			free(blocks[i]);
	}
}

static void *
use_and_wait(void *arg)
{
	use_all_sizes();
	pthread_mutex_lock(&lock);
	n_idle++;
	pthread_cond_broadcast(&changed);
	while (!is_over)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	/* It wakes up and goes on as if nothing had been. */
	free(malloc(100));
	return arg;
}

int
main(void)
{
	static pthread_t threads[N_THREADS];
	pthread_attr_t attr;
	size_t before;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, KIB(256));
	before = test_rss();
	for (size_t i = 0; i < N_THREADS; i++) {
		test_require(pthread_create(
				 &threads[i], &attr, use_and_wait, NULL) == 0);
		pthread_mutex_lock(&lock);
		while (n_idle <= i)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
	}
	test_rss_expect(before, LIMIT, 0);
	pthread_mutex_lock(&lock);
	is_over = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < N_THREADS; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	return 0;
}
