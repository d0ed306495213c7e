/*
 * moved.c - processors that a program may not use any more, and may again
 *
 *     moved [affinity | cpuset | hotplug]
 *
 * Threads that share their processors' caches work wherever they may; then
 * all processors but one are taken away from them: by sched_setaffinity(2),
 * by a cpuset of the control groups, or because the processor is switched
 * off.  What the others cache has to go back, though from then on nobody
 * misses anything who could find out.  Then they come back.  No object may be
 * given twice, and none may be lost.  A process of one thread leaves nothing
 * behind: its cache goes along.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/items.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

enum {
	N_THREADS = 4,
	ITEM_MAX = KIB(4),
	N_OWN = 400,
	N_SHARED = 64,
	WAIT_MS = 8000, /* on a busy machine; 100 or so on an idle one */
	WORK_MS = 150,
};

enum phase { WORK, HIT, REST, END };

static _Atomic(struct item *) shared[N_SHARED];
static pthread_t threads[N_THREADS];
static size_t n_threads; /* that run */
static _Atomic enum phase phase;
static atomic_uint n_resting; /* or hitting; of this phase */
static cpu_set_t all_cpus;
static int first_cpu = -1, last_cpu; /* of those */
static uint64_t seed;

/* --------------------------------------------------------------- threads */

static void
work(struct test_rng *rng, struct item *own[N_OWN])
{
	while (atomic_load(&phase) == WORK) {
		struct item **at = &own[test_rng_below(rng, N_OWN)];
		size_t j = test_rng_below(rng, N_SHARED);

		if (*at == NULL) {
			*at = item_make(rng, ITEM_MAX);
		} else if (test_rng_below(rng, 3) != 0) {
			item_drop(*at);
			*at = NULL;
		} else {
			*at = atomic_exchange(&shared[j], *at);
		}
	}
	for (size_t i = 0; i < N_OWN; i++) {
		item_drop(own[i]);
		own[i] = NULL;
	}
}

/* After the first few calls nothing is missed any more. */
static void
hit(void)
{
	void *blocks[8];

	atomic_fetch_add(&n_resting, 1);
	while (atomic_load(&phase) == HIT)
		for (size_t n = 0; n < 10000; n++) {
			for (size_t i = 0; i < TEST_COUNT(blocks); i++)
				test_require((blocks[i] = malloc(64)) != NULL);
			for (size_t i = 0; i < TEST_COUNT(blocks); i++)
				free(blocks[i]);
		}
}

static void
rest(void)
{
	atomic_fetch_add(&n_resting, 1);
	while (atomic_load(&phase) == REST)
		test_sleep_ms(1);
}

static void *
live(void *arg)
{
	struct item *own[N_OWN] = { NULL };
	struct test_rng rng;

	test_rng_init(&rng, seed + (uintptr_t)arg);
	for (;;)
		switch (atomic_load(&phase)) {
		case WORK:
			work(&rng, own);
			break;
		case HIT:
			hit();
			break;
		case REST:
			rest();
			break;
		case END:
			return NULL;
		}
}

static void
enter(enum phase next)
{
	atomic_store(&n_resting, 0);
	atomic_store(&phase, next);
	while ((next == HIT || next == REST) &&
	    atomic_load(&n_resting) != N_THREADS)
		test_sleep_ms(1);
}

/* ------------------------------------------------- taking processors away */

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_done =
	    fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return is_done;
}

/*
 * This thread and those that it has started.  (Not what /proc/self/task says:
 * its list ends early where it has come to a thread that just ends.)
 */
static void
set_affinity(const cpu_set_t *cpus)
{
	test_require(sched_setaffinity(0, sizeof(*cpus), cpus) == 0);
	for (size_t i = 0; i < n_threads; i++)
		test_require(pthread_setaffinity_np(
				 threads[i], sizeof(*cpus), cpus) == 0);
}

static void
use_affinity(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	set_affinity(cpu < 0 ? &all_cpus : &one);
}

#define CPUSET "/sys/fs/cgroup/cpuset"
#define UNIFIED "/sys/fs/cgroup"

static char group[100]; /* the folder of ours */
static const char *group_cpus, *group_procs, *parent_procs;

static void
remove_group(void)
{
	write_file(parent_procs, "0");
	for (int i = 0; i < 100 && rmdir(group) != 0; i++)
		test_sleep_ms(10);
}

static void
make_group(void)
{
	static char cpus[150], mems[150], procs[150];
	bool is_old = access(CPUSET "/cpuset.mems", R_OK) == 0;
	const char *root = is_old ? CPUSET : UNIFIED;

	snprintf(group, sizeof(group), "%s/rtmalloc-test-%d", root, getpid());
	snprintf(cpus, sizeof(cpus), "%s/cpuset.cpus", group);
	snprintf(mems, sizeof(mems), "%s/cpuset.mems", group);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", group);
	group_cpus = cpus;
	group_procs = procs;
	parent_procs =
	    is_old ? CPUSET "/cgroup.procs" : UNIFIED "/cgroup.procs";
	if (mkdir(group, 0755) != 0)
		test_skip("no control group can be made here");
	if (access(cpus, W_OK) != 0) {
		rmdir(group);
		test_skip("control groups have no cpuset here");
	}
	atexit(remove_group);
	write_file(mems, "0");
}

static void
use_cpuset(int cpu)
{
	char text[40];

	if (group[0] == '\0')
		make_group();
	if (cpu < 0)
		snprintf(text, sizeof(text), "%d-%d", first_cpu, last_cpu);
	else
		snprintf(text, sizeof(text), "%d", cpu);
	if (!write_file(group_cpus, text) || !write_file(group_procs, "0"))
		test_skip("processes cannot be put into a cpuset here");
}

static char online[80]; /* the last processor's switch */

static void
switch_on(void)
{
	write_file(online, "1");
}

static void
on_death(int signal_no)
{
	switch_on();
	signal(signal_no, SIG_DFL);
	raise(signal_no);
}

static void
use_hotplug(int cpu)
{
	if (online[0] == '\0') {
		snprintf(online, sizeof(online),
		    "/sys/devices/system/cpu/cpu%d/online", last_cpu);
		atexit(switch_on);
		signal(SIGABRT, on_death);
		signal(SIGSEGV, on_death);
		signal(SIGTERM, on_death);
		signal(SIGINT, on_death);
	}
	if (!write_file(online, cpu < 0 ? "1" : "0"))
		test_skip("processors cannot be switched off here");
}

/* ------------------------------------------------------------- the tests */

/* Statistics once as many processors cache as wanted, at most or at least. */
static struct rtmalloc_stats
wait_for_caches(size_t least, size_t most)
{
	uint64_t end_ms = test_clock_ms() + WAIT_MS;
	struct rtmalloc_stats stats = items_take_stats();

	while ((stats.n_cpu_caches < least || stats.n_cpu_caches > most) &&
	    test_clock_ms() < end_ms) {
		test_sleep_ms(5);
		stats = items_take_stats();
	}
	test_require_msg(
	    stats.n_cpu_caches >= least && stats.n_cpu_caches <= most,
	    "%zu processors cache, not %zu to %zu", (size_t)stats.n_cpu_caches,
	    least, most);
	return stats;
}

/* The calling thread works on one processor; says how much that caches. */
static uint64_t
work_on_first(void)
{
	struct test_rng rng;
	struct item *own[N_OWN];
	uint64_t n_bytes;

	test_rng_init(&rng, seed);
	use_affinity(first_cpu);
	for (size_t i = 0; i < N_OWN; i++)
		own[i] = item_make(&rng, ITEM_MAX);
	for (size_t i = 0; i < N_OWN; i++)
		item_drop(own[i]);
	n_bytes = items_take_stats().thread_cache_bytes;
	test_require(n_bytes > KIB(100));
	return n_bytes;
}

/* False: libc does not say whether there is one thread. */
static bool
is_lone(void)
{
#if __has_include(<sys/single_threaded.h>)
	return __libc_single_threaded;
#else
	return false;
#endif
}

static void
a_lone_thread_takes_its_cache_along(void)
{
	uint64_t before = work_on_first();

	for (int i = 0; i < 10; i++) {
		use_affinity(i % 2 != 0 ? first_cpu : last_cpu);
		free(malloc(64));

		struct rtmalloc_stats stats = items_take_stats();

		test_require(stats.n_cpu_caches == 1);
		test_require(stats.thread_cache_bytes >= before / 10 * 9);
	}
	use_affinity(-1);
}

/* One thread of several that works here, then only hits there. */
static void
what_is_left_behind_goes_back(void)
{
	uint64_t before = work_on_first();
	uint64_t end_ms = test_clock_ms() + WAIT_MS;
	struct rtmalloc_stats stats;

	use_affinity(last_cpu);
	do {
		free(malloc(64));
		stats = items_take_stats();
	} while (test_clock_ms() < end_ms &&
	    (stats.n_cpu_caches > 1 ||
		stats.thread_cache_bytes >= before / 10));
	test_say(1, "%zu bytes on processor %d, then %zu on %d\n",
	    (size_t)before, first_cpu, (size_t)stats.thread_cache_bytes,
	    last_cpu);
	test_require(stats.n_cpu_caches <= 1);
	test_require(stats.thread_cache_bytes < before / 10);
	use_affinity(-1);
}

static void *
end_at_once(void *argument)
{
	return argument;
}

static void
alone_and_not(void)
{
	pthread_t thread;

	if (is_lone())
		a_lone_thread_takes_its_cache_along();
	/* From here on the process has, or has had, threads. */
	test_require(pthread_create(&thread, NULL, end_at_once, NULL) == 0);
	test_require(pthread_join(thread, NULL) == 0);
	what_is_left_behind_goes_back();
}

/*
 * Both processors get work.  The kernel need not see to it: it leaves all
 * threads where they are if those of others keep the other processor as busy.
 */
static void
wait_for_both(void)
{
	for (size_t i = 0; i < n_threads; i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(i % 2 == 0 ? first_cpu : last_cpu, &one);
		test_require(
		    pthread_setaffinity_np(threads[i], sizeof(one), &one) == 0);
	}
	wait_for_caches(2, SIZE_MAX);
	use_affinity(-1);
}

/* cpu: the one that stays; -1: all. */
static void
processors_come_and_go(void (*use)(int cpu), const int *cpus, size_t n)
{
	struct rtmalloc_stats stats;

	use(-1);
	enter(WORK);
	for (; n_threads < N_THREADS; n_threads++)
		test_require(pthread_create(&threads[n_threads], NULL, live,
				 (void *)n_threads) == 0);
	for (size_t i = 0; i < n; i++) {
		wait_for_both();
		use(cpus[i]);
		test_sleep_ms(WORK_MS);
		enter(HIT);
		stats = wait_for_caches(0, 1);
		test_require(stats.thread_cache_bytes <= stats.cpu_cache_limit);
		use(-1);
		enter(WORK);
	}
	wait_for_both();
	enter(REST);
	stats = wait_for_caches(0, 0);
	test_require(stats.thread_cache_bytes == 0);
	enter(END);
	while (n_threads != 0)
		test_require(pthread_join(threads[--n_threads], NULL) == 0);
	for (size_t i = 0; i < N_SHARED; i++)
		item_drop(atomic_exchange(&shared[i], NULL));
}

int
main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "affinity";
	void (*use)(int) = how[0] == 'c' ? use_cpuset
	    : how[0] == 'h'              ? use_hotplug
					 : use_affinity;
	struct rtmalloc_stats before, after;

	if (getenv("RTMALLOC_CONF") == NULL) {
		setenv("RTMALLOC_CONF", "frontend=cpu,idle_delay_ms=40", 1);
		test_start_anew(argv);
		test_fail(__FILE__, __LINE__, "cannot start anew");
	}
	if (test_is_slow())
		test_skip("no sections or no helper here");
	seed = test_seed();
	free(malloc(1));
	if (items_take_stats().rseq == 0)
		test_skip("threads keep caches of their own here");
	test_require(sched_getaffinity(0, sizeof(all_cpus), &all_cpus) == 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all_cpus)) {
			last_cpu = cpu;
			if (first_cpu < 0)
				first_cpu = cpu;
		}
	if (first_cpu == last_cpu)
		test_skip("only one processor");
	if (use == use_hotplug) { /* of others nothing is known */
		CPU_ZERO(&all_cpus);
		CPU_SET(first_cpu, &all_cpus);
		CPU_SET(last_cpu, &all_cpus);
		use_affinity(-1);
	}

	int cpus[] = { last_cpu, first_cpu };
	size_t n = use == use_hotplug ? 1 : 2;

	if (use == use_affinity)
		alone_and_not();
	/* What libc keeps for threads that come again. */
	processors_come_and_go(use, cpus + (n == 1), n);
	before = items_take_stats();
	processors_come_and_go(use, cpus + (n == 1), n);
	after = items_take_stats();
	test_require(after.small_blocks == before.small_blocks);
	test_require(after.large_blocks == before.large_blocks);
	return 0;
}
