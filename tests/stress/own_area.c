/*
 * own_area.c - a thread that we register with the kernel, where libc does not
 *
 * Linked with the archive, from which the names of libc's registration were
 * taken (own.sh), and run with libc's switched off.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/rseq.h"
#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rtm_rseq mine, other;
static pthread_key_t late_key;
static bool was_free;

static uint32_t
cpu_of(const struct rtm_rseq *area)
{
	return __atomic_load_n(&area->cpu_id, __ATOMIC_RELAXED);
}

/* The kernel goes on telling where the thread runs. */
static void
check_follows(const struct rtm_rseq *area)
{
	cpu_set_t all, one;

	test_require(sched_getaffinity(0, sizeof(all), &all) == 0);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
		test_require(cpu_of(area) == cpu);
	}
	test_require(sched_setaffinity(0, sizeof(all), &all) == 0);
}

static void *
register_and_fork(void *arg)
{
	int status;

	test_require(rtm_rseq_kind() == RTM_RSEQ_KIND_OWN);
	test_require(rtm_rseq_libc_area() == NULL);
	errno = EDOM;
	test_require(rtm_rseq_register(&mine));
	check_follows(&mine);
	/* A thread has one area. */
	test_require(!rtm_rseq_register(&other) && errno == EDOM);

	pid_t child = fork();

	test_require(child >= 0);
	if (child == 0) {
		check_follows(&mine);
		_exit(0);
	}
	test_require(waitpid(child, &status, 0) == child && status == 0);
	rtm_rseq_unregister(&mine);
	test_require((int32_t)cpu_of(&mine) < 0);
	test_require(rtm_rseq_register(&other));
	rtm_rseq_unregister(&other);
	test_require(errno == EDOM);
	return arg;
}

/* The allocator's destructor has been called before: the key is older. */
static void
at_the_end(void *round)
{
	if ((uintptr_t)round < 2) {
		pthread_setspecific(late_key, (void *)((uintptr_t)round + 1));
		return;
	}
	was_free = rtm_rseq_register(&other);
	if (was_free)
		rtm_rseq_unregister(&other);
	/* And it goes on without. */
	free(malloc(100));
}

static void *
use_and_end(void *arg)
{
	for (size_t size = 1; size < 1000; size++)
		free(malloc(size));
	test_require(!rtm_rseq_register(&other));
	pthread_setspecific(late_key, (void *)1);
	return arg;
}

static void
run(void *(*start)(void *))
{
	pthread_t thread;

	test_require(pthread_create(&thread, NULL, start, NULL) == 0);
	test_require(pthread_join(thread, NULL) == 0);
}

int
main(void)
{
	struct rtmalloc_stats stats;

	free(malloc(1));
	run(register_and_fork);
	test_require(pthread_key_create(&late_key, at_the_end) == 0);
	run(use_and_end);
	test_require(was_free);
	if (rtmalloc_stats(&stats, sizeof(stats)) == 0)
		test_require(stats.rseq == 2);
	return 0;
}
