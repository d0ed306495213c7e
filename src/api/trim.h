/*
 * trim.h - memory that goes back to the system because somebody says so
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_TRIM_H
#define RTM_API_TRIM_H

#include "base/compiler.h"

#include <stdbool.h>

/*
 * Gives back what is free: what the calling thread caches and what lies
 * between threads, now; what other threads cache, they bring to the page heap
 * on their next slow call.  About n_kept bytes of free pages stay resident.
 * True if anything went back to the system.
 */
bool rtm_trim(size_t n_kept);

#endif
