/*
 * cpu_slab.h - the slabs of all processors: where bins lie, who has one
 *
 * As in a thread's slab (thread_cache.h) a bin is a stack of pointers above a
 * slot that holds NULL, and the fast ways know its top and its end.  But here
 * no bin ever moves: each class has its place for as many objects as it may
 * ever cache, of which untouched pages cost nothing, and the end alone says
 * how much of it may be used:
 *
 *	slab  | bins[] | ... | NULL a b c . . - - - - | NULL d - - - | NULL ...
 *	                       ^base   ^cur ^end     ^the next class's base
 *
 * A slab belongs to one processor; that of a lone thread, to the one that it
 * was found on last.  It is changed by sections (rseq.h) of threads that run
 * there, and by one who has made sure that there are none: who takes the slab
 * off the table and waits for the fence, or is the lone thread.
 *
 * Locks:   one, rank CPUS, for taking slabs on and off the table, for making
 *          and visiting what they keep in reserve, and for areas that wait
 *          for another thread.
 * Failure: without memory a processor has no slab, and all its bins are empty
 *          and full.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_SLAB_H
#define RTM_FRONT_CPU_SLAB_H

#include "front/cpu_view.h"
#include "front/rseq.h"
#include "front/thread_cache.h"

enum { RTM_CPU_STAGES = 8 }; /* batches on their way at once */

/* What only slow ways look at; threads of one processor race for it. */
struct rtm_cpu_bin_cold {
	_Atomic uint16_t next_refill; /* objects */
	_Atomic uint8_t n_overages; /* overflows in a row, no refill between */
	_Atomic uint8_t n_direct;   /* frees that passed the bin by */
	_Atomic bool was_refilled;  /* since the last overflow */
	_Atomic bool was_missed;    /* since the hand passed, see cpu_cache.c */
};

struct rtm_reserve;

struct rtm_cpu_slab {
	struct rtm_bin bins[RTM_N_CLASSES];
	struct rtm_cpu_bin_cold cold[RTM_N_CLASSES];
	_Atomic size_t capacity_bytes; /* sum of slots * object size, and what
	                                  is just being claimed */
	_Atomic uint32_t n_misses;     /* of all classes */
	_Atomic uint32_t n_wishes;     /* for more room than there is */
	_Atomic uint32_t hand;         /* the class to look at next */
	struct rtm_cpu_slab *next;     /* of all that were made; rank CPUS */
	uint32_t seen;                 /* as of the last look; rank CPUS */
	struct rtm_reserve *_Atomic reserve;
	_Atomic bool is_stage_taken[RTM_CPU_STAGES];
	void *stages[RTM_CPU_STAGES][RTM_BATCH_MAX]; /* see cpu_batch.h */
};

/* The tables of the fast ways' sections, and of those of the slow ways. */
extern RTM_HIDDEN struct rtm_cpu_view rtm_cpu_view_fast;
extern RTM_HIDDEN struct rtm_cpu_view rtm_cpu_view_all;

/* The NULL slot of each class. */
extern RTM_HIDDEN uint16_t rtm_cpu_base[RTM_N_CLASSES];

/* Most slots of each class. */
extern RTM_HIDDEN uint16_t rtm_cpu_slots_max[RTM_N_CLASSES];

/* Once, before the first thread works so; false without memory. */
bool rtm_cpu_slab_start(void);

/* The slab of a processor, or NULL if there is none just now. */
struct rtm_cpu_slab *rtm_cpu_slab_at(unsigned cpu);

/*
 * The same; if there is none yet it is made or, in a process of one thread,
 * brought from the processor that the thread was on.  NULL without memory.
 */
struct rtm_cpu_slab *rtm_cpu_slab_get(unsigned cpu);

/* What stands behind its bins, or NULL before it is needed. */
RTM_INLINE struct rtm_reserve *
rtm_cpu_slab_reserve(const struct rtm_cpu_slab *slab)
{
	return atomic_load_explicit(&slab->reserve, memory_order_acquire);
}

/* The same; if there is none yet it is made.  NULL without memory. */
struct rtm_reserve *rtm_cpu_slab_get_reserve(struct rtm_cpu_slab *slab);

/* Visits what each slab keeps in reserve, with the lock held. */
void rtm_cpu_slab_visit_reserves(
    void (*visit)(struct rtm_reserve *reserve, void *cookie), void *cookie);

/* In the child of fork: what all of them have borrowed for that, in bytes. */
size_t rtm_cpu_slab_count_lent(void);

/*
 * Gives away what the slabs of idle processors hold: of those that look as
 * they did at the last call, or of all.  Says how many objects.
 */
size_t rtm_cpu_slab_drain(bool all);

/* How many processors cache. */
unsigned rtm_cpu_slab_count_shown(void);

/* True if a processor may cache that everybody has left. */
bool rtm_cpu_slab_may_be_left(void);

/*
 * Who sees to it that rtm_cpu_slab_drain() and rtm_drain_reserves() are called
 * now and then while that is so; NULL: nobody.  Asked with no lock held; false
 * if it cannot.
 */
void rtm_cpu_slab_set_watch(bool (*start_watch)(void));
bool rtm_cpu_slab_watch(void);

/* Memory for a thread's area, where libc has none; and back. */
struct rtm_rseq *rtm_cpu_area_take(void);
void rtm_cpu_area_give(struct rtm_rseq *area);

/*
 * Between fork_prepare and fork_parent, which hold the locks: objects in all
 * slabs, by class, are added; says how many slabs there are.
 */
size_t rtm_cpu_slab_count_locked(size_t n_objects[RTM_N_CLASSES]);

/* The fast ways see nothing while caches are hidden (thread_cache.h). */
void rtm_cpu_slab_hide(void);

void rtm_cpu_slab_fork_prepare(void);
void rtm_cpu_slab_fork_parent(void);
void rtm_cpu_slab_fork_child(void);

#endif
