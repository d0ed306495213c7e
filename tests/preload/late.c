/*
 * late.c - librtmalloc.so arrives by dlopen while the program runs
 *
 * usage: late LIBRARY
 *
 * The program has threads and a heap of libc's malloc when it loads the
 * library, with RTLD_LOCAL, and uses it through dlsym next to libc's: from
 * threads older and younger than the library, across fork, and after
 * dlclose (thread destructors and live blocks need it to stay).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the library gives, by its address. */
static struct {
	void *(*malloc)(size_t n_bytes);
	void *(*calloc)(size_t count, size_t n_bytes);
	void *(*realloc)(void *ptr, size_t n_bytes);
	void *(*memalign)(size_t alignment, size_t n_bytes);
	size_t (*malloc_usable_size)(void *ptr);
	void (*free)(void *ptr);
} late;

static pthread_barrier_t barrier;

static void
use_both(uint64_t seed)
{
	void *ours[200] = { NULL };
	void *theirs[200] = { NULL };
	size_t n_ours[200], n_theirs[200];
	struct test_rng rng;

	test_rng_init(&rng, seed);
	for (size_t round = 0; round < 20000; round++) {
		size_t i = test_rng_below(&rng, TEST_COUNT(ours));

		if (ours[i] != NULL) {
			test_verify(ours[i], n_ours[i]);
			test_verify(theirs[i], n_theirs[i]);
		}
		late.free(ours[i]);
		free(theirs[i]);
		n_ours[i] = test_rng_size(&rng, round % 99 ? 4096 : MIB(1));
		n_theirs[i] = test_rng_size(&rng, 4096);
		if (round % 4 == 0)
			ours[i] = late.calloc(1, n_ours[i]);
		else if (round % 4 == 1)
			ours[i] = late.memalign(64, n_ours[i]);
		else if (round % 4 == 2)
			ours[i] = late.realloc(late.malloc(10), n_ours[i]);
		else
			ours[i] = late.malloc(n_ours[i]);
		theirs[i] = malloc(n_theirs[i]);
		test_require(ours[i] != NULL && theirs[i] != NULL);
		test_require(late.malloc_usable_size(ours[i]) >= n_ours[i]);
		test_fill(ours[i], n_ours[i]);
		test_fill(theirs[i], n_theirs[i]);
	}
	for (size_t i = 0; i < TEST_COUNT(ours); i++) {
		late.free(ours[i]);
		free(theirs[i]);
	}
}

static void *
be_older(void *arg)
{
	free(malloc(100));
	pthread_barrier_wait(&barrier); /* I am here */
	pthread_barrier_wait(&barrier); /* the library is loaded */
	use_both((uintptr_t)arg);
	return NULL;
}

static void *
be_younger(void *arg)
{
	use_both((uintptr_t)arg);
	return NULL;
}

static void *
must_dlsym(void *handle, const char *name)
{
	void *address = dlsym(handle, name);

	test_require_msg(address != NULL, "%s: %s", name, dlerror());
	return address;
}

#define LOAD(name)                                             \
	do {                                                   \
		void *address = must_dlsym(handle, #name);     \
		memcpy(&late.name, &address, sizeof(address)); \
	} while (0)

int
main(int argc, char **argv)
{
	pthread_t older[2], younger[2];
	void *handle, *live;
	int status = 0;
	pid_t pid;

	test_require(argc == 2);
	pthread_barrier_init(&barrier, NULL, TEST_COUNT(older) + 1);
	for (uintptr_t i = 0; i < TEST_COUNT(older); i++)
		test_require(
		    pthread_create(&older[i], NULL, be_older, (void *)i) == 0);
	pthread_barrier_wait(&barrier);
	handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	test_require_msg(handle != NULL, "%s", dlerror());
	LOAD(malloc);
	LOAD(calloc);
	LOAD(realloc);
	LOAD(memalign);
	LOAD(malloc_usable_size);
	LOAD(free);
	test_require(late.malloc != malloc);
	pthread_barrier_wait(&barrier);
	for (uintptr_t i = 0; i < TEST_COUNT(younger); i++)
		test_require(pthread_create(&younger[i], NULL, be_younger,
				 (void *)(i + 10)) == 0);
	use_both(20);
	pid = fork();
	if (pid == 0) {
		use_both(30);
		exit(0);
	}
	live = late.malloc(1000);
	test_fill(live, 1000);
	test_require(dlclose(handle) == 0);
	use_both(40);
	for (size_t i = 0; i < TEST_COUNT(older); i++)
		test_require(pthread_join(older[i], NULL) == 0);
	for (size_t i = 0; i < TEST_COUNT(younger); i++)
		test_require(pthread_join(younger[i], NULL) == 0);
	test_verify(live, 1000);
	late.free(live);
	test_require(waitpid(pid, &status, 0) == pid);
	test_require_msg(
	    status == 0, "child ends with 0x%x", (unsigned int)status);
	return 0;
}
