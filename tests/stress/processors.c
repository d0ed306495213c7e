/*
 * processors.c - threads that share their processor's bins, and never rest
 *
 * Many threads allocate, fill, pass on, verify and free, while one thread
 * moves them from processor to processor, and timers interrupt them, a few
 * thousand times a second; some fork.  No object may be given twice (its
 * pattern would show it), and at the end none may be lost: as many are in use
 * as before.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/items.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* musl has the name of the man page */
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
	N_THREADS = 12,
	ITEM_MAX = KIB(2),
	N_OWN = 200,
	N_SHARED = 64,
	N_HANDLER = 3, /* objects that a handler takes at once */
	TIMER_NS = 200000,
	FORKS_MAX = 20,
};

static _Atomic(struct item *) shared[N_SHARED];
static _Atomic pid_t tids[N_THREADS];
static atomic_bool is_over;
static atomic_size_t n_moves;
static atomic_size_t n_interrupts;
static cpu_set_t cpus; /* where this process may run */
static uint64_t seed;

static void
on_timer(int signal_no)
{
	(void)signal_no;
	atomic_fetch_add_explicit(&n_interrupts, 1, memory_order_relaxed);
}

/* The calling thread, and nobody else, gets a signal every TIMER_NS. */
static timer_t
start_timer(int signal_no)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = signal_no };
	struct itimerspec when = { .it_value.tv_nsec = TIMER_NS,
		.it_interval.tv_nsec = TIMER_NS };
	timer_t timer;

	event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	test_require(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	test_require(timer_settime(timer, 0, &when, NULL) == 0);
	return timer;
}

/* A child has all that was cached, and goes on with it alone. */
static void
fork_once(struct test_rng *rng)
{
	pid_t child = fork();
	int status;

	test_require(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 300; i++)
			item_drop(item_make(rng, ITEM_MAX));
		_exit(0);
	}
	test_require(waitpid(child, &status, 0) == child && status == 0);
}

static void *
work(void *arg)
{
	size_t number = (uintptr_t)arg;
	struct item *own[N_OWN] = { NULL };
	struct test_rng rng;
	timer_t timer;
	size_t n_forks = 0;

	test_rng_init(&rng, seed + number);
	timer = start_timer(SIGUSR1);
	atomic_store(&tids[number], (pid_t)syscall(SYS_gettid));
	while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
		struct item **at = &own[test_rng_below(&rng, N_OWN)];
		size_t j = test_rng_below(&rng, N_SHARED);

		if (*at == NULL) {
			*at = item_make(&rng, ITEM_MAX);
		} else if (test_rng_below(&rng, 3) != 0) {
			item_drop(*at);
			*at = NULL;
		} else {
			/* acq_rel: the item's contents travel with it. */
			*at = atomic_exchange_explicit(
			    &shared[j], *at, memory_order_acq_rel);
		}
		if (number == 0 && n_forks < FORKS_MAX &&
		    test_rng_below(&rng, 20000) == 0) {
			fork_once(&rng);
			n_forks++;
		}
	}
	timer_delete(timer);
	for (size_t i = 0; i < N_OWN; i++)
		item_drop(own[i]);
	atomic_store(&tids[number], 0);
	return NULL;
}

/* Each thread to one processor, then to another, and so on. */
static void *
move_threads(void *arg)
{
	unsigned cpu = 0;

	while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
		for (size_t i = 0; i < N_THREADS; i++) {
			cpu_set_t one;
			pid_t tid = atomic_load(&tids[i]);

			do
				cpu = (cpu + 1) % CPU_SETSIZE;
			while (!CPU_ISSET(cpu, &cpus));
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			if (tid != 0 &&
			    sched_setaffinity(tid, sizeof(one), &one) == 0)
				atomic_fetch_add(&n_moves, 1);
		}
		usleep(300);
	}
	return arg;
}

static void
run_all(unsigned ms)
{
	pthread_t threads[N_THREADS], mover;

	atomic_store(&is_over, false);
	test_require(pthread_create(&mover, NULL, move_threads, NULL) == 0);
	for (uintptr_t i = 0; i < N_THREADS; i++)
		test_require(
		    pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	test_sleep_ms(ms);
	atomic_store(&is_over, true);
	for (size_t i = 0; i < N_THREADS; i++)
		test_require(pthread_join(threads[i], NULL) == 0);
	test_require(pthread_join(mover, NULL) == 0);
	for (size_t i = 0; i < N_SHARED; i++)
		item_drop(atomic_exchange(&shared[i], NULL));
}

static void
none_is_lost_and_none_is_given_twice(void)
{
	struct rtmalloc_stats before, after;

	run_all(300); /* what libc keeps for threads that come again */
	before = items_take_stats();
	run_all(test_duration_ms(2000));
	after = items_take_stats();
	test_say(1, "%zu moves, %zu interrupts, %llu refills\n",
	    atomic_load(&n_moves), atomic_load(&n_interrupts),
	    (unsigned long long)after.n_refills);
	test_require(after.small_blocks == before.small_blocks);
	test_require(after.large_blocks == before.large_blocks);
	test_require(
	    atomic_load(&n_interrupts) > 100 && atomic_load(&n_moves) > 100);
}

/* ----------------------------------------------- handlers that allocate */

static void
on_timer_allocate(int signal_no)
{
	void *objects[N_HANDLER];

	(void)signal_no;
	for (int i = 0; i < N_HANDLER; i++) {
		objects[i] = malloc(48);
		test_require(objects[i] != NULL);
		test_fill(objects[i], 48);
	}
	for (int i = 0; i < N_HANDLER; i++) {
		test_verify(objects[i], 48);
		free(objects[i]);
	}
	atomic_fetch_add_explicit(&n_interrupts, 1, memory_order_relaxed);
}

/*
 * Until taking and giving back what the thread and a handler hold at once
 * goes without the slow ways, which take locks: the bin's capacity may be
 * small after what ran before, and grows as it misses.
 */
static void
warm_up(void)
{
	for (int n_calm = 0, round = 0; n_calm < 10; round++) {
		struct rtmalloc_stats before = items_take_stats(), after;
		void *warm[N_HANDLER + 1];

		for (size_t i = 0; i < TEST_COUNT(warm); i++)
			warm[i] = malloc(48);
		for (size_t i = 0; i < TEST_COUNT(warm); i++)
			free(warm[i]);
		after = items_take_stats();
		if (after.n_refills == before.n_refills &&
		    after.n_flushes == before.n_flushes)
			n_calm++;
		else
			n_calm = 0;
		test_require(round < 1000);
	}
}

/*
 * A handler may interrupt a section, and use sections itself.  The thread
 * stays where its bin has enough, as the slow ways take locks.
 */
static void
handlers_may_use_what_is_cached(void)
{
	struct sigaction action = { .sa_handler = on_timer_allocate };
	uint64_t end_ms = test_clock_ms() + 500;
	cpu_set_t one;
	int cpu = sched_getcpu();
	timer_t timer;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
	warm_up();
	atomic_store(&n_interrupts, 0);
	sigaction(SIGUSR2, &action, NULL);
	timer = start_timer(SIGUSR2);
	while (test_clock_ms() < end_ms)
		for (int i = 0; i < 1000; i++) {
			void *ptr = malloc(48);

			test_require(ptr != NULL);
			test_fill(ptr, 48);
			test_verify(ptr, 48);
			free(ptr);
		}
	timer_delete(timer);
	test_say(1, "%zu handlers\n", atomic_load(&n_interrupts));
	test_require(atomic_load(&n_interrupts) > 10);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_timer,
		.sa_flags = SA_RESTART };

	(void)argc;
	/* On libc's malloc, too, it crashes there; without timers on neither. */
	if (test_is_emulated() && sizeof(void *) == 4)
		test_skip("qemu-i386 damages threads that signals interrupt");
	if (getenv("RTMALLOC_CONF") == NULL) {
		/* The helper might think that the handlers' bin is idle. */
		setenv("RTMALLOC_CONF",
		    "frontend=cpu,cpu_cache_size=256K,idle_delay_ms=3600000",
		    1);
		test_start_anew(argv);
		test_fail(__FILE__, __LINE__, "cannot start anew");
	}
	seed = test_seed();
	free(malloc(1));
	if (items_take_stats().rseq == 0)
		test_say(1, "threads keep caches of their own here\n");
	test_require(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
	sigaction(SIGUSR1, &action, NULL);
	none_is_lost_and_none_is_given_twice();
	handlers_may_use_what_is_cached();
	return 0;
}
