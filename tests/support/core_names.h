/*
 * core_names.h - the malloc family by the names it has inside the library
 *
 * Included before all else (-include) where something else owns libc's
 * names, as ThreadSanitizer does.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_CORE_NAMES_H
#define TESTS_SUPPORT_CORE_NAMES_H

#include <malloc.h>
#include <stdlib.h>

#endif /* TESTS_SUPPORT_CORE_NAMES_H */
