/*
 * hook_variables.h - glibc's malloc hooks, as old programs know them
 *
 * Up to glibc 2.33 they were public, and programs assign to them.  Such a
 * program has the variable copied into itself, so ours are only to be had
 * through the table of global offsets; the library is never linked with
 * -Bsymbolic.  They carry no symbol version: that suits every reference.
 *
 * All are weak: a program may define one itself, with a value to begin with,
 * and one that is linked with the archive and names none has none.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_COMPAT_HOOK_VARIABLES_H
#define RTM_COMPAT_HOOK_VARIABLES_H

#include "base/compiler.h"

#include <stdbool.h>

#define RTM_HOOK extern RTM_EXPORT __attribute__((weak))

/* caller is the address that the call will return to. */
RTM_HOOK void *(*volatile __malloc_hook)(size_t n_bytes, const void *caller);
RTM_HOOK void *(*volatile __realloc_hook)(
    void *block, size_t n_bytes, const void *caller);
RTM_HOOK void *(*volatile __memalign_hook)(
    size_t alignment, size_t n_bytes, const void *caller);
RTM_HOOK void (*volatile __free_hook)(void *block, const void *caller);

/* Called once, at start. */
RTM_HOOK void (*volatile __malloc_initialize_hook)(void);

/* Called when the heap has grown. */
RTM_HOOK void (*volatile __after_morecore_hook)(void);

#undef RTM_HOOK

/*
 * True if an object that is loaded names one of them.  After relocation
 * only; takes a lock of the dynamic linker, and calls nobody.  It comes with
 * the variables, hence weak.
 */
bool rtm_hook_variables_are_named(void) __attribute__((weak));

#endif
