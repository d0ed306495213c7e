/*
 * cpu_reserve.h - what a processor keeps behind its bins, for their next swing
 *
 * As with a thread's cache (reserve.h), and out of the same budget, of which it
 * borrows.  Threads of one processor come by turns: what swings then is what
 * all of them make and free.
 *
 * While the heap is small nothing is kept.  Who makes what others free comes to
 * work on another processor now and then: what both make and free there swings,
 * too, and what was kept of it would be missed elsewhere.
 *
 * Objects go between a bin and a pack in one section, without a copy on the
 * way: a full bin becomes packs, and an empty one takes back a pack, the last
 * one first.
 *
 * Locks:   that of the reserve.  A thread may be moved between any two steps:
 *          it then goes on with the bins of the one, and the packs of the other.
 * Failure: where the budget has no room, or memory no packs, objects go the way
 *          that they go without a reserve.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_RESERVE_H
#define RTM_FRONT_CPU_RESERVE_H

#include "front/cpu_slab.h"
#include "front/reserve.h"

#if RTM_HAVE_PERCPU

/* One object, and more for the bin, which is empty; NULL if none is kept. */
void *rtm_cpu_reserve_take(struct rtm_cpu_slab *slab, sclass_t size_class);

/* Takes what the bin holds, n objects or so; false if nothing is kept of it. */
bool rtm_cpu_reserve_keep(
    struct rtm_cpu_slab *slab, sclass_t size_class, size_t n);

/* The bin took n objects from the middle tier, or gave some there. */
void rtm_cpu_reserve_note_taken(
    struct rtm_cpu_slab *slab, sclass_t size_class, size_t n);
void rtm_cpu_reserve_note_given(
    struct rtm_cpu_slab *slab, sclass_t size_class, size_t n);

/* A bin needs what no reserve has, or a block so many fresh bytes. */
void rtm_cpu_reserve_look(struct rtm_cpu_slab *slab);
void rtm_cpu_reserve_note_fresh(struct rtm_cpu_slab *slab, size_t n_bytes);

#endif
#endif
