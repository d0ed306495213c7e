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
 * needs what no reserve has, or a block takes fresh memory, the thread looks at
 * one of its reserves, or some, and gives a part away if it was not touched since
 * the look before: so what a program has no use for any more serves others.  The
 * budget for thread caches (cache_budget.h) holds for reserves and their packs,
 * too.
 *
 * Who trims the heap, and who needs memory, takes what all threads keep; the
 * helper (api/idle.h) what its thread did not touch since the look before.
 *
 * Locks:   one per thread, rank RESERVE, for what those take.  All else is the
 *          thread's own.
 * Failure: without memory or room nothing is kept.
 * Known:   a child of a fork that others' draining was in the middle of loses
 *          what was under way; empty packs are used again, and never go back.
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
	struct rtm_lock lock; /* guards top and n_objects of each bin, with the
	                         packs there, and the next four */
	uint64_t kept;        /* bits: classes with packs */
	size_t lost_bytes;    /* others took them; the owner will count */
	unsigned drain;       /* number of the last draining that came by */
	bool is_quiet;        /* not touched since then */

	struct rtm_reserve_bin bins[RTM_N_CLASSES];
	struct rtm_pack *spares; /* empty ones */
	sclass_t watched;        /* class that was looked at last */
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

/* On each slow way: what others took is claimed no more. */
void rtm_reserve_settle(struct rtm_thread_cache *cache);

/* A bin needs what no reserve has: see above. */
void rtm_reserve_look(struct rtm_thread_cache *cache);

/* The thread holds too much: gives some of a class away; false if it has none. */
bool rtm_reserve_shed(struct rtm_thread_cache *cache);

/*
 * Gives all away that is kept of the class, which then has to swing anew; says
 * how many objects.
 */
size_t rtm_reserve_flush(struct rtm_thread_cache *cache, sclass_t class);

/*
 * From any thread: what all threads keep goes back to its spans, or only that of
 * those who did not touch theirs since the last time.  Says how many objects.
 */
size_t rtm_reserve_drain(bool all);

/* The cache is to end, and has been flushed. */
void rtm_reserve_delete(struct rtm_thread_cache *cache);

#endif
