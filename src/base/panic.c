/*
 * panic.c - the ways to die: one line on stderr, then abort()
 *
 * The line is built on the stack and leaves in one write, so that two
 * threads that die together do not mix their words.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/panic.h"
#include "base/format.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void
say(struct rtm_text *line)
{
	rtm_text_add(line, "\n");
	/* Nobody is left to tell if even this fails. */
	ssize_t n_written = write(2, line->buffer, line->length);
	(void)n_written;
}

static void die(struct rtm_text *line) RTM_NORETURN;

static void
die(struct rtm_text *line)
{
	say(line);
	abort();
}

static void
begin(struct rtm_text *line, char *buffer, size_t n_bytes, const char *function,
    const void *pointer)
{
	rtm_text_init(line, buffer, n_bytes);
	rtm_text_add(line, "rtmalloc: ");
	rtm_text_add(line, function);
	rtm_text_add(line, "(");
	rtm_text_add_pointer(line, pointer);
	rtm_text_add(line, "): ");
}

static void die_of(const char *function, const void *pointer,
    const char *mistake) RTM_NORETURN;

static void
die_of(const char *function, const void *pointer, const char *mistake)
{
	char buffer[160];
	struct rtm_text line;

	begin(&line, buffer, sizeof(buffer), function, pointer);
	rtm_text_add(&line, mistake);
	die(&line);
}

void
rtm_panic_foreign(const char *function, const void *pointer)
{
	die_of(function, pointer, "not a pointer from this allocator");
}

void
rtm_panic_interior(const char *function, const void *pointer)
{
	die_of(function, pointer, "points into the middle of an object");
}

void
rtm_panic_double_free(const char *function, const void *pointer)
{
	die_of(function, pointer, "double free");
}

void
rtm_panic_size(
    const char *function, const void *pointer, size_t given, size_t n_bytes)
{
	char buffer[200];
	struct rtm_text line;

	begin(&line, buffer, sizeof(buffer), function, pointer);
	rtm_text_add(&line, "size ");
	rtm_text_add_number(&line, given);
	rtm_text_add(&line, " given for an object of ");
	rtm_text_add_number(&line, n_bytes);
	rtm_text_add(&line, " bytes");
	die(&line);
}

enum { WHAT_BYTES = 400 };

static void
begin_with(struct rtm_text *line, char *buffer, const char *what)
{
	/* The line's end always has a place. */
	rtm_text_init(line, buffer, WHAT_BYTES - 1);
	rtm_text_add(line, "rtmalloc: ");
	rtm_text_add(line, what);
	line->n_bytes = WHAT_BYTES;
}

void
rtm_panic(const char *what)
{
	char buffer[WHAT_BYTES];
	struct rtm_text line;

	begin_with(&line, buffer, what);
	die(&line);
}

void
rtm_panic_not(const char *what)
{
	char buffer[WHAT_BYTES];
	struct rtm_text line;
	int saved_errno = errno;

	begin_with(&line, buffer, what);
	say(&line);
	errno = saved_errno;
}

#if RTM_DEBUG
void
rtm_assert_fail(const char *what, const char *file, int line_no)
{
	char buffer[300];
	struct rtm_text line;

	rtm_text_init(&line, buffer, sizeof(buffer));
	rtm_text_add(&line, "rtmalloc: ");
	rtm_text_add(&line, file);
	rtm_text_add(&line, ":");
	rtm_text_add_number(&line, (uint64_t)line_no);
	rtm_text_add(&line, ": assertion failed: ");
	rtm_text_add(&line, what);
	die(&line);
}
#endif
