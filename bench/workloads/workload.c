/*
 * workload.c - what the workloads have in common
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORKERS = 64 };

void *
must(void *block)
{
	if (!block) {
		fputs("no memory\n", stderr);
		exit(1);
	}
	return block;
}

size_t
random_size(uint64_t *state)
{
	size_t kind = random_below(state, 100);

	if (kind < 66)
		return 16 + random_below(state, 113);
	if (kind < 91)
		return 128 + random_below(state, 897);
	if (kind < 98)
		return 1 * KIB + random_below(state, 7 * KIB);
	return 8 * KIB + random_below(state, 56 * KIB);
}

size_t
random_wide_size(uint64_t *state)
{
	size_t step;

	if (random_below(state, 1000) > 0)
		return random_size(state);
	step = 64 * KIB << random_below(state, 6);
	return step + random_below(state, step);
}

void
report(const char *name, const char *unit, double value)
{
	const char *file = getenv("WORKLOAD_FIGURES");
	int fd = file ? open(file, O_WRONLY | O_APPEND | O_CREAT, 0666) : 2;
	char line[128];
	int n =
	    snprintf(line, sizeof(line), "%s\t%s\t%.6g\n", name, unit, value);

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		exit(1);
	if (file)
		close(fd);
}

double
resident_mib(void)
{
	char line[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char *end = line;

	if (fd < 0 || read(fd, line, sizeof(line) - 1) <= 0)
		exit(1);
	close(fd);
	strtoul(line, &end, 10);
	return (double)strtoul(end, NULL, 10) * (double)sysconf(_SC_PAGESIZE) /
	    (double)MIB;
}

double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void *
block_make(size_t n_bytes)
{
	return block_write(malloc(n_bytes), n_bytes);
}

void
block_end(struct worker *worker, void *block)
{
	if (block)
		worker->sum += block_read(block);
	free(block);
}

/* All begin at once: the first would else be done before the last is there. */
static pthread_barrier_t start;

static void *
run(void *worker)
{
	pthread_barrier_wait(&start);
	workload_run(worker);
	return NULL;
}

static size_t
argument(int argc, char **argv, int i, size_t otherwise)
{
	return i < argc ? strtoul(argv[i], NULL, 10) : otherwise;
}

static size_t
share_of(size_t n_rounds, size_t n_workers)
{
	return n_rounds > n_workers ? n_rounds / n_workers : 1;
}

/*
 * Two cache lines each, as processors fetch pairs of them: workers that shared
 * one would wait for each other, whatever the allocator does.
 */
static struct {
	struct worker worker;
} __attribute__((aligned(128))) workers[MAX_WORKERS];

int
main(int argc, char **argv)
{
	static pthread_t threads[MAX_WORKERS];
	size_t n_workers = argument(argc, argv, 1, 1);
	size_t percent = argument(argc, argv, 2, 100);
	uint64_t sum = 0;
	size_t i;

	if (n_workers < 1 || n_workers > MAX_WORKERS) {
		fputs("usage: WORKLOAD [THREADS [PERCENT [VALUE [OPTION]]]]\n",
		    stderr);
		return 2;
	}
	for (i = 0; i < n_workers; i++) {
		workers[i].worker = (struct worker){
			.id = (unsigned int)i,
			.n_workers = (unsigned int)n_workers,
			.n_rounds = share_of(
			    workload_rounds * percent / 100, n_workers),
			.value = argument(argc, argv, 3, 0),
			.option = argument(argc, argv, 4, 0),
			.random = 0x9e3779b97f4a7c15ull * (i + 1),
		};
	}
	pthread_barrier_init(&start, NULL, (unsigned int)n_workers);
	for (i = 1; i < n_workers; i++) {
		if (pthread_create(
			&threads[i], NULL, run, &workers[i].worker) != 0)
			return 1;
	}
	run(&workers[0].worker);
	for (i = 0; i < n_workers; i++) {
		if (i > 0)
			pthread_join(threads[i], NULL);
		sum += workers[i].worker.sum;
	}
	printf("%" PRIu64 "\n", sum);
	return 0;
}
