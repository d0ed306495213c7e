/*
 * helper.c - a thread of our own that libc does not know
 *
 * States of the word that the kernel clears when the helper is gone
 * (CLONE_CHILD_CLEARTID): 0 no helper, so the stack is free; anything else,
 * one is alive.  Whoever moves it from 0 owns the start.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/helper.h"
#include "base/bits.h"
#include "os/futex.h"
#include "os/thread.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__i386__)
#include <asm/ldt.h>
#endif

enum {
	STACK_BYTES = 16 << 10,
	TLS_BYTES = 8 << 10, /* of each side of the thread pointer */
	STARTING = 1,        /* no thread has this id: it is init's */
};

static _Atomic unsigned state;
static _Atomic bool is_ending;
static _Atomic bool has_failed; /* the last one could not be started */

#if defined(__x86_64__) && !RTM_TSAN
#define CAN_CLONE 1
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && !RTM_TSAN
#define CAN_CLONE 1
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#elif defined(__i386__) && !RTM_TSAN
#define CAN_CLONE 1
#define AUDIT_ARCH_HERE AUDIT_ARCH_I386
#else
#define CAN_CLONE 0
#endif

#if CAN_CLONE

static bool (*helper_work)(void);
static bool (*helper_is_wanted)(void);
static _Alignas(64) char stack[STACK_BYTES];
static _Alignas(64) char tls[2 * TLS_BYTES];

/* The processor's thread pointer, from which thread-local data is found. */
static uintptr_t
thread_pointer(void)
{
	uintptr_t pointer;

#if defined(__x86_64__)
	__asm__("mov %%fs:0, %0" : "=r"(pointer));
#elif defined(__i386__)
	__asm__("movl %%gs:0, %0" : "=r"(pointer));
#else
	__asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
	return pointer;
}

/*
 * A zeroed block in which errno, and the words that compilers keep next to
 * the thread pointer (stack protector, self pointers), have a place.  NULL
 * if libc keeps errno further away than we have room for.
 */
static void *
make_tls(void)
{
	uintptr_t distance = (uintptr_t)&errno - thread_pointer();

	if (distance + TLS_BYTES / 2 > TLS_BYTES)
		return NULL;
	memset(tls, 0, sizeof(tls));

	void **pointer = (void **)(void *)(tls + TLS_BYTES);

#if defined(__x86_64__) || defined(__i386__)
	pointer[0] = pointer; /* the ABI's self pointer */
	pointer[2] = pointer; /* glibc's own copy of it */
#endif
#if defined(__i386__)
	/* How libc enters the kernel: by a call of what is named there. */
	pointer[4] = ((void **)thread_pointer())[4];
#endif
	return pointer;
}

#if defined(__i386__)

/* The kernel wants a segment: the one that libc uses, from another base on. */
static void *
describe_tls(void *pointer)
{
	static struct user_desc segment;
	unsigned selector;

	__asm__("movl %%gs, %0" : "=r"(selector));
	segment = (struct user_desc){
		.entry_number = selector >> 3,
		.base_addr = (unsigned)(uintptr_t)pointer,
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
		.useable = 1,
	};
	return &segment;
}

#else

static void *
describe_tls(void *pointer)
{
	return pointer;
}

#endif

#define ALLOW(number)                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* From here on this thread can only do its work, sleep, and end. */
static void
lock_in(void)
{
	static struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_futex),
		ALLOW(SYS_madvise),
		ALLOW(SYS_munmap),
		ALLOW(SYS_clock_gettime),
#ifdef SYS_clock_gettime64
		ALLOW(SYS_clock_gettime64),
#endif
		ALLOW(SYS_membarrier),
		ALLOW(SYS_exit),
		/* A message of death still gets out. */
		ALLOW(SYS_write),
		ALLOW(SYS_rt_sigprocmask),
		ALLOW(SYS_rt_sigaction),
		ALLOW(SYS_gettid),
		ALLOW(SYS_getpid),
		ALLOW(SYS_tgkill),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	static const struct sock_fprog program = {
		.len = sizeof(rules) / sizeof(rules[0]),
		.filter = rules,
	};

	/* Both concern this thread alone. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

bool
rtm_helper_is_caller(void)
{
	return thread_pointer() == (uintptr_t)(tls + TLS_BYTES);
}

static int
helper_main(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "rtmalloc-idle", 0, 0, 0);
	if (getauxval(AT_EUID) == 0 || getauxval(AT_SECURE) != 0)
		lock_in();
	do {
		atomic_store_explicit(&is_ending, false, memory_order_seq_cst);
		while (helper_work())
			continue;
		atomic_store_explicit(&is_ending, true, memory_order_seq_cst);
	} while (helper_is_wanted());
	/* Pairs with the acquire order of rtm_thread_is_alone(). */
	atomic_store_explicit(
	    &rtm_thread_no_helper, true, memory_order_release);
	return 0; /* the kernel clears the state */
}

static bool
clone_helper(void)
{
	void *pointer = make_tls();

	if (pointer == NULL)
		return false;
	return clone(helper_main, stack + sizeof(stack),
		   CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		       CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
		       CLONE_CHILD_CLEARTID,
		   NULL, NULL, describe_tls(pointer), &state) != -1;
}

/* Moves the state from 0, for the one caller that starts the helper. */
static bool
claim_start(void)
{
	enum { WAITS_MAX = 100 };

	for (int i = 0; i < WAITS_MAX; i++) {
		unsigned expected = 0;

		if (atomic_compare_exchange_strong_explicit(&state, &expected,
			STARTING, memory_order_acquire, memory_order_relaxed))
			return true;
		if (!atomic_load_explicit(&is_ending, memory_order_seq_cst))
			return false;
		rtm_futex_wait(&state, expected, 1);
	}
	return false;
}

bool
rtm_helper_start(bool (*work)(void), bool (*is_wanted)(void))
{
	if (!claim_start())
		return false;

	int saved_errno = errno;
	sigset_t all, before;
	bool is_started;

	helper_work = work;
	helper_is_wanted = is_wanted;
	atomic_store_explicit(&is_ending, false, memory_order_relaxed);
	/* A signal handler must not run on the helper's small stack. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	atomic_store_explicit(
	    &rtm_thread_no_helper, false, memory_order_relaxed);
	is_started = clone_helper();
	atomic_store_explicit(&has_failed, !is_started, memory_order_relaxed);
	if (!is_started) {
		atomic_store_explicit(
		    &rtm_thread_no_helper, true, memory_order_relaxed);
		atomic_store_explicit(&state, 0, memory_order_release);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved_errno;
	return is_started;
}

#else

bool
rtm_helper_is_caller(void)
{
	return false;
}

bool
rtm_helper_start(bool (*work)(void), bool (*is_wanted)(void))
{
	(void)work, (void)is_wanted;
	atomic_store_explicit(&has_failed, true, memory_order_relaxed);
	return false;
}

#endif

void
rtm_helper_sleep(uint32_t delay_ms)
{
	static _Atomic unsigned nobody;

	rtm_futex_wait(&nobody, 0, delay_ms);
}

bool
rtm_helper_has_failed(void)
{
	return atomic_load_explicit(&has_failed, memory_order_relaxed);
}

void
rtm_helper_forget(void)
{
	atomic_store_explicit(&state, 0, memory_order_relaxed);
	atomic_store_explicit(&is_ending, false, memory_order_relaxed);
	atomic_store_explicit(
	    &rtm_thread_no_helper, true, memory_order_relaxed);
}
