/*
 * small_stack.c - the allocator gets by with little stack
 *
 * A thread with PTHREAD_STACK_MIN goes through every slow path, from its
 * first call to its exit.  Then the same work runs on a stack of 4 KiB and
 * nothing else (makecontext), with a page below it that nobody may touch.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define N_BLOCKS 3000
#define SMALL_STACK 4096

static void *blocks[N_BLOCKS];

/* Refills, overflows, spans that come and go, realloc in all directions. */
static void
use_everything(void)
{
	static const size_t sizes[] = { 16, 48, 300, 2000, KIB(20), KIB(64),
		KIB(200) };
	void *block = NULL;

	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		size_t n = sizes[i] > KIB(8) ? 300 : N_BLOCKS;

		for (size_t j = 0; j < n; j++) {
			blocks[j] = malloc(sizes[i]);
			test_require(blocks[j] != NULL);
			*(char *)blocks[j] = 1;
		}
		for (size_t j = 0; j < n; j++)
			free(blocks[j]);
	}
	for (size_t n = 1; n <= MIB(16); n *= 3)
		test_require((block = realloc(block, n)) != NULL);
	for (size_t n = MIB(16); n > 0; n /= 3)
		test_require((block = realloc(block, n)) != NULL);
	free(block);
	free(memalign(MIB(1), 100));
	free(calloc(1, MIB(30)));
	test_require(malloc(hide_size(SIZE_MAX)) == NULL);
}

static void *
run_thread(void *arg)
{
	use_everything();
	return arg;
}

#ifdef __GLIBC__
static ucontext_t here, there;

static void
run_context(void)
{
	use_everything();
}

/* In less than a thread can have. */
static void
run_smaller(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *stack = test_map(page + SMALL_STACK);

	/* The dynamic linker has bound every function by now. */
	test_require(mprotect(stack, page, PROT_NONE) == 0);
	test_require(getcontext(&there) == 0);
	there.uc_stack.ss_sp = stack + page;
	there.uc_stack.ss_size = SMALL_STACK;
	there.uc_link = &here;
	makecontext(&there, run_context, 0);
	test_require(swapcontext(&here, &there) == 0);
}
#else /* musl has no such contexts, and its threads' stacks are small enough */
static void
run_smaller(void)
{
}
#endif

int
main(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	test_require(pthread_attr_setstacksize(
			 &attr, (size_t)sysconf(_SC_THREAD_STACK_MIN)) == 0);
	for (size_t i = 0; i < 10; i++) {
		test_require(
		    pthread_create(&thread, &attr, run_thread, NULL) == 0);
		test_require(pthread_join(thread, NULL) == 0);
	}
	run_smaller();
	return 0;
}
