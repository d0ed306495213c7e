/*
 * launch.c - run a program once and write down what it cost
 *
 *     launch [-o FILE] [-p LIBRARY] [-t SECONDS] [--] PROGRAM [ARGUMENT]...
 *
 * -p preloads LIBRARY into the program, and into nothing else.  -t kills the
 * program after that time.  -o appends to FILE (else stderr) one line, its
 * fields parted by tabs:
 *
 *     seconds of wall time, user and system time, peak resident KiB,
 *     minor and major page faults, voluntary and other context switches,
 *     exit status (128 + number for a signal)
 *
 * They are the program's and those of the children that it waited for, as
 * wait4 tells them.  A child begins with its parent's high-water mark of
 * resident memory: measure from this small process, not from a shell or an
 * interpreter.  Exits as the program did.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_OURS = 125 };

static pid_t child;

static int
fail(const char *what, int error)
{
	fprintf(stderr, "launch: %s: %s\n", what, strerror(error));
	return EXIT_OURS;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
kill_child(int signal)
{
	(void)signal;
	kill(child, SIGKILL);
}

static int
write_line(const char *file, double wall, const struct rusage *use, int status)
{
	char line[256];
	int fd = file ? open(file, O_WRONLY | O_APPEND | O_CREAT, 0666) : 2;
	int n = snprintf(line, sizeof(line),
	    "%.6f\t%.6f\t%.6f\t%ld\t%ld\t%ld\t%ld\t%ld\t%d\n", wall,
	    seconds(use->ru_utime), seconds(use->ru_stime), use->ru_maxrss,
	    use->ru_minflt, use->ru_majflt, use->ru_nvcsw, use->ru_nivcsw,
	    status);

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		return fail(file ? file : "stderr", errno);
	return status;
}

static int
launch(const char *file, unsigned int limit_s, char **argv)
{
	struct rusage use;
	double start = now();
	int status, error;

	error = posix_spawnp(&child, argv[0], NULL, NULL, argv, environ);
	if (error)
		return fail(argv[0], error);
	signal(SIGALRM, kill_child);
	alarm(limit_s);
	while (wait4(child, &status, 0, &use) < 0) {
		if (errno != EINTR)
			return fail("wait4", errno);
	}
	return write_line(file, now() - start, &use,
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	unsigned int limit_s = 0;
	int option;

	while ((option = getopt(argc, argv, "+o:p:t:")) != -1) {
		switch (option) {
		case 'o':
			file = optarg;
			break;
		case 'p':
			if (setenv("LD_PRELOAD", optarg, 1) != 0)
				return fail("LD_PRELOAD", errno);
			break;
		case 't':
			limit_s = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		default:
			return EXIT_OURS;
		}
	}
	if (optind == argc) {
		fputs("launch: missing program\n", stderr);
		return EXIT_OURS;
	}
	return launch(file, limit_s, argv + optind);
}
