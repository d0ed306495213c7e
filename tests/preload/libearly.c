/*
 * libearly.c - a library that uses malloc before anybody else has a chance
 *
 * To be preloaded next to librtmalloc.so.  Built twice, for the two orders:
 *
 * libearly.so, in front of it, allocates while ld.so is still relocating: an
 * IFUNC resolver runs then, before libc is initialised and before
 * thread-local data has its values.  (EARLY_AT_RELOCATION is 1.)
 *
 * libfirst.so, behind it, allocates in its constructor, which runs before
 * librtmalloc's own.
 *
 * Both allocate in their constructors and destructors.  Before the first
 * malloc they take so many thread keys that pthread_setspecific for any later
 * key calls calloc: an allocator that registers its per-thread cache on a
 * thread's first call is entered recursively.  What was allocated early is
 * freed in the end.  A line is added then to the file that EARLY_REPORT
 * names; whatever is wrong ends the process with status 1.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define N_KEYS 40
#define N_BLOCKS 64

struct stage {
	void *blocks[N_BLOCKS];
	size_t n_bytes[N_BLOCKS];
	size_t n;
};

static struct stage relocation, construction;
static bool is_constructed;

static void
allocate(struct stage *stage)
{
	static const size_t sizes[] = { 1, 24, 100, 1000, 5000, KIB(40),
		KIB(300), MIB(2) };

	for (size_t i = 0; i < N_BLOCKS; i++) {
		size_t n_bytes = sizes[i % TEST_COUNT(sizes)] + i;
		void *block = i % 2 ? malloc(n_bytes) : calloc(n_bytes, 1);

		test_require(block != NULL);
		if (i % 3 == 0) {
			uintptr_t old = (uintptr_t)block;

			test_fill(block, n_bytes);
			block = realloc(block, n_bytes * 2);
			test_require(block != NULL);
			test_verify_moved(block, n_bytes, old, n_bytes);
			n_bytes *= 2;
		}
		test_fill(block, n_bytes);
		stage->blocks[stage->n] = block;
		stage->n_bytes[stage->n++] = n_bytes;
		free(malloc(n_bytes));
	}
}

static void
release(struct stage *stage)
{
	for (size_t i = 0; i < stage->n; i++) {
		test_verify(stage->blocks[i], stage->n_bytes[i]);
		free(stage->blocks[i]);
	}
}

static void
take_keys(void)
{
	pthread_key_t key;

	for (size_t i = 0; i < N_KEYS; i++)
		test_require(pthread_key_create(&key, NULL) == 0);
}

#if EARLY_AT_RELOCATION

static int
answer_42(void)
{
	return 42;
}

/* ld.so calls this while it relocates. */
static __attribute__((used)) int (*resolve_answer(void))(void)
{
	/* Relocation comes before construction, or this proves nothing. */
	test_require(!is_constructed);
	take_keys();
	allocate(&relocation);
	return answer_42;
}

/* Not exported: such functions are resolved behind all other relocations of
 * their file, so that malloc has its address. */
static int early_answer(void) __attribute__((ifunc("resolve_answer")));

#else

static int
early_answer(void)
{
	return 42;
}

#endif

static __attribute__((constructor)) void
construct(void)
{
	if (!EARLY_AT_RELOCATION)
		take_keys();
	test_require(relocation.n == EARLY_AT_RELOCATION * N_BLOCKS);
	is_constructed = true;
	allocate(&construction);
}

/* Many programs have closed stdout by now. */
static void
report(void)
{
	const char *path = getenv("EARLY_REPORT");
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	test_require(fd >= 0 && write(fd, "early: ok\n", 10) == 10);
	close(fd);
}

static __attribute__((destructor)) void
destruct(void)
{
	struct stage last = { .n = 0 };

	test_require(early_answer() == 42);
	test_require(relocation.n == EARLY_AT_RELOCATION * N_BLOCKS);
	test_require(is_constructed);
	allocate(&last);
	release(&relocation);
	release(&construction);
	release(&last);
	report();
}
