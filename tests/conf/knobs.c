/*
 * knobs.c - some work, and what the allocator says of it afterwards
 *
 *	knobs one | lists | budget | consumer | pages | large
 *
 * Prints lines of a name and a number, for knobs.sh to compare.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "rtmalloc.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { N_BLOCKS = 20000, CLASSES_MAX = 64 };

static void *blocks[N_BLOCKS];

static void
allocate(size_t n_bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		blocks[i] = malloc(n_bytes);
		test_require(blocks[i] != NULL);
		memset(blocks[i], 1, n_bytes);
	}
}

static void
release(size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(blocks[i]);
}

static void
print(const char *name, uint64_t number)
{
	test_say(1, "%s %ju\n", name, (uintmax_t)number);
}

static void
print_class(size_t n_bytes)
{
	struct rtmalloc_class_stats classes[CLASSES_MAX];
	size_t n = rtmalloc_stats_classes(classes, CLASSES_MAX);

	for (size_t i = 0; i < n; i++)
		if (classes[i].size == n_bytes) {
			print("in_thread", classes[i].n_thread);
			print("between", classes[i].n_transfer);
			print("flushes", classes[i].n_flushes);
			return;
		}
	test_fail(__FILE__, __LINE__, "no class of %zu bytes", n_bytes);
}

static void
print_all(void)
{
	struct rtmalloc_stats stats;

	test_require(rtmalloc_stats(&stats, sizeof(stats)) == 0);
	print("limit", stats.cache_limit_bytes);
	print("cached", stats.thread_cache_bytes);
	print("purges", stats.n_purges);
	print("dirty", stats.dirty_bytes);
	print("madvise", stats.n_madvise);
}

/* First the thread's list grows, by use, and then it only frees. */
static void *
give_away(void *unused)
{
	void *own[4000];

	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < TEST_COUNT(own); i++)
			own[i] = malloc(64);
		for (size_t i = 0; i < TEST_COUNT(own); i++)
			free(own[i]);
	}
	release(N_BLOCKS);
	print_class(64);
	return unused;
}

int
main(int argc, char **argv)
{
	const char *work = argc == 2 ? argv[1] : "";
	pthread_t thread;

	if (strcmp(work, "lists") == 0) {
		allocate(64, N_BLOCKS);
		release(N_BLOCKS);
		print_class(64);
	} else if (strcmp(work, "budget") == 0) {
		for (size_t size = 64; size <= 8192; size *= 2) {
			allocate(size, 4000);
			release(4000);
		}
	} else if (strcmp(work, "consumer") == 0) {
		allocate(64, N_BLOCKS);
		test_require(
		    pthread_create(&thread, NULL, give_away, NULL) == 0);
		pthread_join(thread, NULL);
	} else if (strcmp(work, "pages") == 0) {
		/* Dirty holes that are too short for what comes next. */
		allocate(300000, 200);
		for (size_t i = 0; i < 200; i += 2)
			free(blocks[i]);
		allocate(600000, 100);
	} else if (strcmp(work, "large") == 0) {
		allocate(MIB(8), 4);
	} else if (strcmp(work, "one") == 0) {
		allocate(64, 1);
	} else {
		test_fail(__FILE__, __LINE__, "what is %s?", work);
	}
	print_all();
	return 0;
}
