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
#include "api/exit_file.h"
#include "api/profile.h"
#include "api/recorder.h"
#include "os/environment.h"
#include "os/file.h"
#include "os/signal.h"
#include "os/thread.h"
#include "os/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "RTMALLOC_PROFILE"

static struct rtm_exit_file file;
static atomic_flag is_writing; /* a signal may come while it is */

/* --------------------------------------------------------------- the file */

static void
add_line(
    struct rtm_writer *writer, const char *word, const uint64_t *numbers, int n)
{
	rtm_writer_add(writer, word);
	for (int i = 0; i < n; i++) {
		rtm_writer_add(writer, " ");
		rtm_writer_add_number(writer, numbers[i]);
	}
	rtm_writer_add(writer, "\n");
}

static void
add_head(struct rtm_writer *writer)
{
	struct rtm_recorder_totals totals;
	uint64_t process = rtm_thread_process();
	char name[256];

	rtm_recorder_totals(&totals);
	rtm_file_own_name(name, sizeof(name));
	rtm_writer_add(writer, "rtmalloc-profile 1\nprogram ");
	rtm_writer_add(writer, name);
	rtm_writer_add(writer, "\n");
	add_line(writer, "process", &process, 1);
	add_line(writer, "live_bytes", &totals.live_bytes, 1);
	add_line(writer, "peak_bytes", &totals.peak_bytes, 1);
	add_line(writer, "unknown_frees", &totals.n_unknown, 1);
}

static int
write_all(int descriptor)
{
	struct rtm_writer writer;
	uint64_t n_buckets = 0;

	rtm_writer_init(&writer, descriptor);
	add_head(&writer);
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket b = rtm_recorder_bucket(i);
		const uint64_t numbers[] = { rtm_histogram_upper(i),
			b.n_requests, b.n_frees, b.n_bytes, b.n_live_peak };

		if (b.n_requests == 0)
			continue;
		add_line(&writer, "bucket", numbers, 5);
		n_buckets++;
	}
	add_line(&writer, "end", &n_buckets, 1);
	return rtm_writer_finish(&writer);
}

int
rtm_profile_write_file(const char *path)
{
	if (atomic_flag_test_and_set(&is_writing))
		return -EBUSY;

	int descriptor = rtm_file_create(path);
	int error = descriptor < 0 ? descriptor : write_all(descriptor);

	if (descriptor >= 0)
		rtm_file_close(descriptor);
	atomic_flag_clear(&is_writing);
	return error;
}

int
rtm_profile_write_again(void)
{
	char path[sizeof(file.pattern)];

	if (file.pattern[0] == '\0' ||
	    !rtm_exit_file_path(&file, path, sizeof(path)))
		return -ENOENT;

	int error = rtm_profile_write_file(path);

	if (error != 0 && error != -EBUSY)
		rtm_exit_file_complain(
		    path, "the profile cannot be written there");
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
	rtm_signal_without_pipe(rtm_profile_write_again);
}

static void
catch_signal(void)
{
	const char *name = rtm_env_get(VARIABLE "_SIGNAL");

	if (name == NULL || name[0] == '\0')
		return;
	if (!rtm_signal_catch(name, on_signal))
		rtm_exit_file_complain(VARIABLE "_SIGNAL",
		    "there is no such signal to catch; a name such as USR2 "
		    "or a number is right");
}

void
rtm_profile_init(void)
{
	if (!rtm_exit_file_init(&file, VARIABLE, VARIABLE "_MAIN"))
		return;
	if (!rtm_profile_start()) {
		rtm_exit_file_complain(
		    VARIABLE, "there is no memory to record in");
		file.pattern[0] = '\0';
		return;
	}
	catch_signal();
}

void
rtm_profile_file_fork_child(void)
{
	file.is_main = false;
	atomic_flag_clear(&is_writing);
}
