/*
 * boot.h - the first call, the first call of a thread, fork, and exit
 *
 * The only code that knows all rooms.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_BOOT_H
#define RTM_API_BOOT_H

#include "front/thread_cache.h"

/*
 * For a thread without a cache, or with one that it is to give up.  Starts
 * the allocator if nobody has, and gives the thread a cache, which is
 * returned; NULL if the thread shares its processor's bins from now on
 * (front/cpu_cache.h), or must do without: it is ending, there is no memory,
 * or memcheck is watching.
 */
struct rtm_thread_cache *rtm_boot_thread(void) RTM_COLD;

/*
 * Takes the locks of the front end, the middle tier and the page heap, in the
 * order of their ranks, and gives them back: for a fork, and for whoever has
 * to see all of them at one moment.
 */
void rtm_boot_hold_rooms(void);
void rtm_boot_let_rooms_go(void);

#endif
