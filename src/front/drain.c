/*
 * drain.c - what all keep in reserve goes back
 *
 * One after the other: under the locks of those who list them a reserve only
 * loses its packs, which are emptied without any.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/drain.h"
#include "front/cache_budget.h"
#include "front/cpu_slab.h"
#include "front/reserve.h"

#include <stdatomic.h>

/* The first one that has any, and was not robbed in this draining before. */
static void
rob_one(struct rtm_loot *loot)
{
	loot->has_any = false;
	rtm_cache_budget_visit_reserves(rtm_reserve_rob, loot);
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_visit_reserves(rtm_reserve_rob, loot);
#endif
}

size_t
rtm_drain_reserves(bool all)
{
	static _Atomic unsigned n_drains;
	struct rtm_loot loot = {
		.drain = 1 +
		    atomic_fetch_add_explicit(
			&n_drains, 1, memory_order_relaxed),
		.all = all,
	};
	size_t n = 0;

	for (rob_one(&loot); loot.has_any; rob_one(&loot)) {
		n += rtm_reserve_share_out(&loot);
		rtm_cache_budget_repay(loot.lent_bytes);
	}
	return n;
}
