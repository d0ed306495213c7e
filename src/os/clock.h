/*
 * clock.h - a coarse clock that costs no system call
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_CLOCK_H
#define RTM_OS_CLOCK_H

#include <errno.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment before the process began; never falls. */
static inline uint64_t
rtm_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * Microseconds that the calling thread has used, or, where the system does
 * not tell, since some moment.
 */
static inline uint64_t
rtm_clock_thread_us(void)
{
	int saved_errno = errno;
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		clock_gettime(CLOCK_MONOTONIC, &now);
	errno = saved_errno;
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

#endif
