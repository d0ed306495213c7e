/*
 * helper.h - a thread of our own that libc does not know
 *
 * A sleeping program calls no malloc, and no system call gives memory back
 * later by itself, so somebody has to be awake.  pthread_create cannot be
 * called from free: it allocates and takes locks that the caller may hold
 * (the dynamic linker frees with its own held), and it ends the
 * single-threaded fast ways of libc and libstdc++ for good.  So the helper
 * is a bare clone(2): it blocks every signal, has 16 KiB of stack and a
 * thread-local block of its own that is all zero, calls nothing but
 * madvise, munmap, futex, membarrier and clock_gettime, and ends when it has
 * nothing left to do.
 *
 * Started by root, it keeps root's rights in the kernel when the program
 * gives them up (libc's setuid reaches only threads that libc knows).  So it
 * locks itself in first: a seccomp filter of its own lets it make these
 * calls and no other.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_HELPER_H
#define RTM_OS_HELPER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Starts the helper, which calls work() until it says false, and again if
 * is_wanted() says true after that.  At most one runs; does nothing and says
 * false if it does, or if it cannot be started.  One that is about to end is
 * waited for, so that what the caller did before the call is seen either by
 * is_wanted() or by a new helper.  Takes no lock, allocates nothing, keeps
 * errno.
 */
bool rtm_helper_start(bool (*work)(void), bool (*is_wanted)(void));

/* True in the helper, where nothing that is thread-local may be relied on. */
bool rtm_helper_is_caller(void);

/* True if the last start was refused by the system: try again later. */
bool rtm_helper_has_failed(void);

/* For work() only: sleeps. */
void rtm_helper_sleep(uint32_t delay_ms);

/* In the child of fork(2), where no helper lives. */
void rtm_helper_forget(void);

#endif
