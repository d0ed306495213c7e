/*
 * thread_cache.h - the front end: objects that one thread keeps at hand
 *
 * One slab of 64 KiB per thread.  Each size class has a bin, a stack of
 * pointers, somewhere in it; a bin's place and size change on the slow way
 * only.  Below a bin's first slot lies one that holds NULL, so that an empty
 * bin is found by what it pops:
 *
 *	slab  | hot[] | cold[] | ... | NULL a b c . . | NULL d . | NULL ...
 *	                               ^base   ^cur ^end
 *
 * A thread without a cache (new, ending, or before the start, or one that
 * shares its processor's bins) is found by the compare with which malloc keeps
 * large requests out, and by one branch in free.
 *
 * The hot indexes are read and written as 16 bits and nothing else: a wider
 * load behind a narrow store waits for the store.
 *
 * Whoever has to see every call (a profile, a malloc hook) hides all caches
 * from the fast ways: they find a constant slab that is all zero, whose bins
 * pop NULL and have no room, and the slow ways go on with the thread's own.
 * While nobody hides them that costs nothing.
 *
 * Locks: none on a thread's own bins; the registry of all caches has one,
 * rank THREADS.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_THREAD_CACHE_H
#define RTM_FRONT_THREAD_CACHE_H

#include "middle/size_class.h"

#include <stdatomic.h>

enum {
	RTM_SLAB_BYTES = 64 << 10,
	RTM_SLAB_SLOTS = RTM_SLAB_BYTES / sizeof(void *),
};

/* What the fast ways use; indexes of slots, counted from the slab's start. */
struct rtm_bin {
	uint16_t cur; /* the top object; the NULL slot if the bin is empty */
	uint16_t end; /* the last slot */
};

struct rtm_bin_cold {
	uint16_t base;            /* the NULL slot */
	uint16_t next_refill;     /* objects */
	uint16_t n_overages;      /* overflows in a row without a refill */
	uint16_t n_seen;          /* objects, when it was looked at last */
	uint8_t n_full_looks;     /* in a row that saw no fewer */
	uint8_t n_direct;         /* frees that passed the bin by */
	uint8_t was_refilled : 1; /* since the last overflow */
	uint8_t was_asked : 1;    /* for an object, since the thread began */
};

struct rtm_thread_cache {
	struct rtm_bin bins[RTM_N_CLASSES]; /* [0] is always empty and full */
	struct rtm_bin_cold cold[RTM_N_CLASSES];
	struct rtm_list link;       /* registry; its lock guards it */
	_Atomic size_t limit_bytes; /* our share of the budget; others may
	                               lower it under the registry's lock */
	size_t capacity_bytes;      /* sum of slots * object size */
	uint32_t n_slots_used;      /* the slab is free from here on */
	_Atomic bool is_busy;       /* on a slow way: bins may be half moved */
	_Atomic bool must_flush; /* memory is short: give all away, see get */
	sclass_t watched;        /* bin that was looked at last */
	bool is_kept;       /* for good: it cannot share its processor's bins */
	bool is_due;        /* to be given up: it is to share them (auto.h) */
	uint32_t n_misses;  /* while that is looked at */
	int16_t n_one_way;  /* misses in a row: positive of objects, negative of
	                       room for what the thread never took */
	uint64_t looked_us; /* the owner's processor time at a look */
	struct rtm_front *front;     /* the owner's, see below */
	struct rtm_reserve *reserve; /* reserve.h; NULL before it is needed */
};

/* Who wants to see every call; bits, and several may. */
enum rtm_hide_reason {
	RTM_HIDE_PROFILE = 1,
	RTM_HIDE_HOOKS = 2,
	RTM_HIDE_PERTURB = 4,
};

struct rtm_cpu_slab;

/* Slots lie over the slab's own head, so the compiler must not know types. */
typedef void *__attribute__((may_alias)) rtm_slot_t;

extern RTM_HIDDEN const struct rtm_thread_cache rtm_thread_cache_none;

/*
 * What the fast ways look at first: the thread's own, as plain data.  It is
 * all zero in a new thread, and while the dynamic linker still relocates: it
 * has not yet written any other initial value of thread-local data then.
 */
struct rtm_front {
	/* The cache that they use: the thread's, or rtm_thread_cache_none, or
	 * NULL.  Any other thread may write the second over the first, under
	 * the registry's lock. */
	struct rtm_thread_cache *cache;

	/* Requests below this look there: all small ones, unless it is NULL. */
	size_t n_bytes_end;

	/* Those below this look at the bins of the processor (cpu_cache.h), if
	 * the thread shares them, and so has no cache; 0 if it does not. */
	size_t n_shared_bytes_end;

	/* Where the kernel tells the thread its processor then; else NULL. */
	struct rtm_rseq *area;

	/* The slab of the processor that it was on last: to be checked, and
	 * never NULL while it shares. */
	struct rtm_cpu_slab *slab;
};

extern RTM_HIDDEN RTM_TLS struct rtm_front rtm_front;

/* The calling thread's cache, be it hidden or not; NULL if it has none. */
extern RTM_HIDDEN RTM_TLS struct rtm_thread_cache *rtm_thread_cache_own;

/* The reasons for which the caches are hidden just now; 0: they are not. */
extern RTM_HIDDEN _Atomic unsigned rtm_thread_cache_hidden;

/* Stands for all threads' caches that hold nothing; nobody writes to it. */
RTM_INLINE struct rtm_thread_cache *
rtm_thread_cache_nobodys(void)
{
	return (struct rtm_thread_cache *)(uintptr_t)&rtm_thread_cache_none;
}

/* What the fast ways see: the thread's cache, or rtm_thread_cache_none. */
RTM_INLINE struct rtm_thread_cache *
rtm_thread_cache_self(void)
{
	struct rtm_thread_cache *cache = rtm_front.cache;

	return RTM_LIKELY(cache != NULL) ? cache : rtm_thread_cache_nobodys();
}

/* From now on the fast ways of the calling thread see this cache, or NULL. */
RTM_INLINE void
rtm_thread_cache_show(struct rtm_thread_cache *cache)
{
	/* A handler of a signal finds each of them right. */
	rtm_front.n_bytes_end = 0;
	atomic_signal_fence(memory_order_seq_cst);
	rtm_front.cache = cache;
	atomic_signal_fence(memory_order_seq_cst);
	rtm_front.n_bytes_end = cache != NULL ? RTM_TABLE_MAX + 1 : 0;
}

RTM_INLINE bool
rtm_thread_cache_is_none(const struct rtm_thread_cache *cache)
{
	return cache == &rtm_thread_cache_none;
}

RTM_INLINE bool
rtm_thread_cache_is_hidden(unsigned reasons)
{
	return (atomic_load_explicit(
		    &rtm_thread_cache_hidden, memory_order_relaxed) &
		   reasons) != 0;
}

/*
 * Lets the fast ways see the thread's own cache, unless there is a reason;
 * empties it before that if it has to be.
 */
void rtm_thread_cache_reveal(struct rtm_thread_cache *own) RTM_COLD;

/*
 * For slow ways: the thread's cache, NULL if it has none.  One that need not
 * be hidden any more is seen again from here on.
 */
RTM_INLINE struct rtm_thread_cache *
rtm_thread_cache_get(void)
{
	struct rtm_thread_cache *own = rtm_thread_cache_own;

	if (RTM_UNLIKELY(own != rtm_front.cache && own != NULL &&
		(!rtm_thread_cache_is_hidden(~0u) ||
		    atomic_load_explicit(
			&own->must_flush, memory_order_relaxed))))
		rtm_thread_cache_reveal(own);
	return own;
}

/* An object of the class, or NULL: go the slow way. */
RTM_INLINE void *
rtm_thread_cache_pop(struct rtm_thread_cache *cache, sclass_t size_class)
{
	struct rtm_bin *bin = &cache->bins[size_class];
	size_t cur = bin->cur;
	void *object = ((rtm_slot_t *)cache)[cur];

	if (RTM_LIKELY(object != NULL)) {
		RTM_IN_PLACE(cur);
		bin->cur = (uint16_t)(cur - 1);
	}
	return object;
}

/* False: there is no room, go the slow way. */
RTM_INLINE bool
rtm_thread_cache_push(
    struct rtm_thread_cache *cache, size_t size_class, void *object)
{
	size_t cur = cache->bins[size_class].cur;

	if (RTM_UNLIKELY(cur >= cache->bins[size_class].end))
		return false;
	((rtm_slot_t *)cache)[cur + 1] = object;
	cache->bins[size_class].cur++;
	return true;
}

/* Once, at start. */
void rtm_thread_cache_init(const struct rtm_conf *conf);

/*
 * From now on every call of every thread takes the slow way, for this reason
 * (too); a call that is on its way already may still take the fast one.
 */
void rtm_thread_cache_hide(enum rtm_hide_reason reason);

/* This reason is gone; each thread finds out on its next slow way. */
void rtm_thread_cache_unhide(enum rtm_hide_reason reason);

/*
 * A cache for the calling thread, which becomes rtm_thread_cache_own; NULL
 * without memory.
 */
struct rtm_thread_cache *rtm_thread_cache_create(void);

/* Gives away all objects and the calling thread's cache. */
void rtm_thread_cache_destroy(void);

/* Gives away all objects of the calling thread's cache; says how many. */
size_t rtm_thread_cache_flush(void);

/*
 * The calling thread was given n_bytes of memory that was not in use: what it
 * keeps for later may have to go (reserve.h).
 */
void rtm_thread_cache_note_fresh(size_t n_bytes);

/*
 * Memory is short: has all other threads empty their caches on their next
 * call, and lets nobody cache anything for a while, so that threads which
 * sleep then hold nothing.
 */
void rtm_thread_cache_starve(void);

/* Has all other threads empty their caches on their next slow call. */
void rtm_thread_cache_flush_others(void);

/*
 * In the child of fork: gives away the objects of a cache whose thread is
 * not here.
 */
void rtm_thread_cache_adopt(struct rtm_thread_cache *orphan);

/* The bin is empty: fills it and returns one object; NULL without memory. */
void *rtm_thread_cache_refill(
    struct rtm_thread_cache *cache, sclass_t size_class) RTM_COLD;

/* The bin is full: makes room, and takes the object. */
void rtm_thread_cache_overflow(
    struct rtm_thread_cache *cache, sclass_t size_class, void *object) RTM_COLD;

struct rtm_thread_cache_stats {
	size_t n_threads;   /* that have a cache */
	size_t limit_bytes; /* what they may hold together */
};

void rtm_thread_cache_stats(struct rtm_thread_cache_stats *stats);

/*
 * The same between fork_prepare and fork_parent, which hold the registry's
 * lock; and objects in all caches, by class.  Their owners go on meanwhile: a
 * bin that is just moved may be counted wrongly.
 */
void rtm_thread_cache_stats_locked(struct rtm_thread_cache_stats *stats);
void rtm_thread_cache_count_locked(size_t n_objects[RTM_N_CLASSES]);

void rtm_thread_cache_fork_prepare(void);
void rtm_thread_cache_fork_parent(void);
void rtm_thread_cache_fork_child(void);

#endif
