/*
 * sandbox.c - the allocator lives in a sandbox that kills
 *
 * After its first calls the process forbids itself, by a seccomp filter, all
 * system calls but those that an allocator cannot do without and those that
 * this test makes.  Any other call ends the process with SIGSYS.  A child does
 * the same in a sandbox that refuses mprotect(2) with an error.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALLOW(number)                                      \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void
enter_sandbox(bool has_mprotect)
{
	/* Where the answer for mprotect stands among the rules. */
	enum { MPROTECT_ANSWER = 8 };
	static struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		/* The allocator's. */
		ALLOW(SYS_mmap),
		ALLOW(SYS_munmap),
		ALLOW(SYS_mremap),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		ALLOW(SYS_madvise),
		ALLOW(SYS_futex),
		ALLOW(SYS_clock_gettime),
		/* The test's own. */
		ALLOW(SYS_clock_nanosleep),
#ifdef SYS_nanosleep
		ALLOW(SYS_nanosleep), /* musl's */
#endif
#ifdef SYS_mmap2 /* on processors of 32 bits */
		ALLOW(SYS_mmap2),
#endif
#ifdef SYS_clock_gettime64
		ALLOW(SYS_clock_gettime64),
		ALLOW(SYS_clock_nanosleep_time64),
#endif
		ALLOW(SYS_write),
		ALLOW(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	static const struct sock_fprog filter = {
		.len = TEST_COUNT(rules),
		.filter = rules,
	};

	if (!has_mprotect)
		rules[MPROTECT_ANSWER].k = SECCOMP_RET_ERRNO | EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		test_skip("this kernel has no seccomp filters");
}

static void
use_much(void)
{
	static void *blocks[100000];
	struct test_rng rng;

	test_rng_init(&rng, 1);
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
			size_t max = i % 1000 == 0 ? MIB(1) : 2000;
			size_t n_bytes = test_rng_size(&rng, max);

			blocks[i] = malloc(n_bytes);
			test_require(blocks[i] != NULL);
			memset(blocks[i], 1, n_bytes);
		}
		for (size_t i = 0; i < TEST_COUNT(blocks); i++)
			free(blocks[i]);
	}
}

/* The helper thread needs clone(2): such a sandbox is told to do without. */
static void
run_without_helper(char **argv)
{
	if (getenv("RTMALLOC_CONF") != NULL)
		return;
	setenv("RTMALLOC_CONF", "idle_release=0", 1);
	test_start_anew(argv);
	test_skip("the test cannot run itself again");
}

static void
live_in_sandbox(bool has_mprotect)
{
	void *block = malloc(100);

	enter_sandbox(has_mprotect);
	use_much();
	for (size_t n = 1; n <= MIB(512); n *= 2)
		test_require((block = realloc(block, n)) != NULL);
	memset(block, 1, MIB(512));
	for (size_t n = MIB(512); n >= 1; n /= 2)
		test_require((block = realloc(block, n)) != NULL);
	free(block);
	free(calloc(1, MIB(100)));
	errno = 0;
	test_require(malloc(hide_size(TEST_POWER(46))) == NULL);
	test_require(errno == ENOMEM);
	/* Time for what works by time. */
	test_sleep_ms(1500);
	use_much();
}

int
main(int argc, char **argv)
{
	int status;

	(void)argc;
	run_without_helper(argv);

	pid_t child = fork();

	test_require(child >= 0);
	if (child == 0) {
		live_in_sandbox(false);
		return 0;
	}
	test_require(waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return 77;
	test_require_msg(status == 0, "without mprotect: status %x", status);
	live_in_sandbox(true);
	return 0;
}
