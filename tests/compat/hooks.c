/*
 * hooks.c - malloc hooks as legacy programs use them
 *
 * Compiled in many ways by hooks.sh.  VERSION is the symbol version under
 * which an old glibc gave the hooks to programs; without it, the code is new
 * and declares them itself.  CALLER says that what the hooks are told as the
 * caller must lie in this object.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __GLIBC__
void *pvalloc(size_t n_bytes); /* in no header of musl's */
#endif

/* Newer headers still have these, but not glibc's. */
extern void *(*volatile __malloc_hook)(size_t, const void *);
extern void *(*volatile __realloc_hook)(void *, size_t, const void *);
extern void *(*volatile __memalign_hook)(size_t, size_t, const void *);
extern void (*volatile __free_hook)(void *, const void *);
extern void (*volatile __after_morecore_hook)(void);

#ifdef VERSION
#define AS_OLD(hook) __asm__(".symver " #hook ", " #hook "@" VERSION);
AS_OLD(__malloc_hook)
AS_OLD(__realloc_hook)
AS_OLD(__memalign_hook)
AS_OLD(__free_hook)
AS_OLD(__after_morecore_hook)
#endif

#ifdef INITIALIZE
/* As the manual had it: a definition, with a value to begin with. */
static void initialize(void);
void (*volatile __malloc_initialize_hook)(void) = initialize;
#endif

#define REQUIRE(x) ((x) ? (void)0 : fail(#x, __LINE__))

/* Volatile: the headers promise that malloc calls nobody in this file. */
static volatile struct {
	unsigned long n;
	size_t n_bytes;
	size_t alignment;
	void *block;
} mallocs, reallocs, memaligns, frees;

static volatile unsigned long n_initialized, n_growths;
static void *(*old_malloc_hook)(size_t, const void *);
static void *(*old_realloc_hook)(void *, size_t, const void *);
static void *(*old_memalign_hook)(size_t, size_t, const void *);
static void (*old_free_hook)(void *, const void *);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void unhook(void);

static void
fail(const char *what, int line)
{
	unhook();
	printf("hooks.c:%d: not so: %s\n", line, what);
	exit(1);
}

/* ------------------------------------------ hooks, as the manual has them */

static void *my_malloc(size_t n_bytes, const void *caller);
static void *my_realloc(void *block, size_t n_bytes, const void *caller);
static void *my_memalign(size_t alignment, size_t n_bytes, const void *caller);
static void my_free(void *block, const void *caller);

static void
hook(void)
{
	__malloc_hook = my_malloc;
	__realloc_hook = my_realloc;
	__memalign_hook = my_memalign;
	__free_hook = my_free;
}

static void
unhook(void)
{
	__malloc_hook = old_malloc_hook;
	__realloc_hook = old_realloc_hook;
	__memalign_hook = old_memalign_hook;
	__free_hook = old_free_hook;
}

static void
save(void)
{
	old_malloc_hook = __malloc_hook;
	old_realloc_hook = __realloc_hook;
	old_memalign_hook = __memalign_hook;
	old_free_hook = __free_hook;
}

/* main and its like lie within a few pages of each other. */
static void
check_caller(const void *caller)
{
#if defined(CALLER) && !defined(__i386__) /* where a call cannot be jumped to */
	uintptr_t distance = (uintptr_t)caller - (uintptr_t)check_caller;

	if (distance + 0x10000 > 0x20000) {
		unhook();
		printf("caller %p is not near %p\n", caller,
		    (void *)(uintptr_t)check_caller);
		exit(1);
	}
#else
	(void)caller;
#endif
}

static int checks_caller;

#define IN_HOOK(statement)                    \
	do {                                  \
		pthread_mutex_lock(&lock);    \
		unhook();                     \
		if (checks_caller)            \
			check_caller(caller); \
		statement;                    \
		save();                       \
		hook();                       \
		pthread_mutex_unlock(&lock);  \
	} while (0)

static void *
my_malloc(size_t n_bytes, const void *caller)
{
	void *block;

	IN_HOOK(block = malloc(n_bytes); mallocs.n++; mallocs.n_bytes = n_bytes;
		if (block) memset(block, 0xa5, n_bytes));
	return block;
}

static void *
my_realloc(void *old, size_t n_bytes, const void *caller)
{
	void *block;

	IN_HOOK(reallocs.block = old; block = realloc(old, n_bytes);
		reallocs.n++; reallocs.n_bytes = n_bytes);
	return block;
}

static void *
my_memalign(size_t alignment, size_t n_bytes, const void *caller)
{
	void *block;

	IN_HOOK(block = memalign(alignment, n_bytes); memaligns.n++;
		memaligns.n_bytes = n_bytes; memaligns.alignment = alignment);
	return block;
}

static void
my_free(void *block, const void *caller)
{
	IN_HOOK(frees.block = block; free(block); frees.n++);
}

static void
grown(void)
{
	n_growths++;
}

#ifdef INITIALIZE
static void
initialize(void)
{
	n_initialized++;
	save();
	hook();
}
#endif

/* --------------------------------------------------------------- the test */

static void
forget(void)
{
	mallocs.n = reallocs.n = memaligns.n = frees.n = 0;
}

static unsigned long
n_calls(void)
{
	return mallocs.n + reallocs.n + memaligns.n + frees.n;
}

/* Objects that the thread has at hand, so that a fast way would be taken. */
static void
warm_up(void)
{
	void *blocks[100];

	for (int i = 0; i < 100; i++)
		blocks[i] = malloc(100);
	for (int i = 0; i < 100; i++)
		free(blocks[i]);
}

/* Each call reaches its hook, with what the program said. */
static void
try_each_call(void)
{
	void *block;
	char *text;

	REQUIRE((block = malloc(100)) != NULL);
	REQUIRE(mallocs.n == 1 && mallocs.n_bytes == 100);
	REQUIRE(((unsigned char *)block)[99] == 0xa5);
	free(block);
	REQUIRE(frees.n == 1 && frees.block == block);
	free(NULL);
	REQUIRE(frees.n == 2 && frees.block == NULL);

	REQUIRE((text = calloc(10, 10)) != NULL);
	REQUIRE(mallocs.n == 2 && mallocs.n_bytes == 100);
	for (int i = 0; i < 100; i++)
		REQUIRE(text[i] == 0);
	REQUIRE((block = realloc(text, 5000)) != NULL);
	REQUIRE(reallocs.n == 1 && reallocs.n_bytes == 5000);
	REQUIRE(reallocs.block == text && mallocs.n == 2 && frees.n == 2);
	REQUIRE(realloc(block, 0) == NULL);
	REQUIRE(reallocs.n == 2 && reallocs.n_bytes == 0);
	REQUIRE((block = realloc(NULL, 7)) != NULL);
	REQUIRE(reallocs.n == 3 && reallocs.block == NULL);
	free(block);
	REQUIRE(frees.n == 3);

	REQUIRE((block = malloc(40 << 20)) != NULL && mallocs.n == 3);
	free(block);
	REQUIRE((block = calloc(5, 8 << 20)) != NULL && mallocs.n == 4);
	free(block);
	REQUIRE(calloc(SIZE_MAX / 2, 3) == NULL && mallocs.n == 4);

	REQUIRE((block = memalign(64, 10)) != NULL);
	REQUIRE(memaligns.n == 1 && memaligns.alignment == 64);
	free(block);
	REQUIRE((block = aligned_alloc(128, 256)) != NULL);
	REQUIRE(memaligns.n == 2 && memaligns.alignment == 128);
	REQUIRE(memaligns.n_bytes == 256);
	free(block);
	REQUIRE(posix_memalign(&block, 32, 50) == 0);
	REQUIRE(memaligns.n == 3 && memaligns.alignment == 32);
	free(block);
	REQUIRE(posix_memalign(&block, 3, 50) == EINVAL && memaligns.n == 3);
	REQUIRE((block = valloc(50)) != NULL);
	REQUIRE(memaligns.n == 4 &&
	    memaligns.alignment == (size_t)sysconf(_SC_PAGESIZE));
	free(block);
	REQUIRE((block = pvalloc(50)) != NULL);
	REQUIRE(memaligns.n == 5 && memaligns.n_bytes == memaligns.alignment);
	free(block);
	REQUIRE(mallocs.n == 4 && reallocs.n == 3 && frees.n == 10);
}

static void *
in_a_thread(void *unused)
{
	for (int i = 0; i < 1000; i++)
		free(malloc(50));
	return unused;
}

static void
try_threads(void)
{
	pthread_t threads[2];

	unhook();
	for (int i = 0; i < 2; i++)
		REQUIRE(
		    pthread_create(&threads[i], NULL, in_a_thread, NULL) == 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_join(threads[i], NULL) == 0);
	REQUIRE(n_calls() == 0);

	/* One at a time: legacy hooks do not see what others call meanwhile. */
	hook();
	for (int i = 0; i < 2; i++) {
		REQUIRE(
		    pthread_create(&threads[i], NULL, in_a_thread, NULL) == 0);
		REQUIRE(pthread_join(threads[i], NULL) == 0);
	}
	unhook();
	REQUIRE(mallocs.n >= 2000 && frees.n >= 2000);
}

/* Hooks that hold no lock and need none. */
static volatile unsigned long n_passed;
static volatile int is_over;

static void *
pass_malloc(size_t n_bytes, const void *caller)
{
	void *block;

	(void)caller;
	__malloc_hook = NULL;
	block = malloc(n_bytes);
	n_passed++;
	__malloc_hook = pass_malloc;
	return block;
}

static void
pass_free(void *block, const void *caller)
{
	(void)caller;
	__free_hook = NULL;
	free(block);
	n_passed++;
	__free_hook = pass_free;
}

static void *
until_over(void *unused)
{
	char *blocks[50] = { NULL };

	for (unsigned i = 0; !is_over; i++) {
		char **block = &blocks[i * 7919u % 50];
		size_t n = i * 31u % 3000 + 1;

		free(*block);
		*block = i % 3 == 0 ? calloc(1, n) : malloc(n);
		memset(*block, 1, n);
	}
	for (int i = 0; i < 50; i++)
		free(blocks[i]);
	return unused;
}

/* Others allocate while hooks come and go, and lose nothing by it. */
static void
try_coming_and_going(void)
{
	pthread_t threads[2];

	unhook();
	n_passed = 0;
	is_over = 0;
	for (int i = 0; i < 2; i++)
		REQUIRE(
		    pthread_create(&threads[i], NULL, until_over, NULL) == 0);
	for (int i = 0; i < 2000 || (n_passed == 0 && i < 1000000); i++) {
		__malloc_hook = pass_malloc;
		__free_hook = pass_free;
		free(malloc(i % 1000 + 1));
		__malloc_hook = NULL;
		__free_hook = NULL;
		free(malloc(i % 1000 + 1));
	}
	is_over = 1;
	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_join(threads[i], NULL) == 0);
	unhook();
	REQUIRE(n_passed > 0);
}

/* A realloc that is a malloc or a free, and has no hook of its own. */
static void
try_realloc_without_hook(void)
{
	void *block;

	hook();
	__realloc_hook = NULL;
	block = realloc(NULL, 10);
	__realloc_hook = NULL; /* the hook has put it back */
	REQUIRE(block != NULL && mallocs.n == 1 && frees.n == 0);
	block = realloc(block, 5000);
	REQUIRE(block != NULL && n_calls() == 1);
	REQUIRE(realloc(block, 0) == NULL);
	unhook();
	REQUIRE(mallocs.n == 1 && frees.n == 1 && reallocs.n == 0);
	REQUIRE(frees.block == block);
}

static void
try_growth(void)
{
	void *block;

	n_growths = 0;
	__after_morecore_hook = grown;
	free(malloc(100));
	REQUIRE(n_growths == 0);
	REQUIRE((block = malloc((size_t)96 << 20)) != NULL);
	REQUIRE(n_growths >= 1);
	__after_morecore_hook = NULL;
	free(block);
}

int
main(void)
{
	pid_t child;
	int status = 0;
	char *text;

#ifdef INITIALIZE
	REQUIRE(n_initialized == 1);
	REQUIRE(__malloc_hook == my_malloc);
	unhook();
#else
	REQUIRE(n_initialized == 0);
	REQUIRE(__malloc_hook == NULL);
	save();
#endif
	forget();
	warm_up();
	REQUIRE(n_calls() == 0);

	hook();
	checks_caller = 1;
	try_each_call();
	checks_caller = 0;
	unhook();
	forget();
	warm_up();
	REQUIRE(n_calls() == 0);

	/* The C library's own calls come by, too. */
	hook();
	text = strdup("a text of some length");
	unhook();
	REQUIRE(mallocs.n == 1 && strlen(text) == 21);
	free(text);
	forget();

	try_threads();
	forget();
	try_coming_and_going();
	try_realloc_without_hook();
	forget();
	try_growth();

	hook();
	child = fork();
	if (child == 0) {
		free(malloc(10));
		unhook();
		_exit(mallocs.n == 1 && frees.n == 1 ? 0 : 1);
	}
	REQUIRE(waitpid(child, &status, 0) == child && status == 0);
	unhook();
	puts("good");
	return 0;
}
