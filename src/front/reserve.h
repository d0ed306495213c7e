/*
 * reserve.h - what is kept behind bins, for their next swing
 *
 * A program that makes many objects of a class, frees them all and makes as
 * many again has its bin run empty, and then full, many times in a row, and all
 * objects pass the middle tier twice.  Once a bin was seen to swing so, in both
 * directions and further than two bins reach, as many objects as went to and
 * fro are kept behind it: in packs, which are filled and emptied like a stack
 * (the magazines of Bonwick and Adams, but all of them one bin's own).  They
 * come back in the order in which they came, as neighbours stay neighbours so.
 *
 * What only takes, only gives, or does both by turns, has no reserve.  When a
 * bin needs what no reserve has, or a block takes fresh memory, somebody looks
 * at one of the reserves, or some, and gives a part away if it was not touched
 * since the look before: so what a program has no use for any more serves
 * others.  The budget for thread caches (cache_budget.h) holds for all
 * reserves, and for their packs.
 *
 * Each thread's cache has one such store, and each processor's
 * (cpu_reserve.h).  Who trims the heap, and who needs memory, takes what all
 * keep; the helper (api/idle.h) what its owners did not touch since the look
 * before: drain.h.
 *
 * Locks:   one in each, rank RESERVE.  All else is its thread's own, or, with
 *          processors, need not be exact.
 * Failure: without memory or room nothing is kept.
 * Known:   a child of fork loses what other threads had under way, in packs
 *          that were filled or emptied just then; empty packs serve others,
 *          and never go back to the system.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_RESERVE_H
#define RTM_FRONT_RESERVE_H

#include "back/meta.h"
#include "middle/size_class.h"
#include "os/lock.h"

#include <stdatomic.h>

enum { RTM_PACK_OBJECTS = RTM_META_PIECE / sizeof(void *) - 2 };

struct rtm_pack {
	struct rtm_pack *below;
	size_t n;
	void *objects[RTM_PACK_OBJECTS]; /* the first one came first */
};

struct rtm_reserve_bin {
	struct rtm_pack *top;     /* of a stack of packs; none is empty */
	uint32_t n_objects;       /* in all of them */
	_Atomic uint32_t n_most;  /* that may be kept; 0: no swing was seen */
	_Atomic uint32_t n_taken; /* by the bin since it gave last */
	_Atomic uint32_t n_taken_before; /* the same, before that */
	_Atomic uint32_t n_given;        /* by the bin since it took last */
	_Atomic bool is_touched;         /* since the last look */
};

struct rtm_reserve {
	struct rtm_lock lock; /* guards top and n_objects of each bin, with the
	                         packs there, and the next five */
	uint64_t kept;        /* bits: classes with packs */
	_Atomic size_t n_bytes;  /* what all objects count for */
	struct rtm_pack *spares; /* empty ones */
	unsigned drain;          /* number of the last draining that came by */
	bool is_quiet;           /* not touched since then */

	struct rtm_reserve_bin bins[RTM_N_CLASSES];
	_Atomic sclass_t watched;  /* class that was looked at last */
	_Atomic size_t lent_bytes; /* of the budget, to a processor's */
};

/* One that keeps nothing, or NULL. */
struct rtm_reserve *rtm_reserve_new(void);

/* It has been flushed, and is NULL or nobody's any more. */
void rtm_reserve_delete(struct rtm_reserve *reserve);

/* Where nothing else is said, NULL is a reserve that keeps nothing. */

/* Is the class one of those that swing? */
RTM_INLINE bool
rtm_reserve_is_for(const struct rtm_reserve *reserve, sclass_t class)
{
	return reserve != NULL &&
	    atomic_load_explicit(
		&reserve->bins[class].n_most, memory_order_relaxed) != 0;
}

/* Without the lock: a hint, as others may take. */
RTM_INLINE size_t
rtm_reserve_bytes(const struct rtm_reserve *reserve)
{
	return reserve == NULL
	    ? 0
	    : atomic_load_explicit(&reserve->n_bytes, memory_order_relaxed);
}

/* What n objects count for, each with its slot in a pack. */
RTM_INLINE size_t
rtm_reserve_bytes_of(sclass_t class, size_t n)
{
	return n * (rtm_size_classes[class].size + sizeof(void *));
}

/* The bin took n objects, from wherever. */
void rtm_reserve_note_taken(
    struct rtm_reserve *reserve, sclass_t class, size_t n);

/* The bin, which took some before, has to give n.  Not for NULL. */
void rtm_reserve_note_given(
    struct rtm_reserve *reserve, sclass_t class, size_t n);

/* May n objects more be kept, as far as swings go? */
bool rtm_reserve_wants(
    const struct rtm_reserve *reserve, sclass_t class, size_t n);

/* Up to n objects, in the order in which they were kept; says how many. */
size_t rtm_reserve_take(
    struct rtm_reserve *reserve, sclass_t class, void **objects, size_t n);

/*
 * Not for NULL: keeps n objects, which it wants; what there are no packs for
 * goes to the middle tier.  Dies of an object that was freed twice
 * (rtm_transfer_cache_check_row()).
 */
void rtm_reserve_keep(struct rtm_reserve *reserve, sclass_t class,
    void *const *objects, size_t n);

/*
 * The same by packs, for who has no room for objects elsewhere.  The uppermost
 * pack of the class, or NULL; and some, one below the other, that are put on
 * top of the others (not for NULL).  Those that are empty then serve again.
 */
struct rtm_pack *rtm_reserve_pop(struct rtm_reserve *reserve, sclass_t class);
void rtm_reserve_push(
    struct rtm_reserve *reserve, sclass_t class, struct rtm_pack *packs);

/* Not for NULL: an empty pack, or NULL. */
struct rtm_pack *rtm_reserve_spare(struct rtm_reserve *reserve);

/* A bin needs what no reserve has: see above. */
void rtm_reserve_look(struct rtm_reserve *reserve);

/* Its owner was given so much memory that was not in use: some looks. */
void rtm_reserve_note_fresh(struct rtm_reserve *reserve, size_t n_bytes);

/* Its owner holds too much: gives some of a class away, or says false. */
bool rtm_reserve_shed(struct rtm_reserve *reserve);

/*
 * Gives all away that is kept of the class, which then has to swing anew; says
 * how many objects.
 */
size_t rtm_reserve_flush(struct rtm_reserve *reserve, sclass_t class);

/* What is taken from one of them; see drain.h. */
struct rtm_loot {
	unsigned drain; /* the number of this draining */
	bool all;
	bool has_any;
	size_t lent_bytes; /* that it needs no more */
	struct rtm_pack *spares;
	struct rtm_pack *tops[RTM_N_CLASSES];
};

/* From any thread, into the loot, if that is empty; once in a draining. */
void rtm_reserve_rob(struct rtm_reserve *reserve, void *into);

/* What was taken goes back to its spans; says how many objects. */
size_t rtm_reserve_share_out(struct rtm_loot *loot);

/* Adds what is kept of each class, as far as that can be seen. */
void rtm_reserve_count(
    const struct rtm_reserve *reserve, size_t n_objects[RTM_N_CLASSES]);

#endif
