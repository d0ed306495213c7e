/*
 * test_profile.c - the histogram of requests, and the classes it suggests
 *
 * libcheck allocates too, so sizes are counted that nobody else asks for.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUCKETS_MAX = 2752, N_THREADS = 4 };

static struct rtmalloc_bucket
bucket_of(size_t upper)
{
	static struct rtmalloc_bucket all[BUCKETS_MAX];
	size_t n = rtmalloc_histogram_snapshot(all, BUCKETS_MAX);

	for (size_t i = 0; i < n && i < BUCKETS_MAX; i++)
		if (all[i].upper == upper)
			return all[i];
	return (struct rtmalloc_bucket){ .upper = upper };
}

#define ck_counts(size, requests, frees, bytes)                         \
	do {                                                            \
		const struct rtmalloc_bucket counted = bucket_of(size); \
		ck_assert_uint_eq(counted.n_requests, requests);        \
		ck_assert_uint_eq(counted.n_frees, frees);              \
		ck_assert_uint_eq(counted.n_bytes, bytes);              \
	} while (0)

START_TEST(each_call_counts_once)
{
	void *blocks[100];

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t i = 0; i < 100; i++)
		blocks[i] = malloc(3333);
	for (size_t i = 0; i < 40; i++)
		free(blocks[i]);
	ck_counts(3336, 100, 40, 333300);
	for (size_t i = 40; i < 100; i++)
		free(blocks[i]);
	ck_counts(3336, 100, 100, 333300);
	free(calloc(7, 501));
	ck_counts(3512, 1, 1, 3507);
	free(calloc(1, 900001));
	ck_counts(901120, 1, 1, 900001);
	free(malloc(5000001));
	ck_counts(5046272, 1, 1, 5000001);
}
END_TEST

START_TEST(realloc_is_a_free_and_a_request)
{
	char *block;

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	block = malloc(3001);
	block = realloc(block, 3021); /* where it is */
	ck_counts(3008, 1, 1, 3001);
	ck_counts(3024, 1, 0, 3021);
	block = realloc(block, 9999); /* elsewhere */
	ck_counts(3024, 1, 1, 3021);
	ck_counts(10112, 1, 0, 9999);
	block = realloc(block, 3000001);
	block = realloc(block, 44000001);
	ck_counts(10112, 1, 1, 9999);
	ck_counts(3014656, 1, 1, 3000001);
	ck_counts(44040192, 1, 0, 44000001);
	ck_assert_ptr_null(realloc(block, hide_size(SIZE_MAX - 9999)));
	ck_counts(44040192, 1, 0, 44000001);
	block = realloc(block, 0);
	ck_counts(44040192, 1, 1, 44000001);
}
END_TEST

/* What a class has to be, so that it can serve the request. */
START_TEST(aligned_blocks_count_as_multiples_of_their_alignment)
{
	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	free(aligned_alloc(512, 2600));
	ck_counts(3072, 1, 1, 3072);
	free(memalign(MIB(1), 3000));
	ck_counts(3000, 1, 1, 3000);
}
END_TEST

static void *
work(void *argument)
{
	size_t n = *(size_t *)argument;

	for (size_t i = 0; i < n; i++) {
		char *block = malloc(3333);

		test_require(block != NULL);
		free(block);
	}
	return malloc(2777);
}

START_TEST(threads_add_up_also_when_they_are_gone)
{
	pthread_t threads[N_THREADS];
	size_t n = test_rounds(20000);

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < N_THREADS; i++)
			test_require(
			    pthread_create(&threads[i], NULL, work, &n) == 0);
		for (size_t i = 0; i < N_THREADS; i++) {
			void *block;

			test_require(pthread_join(threads[i], &block) == 0);
			free(block); /* another thread's request */
		}
	}
	ck_counts(3336, 3 * N_THREADS * n, 3 * N_THREADS * n,
	    3 * N_THREADS * n * 3333);
	ck_counts(2784, 3 * N_THREADS, 3 * N_THREADS, 3 * N_THREADS * 2777);
}
END_TEST

/* The peak is seen to a 64th of the heap, and what a thread has not told. */
START_TEST(what_lives_at_the_peak_is_known)
{
	static void *blocks[10000];
	struct rtmalloc_bucket big, small;

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < 10000; i++)
			blocks[i] = malloc(3333);
		for (size_t i = 0; i < 10000; i++)
			free(blocks[i]);
		for (size_t i = 0; i < 10000; i++)
			blocks[i] = malloc(1111);
		for (size_t i = 0; i < 10000; i++)
			free(blocks[i]);
	}
	big = bucket_of(3336);
	small = bucket_of(1112);
	ck_assert_uint_eq(big.n_requests, 30000);
	ck_assert_uint_le(big.n_live_peak, 10000);
	ck_assert_uint_ge(big.n_live_peak, 10000 - 10000 / 64 - 20);
	ck_assert_uint_eq(small.n_live_peak, 0);
}
END_TEST

START_TEST(older_blocks_are_freed_uncounted)
{
	void *old = malloc(3333), *young;

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	free(old);
	ck_counts(3336, 0, 0, 0);
	young = malloc(3333);
	rtmalloc_profile_stop();
	free(young); /* nobody looks */
	young = malloc(3333);
	ck_counts(3336, 1, 0, 3333);
	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	ck_counts(3336, 0, 0, 0);
	free(young);
	ck_counts(3336, 0, 0, 0);
	free(malloc(3333));
	ck_counts(3336, 1, 1, 3333);
}
END_TEST

START_TEST(a_child_begins_with_what_lives)
{
	static void *blocks[100];
	int status;
	pid_t child;

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t i = 0; i < 100; i++)
		blocks[i] = malloc(3333);
	for (size_t i = 0; i < 90; i++)
		free(blocks[i]);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct rtmalloc_bucket b = bucket_of(3336);

		test_require(b.n_requests == 10 && b.n_frees == 0);
		test_require(b.n_bytes == 33330 && b.n_live_peak == 10);
		free(blocks[90]);
		blocks[90] = NULL;
		free(malloc(3333));
		b = bucket_of(3336);
		test_require(b.n_requests == 11 && b.n_frees == 2);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_counts(3336, 100, 90, 333300);
	for (size_t i = 90; i < 100; i++)
		free(blocks[i]);
}
END_TEST

static void
check_rising(const size_t *sizes, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++) {
		ck_assert_uint_gt(sizes[i], i == 0 ? 0 : sizes[i - 1]);
		ck_assert_uint_eq(sizes[i] % 8, 0);
	}
}

START_TEST(classes_fit_what_was_asked_for)
{
	static void *blocks[1000]; /* that live at the peak */
	size_t sizes[63];
	ssize_t n;
	bool has_exact = false;

	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t i = 0; i < 100000; i++)
		free(malloc(3333));
	for (size_t i = 0; i < 1000; i++)
		blocks[i] = malloc(3333);
	n = rtmalloc_suggest_classes(1, sizes, 63);
	ck_assert_int_gt(n, 0);
	check_rising(sizes, n);
	for (ssize_t i = 0; i < n; i++)
		has_exact |= sizes[i] == 3344; /* the next multiple of 16 */
	ck_assert(has_exact);
	n = rtmalloc_suggest_classes(1, sizes, 1);
	ck_assert_int_eq(n, 1);
	ck_assert_uint_ge(sizes[0], 3344);
	n = rtmalloc_suggest_classes(0.5, sizes, 63);
	ck_assert_int_gt(n, 0);
	ck_assert_uint_eq(sizes[n - 1], 3344);
	n = rtmalloc_optimal_layout(5, 0.125, sizes);
	ck_assert(n >= 1 && n <= 5);
	check_rising(sizes, n);
	for (size_t i = 0; i < 1000; i++)
		free(blocks[i]);
}
END_TEST

static size_t
read_back(int fd, char *text, size_t n_bytes)
{
	ssize_t n = pread(fd, text, n_bytes - 1, 0);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return (size_t)n;
}

START_TEST(reports_go_to_a_descriptor)
{
	static char text[1 << 16];
	char name[] = "profile-XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	for (size_t i = 0; i < 1000; i++)
		free(malloc(3333));
	ck_assert_int_eq(rtmalloc_export_toml(fd), 0);
	read_back(fd, text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "classes = [", 11), 0);
	ck_assert_ptr_nonnull(strstr(text, " 3344,"));
	ck_assert_int_eq(rtmalloc_print_report(fd), 0);
	read_back(fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "total requests: "));
	ck_assert_ptr_nonnull(strstr(text, "       3336          1000"));
	ck_assert_ptr_nonnull(strstr(text, "suggested classes: "));
	close(fd);
}
END_TEST

START_TEST(wrong_arguments_are_told)
{
	size_t sizes[63];

	errno = 0;
	ck_assert_int_eq(rtmalloc_suggest_classes(1.5, sizes, 63), -1);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(
	    rtmalloc_suggest_classes(__builtin_nan(""), sizes, 63), -1);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(rtmalloc_optimal_layout(64, 0.1, sizes), -1);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(rtmalloc_optimal_layout(0, 0.1, sizes), -1);
	ck_assert_int_eq(errno, EINVAL);
	/* Nothing has been recorded yet. */
	ck_assert_uint_eq(rtmalloc_histogram_snapshot(NULL, 0), 0);
	ck_assert_int_eq(rtmalloc_suggest_classes(1, sizes, 63), 0);
	errno = 0;
	ck_assert_int_eq(rtmalloc_export_toml(1), -1);
	ck_assert_int_eq(errno, ENODATA);
	errno = 0;
	ck_assert_int_eq(rtmalloc_profile_write(NULL), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(rtmalloc_profile_start(), 0);
	free(malloc(1));
	errno = 0;
	ck_assert_int_eq(rtmalloc_export_toml(-1), -1);
	ck_assert_int_eq(errno, EBADF);
	errno = 0;
	ck_assert_int_eq(rtmalloc_profile_write("/nowhere/at/all"), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		each_call_counts_once,
		realloc_is_a_free_and_a_request,
		aligned_blocks_count_as_multiples_of_their_alignment,
		threads_add_up_also_when_they_are_gone,
		what_lives_at_the_peak_is_known,
		older_blocks_are_freed_uncounted,
		a_child_begins_with_what_lives,
		classes_fit_what_was_asked_for,
		reports_go_to_a_descriptor,
		wrong_arguments_are_told,
	};

	return test_suite_run("profile", tests, TEST_COUNT(tests));
}
