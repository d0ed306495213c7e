/*
 * crowd.c - many threads, of which each gets the cache that suits it
 *
 * On one processor, with frontend=auto.  Who only hits keeps a cache of his
 * own, be the threads many; who misses again and again gives it up; and
 * threads that come and go begin without.  Two are no crowd, but if one frees
 * what the other allocates both give theirs up.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/items.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	N_THREADS = 8,
	N_IDLE = 1, /* the first thread, which has a cache, too */
	N_SHORT = 40,
	N_BLOCKS = 8000,
	SIZE = 48,
	WAIT_MS = 20000, /* on a busy machine */
};

#define CONF "frontend=auto,idle_release=false"

enum phase { HIT, MISS, END };

static _Atomic enum phase phase;
static atomic_size_t n_begun;
static atomic_size_t n_rounds; /* of all threads that hit */

static void
hit(void)
{
	for (size_t i = 0; i < 1000; i++)
		free(malloc(16 + i % 8 * 16));
	atomic_fetch_add(&n_rounds, 1);
}

/* More blocks than a thread may cache come, and go. */
static void
miss(void)
{
	void *blocks[N_BLOCKS];

	for (size_t i = 0; i < N_BLOCKS; i++) {
		test_require((blocks[i] = malloc(SIZE)) != NULL);
		test_fill(blocks[i], SIZE);
	}
	for (size_t i = 0; i < N_BLOCKS; i++) {
		test_verify(blocks[i], SIZE);
		free(blocks[i]);
	}
}

static void *
live(void *arg)
{
	hit();
	atomic_fetch_add(&n_begun, 1);
	for (;;)
		switch (atomic_load(&phase)) {
		case HIT:
			hit();
			break;
		case MISS:
			miss();
			break;
		case END:
			return arg;
		}
}

static void *
live_short(void *arg)
{
	for (size_t i = 0; i < 400; i++)
		free(malloc(16 + i));
	return arg;
}

static void
start(pthread_t *thread, void *(*run)(void *), uintptr_t arg)
{
	test_require(pthread_create(thread, NULL, run, (void *)arg) == 0);
}

static void
who_only_hits_keeps_a_cache(void)
{
	while (atomic_load(&n_begun) < N_THREADS ||
	    atomic_load(&n_rounds) < 200 * N_THREADS)
		test_sleep_ms(1);
	test_require(items_take_stats().n_threads == N_THREADS + N_IDLE);
	test_require(items_take_stats().n_cpu_caches == 0);
}

static void
who_misses_often_gives_it_up(void)
{
	uint64_t end_ms = test_clock_ms() + WAIT_MS;

	atomic_store(&phase, MISS);
	while (
	    items_take_stats().n_threads > N_IDLE && test_clock_ms() < end_ms)
		test_sleep_ms(5);
	test_require(items_take_stats().n_threads == N_IDLE);
	test_require(items_take_stats().n_cpu_caches == 1);
}

static void
who_is_short_lived_begins_without(void)
{
	pthread_t thread;
	size_t n_before = 0, n_after = 0;

	for (size_t i = 0; i < N_SHORT; i++) {
		start(&thread, live_short, 0);
		test_require(pthread_join(thread, NULL) == 0);
		if (i == N_SHORT / 2)
			n_before = (size_t)items_take_stats().n_flushes;
	}
	n_after = (size_t)items_take_stats().n_flushes;
	/* One with a cache of its own flushes it at its end. */
	test_require(n_after - n_before < N_SHORT / 2);
}

/* Of producer and consumer; NULL: there is none under way. */
static void **_Atomic goods;
static atomic_bool is_sold_out;

static void *
consume(void *arg)
{
	while (!atomic_load(&is_sold_out)) {
		void **blocks = atomic_load(&goods);

		for (size_t i = 0; blocks != NULL && i < N_BLOCKS; i++) {
			test_verify(blocks[i], SIZE);
			free(blocks[i]);
		}
		if (blocks != NULL)
			atomic_store(&goods, NULL);
		else
			sched_yield();
	}
	return arg;
}

static void
produce(void *blocks[N_BLOCKS])
{
	for (size_t i = 0; i < N_BLOCKS; i++) {
		test_require((blocks[i] = malloc(SIZE)) != NULL);
		test_fill(blocks[i], SIZE);
	}
	atomic_store(&goods, blocks);
	while (atomic_load(&goods) != NULL)
		sched_yield();
}

/* Once both work so, nobody has a cache of his own. */
static int
producer_and_consumer_share(void)
{
	void *blocks[N_BLOCKS];
	pthread_t consumer;
	uint64_t end_ms = test_clock_ms() + WAIT_MS;
	struct rtmalloc_stats stats;

	start(&consumer, consume, 0);
	do {
		produce(blocks);
		stats = items_take_stats();
	} while (stats.n_threads != 0 && test_clock_ms() < end_ms);
	atomic_store(&is_sold_out, true);
	test_require(pthread_join(consumer, NULL) == 0);
	test_require(stats.n_threads == 0 && stats.n_cpu_caches == 1);
	return 0;
}

/* In a process that begins anew: this one begins with caches of threads. */
static bool
child_does(const char *what, const char *conf)
{
	int status;
	pid_t child = fork();

	test_require(child >= 0);
	if (child == 0) {
		setenv("RTMALLOC_CONF", conf, 1);
		execl("/proc/self/exe", "crowd", what, (char *)NULL);
		_exit(2);
	}
	test_require(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
main(int argc, char **argv)
{
	pthread_t threads[N_THREADS];
	cpu_set_t all, one;

	if (argc > 1 && argv[1][0] == 't')
		return producer_and_consumer_share();
	if (argc > 1) {
		free(malloc(1));
		return items_take_stats().rseq == 0;
	}
	if (getenv("RTMALLOC_CONF") == NULL) {
		setenv("RTMALLOC_CONF", CONF, 1);
		test_start_anew(argv);
		test_fail(__FILE__, __LINE__, "cannot start anew");
	}
	if (test_is_slow())
		test_skip("the processor's time tells nothing here");
	test_require(sched_getaffinity(0, sizeof(all), &all) == 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
	free(malloc(1));
	if (!child_does("ask", "frontend=cpu"))
		test_skip("threads keep caches of their own here");
	test_require(child_does("trade", CONF));
	for (uintptr_t i = 0; i < N_THREADS; i++)
		start(&threads[i], live, i);
	who_only_hits_keeps_a_cache();
	who_misses_often_gives_it_up();
	atomic_store(&phase, END);
	for (size_t i = 0; i < N_THREADS; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	who_is_short_lived_begins_without();
	return 0;
}
