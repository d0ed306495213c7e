/*
 * runtime.h - the process's C++ runtime, if it has one
 *
 * It may be linked, in the program or as a library, or come later with a
 * library that a C program opens.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_COMPAT_RUNTIME_H
#define RTM_COMPAT_RUNTIME_H

#include "base/compiler.h"

/* What std::set_new_handler() was told last; NULL: nothing, or no runtime. */
typedef void (*rtm_new_handler_t)(void);
rtm_new_handler_t rtm_runtime_new_handler(void) RTM_COLD;

/* Throws std::bad_alloc; dies where nobody can throw. */
void rtm_runtime_throw_bad_alloc(void) RTM_COLD RTM_NORETURN;

#endif
