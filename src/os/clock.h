/*
 * clock.h - a coarse clock that costs no system call
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_CLOCK_H
#define RTM_OS_CLOCK_H

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

#endif
