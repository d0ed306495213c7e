/*
 * handover.c - how long a cache line takes from one processor to another
 *
 * Two threads, on the first two processors that they may use, write to one
 * line by turns.  Prints nanoseconds for one way, or nothing where there is
 * only one processor.
 *
 * A virtual machine's processors may be neighbours that share a cache, or far
 * from each other, and the host may change that at any time.  Threads that
 * hand memory to each other are then twice as fast, or half; so it says
 * whether two runs can be compared.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_TURNS = 20000, LINE = 128 };

static struct {
	_Alignas(LINE) atomic_uint turn;
	char rest[LINE - sizeof(atomic_uint)];
} shared;
static int cpus[2];

static void
stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0) {
		perror("handover");
		exit(1);
	}
}

/* Writes what comes after each number of the other's. */
static void
answer(unsigned first)
{
	for (unsigned n = first; n < N_TURNS; n += 2) {
		while (atomic_load_explicit(
			   &shared.turn, memory_order_acquire) != n)
			;
		atomic_store_explicit(
		    &shared.turn, n + 1, memory_order_release);
	}
}

static void *
answer_there(void *arg)
{
	stay_on(cpus[1]);
	answer(1);
	return arg;
}

static double
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int
main(void)
{
	cpu_set_t all;
	pthread_t other;
	double start_ns;
	int n_cpus = 0;

	sched_getaffinity(0, sizeof(all), &all);
	for (int cpu = 0; cpu < CPU_SETSIZE && n_cpus < 2; cpu++)
		if (CPU_ISSET(cpu, &all))
			cpus[n_cpus++] = cpu;
	if (n_cpus < 2)
		return 0;
	stay_on(cpus[0]);
	if (pthread_create(&other, NULL, answer_there, NULL) != 0)
		return 1;
	/* The other one is there when it has answered once. */
	atomic_store(&shared.turn, 1);
	while (atomic_load(&shared.turn) != 2)
		;
	start_ns = now_ns();
	answer(2);
	printf("%.0f\n", (now_ns() - start_ns) / (N_TURNS - 2));
	pthread_join(other, NULL);
	return 0;
}
