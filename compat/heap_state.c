/*
 * heap_state.c - dumping a heap into a program, which glibc gave up, too
 *
 * Emacs saved its heap with these until 2018.  glibc links no new program
 * with them since 2.26; they stand here for old ones, and fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/compiler.h"

#include <errno.h>

RTM_EXPORT void *malloc_get_state(void);
RTM_EXPORT int malloc_set_state(void *state);

RTM_EXPORT void *
malloc_get_state(void)
{
	errno = ENOSYS;
	return NULL;
}

/* -1 is glibc's answer to what is no saved heap. */
RTM_EXPORT int
malloc_set_state(void *state)
{
	(void)state;
	errno = ENOSYS;
	return -1;
}
