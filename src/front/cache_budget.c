/*
 * cache_budget.c - all thread caches, and what they may hold together
 *
 * Locks:   one, rank THREADS; guards the registry, the shares and what is lent,
 *          and the lists of spare slabs and of orphans.
 * Failure: no slab: NULL; no share: false, and the bin stays as it is.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cache_budget.h"
#include "back/meta.h"
#include "front/cpu_slab.h"
#include "os/lock.h"
#include "os/memory.h"

#include <string.h>

/* Taking from a thread that has no more than this would starve it. */
#define SHARE_MIN RTM_KIB(16)

/* What a process that had no memory left may cache to begin with. */
#define RECOVER_FROM RTM_KIB(64)

enum {
	SPARE_WARM_MAX = 8,       /* slabs that keep their memory */
	RECOVER_AFTER = 64 << 10, /* claims refused: the budget doubles */
};

static struct {
	struct rtm_lock lock;
	struct rtm_list caches; /* all that are in use */
	struct rtm_list spares;
	struct rtm_list orphans;
	size_t n_caches;
	size_t n_spares;
	size_t budget;
	size_t full_budget;  /* as configured */
	size_t n_refused;    /* claims, since the budget was changed */
	ptrdiff_t unclaimed; /* below 0 when many threads got their least */
	size_t lent;         /* to processors; not unclaimed */
	size_t first_share;
	size_t step;
} pool = {
	.caches = { &pool.caches, &pool.caches },
	.spares = { &pool.spares, &pool.spares },
	.orphans = { &pool.orphans, &pool.orphans },
};

void
rtm_cache_budget_init(const struct rtm_conf *conf)
{
	pool.budget = conf->thread_cache_size;
	pool.full_budget = conf->thread_cache_size;
	pool.unclaimed = (ptrdiff_t)conf->thread_cache_size;
	pool.first_share = conf->min_per_thread_cache;
	pool.step = conf->steal_amount;
}

static void
lock_pool(void)
{
	rtm_lock_take(&pool.lock, RTM_RANK_THREADS);
}

static void
unlock_pool(void)
{
	rtm_lock_give(&pool.lock, RTM_RANK_THREADS);
}

static struct rtm_thread_cache *
pop_cache(struct rtm_list *list)
{
	if (rtm_list_is_empty(list))
		return NULL;

	struct rtm_list *link = list->next;

	rtm_list_remove(link);
	return RTM_LIST_ITEM(link, struct rtm_thread_cache, link);
}

struct rtm_thread_cache *
rtm_cache_budget_new(void)
{
	lock_pool();

	struct rtm_thread_cache *cache = pop_cache(&pool.spares);

	if (cache != NULL)
		pool.n_spares--;
	unlock_pool();
	if (cache == NULL)
		return rtm_meta_take(RTM_SLAB_BYTES);
	memset(cache, 0, sizeof(*cache));
	return cache;
}

/* Slots behind the first page hold nothing that anybody needs. */
static void
cool(struct rtm_thread_cache *cache)
{
	size_t page = rtm_mem_page_size();
	uintptr_t first = rtm_round_up((uintptr_t)(cache + 1), page);
	uintptr_t end = rtm_round_down((uintptr_t)cache + RTM_SLAB_BYTES, page);

	if (first < end)
		rtm_mem_decommit((void *)first, end - first);
}

void
rtm_cache_budget_delete(struct rtm_thread_cache *cache)
{
	lock_pool();

	bool is_warm = pool.n_spares < SPARE_WARM_MAX;

	unlock_pool();
	if (!is_warm)
		cool(cache);
	lock_pool();
	rtm_list_push(&pool.spares, &cache->link);
	pool.n_spares++;
	unlock_pool();
}

static size_t
fair_share(void)
{
	size_t share = pool.budget / rtm_max(pool.n_caches, 1);

	return pool.budget < pool.full_budget ? share
					      : rtm_max(share, SHARE_MIN);
}

void
rtm_cache_budget_join(struct rtm_thread_cache *cache)
{
	lock_pool();
	rtm_list_push(&pool.caches, &cache->link);
	pool.n_caches++;

	size_t share = rtm_min(pool.first_share, fair_share());

	atomic_store_explicit(&cache->limit_bytes, share, memory_order_relaxed);
	pool.unclaimed -= (ptrdiff_t)share;
	unlock_pool();
}

void
rtm_cache_budget_leave(struct rtm_thread_cache *cache)
{
	lock_pool();
	rtm_list_remove(&cache->link);
	pool.n_caches--;
	pool.unclaimed += (ptrdiff_t)atomic_load_explicit(
	    &cache->limit_bytes, memory_order_relaxed);
	unlock_pool();
}

void
rtm_cache_budget_visit(
    void (*visit)(struct rtm_thread_cache *cache, void *cookie), void *cookie)
{
	lock_pool();
	for (struct rtm_list *link = pool.caches.next; link != &pool.caches;
	     link = link->next)
		visit(
		    RTM_LIST_ITEM(link, struct rtm_thread_cache, link), cookie);
	unlock_pool();
}

void
rtm_cache_budget_visit_reserves(
    void (*visit)(struct rtm_reserve *reserve, void *cookie), void *cookie)
{
	lock_pool();
	for (struct rtm_list *link = pool.caches.next; link != &pool.caches;
	     link = link->next) {
		const struct rtm_thread_cache *cache =
		    RTM_LIST_ITEM(link, struct rtm_thread_cache, link);
		struct rtm_reserve *reserve =
		    __atomic_load_n(&cache->reserve, __ATOMIC_ACQUIRE);

		if (reserve != NULL)
			visit(reserve, cookie);
	}
	unlock_pool();
}

/* From now on the cache's owner takes the slow way, until it reveals it. */
static void
hide(struct rtm_thread_cache *cache, void *cookie)
{
	(void)cookie;
	__atomic_store_n(
	    &cache->front->cache, rtm_thread_cache_nobodys(), __ATOMIC_RELAXED);
}

void
rtm_cache_budget_hide(void)
{
	rtm_cache_budget_visit(hide, NULL);
}

static void
change_budget(size_t budget)
{
	pool.unclaimed += (ptrdiff_t)budget - (ptrdiff_t)pool.budget;
	pool.budget = budget;
	pool.n_refused = 0;
}

/* Nobody may cache anything; and nobody owes anything. */
static void
take_limit(struct rtm_thread_cache *cache)
{
	pool.unclaimed += (ptrdiff_t)atomic_exchange_explicit(
	    &cache->limit_bytes, 0, memory_order_relaxed);
}

static void
ask_to_flush(struct rtm_thread_cache *cache)
{
	/* An owner that finds it hidden has to see the mark. */
	atomic_store(&cache->must_flush, true);
	hide(cache, NULL);
}

void
rtm_cache_budget_starve(const struct rtm_thread_cache *except)
{
	lock_pool();
	change_budget(0);
	for (struct rtm_list *link = pool.caches.next; link != &pool.caches;
	     link = link->next) {
		struct rtm_thread_cache *cache =
		    RTM_LIST_ITEM(link, struct rtm_thread_cache, link);

		take_limit(cache);
		if (cache != except)
			ask_to_flush(cache);
	}
	unlock_pool();
}

void
rtm_cache_budget_flush(const struct rtm_thread_cache *except)
{
	lock_pool();
	for (struct rtm_list *link = pool.caches.next; link != &pool.caches;
	     link = link->next) {
		struct rtm_thread_cache *cache =
		    RTM_LIST_ITEM(link, struct rtm_thread_cache, link);

		if (cache != except)
			ask_to_flush(cache);
	}
	unlock_pool();
}

/*
 * The next cache in turn that has more than its fair share gives up a step.
 * Looks at a few only, so that the time does not grow with the threads.
 * Nobody gets more than a fair share so: a victim that sleeps keeps what it
 * holds, and thieves could take in turns without end.
 */
static bool
steal_step(const struct rtm_thread_cache *thief, size_t step)
{
	enum { LOOKS_MAX = 16 };
	size_t fair = fair_share();

	if (atomic_load_explicit(&thief->limit_bytes, memory_order_relaxed) +
		step >
	    fair)
		return false;
	for (int i = 0; i < LOOKS_MAX; i++) {
		struct rtm_list *oldest = pool.caches.prev;
		struct rtm_thread_cache *victim =
		    RTM_LIST_ITEM(oldest, struct rtm_thread_cache, link);
		size_t limit = atomic_load_explicit(
		    &victim->limit_bytes, memory_order_relaxed);

		rtm_list_remove(oldest);
		rtm_list_push(&pool.caches, oldest);
		if (victim != thief && limit >= fair + step) {
			atomic_store_explicit(&victim->limit_bytes,
			    limit - step, memory_order_relaxed);
			return true;
		}
	}
	return false;
}

/* A process that ran out of memory may cache more again, little by little. */
static void
note_refusal(void)
{
	if (pool.budget < pool.full_budget && ++pool.n_refused >= RECOVER_AFTER)
		change_budget(rtm_min(
		    rtm_max(2 * pool.budget, RECOVER_FROM), pool.full_budget));
}

/* Raises the cache's limit by at least n_bytes, in whole steps. */
static bool
raise_limit(struct rtm_thread_cache *cache, size_t n_bytes)
{
	size_t amount = (n_bytes + pool.step - 1) / pool.step * pool.step;
	bool is_granted = true;

	lock_pool();
	if (pool.unclaimed >= (ptrdiff_t)amount)
		pool.unclaimed -= (ptrdiff_t)amount;
	else
		is_granted = steal_step(cache, amount);
	if (is_granted)
		atomic_fetch_add_explicit(
		    &cache->limit_bytes, amount, memory_order_relaxed);
	else
		note_refusal();
	unlock_pool();
	return is_granted;
}

bool
rtm_cache_budget_allows(struct rtm_thread_cache *cache, size_t n_bytes)
{
	size_t wanted = rtm_cache_budget_held(cache) + n_bytes;
	size_t limit =
	    atomic_load_explicit(&cache->limit_bytes, memory_order_relaxed);

	return wanted <= limit || raise_limit(cache, wanted - limit);
}

bool
rtm_cache_budget_claim(struct rtm_thread_cache *cache, size_t n_bytes)
{
	if (!rtm_cache_budget_allows(cache, n_bytes))
		return false;
	cache->capacity_bytes += n_bytes;
	return true;
}

bool
rtm_cache_budget_lend(size_t n_bytes)
{
	lock_pool();

	bool is_granted = pool.unclaimed >= (ptrdiff_t)n_bytes &&
	    pool.lent + n_bytes <= pool.budget / 2;

	if (is_granted) {
		pool.unclaimed -= (ptrdiff_t)n_bytes;
		pool.lent += n_bytes;
	} else {
		note_refusal();
	}
	unlock_pool();
	return is_granted;
}

void
rtm_cache_budget_repay(size_t n_bytes)
{
	if (n_bytes == 0)
		return;
	lock_pool();
	pool.unclaimed += (ptrdiff_t)n_bytes;
	pool.lent -= n_bytes;
	unlock_pool();
}

struct rtm_thread_cache *
rtm_cache_budget_orphan(void)
{
	lock_pool();

	struct rtm_thread_cache *orphan = pop_cache(&pool.orphans);

	unlock_pool();
	return orphan;
}

void
rtm_thread_cache_stats_locked(struct rtm_thread_cache_stats *stats)
{
	stats->n_threads = pool.n_caches;
	stats->limit_bytes = (size_t)((ptrdiff_t)pool.budget - pool.unclaimed -
	    (ptrdiff_t)pool.lent);
}

void
rtm_thread_cache_stats(struct rtm_thread_cache_stats *stats)
{
	lock_pool();
	rtm_thread_cache_stats_locked(stats);
	unlock_pool();
}

/* What another thread writes, plainly, is read whole or not at all. */
RTM_NO_TSAN static void
count_cache(const struct rtm_thread_cache *cache, size_t *n_objects)
{
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		unsigned cur = cache->bins[c].cur;
		unsigned base = cache->cold[c].base;

		if (cur > base && cur <= cache->bins[c].end)
			n_objects[c] += cur - base;
	}
	rtm_reserve_count(cache->reserve, n_objects);
}

static void
count_caches(struct rtm_list *caches, size_t *n_objects)
{
	for (struct rtm_list *link = caches->next; link != caches;
	     link = link->next)
		count_cache(RTM_LIST_ITEM(link, struct rtm_thread_cache, link),
		    n_objects);
}

void
rtm_thread_cache_count_locked(size_t n_objects[RTM_N_CLASSES])
{
	memset(n_objects, 0, RTM_N_CLASSES * sizeof(*n_objects));
	count_caches(&pool.caches, n_objects);
	count_caches(&pool.orphans, n_objects);
}

void
rtm_thread_cache_fork_prepare(void)
{
	lock_pool();
}

void
rtm_thread_cache_fork_parent(void)
{
	unlock_pool();
}

/* What others had borrowed, or paid back, but not noted, is not lent here. */
static size_t
count_lent(void)
{
#if RTM_HAVE_PERCPU
	return rtm_cpu_slab_count_lent();
#else
	return 0;
#endif
}

/*
 * Only the forking thread lives on.  The other caches wait until somebody
 * needs what they hold: most children call exec at once.
 */
void
rtm_thread_cache_fork_child(void)
{
	struct rtm_thread_cache *self = rtm_thread_cache_own;
	bool has_cache = self != NULL;

	rtm_lock_init(&pool.lock);
	if (has_cache)
		rtm_list_remove(&self->link);
	rtm_list_splice(&pool.orphans, &pool.caches);
	pool.n_caches = 0;
	pool.lent = count_lent();
	pool.unclaimed = (ptrdiff_t)pool.budget - (ptrdiff_t)pool.lent;
	if (has_cache) {
		rtm_list_push(&pool.caches, &self->link);
		pool.n_caches = 1;
		pool.unclaimed -= (ptrdiff_t)atomic_load_explicit(
		    &self->limit_bytes, memory_order_relaxed);
	}
}
