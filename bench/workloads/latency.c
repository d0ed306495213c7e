/*
 * latency.c - how long single calls of malloc and free take under load
 *
 * Each worker replaces random ones of its blocks, from 16 bytes to 4 MiB, hands
 * one in sixteen to another thread through a shared table, and now and then
 * frees all that it has, so that caches fill, spans empty and memory goes back.
 * Each call is timed.  Reported are the median, the 99.99th percentile and the
 * longest.  A call during which the kernel gave the processor to somebody else
 * is not the allocator's: long calls of a thread that lost it are left out.
 * "nothing" is the same for two looks at the clock with no call in between,
 * after each malloc: what the machine does to anybody.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum {
	N_BLOCKS = 4096,
	N_SHARED = 1024,
	BURST = 400 * 1000, /* rounds from one clearing to the next */
	N_BUCKETS = 40 * 16,
	LONG_NS = 10 * 1000,
	CHECK =
	    256, /* rounds from one look at the kernel's count to the next */
};

/* Bucket b counts times of (16 + b % 16) << b / 16 sixteenths of ns. */
struct calls {
	size_t n[N_BUCKETS];
	uint64_t longest_ns, n_lost;
};

struct times {
	struct calls make, end, nothing;
	long n_preempted;
};

const size_t workload_rounds = 2 * 1000 * 1000;

static _Atomic(void *) shared[N_SHARED];

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static size_t
bucket_of(uint64_t ns)
{
	uint64_t x = ns * 16 + 16;
	size_t shift = (size_t)(63 - __builtin_clzll(x)) - 4;

	return shift * 16 + (size_t)(x >> shift) - 16;
}

static double
bucket_ns(size_t bucket)
{
	return (double)((16 + bucket % 16) << bucket / 16) / 16 - 1;
}

static long
n_preempted(void)
{
	struct rusage use;

	getrusage(RUSAGE_THREAD, &use);
	return use.ru_nivcsw;
}

static void
count(struct times *times, struct calls *calls, uint64_t ns)
{
	if (ns >= LONG_NS) {
		long n = n_preempted();

		if (n != times->n_preempted) {
			times->n_preempted = n;
			calls->n_lost++;
			return;
		}
	}
	calls->n[bucket_of(ns)]++;
	if (ns > calls->longest_ns)
		calls->longest_ns = ns;
}

static void *
make(struct worker *worker, struct times *times)
{
	size_t n_bytes = random_wide_size(&worker->random);
	uint64_t start = now_ns();
	void *block = malloc(n_bytes);
	uint64_t made = now_ns();
	uint64_t later = now_ns();

	count(times, &times->make, made - start);
	count(times, &times->nothing, later - made);
	block_write(block, n_bytes);
	for (size_t k = 4 * KIB; k < n_bytes - 1; k += 4 * KIB)
		((volatile char *)block)[k] = 1;
	return block;
}

static void
end(struct worker *worker, struct times *times, void *block)
{
	uint64_t start;

	if (!block)
		return;
	worker->sum += block_read(block);
	start = now_ns();
	free(block);
	count(times, &times->end, now_ns() - start);
}

static void
work(struct worker *worker, struct times *times)
{
	void *blocks[N_BLOCKS] = { NULL };
	size_t i, k;

	for (i = 0; i < worker->n_rounds; i++) {
		size_t slot = random_below(&worker->random, N_BLOCKS);
		void *block = make(worker, times);

		if (i % 16 == 0)
			block =
			    atomic_exchange(&shared[slot % N_SHARED], block);
		end(worker, times, blocks[slot]);
		blocks[slot] = block;
		if (i % CHECK == 0)
			times->n_preempted = n_preempted();
		if (i % BURST != BURST - 1)
			continue;
		for (k = 0; k < N_BLOCKS; k++) {
			end(worker, times, blocks[k]);
			blocks[k] = NULL;
		}
	}
	for (k = 0; k < N_BLOCKS; k++)
		end(worker, times, blocks[k]);
}

static double
percentile(const struct calls *calls, double part)
{
	double sum = 0, n = 0;
	size_t i;

	for (i = 0; i < N_BUCKETS; i++)
		n += (double)calls->n[i];
	for (i = 0; i < N_BUCKETS; i++) {
		sum += (double)calls->n[i];
		if (sum >= n * part)
			return bucket_ns(i);
	}
	return 0;
}

static void
add(struct calls *to, const struct calls *from)
{
	for (size_t i = 0; i < N_BUCKETS; i++)
		to->n[i] += from->n[i];
	if (to->longest_ns < from->longest_ns)
		to->longest_ns = from->longest_ns;
	to->n_lost += from->n_lost;
}

/* Guarded by the lock; the last to end reports and clears the table. */
static struct times all;

static void
finish(struct worker *worker, struct times *times)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static unsigned int n_ended;

	pthread_mutex_lock(&lock);
	add(&all.make, &times->make);
	add(&all.end, &times->end);
	add(&all.nothing, &times->nothing);
	if (++n_ended == worker->n_workers) {
		for (size_t i = 0; i < N_SHARED; i++)
			block_end(worker, atomic_exchange(&shared[i], NULL));
		report("malloc_median", "ns", percentile(&all.make, 0.5));
		report("malloc_99.99th", "us",
		    percentile(&all.make, 0.9999) / 1000);
		report(
		    "malloc_longest", "us", (double)all.make.longest_ns / 1000);
		report("free_median", "ns", percentile(&all.end, 0.5));
		report(
		    "free_99.99th", "us", percentile(&all.end, 0.9999) / 1000);
		report("free_longest", "us", (double)all.end.longest_ns / 1000);
		report("nothing_99.99th", "us",
		    percentile(&all.nothing, 0.9999) / 1000);
		report("nothing_longest", "us",
		    (double)all.nothing.longest_ns / 1000);
	}
	pthread_mutex_unlock(&lock);
}

void
workload_run(struct worker *worker)
{
	/* Pages that are there: the first call must not pay for them. */
	static struct times of_worker[64];
	struct times *times = &of_worker[worker->id];

	times->n_preempted = n_preempted();
	work(worker, times);
	finish(worker, times);
}
