/*
 * mistakes.h - what the misuse test can make go wrong, and what must follow
 *
 * Mistakes with small objects cost the fast path nothing: they are found on
 * the slow paths, at the latest when the object leaves the thread's cache.
 * A debug build finds them in the call itself.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_MISUSE_MISTAKES_H
#define TESTS_MISUSE_MISTAKES_H

#define FOREIGN "not a pointer from this allocator"
#define INTERIOR "points into the middle of an object"
#define DOUBLE "double free"

struct mistake {
	const char *name;
	void (*make)(void);
	const char *call;    /* the function that the message names */
	const char *message; /* NULL: no mistake, the program ends well */
};

#define MISTAKE(function, call, message)           \
	{                                          \
#function, function, call, message \
	}
#define MISTAKES_END                   \
	{                              \
		NULL, NULL, NULL, NULL \
	}

extern const struct mistake mistakes_foreign[];
extern const struct mistake mistakes_large[];
extern const struct mistake mistakes_small[];

/* Says on stdout which pointer is at fault, and hides it from the compiler. */
void *tell(const void *ptr);

/* Runs function(arg) in a thread of its own, to the end. */
void in_a_thread(void *(*function)(void *), void *arg);

/* For in_a_thread: frees the block. */
void *free_it(void *block);

#endif
