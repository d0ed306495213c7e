/*
 * cache_budget.h - all thread caches, and what they may hold together
 *
 * One budget (option thread_cache_size) for the capacity of all bins of all
 * threads, and for what stands behind them (reserve.h).  A thread starts with min_per_thread_cache, or with its fair part
 * of the budget when that is less, and asks for steal_amount more at a time:
 * from what nobody has claimed, else from another thread that has more than
 * its fair part (as gperftools does).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CACHE_BUDGET_H
#define RTM_FRONT_CACHE_BUDGET_H

#include "front/thread_cache.h"

void rtm_cache_budget_init(const struct rtm_conf *conf);

/* A slab whose head is zero, or NULL.  Its old contents are undefined. */
struct rtm_thread_cache *rtm_cache_budget_new(void);

/* The slab may be used again. */
void rtm_cache_budget_delete(struct rtm_thread_cache *cache);

/* The cache gets its first share, and gives its share back. */
void rtm_cache_budget_join(struct rtm_thread_cache *cache);
void rtm_cache_budget_leave(struct rtm_thread_cache *cache);

/* Visits each cache that is in use, with the registry locked. */
void rtm_cache_budget_visit(
    void (*visit)(struct rtm_thread_cache *cache, void *cookie), void *cookie);

/* Hides the cache of every thread that has one from the fast ways. */
void rtm_cache_budget_hide(void);

/*
 * The budget becomes 0, and grows again after many claims that are refused;
 * all caches but one must flush, and find out at once.
 */
void rtm_cache_budget_starve(const struct rtm_thread_cache *except);

/* All caches but one must flush, and find out at once. */
void rtm_cache_budget_flush(const struct rtm_thread_cache *except);

/* Adds n_bytes to the cache's capacity, or says false. */
bool rtm_cache_budget_claim(struct rtm_thread_cache *cache, size_t n_bytes);

/* Memory for a reserve or its packs, with anything in it, or NULL. */
#define RTM_PACK_BYTES RTM_KIB(4)

void *rtm_cache_budget_take_pack(void);
void rtm_cache_budget_give_pack(void *pack);

/* In the child of fork: a cache whose thread is not here, or NULL. */
struct rtm_thread_cache *rtm_cache_budget_orphan(void);

#endif
