/*
 * lock.h - a one-word mutex that sleeps on a futex
 *
 * 0 free, 1 taken, 2 taken and somebody sleeps (Drepper, "Futexes are
 * tricky", mutex 3).  While the process is alone (one thread, and no helper
 * of ours) taking and giving are plain loads and stores.  Zeroed memory is
 * a free lock.  After fork(2) the child, which is alone, inits each lock.
 *
 * Debug builds hold the ranks: a thread takes locks in rising order only.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_LOCK_H
#define RTM_OS_LOCK_H

#include "base/compiler.h"
#include "os/thread.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Rising from the front of the house to its back; fork takes them so. */
enum rtm_rank {
	RTM_RANK_BOOT,
	RTM_RANK_TRACKED,
	RTM_RANK_PROFILE,
	RTM_RANK_THREADS,
	RTM_RANK_CPUS,
	RTM_RANK_RESERVE,
	RTM_RANK_TRANSFER,
	RTM_RANK_CENTRAL,
	RTM_RANK_HEAP_SPACE,
	RTM_RANK_PAGE_HEAP,
	RTM_RANK_META,
};

struct rtm_lock {
	_Atomic unsigned word;
};

void rtm_lock_wait(struct rtm_lock *lock) RTM_COLD;
void rtm_lock_wake(struct rtm_lock *lock) RTM_COLD;

#if RTM_DEBUG
void rtm_lock_rank_enter(enum rtm_rank rank);
void rtm_lock_rank_leave(enum rtm_rank rank);
void rtm_lock_rank_reset(void);
#else
RTM_INLINE void
rtm_lock_rank_enter(enum rtm_rank rank)
{
	(void)rank;
}

RTM_INLINE void
rtm_lock_rank_leave(enum rtm_rank rank)
{
	(void)rank;
}

RTM_INLINE void
rtm_lock_rank_reset(void)
{
}
#endif

/* Pairs with the release order of the one who gives the lock. */
RTM_INLINE void
rtm_lock_take_unranked(struct rtm_lock *lock)
{
	unsigned expected = 0;

	if (rtm_thread_is_alone() &&
	    atomic_load_explicit(&lock->word, memory_order_relaxed) == 0)
		atomic_store_explicit(&lock->word, 1, memory_order_relaxed);
	else if (!atomic_compare_exchange_strong_explicit(&lock->word,
		     &expected, 1, memory_order_acquire, memory_order_relaxed))
		rtm_lock_wait(lock);
}

RTM_INLINE void
rtm_lock_give_unranked(struct rtm_lock *lock)
{
	if (rtm_thread_is_alone())
		atomic_store_explicit(&lock->word, 0, memory_order_release);
	else if (atomic_exchange_explicit(
		     &lock->word, 0, memory_order_release) == 2)
		rtm_lock_wake(lock);
}

RTM_INLINE void
rtm_lock_take(struct rtm_lock *lock, enum rtm_rank rank)
{
	rtm_lock_rank_enter(rank);
	rtm_lock_take_unranked(lock);
}

RTM_INLINE void
rtm_lock_give(struct rtm_lock *lock, enum rtm_rank rank)
{
	rtm_lock_give_unranked(lock);
	rtm_lock_rank_leave(rank);
}

/* In the child of fork: whoever held it does not live here. */
RTM_INLINE void
rtm_lock_init(struct rtm_lock *lock)
{
	atomic_store_explicit(&lock->word, 0, memory_order_relaxed);
}

#endif
