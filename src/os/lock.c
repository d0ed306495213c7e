/*
 * lock.c - the half of a lock that waits, and the ranks of debug builds
 *
 * A short spin first: what our locks guard takes less time than a sleep.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/lock.h"
#include "os/futex.h"

#include <limits.h>

enum { SPINS_MAX = 100 };

static void
pause_briefly(void)
{
#if RTM_CPU_X86
	__builtin_ia32_pause();
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

void
rtm_lock_wait(struct rtm_lock *lock)
{
	for (int i = 0; i < SPINS_MAX; i++) {
		unsigned expected = 0;

		pause_briefly();
		if (atomic_load_explicit(&lock->word, memory_order_relaxed) ==
			0 &&
		    atomic_compare_exchange_weak_explicit(&lock->word,
			&expected, 1, memory_order_acquire,
			memory_order_relaxed))
			return;
	}
	/* Whoever sleeps leaves a 2, so that the owner wakes somebody. */
	while (
	    atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
		rtm_futex_wait(&lock->word, 2, RTM_FUTEX_FOREVER);
}

void
rtm_lock_wake(struct rtm_lock *lock)
{
	rtm_futex_wake(&lock->word, 1);
}

#if RTM_DEBUG
/* A bit per rank; class locks of one rank never nest. */
static RTM_TLS unsigned ranks_held;

void
rtm_lock_rank_enter(enum rtm_rank rank)
{
	RTM_ASSERT(ranks_held < (1u << rank));
	ranks_held |= 1u << rank;
}

void
rtm_lock_rank_leave(enum rtm_rank rank)
{
	RTM_ASSERT((ranks_held & (1u << rank)) != 0);
	ranks_held &= ~(1u << rank);
}

void
rtm_lock_rank_reset(void)
{
	ranks_held = 0;
}
#endif
