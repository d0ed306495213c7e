/*
 * drain.h - what all keep in reserve goes back
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_DRAIN_H
#define RTM_FRONT_DRAIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From any thread, who holds no lock: what all threads and processors keep in
 * reserve (reserve.h) goes back to its spans, or only that of those which nobody
 * touched since the last time.  Says how many objects.
 */
size_t rtm_drain_reserves(bool all);

#endif
