/*
 * launch.c - the peak of resident memory of a small program
 *
 * usage: launch N COMMAND [ARGS]
 *
 * Runs the command N times, with its output thrown away, and prints the
 * median of the peaks that wait4 reports, in KiB.  The kernel counts what the
 * parent had at the time of exec as the child's, so this program is linked
 * statically and uses next to nothing itself; it fails if a command comes
 * out no larger than it is, because then it has measured itself.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_RUNS 99

static long
run_once(char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	test_require_msg(error == 0, "%s: %s", argv[0], strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	test_require(wait4(pid, &status, 0, &usage) == pid);
	test_require_msg(
	    status == 0, "%s ends with 0x%x", argv[0], (unsigned int)status);
	return usage.ru_maxrss;
}

static int
by_value(const void *left, const void *right)
{
	long a = *(const long *)left, b = *(const long *)right;

	return a < b ? -1 : a > b;
}

int
main(int argc, char **argv)
{
	long peaks[MAX_RUNS];
	size_t n_runs;
	long own_kib;

	test_require(argc > 2);
	n_runs = strtoul(argv[1], NULL, 10);
	test_require(n_runs >= 1 && n_runs <= MAX_RUNS);
	for (size_t i = 0; i < n_runs; i++)
		peaks[i] = run_once(argv + 2);
	qsort(peaks, n_runs, sizeof(peaks[0]), by_value);
	own_kib = (long)(test_rss() / 1024);
	test_require_msg(peaks[n_runs / 2] > own_kib,
	    "%s has %ld KiB, but I have %ld", argv[2], peaks[n_runs / 2],
	    own_kib);
	printf("%ld\n", peaks[n_runs / 2]);
	return 0;
}
