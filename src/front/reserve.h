/*
 * reserve.h - what a thread keeps behind a bin, for the bin's next swing
 *
 * A program that makes many objects of a class, frees them all and makes as
 * many again has its bin run empty, and then full, many times in a row, and all
 * objects pass the middle tier twice.  Once a bin was seen to swing so, in both
 * directions and further than two bins reach, the thread keeps as many objects
 * as went to and fro: in packs, which are filled and emptied like a stack (the
 * magazines of Bonwick and Adams, but all of them one thread's own).
 *
 * Who only takes, only gives, or does both by turns, has no reserve.  When a bin
 * needs what no reserve has, the thread looks at one of its reserves, and gives
 * a pack of it away if it was not touched since the look before: so what a
 * program has no use for any more serves other classes.  The budget for thread
 * caches (cache_budget.h) holds for reserves, too.
 *
 * Locks:   one per thread, rank RESERVE, for the packs: who trims the heap takes
 *          them from threads that sleep.  All else is the thread's own.
 * Failure: without memory or room nothing is kept.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_RESERVE_H
#define RTM_FRONT_RESERVE_H

#include "front/thread_cache.h"
#include "os/lock.h"

struct rtm_pack;

struct rtm_reserve_bin {
	struct rtm_pack *top;    /* of a stack of packs; none is empty */
	uint32_t n_objects;      /* in all of them */
	uint32_t n_most;         /* that may be kept; 0: no swing was seen */
	uint32_t n_taken;        /* by the bin since it gave last */
	uint32_t n_taken_before; /* the same, before that */
	uint32_t n_given;        /* by the bin since it took last */
	bool is_touched;         /* since the last look */
};

struct rtm_reserve {
	struct rtm_lock
	    lock; /* for top and n_objects of the bins, kept, lost */
	struct rtm_reserve_bin bins[RTM_N_CLASSES];
	struct rtm_pack *spares;
	uint64_t kept;     /* bits: classes with packs */
	size_t lost_bytes; /* taken by others; the owner has not counted them */
	sclass_t watched;  /* class that was looked at last */
};

/* Is the class one of those that swing? */
RTM_INLINE bool
rtm_reserve_is_for(const struct rtm_thread_cache *cache, sclass_t class)
{
	return cache->reserve != NULL &&
	    cache->reserve->bins[class].n_most != 0;
}

/* The bin took n objects, from wherever. */
void rtm_reserve_note_taken(
    struct rtm_thread_cache *cache, sclass_t class, size_t n);

/* The bin, which took some before, has to give n. */
void rtm_reserve_note_given(
    struct rtm_thread_cache *cache, sclass_t class, size_t n);

/* Up to n objects, in the order in which they were kept; says how many. */
size_t rtm_reserve_take(
    struct rtm_thread_cache *cache, sclass_t class, void **objects, size_t n);

/*
 * Keeps all n objects, or says false.  Dies of an object that was freed twice
 * (rtm_transfer_cache_check_row()).
 */
bool rtm_reserve_keep(struct rtm_thread_cache *cache, sclass_t class,
    void *const *objects, size_t n);

/* A bin needs what no reserve has: see above. */
void rtm_reserve_look(struct rtm_thread_cache *cache);

/* Gives a pack of some class away; false if there is none. */
bool rtm_reserve_shed(struct rtm_thread_cache *cache);

/*
 * Gives all away that is kept of the class, which then has to swing anew; says
 * how many objects.
 */
size_t rtm_reserve_flush(struct rtm_thread_cache *cache, sclass_t class);

/* What all threads keep goes back; says how many objects. */
size_t rtm_reserve_drain(void);

/* The cache is to end, and has been flushed. */
void rtm_reserve_delete(struct rtm_thread_cache *cache);

#endif
