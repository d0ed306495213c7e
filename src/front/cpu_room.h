/*
 * cpu_room.h - how many objects each bin of a processor may hold
 *
 * Threads of one processor, and those that were just moved away, may ask for
 * room at once: a bin changes in a section that looks whether it is still what
 * was seen.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_ROOM_H
#define RTM_FRONT_CPU_ROOM_H

#include "front/cpu_slab.h"

#if RTM_HAVE_PERCPU

enum { RTM_CPU_ROOM_LEAST = 16 }; /* objects; a bin starts with so many */

/* Once, at start: what the bins of one processor may hold, in bytes. */
void rtm_cpu_room_init(size_t n_bytes);

/* Objects that the bin has room for. */
size_t rtm_cpu_room_of(const struct rtm_cpu_slab *slab, sclass_t size_class);

/* Doubles the bin's room, up to most; false if it stays as it is. */
bool rtm_cpu_room_grow(
    struct rtm_cpu_slab *slab, sclass_t size_class, size_t most);

/* Makes a bin shorter; what it holds above goes away first. */
bool rtm_cpu_room_shrink(
    struct rtm_cpu_slab *slab, sclass_t size_class, size_t capacity);

/* Memory is short: no bin grows, until many have asked. */
void rtm_cpu_room_starve(void);

/* What a processor's bins may hold now, in bytes. */
size_t rtm_cpu_room_budget(void);

#endif
#endif
