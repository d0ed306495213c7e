/*
 * launch.c - the resident memory of a small program at its end
 *
 * usage: launch N COMMAND [ARGS]
 *
 * Runs the command N times, with its output thrown away, and prints the
 * median of its resident memory when it is about to exit, in KiB.  What wait4
 * says would not do: since Linux 6.2 each processor keeps up to 32 pages of
 * each kind uncounted.  So the command is traced, and its pages are counted
 * one by one (smaps_rollup) when it stops at its exit.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_RUNS 99

/* The child: is traced, and becomes the command. */
static _Noreturn void
become(char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

static long
resident_kib(pid_t pid)
{
	char name[64], line[256];
	long n_kib = -1;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(name, "r");
	test_require_msg(file != NULL, "%s: %s", name, strerror(errno));
	while (n_kib < 0 && fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "Rss: %ld", &n_kib);
	fclose(file);
	test_require(n_kib >= 0);
	return n_kib;
}

static long
run_once(char **argv)
{
	long n_kib = -1;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		become(argv);
	test_require(pid > 0);
	test_require(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		test_skip("nothing can be traced here");
	test_require(WIFSTOPPED(status));
	test_require(ptrace(PTRACE_SETOPTIONS, pid, NULL,
			 (void *)(uintptr_t)PTRACE_O_TRACEEXIT) == 0);
	for (int signal = 0;;) {
		test_require(ptrace(PTRACE_CONT, pid, NULL,
				 (void *)(uintptr_t)signal) == 0);
		test_require(waitpid(pid, &status, 0) == pid);
		if (!WIFSTOPPED(status))
			break;
		signal = WSTOPSIG(status);
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			n_kib = resident_kib(pid);
		if (signal == SIGTRAP) /* it has stopped for us */
			signal = 0;
	}
	test_require_msg(
	    status == 0, "%s ends with 0x%x", argv[0], (unsigned int)status);
	return n_kib;
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

	test_require(argc > 2);
	n_runs = strtoul(argv[1], NULL, 10);
	test_require(n_runs >= 1 && n_runs <= MAX_RUNS);
	for (size_t i = 0; i < n_runs; i++)
		peaks[i] = run_once(argv + 2);
	qsort(peaks, n_runs, sizeof(peaks[0]), by_value);
	printf("%ld\n", peaks[n_runs / 2]);
	return 0;
}
