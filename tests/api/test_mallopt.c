/*
 * test_mallopt.c - malloc_trim, and the parameters of mallopt that act
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __GLIBC__
int
main(void)
{
	test_skip("malloc_trim and mallopt are glibc's");
}
#else
enum { N_BLOCKS = 200000, PERTURB = 0xa5 };

void *malloc_get_state(void);
int malloc_set_state(void *state);

static void **blocks;

/* 40 MiB of small objects. */
static void
allocate(void)
{
	blocks = test_map(N_BLOCKS * sizeof(*blocks));
	for (size_t i = 0; i < N_BLOCKS; i++)
		memset(blocks[i] = malloc(200), 1, 200);
}

static void
release(void)
{
	for (size_t i = 0; i < N_BLOCKS; i++)
		free(blocks[i]);
}

START_TEST(trim_gives_back_what_is_free)
{
	size_t before;
	int first, second;

	allocate();
	before = test_rss();
	release();
	errno = 77;
	first = malloc_trim(0);
	second = malloc_trim(0); /* libcheck has not allocated in between */
	ck_assert_int_eq(errno, 77);
	ck_assert_int_eq(first, 1);
	ck_assert_int_eq(second, 0);
	test_rss_expect(before - MIB(36), 0, 0);
	allocate();
	release();
}
END_TEST

START_TEST(trim_keeps_what_it_is_told_to)
{
	size_t with, kept;
	char *block;

	ck_assert_int_eq(mallopt(M_TRIM_THRESHOLD, -1), 1);
	block = malloc(MIB(32));
	memset(block, 1, MIB(32));
	with = test_rss();
	free(block);
	test_require(malloc_trim(MIB(64)) == 0);
	test_require(malloc_trim(MIB(20)) == 1);
	test_require(malloc_trim(MIB(20)) == 0);
	kept = test_rss();
	if (!test_is_slow()) {
		ck_assert_uint_le(kept, with - MIB(11));
		ck_assert_uint_ge(kept, with - MIB(13));
	}
}
END_TEST

static pthread_barrier_t barrier;

static void *
fill_a_cache(void *unused)
{
	allocate();
	release();
	pthread_barrier_wait(&barrier); /* all is free, some of it in a cache */
	pthread_barrier_wait(&barrier); /* the others were asked */
	free(malloc(77));
	pthread_barrier_wait(&barrier); /* and this thread has flushed */
	pthread_barrier_wait(&barrier);
	return unused;
}

START_TEST(trim_asks_other_threads_for_theirs)
{
	pthread_t thread;

	test_require(pthread_barrier_init(&barrier, NULL, 2) == 0);
	test_require(pthread_create(&thread, NULL, fill_a_cache, NULL) == 0);
	pthread_barrier_wait(&barrier);
	test_require(malloc_trim(0) == 1);
	test_require(malloc_trim(0) == 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	/* What lay in the other thread's cache made its spans whole. */
	test_require(malloc_trim(0) == 1);
	test_require(malloc_trim(0) == 0);
	pthread_barrier_wait(&barrier);
	test_require(pthread_join(thread, NULL) == 0);
}
END_TEST

START_TEST(trim_works_in_a_child_of_threads)
{
	pthread_t thread;
	int status;
	pid_t child;

	if (test_is_emulated())
		test_skip("qemu-user starts no threads in a child of threads");
	test_require(pthread_barrier_init(&barrier, NULL, 2) == 0);
	test_require(pthread_create(&thread, NULL, fill_a_cache, NULL) == 0);
	pthread_barrier_wait(&barrier);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		test_require(malloc_trim(0) == 1);
		test_require(malloc_trim(0) == 0);
		free(malloc(100));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	for (int i = 0; i < 3; i++)
		pthread_barrier_wait(&barrier);
	test_require(pthread_join(thread, NULL) == 0);
}
END_TEST

static bool
is_filled(const void *block, size_t n_bytes, unsigned char byte)
{
	const unsigned char *bytes = hide_ptr((void *)(uintptr_t)block);

	for (size_t i = 0; i < n_bytes; i++)
		if (bytes[i] != byte)
			return false;
	return true;
}

static const size_t sizes[] = { 1, 24, 100, 5000, 40000, 200000, 300000 };

START_TEST(perturb_fills_what_is_fresh_and_what_is_freed)
{
	ck_assert_int_eq(mallopt(M_PERTURB, PERTURB), 1);
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		size_t n = sizes[i];
		unsigned char *block = malloc(n);

		ck_assert(is_filled(block, n, PERTURB ^ 0xff));
		free(block);
		if (n < 100000) /* a longer one may have gone back */
			ck_assert(is_filled(block, n, PERTURB));
		block = calloc(1, n);
		ck_assert(test_is_zero(block, n));
		memset(block, 3, n);
		block = realloc(block, 3 * n);
		ck_assert(is_filled(block, n, 3));
		free(block);
		block = memalign(4096, n);
		ck_assert(is_filled(block, n, PERTURB ^ 0xff));
		free(block);
	}
	free(NULL);
	ck_assert_int_eq(mallopt(M_PERTURB, 0), 1);
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		unsigned char *block = calloc(1, sizes[i]);

		free(block);
		block = malloc(sizes[i]);
		memset(block, 7, sizes[i]);
		free(block);
		ck_assert(!is_filled(block, 1, PERTURB));
	}
}
END_TEST

/* No byte of a neighbour is written before the mistake is seen. */
START_TEST(perturb_fills_nothing_but_blocks)
{
	char *block, *middle;
	int status;
	pid_t child;

	ck_assert_int_eq(mallopt(M_PERTURB, PERTURB), 1);
	block = malloc(200);
	middle = hide_ptr(block + 64);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(2);
		free(middle);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	free(block);
}
END_TEST

START_TEST(freed_pages_above_the_threshold_go_at_once)
{
	size_t before;
	char *block;

	ck_assert_int_eq(mallopt(M_TOP_PAD, 0), 1);
	ck_assert_int_eq(mallopt(M_TRIM_THRESHOLD, (int)MIB(8)), 1);
	before = test_rss();
	block = malloc(MIB(6));
	memset(block, 1, MIB(6));
	free(block); /* stays */
	if (!test_is_slow())
		ck_assert_uint_ge(test_rss(), before + MIB(5));
	block = malloc(MIB(30));
	memset(block, 1, MIB(30));
	free(block);
	test_rss_expect(before, MIB(1), 0);
	ck_assert_int_eq(mallopt(M_TRIM_THRESHOLD, 0), 1);
	block = malloc(MIB(1));
	memset(block, 1, MIB(1));
	malloc_trim(0);
	free(block);
	test_require(malloc_trim(0) == 0); /* nothing is left to do */
}
END_TEST

/* Longer than the helper, that gives back what a sleeper has, waits. */
START_TEST(without_a_threshold_all_stays)
{
	size_t with;
	char *block;

	ck_assert_int_eq(mallopt(M_TRIM_THRESHOLD, -1), 1);
	block = malloc(MIB(64));
	memset(block, 1, MIB(64));
	with = test_rss();
	free(block);
	test_sleep_ms(1300);
	if (!test_is_slow())
		ck_assert_uint_ge(test_rss(), with - MIB(2));
	ck_assert_int_eq(malloc_trim(0), 1);
	test_rss_expect(with - MIB(60), 0, 0);
}
END_TEST

/* What glibc 2.36 says to the same. */
START_TEST(answers_are_those_of_glibc)
{
	ck_assert_int_eq(mallopt(M_MXFAST, 64), 1);
	ck_assert_int_eq(mallopt(M_MXFAST, 161), 0);
	ck_assert_int_eq(mallopt(M_MXFAST, -1), 0);
	ck_assert_int_eq(mallopt(M_MMAP_THRESHOLD, 128 << 10), 1);
	ck_assert_int_eq(mallopt(M_MMAP_THRESHOLD, 33 << 20), 1);
	ck_assert_int_eq(mallopt(M_MMAP_MAX, 0), 1);
	ck_assert_int_eq(mallopt(M_ARENA_MAX, 1), 1);
	ck_assert_int_eq(mallopt(M_ARENA_TEST, 1), 1);
	ck_assert_int_eq(mallopt(M_CHECK_ACTION, 3), 1);
	ck_assert_int_eq(mallopt(12345, 1), 1);
	errno = 0;
	ck_assert_ptr_null(malloc_get_state());
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert_int_ne(malloc_set_state(blocks), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		trim_gives_back_what_is_free,
		trim_keeps_what_it_is_told_to,
		trim_asks_other_threads_for_theirs,
		trim_works_in_a_child_of_threads,
		perturb_fills_what_is_fresh_and_what_is_freed,
		perturb_fills_nothing_but_blocks,
		freed_pages_above_the_threshold_go_at_once,
		without_a_threshold_all_stays,
		answers_are_those_of_glibc,
	};

	return test_suite_run("mallopt", tests, TEST_COUNT(tests));
}
#endif
