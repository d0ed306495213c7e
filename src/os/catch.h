/*
 * catch.h - a call that C++ exceptions do not leave
 *
 * C has no word for that.  So there is a function in assembly with a table as
 * a C++ compiler makes it, for a C++ runtime that may or may not be there.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_CATCH_H
#define RTM_OS_CATCH_H

#include "base/compiler.h"

#include <stdbool.h>

/* False: there is no C++ runtime, or no table for this processor. */
bool rtm_catch_is_possible(void);

/* What the function returns; NULL if it throws.  Only if it is possible. */
void *rtm_catch_call(void *(*function)(size_t first, size_t second),
    size_t first, size_t second);

#endif
