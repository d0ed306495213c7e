/*
 * futex.c - sleep until a word changes (futex(2))
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void
rtm_futex_wait(_Atomic unsigned *word, unsigned value, uint32_t delay_ms)
{
	int saved_errno = errno;
	struct timespec delay = {
		.tv_sec = delay_ms / 1000,
		.tv_nsec = (long)(delay_ms % 1000) * 1000000,
	};

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
	    delay_ms == RTM_FUTEX_FOREVER ? NULL : &delay, NULL, 0);
	errno = saved_errno;
}

void
rtm_futex_wake(_Atomic unsigned *word, int n_threads)
{
	int saved_errno = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n_threads, NULL, NULL, 0);
	errno = saved_errno;
}
