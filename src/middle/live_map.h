/*
 * live_map.h - debug builds: which objects the program holds
 *
 * A span's bitmap says what is free in the span; an object in some thread's
 * cache is neither there nor the program's.  Debug builds keep a second
 * bitmap of what was handed out, and so see every second free at once.  In
 * other builds these functions are empty.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_LIVE_MAP_H
#define RTM_MIDDLE_LIVE_MAP_H

#include "back/span.h"

#if RTM_DEBUG
/* The object, or NULL, is the program's from now on. */
void rtm_live_map_set(const void *object);

/* The object is no more; dies if it was not. */
void rtm_live_map_clear(const void *object, const char *function);
#else
RTM_INLINE void
rtm_live_map_set(const void *object)
{
	(void)object;
}

RTM_INLINE void
rtm_live_map_clear(const void *object, const char *function)
{
	(void)object, (void)function;
}
#endif

#endif
