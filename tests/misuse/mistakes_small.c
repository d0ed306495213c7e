/*
 * mistakes_small.c - mistakes with small objects, seen when caches overflow
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/misuse/mistakes.h"
#include "tests/support/family.h"
#include "tests/support/support.h"
#include "config.h"

#include <stdlib.h>

/* Of this size a cache holds only tens of objects. */
#define SMALL 6000
#define N_MANY 2000

static void *many[N_MANY];

static void
take_many(void)
{
	for (size_t i = 0; i < N_MANY; i++) {
		many[i] = malloc(SMALL);
		test_require(many[i] != NULL);
	}
}

/* Makes the thread's cache overflow, again and again, and gives what works
 * by time its time.  Not reached in a debug build. */
static void
provoke(void)
{
	test_require_msg(!RTM_DEBUG, "a debug build has seen nothing");
	for (size_t i = 0; i < N_MANY; i++)
		free(many[i]);
	test_sleep_ms(1500);
	free(malloc(SMALL));
}

static void
free_small_twice(void)
{
	void *object = malloc(SMALL);

	take_many();
	free(object);
	free(tell(object));
	provoke();
}

static void
free_small_twice_with_another_between(void)
{
	void *object = malloc(SMALL);
	void *other = malloc(SMALL);

	take_many();
	free(object);
	free(other);
	free(tell(object));
	provoke();
}

static void *
free_it_twice_and_exit(void *object)
{
	free(object);
	free(tell(object));
	return NULL;
}

static void
free_small_twice_and_exit(void)
{
	take_many();
	in_a_thread(free_it_twice_and_exit, malloc(SMALL));
	provoke();
}

static void
free_small_twice_in_two_threads(void)
{
	void *object = malloc(SMALL);

	take_many();
	in_a_thread(free_it, object);
	tell(object);
	in_a_thread(free_it, object);
	provoke();
}

static void
free_small_interior(void)
{
	char *object = malloc(SMALL);

	take_many();
	free(tell(object + 16));
	provoke();
}

static void
free_small_unaligned(void)
{
	char *object = malloc(SMALL);

	take_many();
	free(tell(object + 1));
	provoke();
}

static void
free_small_interior_and_exit(void)
{
	char *object = malloc(SMALL);

	take_many();
	in_a_thread(free_it, tell(object + 64));
	provoke();
}

/* No mistake at all. */
static void
nothing_wrong(void)
{
	void *object = malloc(SMALL);

	take_many();
	tell(object);
	free(object);
	for (size_t i = 0; i < N_MANY; i++)
		free(many[i]);
	free(malloc(MIB(3)));
	exit(0);
}

const struct mistake mistakes_small[] = {
	MISTAKE(nothing_wrong, NULL, NULL),
	MISTAKE(free_small_twice, "free", DOUBLE),
	MISTAKE(free_small_twice_with_another_between, "free", DOUBLE),
	MISTAKE(free_small_twice_and_exit, "free", DOUBLE),
	MISTAKE(free_small_twice_in_two_threads, "free", DOUBLE),
	MISTAKE(free_small_interior, "free", INTERIOR),
	MISTAKE(free_small_unaligned, "free", INTERIOR),
	MISTAKE(free_small_interior_and_exit, "free", INTERIOR),
	MISTAKES_END,
};
