/*
 * mallopt.c - glibc's settings, and giving memory back
 *
 * Every parameter that glibc knows is accepted with glibc's own answers; what
 * acts is told in api/glibc_settings.h.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/boot.h"
#include "api/glibc_settings.h"
#include "api/trim.h"

#include <errno.h>
#include <stdint.h>

/* <malloc.h> has these in glibc alone. */
RTM_EXPORT int mallopt(int parameter, int value);
RTM_EXPORT int malloc_trim(size_t n_kept);

enum {
	PARAMETER_MXFAST = 1,
	PARAMETER_TRIM_THRESHOLD = -1,
	PARAMETER_TOP_PAD = -2,
	PARAMETER_PERTURB = -6,

	/* Above this glibc says 0. */
	MXFAST_MAX = 80 * sizeof(size_t) / 4,
};

static size_t
bytes_of(int value)
{
	return value < 0 ? SIZE_MAX : (size_t)value;
}

RTM_EXPORT int
mallopt(int parameter, int value)
{
	/* Settings belong to an allocator that has read its environment. */
	rtm_boot_thread();
	switch (parameter) {
	case PARAMETER_TRIM_THRESHOLD:
		rtm_glibc_set(RTM_GLIBC_TRIM_THRESHOLD, bytes_of(value));
		return 1;
	case PARAMETER_TOP_PAD:
		rtm_glibc_set(RTM_GLIBC_TOP_PAD, bytes_of(value));
		return 1;
	case PARAMETER_PERTURB:
		rtm_glibc_set(RTM_GLIBC_PERTURB, (size_t)value);
		return 1;
	case PARAMETER_MXFAST:
		return value >= 0 && value <= MXFAST_MAX;
	default:
		return 1;
	}
}

RTM_EXPORT int
malloc_trim(size_t n_kept)
{
	int saved_errno = errno;

	rtm_boot_thread();

	bool is_released = rtm_trim(n_kept);

	errno = saved_errno;
	return is_released;
}

extern RTM_EXPORT __typeof__(mallopt) __libc_mallopt RTM_ALIAS(mallopt);

/* Only libc.a has these, see malloc.c. */
extern RTM_HIDDEN __typeof__(mallopt) __mallopt RTM_ALIAS(mallopt);
extern RTM_HIDDEN __typeof__(malloc_trim) __malloc_trim RTM_ALIAS(malloc_trim);
