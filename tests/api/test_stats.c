/*
 * test_stats.c - the statistics: what they say is so, and it adds up
 *
 * Under valgrind every block has pages of its own or a mark before it, so
 * only the sums are looked at there.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "config.h"
#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLASSES_MAX = 64, N_THREADS = 4, N_BLOCKS = 1000 };

static void *blocks[N_BLOCKS];

static struct rtmalloc_stats
stats_now(void)
{
	struct rtmalloc_stats stats;

	ck_assert_int_eq(rtmalloc_stats(&stats, sizeof(stats)), 0);
	return stats;
}

static struct rtmalloc_class_stats
class_now(size_t n_bytes)
{
	struct rtmalloc_class_stats classes[CLASSES_MAX];
	size_t n = rtmalloc_stats_classes(classes, CLASSES_MAX);

	for (size_t i = 0; i < n; i++)
		if (classes[i].size >= n_bytes && classes[i].size % 16 == 0)
			return classes[i];
	ck_abort_msg("no class for %zu bytes", n_bytes);
}

static uint64_t
sum_of(const struct rtmalloc_stats *stats)
{
	return stats->small_bytes + stats->large_bytes +
	    stats->thread_cache_bytes + stats->transfer_cache_bytes +
	    stats->central_bytes + stats->tail_bytes + stats->moving_bytes +
	    stats->dirty_bytes + stats->clean_bytes;
}

/* Whatever goes on. */
static void
must_add_up(const struct rtmalloc_stats *stats)
{
	struct rtmalloc_class_stats classes[CLASSES_MAX];
	size_t n = rtmalloc_stats_classes(classes, CLASSES_MAX);

	ck_assert_uint_eq(stats->heap_bytes, sum_of(stats));
	ck_assert_uint_ge(
	    stats->mapped_bytes, stats->heap_bytes + stats->metadata_bytes);
	ck_assert_uint_ge(stats->peak_bytes,
	    stats->heap_bytes - stats->dirty_bytes - stats->clean_bytes);
	ck_assert_uint_ge(stats->peak_large_bytes, stats->large_bytes);
	ck_assert_uint_ge(stats->n_refills, stats->n_transfer_hits);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(classes[i].n_used + classes[i].n_thread +
			classes[i].n_transfer + classes[i].n_central,
		    classes[i].n_spans *
			(classes[i].span_bytes / classes[i].size));
}

static void
allocate(size_t n_bytes)
{
	for (size_t i = 0; i < N_BLOCKS; i++)
		ck_assert_ptr_nonnull(blocks[i] = malloc(n_bytes));
}

static void
release(void)
{
	for (size_t i = 0; i < N_BLOCKS; i++)
		free(blocks[i]);
}

START_TEST(everything_adds_up)
{
	static const size_t sizes[] = { 1, 24, 100, 1000, 5000, 40000, 300000 };
	struct rtmalloc_stats stats;

	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		allocate(sizes[i]);
		stats = stats_now();
		must_add_up(&stats);
		ck_assert_uint_eq(stats.moving_bytes, 0);
		ck_assert_uint_ge(
		    stats.small_bytes + stats.large_bytes, N_BLOCKS * sizes[i]);
		release();
		stats = stats_now();
		must_add_up(&stats);
		ck_assert_uint_ge(stats.peak_bytes, N_BLOCKS * sizes[i]);
	}
}
END_TEST

START_TEST(blocks_in_use_are_counted_each)
{
	struct rtmalloc_stats before, after;
	struct rtmalloc_class_stats class_before, class_after;

	if (test_is_slow())
		return;
	before = stats_now();
	class_before = class_now(700);
	allocate(700);
	after = stats_now();
	class_after = class_now(700);
	ck_assert_uint_eq(after.small_blocks, before.small_blocks + N_BLOCKS);
	ck_assert_uint_eq(class_after.n_used, class_before.n_used + N_BLOCKS);
	ck_assert_uint_eq(after.small_bytes,
	    before.small_bytes + N_BLOCKS * class_after.size);
	ck_assert_uint_gt(class_after.n_refills, class_before.n_refills);
	ck_assert_uint_ge(
	    class_after.n_refilled, class_before.n_refilled + N_BLOCKS);
	ck_assert_uint_gt(after.n_spans_made, before.n_spans_made);
	release();
	ck_assert_uint_eq(stats_now().small_blocks, before.small_blocks);
	ck_assert_uint_gt(class_now(700).n_flushed, class_before.n_flushed);

	before = stats_now();
	allocate(500000);
	after = stats_now();
	ck_assert_uint_eq(after.large_blocks, before.large_blocks + N_BLOCKS);
	ck_assert_uint_ge(
	    after.large_bytes, before.large_bytes + N_BLOCKS * 500000);
	for (size_t i = 0; i < N_BLOCKS; i++) {
		blocks[i] = realloc(blocks[i], 300000 + i % 3 * 200000);
		ck_assert_ptr_nonnull(blocks[i]);
	}
	ck_assert_uint_eq(stats_now().large_blocks, after.large_blocks);
	release();
	after = stats_now();
	ck_assert_uint_eq(after.large_blocks, before.large_blocks);
	ck_assert_uint_eq(after.large_bytes, before.large_bytes);
	ck_assert_uint_eq(after.heap_bytes, sum_of(&after));
}
END_TEST

static pthread_barrier_t barrier;

/* libc asks for no such size when a thread begins. */
enum { SEEN_BYTES = 208 };

/* Frees its half, keeps the other half until the barrier. */
static void *
work(void *unused)
{
	void *own[200];

	for (size_t i = 0; i < 200; i++)
		own[i] = malloc(SEEN_BYTES);
	for (size_t i = 0; i < 100; i++)
		free(own[i]);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (size_t i = 100; i < 200; i++)
		free(own[i]);
	return unused;
}

START_TEST(what_other_threads_hold_is_seen)
{
	pthread_t threads[N_THREADS];
	struct rtmalloc_stats stats;
	uint64_t n_before;

	if (test_is_slow())
		return;
	n_before = class_now(SEEN_BYTES).n_used;
	pthread_barrier_init(&barrier, NULL, N_THREADS + 1);
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, work, NULL), 0);
	pthread_barrier_wait(&barrier);
	ck_assert_uint_eq(
	    class_now(SEEN_BYTES).n_used, n_before + 100 * N_THREADS);
	stats = stats_now();
	/* Those that are too many share their processor's. */
	ck_assert(stats.n_threads >= N_THREADS + 1 || stats.n_cpu_caches != 0);
	ck_assert_uint_eq(stats.heap_bytes, sum_of(&stats));
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(class_now(SEEN_BYTES).n_used, n_before);
	pthread_barrier_destroy(&barrier);
}
END_TEST

static _Atomic bool is_over;

/* What each thread of the churning ones has in use of one class. */
enum { N_HELD = 500, HELD_BYTES = 1500, IN_HAND = 40 };

/* Objects that one thread gave to the next. */
static void *_Atomic gifts[N_BLOCKS];

/*
 * Replaces what it holds, over and over; beside that come and go objects of
 * all sizes, large blocks, and such that another thread frees.
 */
static void *
churn(void *unused)
{
	void *held[N_HELD];
	unsigned random = (unsigned)(uintptr_t)&random;

	for (size_t i = 0; i < N_HELD; i++)
		held[i] = malloc(HELD_BYTES);
	pthread_barrier_wait(&barrier);
	while (!is_over) {
		random = random * 1103515245u + 12345u;

		size_t which = random >> 8;
		void *small = malloc(which % 1000),
		     *large = malloc(200000 + which % 300000);

		for (size_t i = 0; i < IN_HAND; i++)
			free(held[(which + i) % N_HELD]);
		free(atomic_exchange(
		    &gifts[which % N_BLOCKS], malloc(which % 1000)));
		for (size_t i = 0; i < IN_HAND; i++)
			held[(which + i) % N_HELD] = malloc(HELD_BYTES);
		large = realloc(large, 200000 + which % 1000000);
		free(small);
		free(large);
	}
	for (size_t i = 0; i < N_HELD; i++)
		free(held[i]);
	return unused;
}

/* The sums are exact; what threads have in use is known to what they move. */
START_TEST(it_adds_up_while_others_allocate)
{
	/* Out of a room and not yet in a cache; in a room and still in it. */
	enum { REFILL_MAX = 8, FLUSH_MAX = (64 << 10) / HELD_BYTES };
	pthread_t threads[N_THREADS];
	uint64_t n_calm;

	if (test_is_slow())
		return;
	n_calm = class_now(HELD_BYTES).n_used;
	pthread_barrier_init(&barrier, NULL, N_THREADS + 1);
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, churn, NULL), 0);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 1000; i++) {
		struct rtmalloc_stats stats = stats_now();
		uint64_t n_used;

		must_add_up(&stats);
		n_used = class_now(HELD_BYTES).n_used - n_calm;
		ck_assert_uint_le(n_used, N_THREADS * (N_HELD + REFILL_MAX));
		ck_assert_uint_ge(
		    n_used, N_THREADS * (N_HELD - IN_HAND - FLUSH_MAX));
	}
	is_over = true;
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < N_BLOCKS; i++)
		free(gifts[i]);
	ck_assert_uint_eq(class_now(HELD_BYTES).n_used, n_calm);
}
END_TEST

/* Other threads at work, and the child of one that does not run any more. */
START_TEST(any_time_and_in_a_child)
{
	pthread_t threads[N_THREADS];

	/* To memcheck, what the child's lost threads had is a leak. */
	if (test_is_slow())
		return;
	pthread_barrier_init(&barrier, NULL, N_THREADS + 1);
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, churn, NULL), 0);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 20; i++) {
		struct rtmalloc_stats stats = stats_now();
		int status;
		pid_t child = fork();

		must_add_up(&stats);
		if (child == 0) {
			stats = stats_now();
			must_add_up(&stats);
			_exit(0);
		}
		ck_assert_int_gt(child, 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	is_over = true;
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

/* A program that was built with another version of the struct. */
START_TEST(another_struct_is_served)
{
	struct {
		struct rtmalloc_stats stats;
		uint64_t more[4];
	} longer;
	uint32_t version = 7;

	memset(&longer, 0xff, sizeof(longer));
	ck_assert_int_eq(rtmalloc_stats(&longer.stats, sizeof(longer)), 0);
	ck_assert_uint_eq(longer.stats.version, RTMALLOC_STATS_VERSION);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(longer.more[i], 0);
	ck_assert_int_eq(
	    rtmalloc_stats(
		(struct rtmalloc_stats *)(void *)&version, sizeof(version)),
	    0);
	ck_assert_uint_eq(version, RTMALLOC_STATS_VERSION);
}
END_TEST

/* What the function writes, in a text that is to be freed. */
static char *
printed(enum rtmalloc_stats_format format)
{
	char name[] = "/tmp/rtmalloc-stats-XXXXXX";
	int fd = mkstemp(name);
	char *text = calloc(1, 100000);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(rtmalloc_stats_print(fd, format), 0);
	ck_assert_int_gt(pread(fd, text, 99999, 0), 0);
	close(fd);
	return text;
}

START_TEST(they_are_printed)
{
	char *text = printed(RTMALLOC_STATS_TEXT);

	ck_assert_ptr_nonnull(strstr(text, "rtmalloc in test_stats, process "));
	ck_assert_ptr_nonnull(strstr(text, "\nheap  "));
	free(text);
	text = printed(RTMALLOC_STATS_JSON);
	ck_assert_ptr_nonnull(strstr(text, "\"schema\": \"rtmalloc-stats\""));
	ck_assert_ptr_nonnull(strstr(text, "\"program\": \"test_stats\""));
	free(text);
	ck_assert_int_eq(rtmalloc_stats_print(-1, RTMALLOC_STATS_TEXT), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(
	    rtmalloc_stats_print(1, (enum rtmalloc_stats_format)7), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* Configured with --disable-stats. */
START_TEST(without_them_it_is_said)
{
	struct rtmalloc_stats stats;

	ck_assert_int_eq(rtmalloc_stats(&stats, sizeof(stats)), -1);
	ck_assert_int_eq(errno, ENOTSUP);
	ck_assert_uint_eq(rtmalloc_stats_classes(NULL, 0), 0);
	ck_assert_int_eq(rtmalloc_stats_print(1, RTMALLOC_STATS_TEXT), -1);
	ck_assert_int_eq(errno, ENOTSUP);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		everything_adds_up,
		blocks_in_use_are_counted_each,
		what_other_threads_hold_is_seen,
		it_adds_up_while_others_allocate,
		any_time_and_in_a_child,
		another_struct_is_served,
		they_are_printed,
	};
	const TTest *const without[] = { without_them_it_is_said };

	if (!RTM_STATS)
		return test_suite_run("stats", without, 1);
	return test_suite_run("stats", tests, TEST_COUNT(tests));
}
