/*
 * profile_file.c - where a profile goes: names, and the file
 *
 * RTMALLOC_PROFILE names the file; it is written when the program exits, and
 * when it gets the signal that RTMALLOC_PROFILE_SIGNAL names.  A child that
 * was forked writes a file of its own: where the name has no %p, its number
 * is put behind it.  So does a program other than the one whose number is in
 * RTMALLOC_PROFILE_MAIN, which `rtmalloc record` sets.
 *
 * Writing takes no lock and no memory, so that a signal handler can do it.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/profile_file.h"
#include "api/profile.h"
#include "api/recorder.h"
#include "base/format.h"
#include "base/panic.h"
#include "os/environment.h"
#include "os/file.h"
#include "os/signal.h"
#include "os/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "RTMALLOC_PROFILE"

static struct {
	char pattern[4096];     /* as an absolute name; empty: none */
	bool is_main;           /* the name is this process's, without %p */
	atomic_flag is_writing; /* a signal may come while it is */
} file;

/* --------------------------------------------------------------- the name */

static bool
has_number(const char *pattern)
{
	for (const char *c = pattern; *c != '\0'; c++)
		if (*c == '%' && *++c == 'p')
			return true;
	return false;
}

static bool
add_part(struct rtm_text *text, char letter)
{
	char name[256];

	switch (letter) {
	case '%':
		rtm_text_add(text, "%");
		return true;
	case 'p':
		rtm_text_add_number(text, rtm_thread_process());
		return true;
	case 'e':
		rtm_file_own_name(name, sizeof(name));
		rtm_text_add(text, name);
		return true;
	default:
		return false;
	}
}

bool
rtm_profile_expand(const char *pattern, char *path, size_t n_bytes)
{
	struct rtm_text text;

	rtm_text_init(&text, path, n_bytes);
	for (const char *c = pattern; *c != '\0'; c++) {
		if (*c != '%')
			rtm_text_add_bytes(&text, c, 1);
		else if (!add_part(&text, *++c))
			return false;
	}
	return !text.is_cut;
}

static bool
own_path(char *path, size_t n_bytes)
{
	size_t length;
	struct rtm_text number;

	if (!rtm_profile_expand(file.pattern, path, n_bytes))
		return false;
	if (file.is_main || has_number(file.pattern))
		return true;
	length = strlen(path);
	rtm_text_init(&number, path + length, n_bytes - length);
	rtm_text_add(&number, ".");
	rtm_text_add_number(&number, rtm_thread_process());
	return !number.is_cut;
}

/* --------------------------------------------------------------- the file */

/* Lines that wait to be written. */
struct page {
	int file;
	int error; /* 0, or -errno of the first write that failed */
	struct rtm_text text;
	char buffer[4096];
};

enum { LINE_MAX_BYTES = 400 };

static void
flush(struct page *page)
{
	if (page->error == 0)
		page->error = rtm_file_write(
		    page->file, page->text.buffer, page->text.length);
	rtm_text_init(&page->text, page->buffer, sizeof(page->buffer));
}

static void
add_line(struct page *page, const char *word, const uint64_t *numbers, int n)
{
	if (sizeof(page->buffer) - page->text.length < LINE_MAX_BYTES)
		flush(page);
	rtm_text_add(&page->text, word);
	for (int i = 0; i < n; i++) {
		rtm_text_add(&page->text, " ");
		rtm_text_add_number(&page->text, numbers[i]);
	}
	rtm_text_add(&page->text, "\n");
}

static void
add_head(struct page *page)
{
	struct rtm_recorder_totals totals;
	uint64_t process = rtm_thread_process();
	char name[256];

	rtm_recorder_totals(&totals);
	rtm_file_own_name(name, sizeof(name));
	rtm_text_add(&page->text, "rtmalloc-profile 1\nprogram ");
	rtm_text_add(&page->text, name);
	rtm_text_add(&page->text, "\n");
	add_line(page, "process", &process, 1);
	add_line(page, "live_bytes", &totals.live_bytes, 1);
	add_line(page, "peak_bytes", &totals.peak_bytes, 1);
	add_line(page, "unknown_frees", &totals.n_unknown, 1);
}

static int
write_all(int descriptor)
{
	struct page page = { .file = descriptor };
	uint64_t n_buckets = 0;

	rtm_text_init(&page.text, page.buffer, sizeof(page.buffer));
	add_head(&page);
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket b = rtm_recorder_bucket(i);
		const uint64_t numbers[] = { rtm_histogram_upper(i),
			b.n_requests, b.n_frees, b.n_bytes, b.n_live_peak };

		if (b.n_requests == 0)
			continue;
		add_line(&page, "bucket", numbers, 5);
		n_buckets++;
	}
	add_line(&page, "end", &n_buckets, 1);
	flush(&page);
	return page.error;
}

int
rtm_profile_write_file(const char *path)
{
	if (atomic_flag_test_and_set(&file.is_writing))
		return -EBUSY;

	int descriptor = rtm_file_create(path);
	int error = descriptor < 0 ? descriptor : write_all(descriptor);

	if (descriptor >= 0)
		rtm_file_close(descriptor);
	atomic_flag_clear(&file.is_writing);
	return error;
}

static void
complain(const char *name, const char *what)
{
	char buffer[4096 + 200];
	struct rtm_text text;

	rtm_text_init(&text, buffer, sizeof(buffer) - 1);
	rtm_text_add(&text, name);
	rtm_text_add(&text, ": ");
	rtm_text_add(&text, what);
	rtm_panic_not(buffer);
}

int
rtm_profile_write_again(void)
{
	char path[sizeof(file.pattern)];

	if (file.pattern[0] == '\0' || !own_path(path, sizeof(path)))
		return -ENOENT;

	int error = rtm_profile_write_file(path);

	if (error != 0 && error != -EBUSY)
		complain(path, "the profile cannot be written there");
	return error;
}

/* ----------------------------------------------------------- start and end */

static void
on_signal(int number)
{
	(void)number;
	if (rtm_profile_is_on())
		rtm_profile_write_again();
}

/* Late: the destructors of the program and of other libraries have run. */
static void __attribute__((destructor)) write_at_exit(void)
{
	if (file.pattern[0] == '\0' || !rtm_profile_is_on())
		return;
	rtm_recorder_settle();
	rtm_profile_write_again();
}

static bool
is_main_process(void)
{
	const char *number = rtm_env_get(VARIABLE "_MAIN");
	char own[24];
	struct rtm_text text;

	if (number == NULL)
		return true;
	rtm_text_init(&text, own, sizeof(own));
	rtm_text_add_number(&text, rtm_thread_process());
	return strcmp(number, own) == 0;
}

static void
catch_signal(void)
{
	const char *name = rtm_env_get(VARIABLE "_SIGNAL");

	if (name == NULL || name[0] == '\0')
		return;
	if (!rtm_signal_catch(name, on_signal))
		complain(VARIABLE "_SIGNAL",
		    "there is no such signal to catch; a name such as USR2 "
		    "or a number is right");
}

void
rtm_profile_init(void)
{
	const char *pattern = rtm_env_get(VARIABLE);
	char path[sizeof(file.pattern)];

	if (pattern == NULL || pattern[0] == '\0')
		return;
	if (!rtm_profile_expand(pattern, path, sizeof(path) - 32)) {
		complain(VARIABLE,
		    "this is no file name; %p (process), %e (program) and %% "
		    "are what may follow a %");
		return;
	}
	if (!rtm_profile_start()) {
		complain(VARIABLE, "there is no memory to record in");
		return;
	}
	rtm_file_absolute(pattern, file.pattern, sizeof(file.pattern) - 32);
	file.is_main = is_main_process();
	catch_signal();
}

void
rtm_profile_file_fork_child(void)
{
	file.is_main = false;
	atomic_flag_clear(&file.is_writing);
}
