/*
 * misuse.c - each mistake ends the process with the right words and SIGABRT
 *
 * usage: misuse            run every mistake, each in a process of its own
 *        misuse MISTAKE    make this one
 *
 * A mistake tells its pointer on stdout and then makes itself.  What must
 * follow on stderr is one line, to the letter, and the end by SIGABRT.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/misuse/mistakes.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void *
tell(const void *ptr)
{
	test_say(STDOUT_FILENO, "%p\n", ptr);
	return hide_ptr((void *)(uintptr_t)ptr);
}

void *
free_it(void *block)
{
	free(block);
	return NULL;
}

void
in_a_thread(void *(*function)(void *), void *arg)
{
	pthread_t thread;

	test_require(pthread_create(&thread, NULL, function, arg) == 0);
	test_require(pthread_join(thread, NULL) == 0);
}

struct outcome {
	char told[512]; /* stdout */
	char said[512]; /* stderr */
	int status;
};

static void
read_all(int fd, char *text, size_t capacity)
{
	size_t n_read = 0;
	ssize_t n;

	while ((n = read(fd, text + n_read, capacity - 1 - n_read)) > 0)
		n_read += (size_t)n;
	text[n_read] = '\0';
	close(fd);
}

/* An emulator adds a line of its own. */
static void
drop_emulators_line(char *text)
{
	char *line = strstr(text, "qemu: uncaught target signal");

	if (test_is_emulated() && line != NULL)
		*line = '\0';
}

static void
run(const char *name, struct outcome *outcome)
{
	char *argv[] = { (char *)(uintptr_t) "misuse", (char *)(uintptr_t)name,
		NULL };
	int out[2], err[2];
	pid_t pid;

	test_require(pipe(out) == 0 && pipe(err) == 0);
	pid = fork();
	test_require(pid != -1);
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(out[0]);
		close(err[0]);
		test_start_anew(argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	read_all(out[0], outcome->told, sizeof(outcome->told));
	read_all(err[0], outcome->said, sizeof(outcome->said));
	drop_emulators_line(outcome->said);
	test_require(waitpid(pid, &outcome->status, 0) == pid);
}

static bool
judge(const struct mistake *mistake, const struct outcome *outcome)
{
	char wanted[512] = "";
	char told[64];

	snprintf(told, sizeof(told), "%.*s", (int)strcspn(outcome->told, "\n"),
	    outcome->told);
	if (mistake->message == NULL)
		return outcome->status == 0 && outcome->said[0] == '\0';
	snprintf(wanted, sizeof(wanted), "rtmalloc: %s(%s): %s\n",
	    mistake->call, told, mistake->message);
	if (WIFSIGNALED(outcome->status) &&
	    WTERMSIG(outcome->status) == SIGABRT &&
	    strcmp(outcome->said, wanted) == 0)
		return true;
	printf("    wanted: %s", wanted);
	return false;
}

static const struct mistake *const tables[] = { mistakes_foreign,
	mistakes_large, mistakes_small };

/* True if the mistake had the end it deserves. */
static bool
try_mistake(const struct mistake *mistake)
{
	struct outcome outcome;

	run(mistake->name, &outcome);
	if (judge(mistake, &outcome)) {
		printf("ok: %s\n", mistake->name);
		return true;
	}
	printf("    said:   %s\n    status: 0x%x\n", outcome.said,
	    (unsigned int)outcome.status);
	printf("FAILED: %s\n", mistake->name);
	return false;
}

int
main(int argc, char **argv)
{
	struct rlimit no_core = { 0, 0 };
	size_t n_failed = 0;

	setrlimit(RLIMIT_CORE, &no_core);
	for (size_t t = 0; t < TEST_COUNT(tables); t++) {
		for (const struct mistake *m = tables[t]; m->name; m++) {
			if (argc == 1)
				n_failed += !try_mistake(m);
			else if (strcmp(argv[1], m->name) == 0)
				m->make();
		}
	}
	return n_failed == 0 ? 0 : 1;
}
