/*
 * deny.c - runs a program whose system calls are refused, by a sandbox
 *
 *     deny ERRNO SYSCALL... -- PROGRAM [ARGUMENT]...
 *
 * ERRNO is ENOSYS or EPERM; what is refused holds for all that the program
 * starts.  Exits as the program does, with 77 if there are no sandboxes.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/support.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RULES_MAX = 32 };

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
#ifdef SYS_rseq
	{ "rseq", SYS_rseq },
#endif
#ifdef SYS_membarrier
	{ "membarrier", SYS_membarrier },
#endif
	{ "sched_getaffinity", SYS_sched_getaffinity },
	{ "clone", SYS_clone },
};

static struct sock_filter rules[RULES_MAX] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
};
static unsigned short n_rules = 1;

static void
refuse(const char *name, unsigned error)
{
	for (size_t i = 0; i < TEST_COUNT(calls); i++) {
		if (strcmp(calls[i].name, name) != 0)
			continue;
		test_require(n_rules + 3 <= RULES_MAX);
		rules[n_rules++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
		rules[n_rules++] = (struct sock_filter)BPF_STMT(
		    BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
		return;
	}
	test_skip("there is no such system call");
}

int
main(int argc, char **argv)
{
	struct sock_fprog filter = { .filter = rules };
	int i = 2;

	test_require(argc > 3);
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		refuse(argv[i], strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS);
	test_require(i + 1 < argc);
	rules[n_rules++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter.len = n_rules;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		test_skip("this kernel has no seccomp filters");
	execvp(argv[i + 1], argv + i + 1);
	test_fail(__FILE__, __LINE__, "cannot run %s", argv[i + 1]);
}
