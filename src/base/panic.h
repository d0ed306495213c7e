/*
 * panic.h - the ways to die: one line on stderr, then abort()
 *
 * The caller's mistake or a broken heap ends here; our own mistakes are
 * assertions.  Takes no lock and allocates nothing, so that any room may die
 * with its locks held.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_PANIC_H
#define RTM_BASE_PANIC_H

#include "base/compiler.h"

/* "rtmalloc: FUNCTION(0xPOINTER): not a pointer from this allocator" */
void rtm_panic_foreign(
    const char *function, const void *pointer) RTM_COLD RTM_NORETURN;

/* "...: points into the middle of an object" */
void rtm_panic_interior(
    const char *function, const void *pointer) RTM_COLD RTM_NORETURN;

/* "...: double free" */
void rtm_panic_double_free(
    const char *function, const void *pointer) RTM_COLD RTM_NORETURN;

/* "...: size N given for an object of M bytes"; debug builds. */
void rtm_panic_size(const char *function, const void *pointer, size_t given,
    size_t n_bytes) RTM_COLD RTM_NORETURN;

/* "rtmalloc: WHAT", and life goes on. */
void rtm_panic_not(const char *what) RTM_COLD;

/* "rtmalloc: WHAT": the process cannot go on, and no pointer is to blame. */
void rtm_panic(const char *what) RTM_COLD RTM_NORETURN;

#endif
