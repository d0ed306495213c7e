/*
 * cache_budget.h - all thread caches, and what they may hold together
 *
 * One budget (option thread_cache_size) for the capacity of all bins of all
 * threads, and for what stands behind them, and behind those of processors
 * (reserve.h).  A thread starts with min_per_thread_cache, or with its fair
 * part of the budget when that is less, and asks for steal_amount more at a
 * time: from what nobody has claimed, else from another thread that has more
 * than its fair part (as gperftools does).  Processors borrow what nobody has
 * claimed, half of the budget at most.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CACHE_BUDGET_H
#define RTM_FRONT_CACHE_BUDGET_H

#include "front/reserve.h"
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

/* The same for what each keeps in reserve, if it has one. */
void rtm_cache_budget_visit_reserves(
    void (*visit)(struct rtm_reserve *reserve, void *cookie), void *cookie);

/* Hides the cache of every thread that has one from the fast ways. */
void rtm_cache_budget_hide(void);

/*
 * The budget becomes 0, and grows again after many claims that are refused;
 * all caches but one must flush, and find out at once.
 */
void rtm_cache_budget_starve(const struct rtm_thread_cache *except);

/* All caches but one must flush, and find out at once. */
void rtm_cache_budget_flush(const struct rtm_thread_cache *except);

/* What the cache holds: its bins' capacity, and what it keeps in reserve. */
RTM_INLINE size_t
rtm_cache_budget_held(const struct rtm_thread_cache *cache)
{
	return cache->capacity_bytes + rtm_reserve_bytes(cache->reserve);
}

/* May the cache hold n_bytes more?  If not so far, the limit may rise. */
bool rtm_cache_budget_allows(struct rtm_thread_cache *cache, size_t n_bytes);

/* The same, and adds n_bytes to the capacity of its bins. */
bool rtm_cache_budget_claim(struct rtm_thread_cache *cache, size_t n_bytes);

/* A part of the budget for who has no thread's cache; and back. */
bool rtm_cache_budget_lend(size_t n_bytes);
void rtm_cache_budget_repay(size_t n_bytes);

/* In the child of fork: a cache whose thread is not here, or NULL. */
struct rtm_thread_cache *rtm_cache_budget_orphan(void);

#endif
