/*
 * cases.c - runs the cases of a suite, each in its own process, by itself
 *
 * Takes the place of suite.c and libcheck; see check.h beside it.  Of
 * libcheck's variables it knows CK_TIMEOUT_MULTIPLIER, and CK_RUN_CASE, which
 * here is the name of one case.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in suite.c. */
#define CASE_TIMEOUT 60

void
test_case_fail(const char *file, int line, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	test_fail(file, line, "%s", text);
}

/* Status of the child, or -1 if it hung and was killed. */
static int
wait_for(pid_t child, uint64_t limit_ms)
{
	const uint64_t start = test_clock_ms();
	unsigned int nap_ms = 0;
	int status;
	pid_t done;

	while ((done = waitpid(child, &status, WNOHANG)) != child) {
		test_require(done == 0 || errno == EINTR);
		if (test_clock_ms() - start > limit_ms) {
			kill(-child, SIGKILL);
			waitpid(child, &status, 0);
			return -1;
		}
		test_sleep_ms(nap_ms);
		nap_ms = nap_ms < 10 ? nap_ms + 1 : 10;
	}
	return status;
}

/* How a case went, by the letter that libcheck's lines have. */
enum verdict {
	PASSED = 'P',
	FAILED = 'F',
	BROKEN = 'E',
	SKIPPED = 'S', /* libcheck has no such thing */
};

static enum verdict
judge(int status)
{
	if (status == -1 || WIFSIGNALED(status))
		return BROKEN;
	if (WEXITSTATUS(status) == 77)
		return SKIPPED;
	return WEXITSTATUS(status) == 0 ? PASSED : FAILED;
}

static void
say_how(const char *suite, const TTest *test, int status)
{
	char how[60] = "Passed";

	if (status == -1)
		snprintf(how, sizeof(how), "still runs when its time is over");
	else if (WIFSIGNALED(status))
		snprintf(
		    how, sizeof(how), "ends by signal %d", WTERMSIG(status));
	else if (status != 0)
		snprintf(how, sizeof(how), "ends with status %d",
		    WEXITSTATUS(status));
	test_say(STDOUT_FILENO, "%s:%d:%c:%s:%s: %s\n", test->file, test->line,
	    judge(status), suite, test->name, how);
}

static enum verdict
run_case(const char *suite, const TTest *test)
{
	const unsigned long limit_s =
	    CASE_TIMEOUT * test_env("CK_TIMEOUT_MULTIPLIER", 1);
	pid_t child = fork();
	int status;

	test_require(child != -1);
	if (child == 0) {
		setpgid(0, 0);
		test->run();
		exit(0);
	}
	setpgid(child, child);
	status = wait_for(child, limit_s * 1000);
	kill(-child, SIGKILL); /* what it left running */
	say_how(suite, test, status);
	return judge(status);
}

/* The last line counts as libcheck's does; what was skipped, not at all. */
int
test_suite_run(const char *name, const TTest *const *tests, size_t n_tests)
{
	const char *only = getenv("CK_RUN_CASE");
	size_t n_run = 0, n_failed = 0, n_broken = 0;

	for (size_t i = 0; i < n_tests; i++) {
		enum verdict verdict;

		if (only != NULL && strcmp(only, tests[i]->name) != 0)
			continue;
		verdict = run_case(name, tests[i]);
		n_run += verdict != SKIPPED;
		n_failed += verdict == FAILED;
		n_broken += verdict == BROKEN;
	}
	if (n_run == 0)
		test_skip("no case has run");
	test_say(STDOUT_FILENO,
	    "%zu%%: Checks: %zu, Failures: %zu, Errors: %zu\n",
	    (n_run - n_failed - n_broken) * 100 / n_run, n_run, n_failed,
	    n_broken);
	return n_failed + n_broken == 0 ? 0 : 1;
}
