/*
 * transfer_cache.c - objects on their way between threads
 *
 * A producer and a consumer would meet in the central list, and touch a
 * bitmap for each object, twice.  Here the one copies its batch in and the
 * other copies it out.
 * Each home (os/home.h) has its own: what a thread frees is taken first by
 * those beside it.
 * Invariant: slots[0 .. n_used) hold free objects of the class.
 * Locks:     one per home and class, rank TRANSFER; nothing is called while
 *            held.
 * Failure:   without memory for the slots the cache has room for nothing,
 *            and everything goes on to the central list.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/transfer_cache.h"
#include "back/meta.h"
#include "back/page_map.h"
#include "base/panic.h"
#include "middle/central_list.h"
#include "os/home.h"
#include "os/lock.h"

#include <string.h>

enum {
	DRAIN_OBJECTS = 64,  /* moved on at a time */
	STALE_OBJECTS = 128, /* the same, of those that nobody takes */
	STALE_PARTS = 2      /* so often, as the stack may be small */
};

struct transfer_cache {
	struct rtm_lock lock; /* rank TRANSFER; guards all below */
	uint32_t n_used;
	uint32_t n_slots; /* 0 before the first object */
	uint32_t n_stale; /* were not needed since the last look */
	void **slots;
	struct rtm_transfer_stats stats; /* but n_objects */
} RTM_LINE_ALIGNED;

static struct transfer_cache caches[RTM_HOMES_MAX][RTM_N_CLASSES];

static void
lock_cache(struct transfer_cache *cache)
{
	rtm_lock_take(&cache->lock, RTM_RANK_TRANSFER);
}

static void
unlock_cache(struct transfer_cache *cache)
{
	rtm_lock_give(&cache->lock, RTM_RANK_TRANSFER);
}

static size_t
take_locked(struct transfer_cache *cache, void **objects, size_t n)
{
	size_t n_taken = rtm_min(n, cache->n_used);

	if (n_taken != 0) {
		cache->n_used -= (uint32_t)n_taken;
		cache->n_stale =
		    (uint32_t)rtm_min(cache->n_stale, cache->n_used);
		memcpy(objects, cache->slots + cache->n_used,
		    n_taken * sizeof(*objects));
	}
	return n_taken;
}

/*
 * Takes out of the bottom some of the objects that have lain there since the
 * last look at the cache, or, if there are none, begins to watch.
 */
static size_t
take_stale(struct transfer_cache *cache, void **objects)
{
	lock_cache(cache);

	size_t n = rtm_min(cache->n_stale, STALE_OBJECTS);

	if (n != 0) {
		cache->n_used -= (uint32_t)n;
		cache->n_stale -= (uint32_t)n;
		memcpy(objects, cache->slots, n * sizeof(*objects));
		memmove(cache->slots, cache->slots + n,
		    cache->n_used * sizeof(*objects));
	} else {
		cache->n_stale = cache->n_used;
	}
	unlock_cache(cache);
	return n;
}

/* Without the lock: a hint, and so it may race. */
RTM_NO_TSAN static bool
looks_empty(const struct transfer_cache *cache)
{
	return *(const volatile uint32_t *)&cache->n_used == 0;
}

/*
 * Each object here keeps its span from going back, and one class may be full
 * of what the program has no use for any more.  So whoever found his own cache
 * empty, and is about to ask for memory, looks at the next one.  Each home
 * counts by itself, and begins with its own.
 */
static void
move_stale_on(unsigned looker)
{
	static struct {
		_Atomic unsigned next;
	} RTM_LINE_ALIGNED turns[RTM_HOMES_MAX];
	void *objects[STALE_OBJECTS];
	unsigned turn = atomic_fetch_add_explicit(
	    &turns[looker].next, 1, memory_order_relaxed);
	unsigned class = 1 + turn % rtm_size_class_last;
	unsigned home =
	    (looker + turn / rtm_size_class_last) % rtm_home_count();
	size_t n = STALE_OBJECTS;

	/* A look at nothing need not lock; the next round looks again. */
	for (int i = 0; i < STALE_PARTS && n == STALE_OBJECTS &&
	     !looks_empty(&caches[home][class]);
	     i++) {
		n = take_stale(&caches[home][class], objects);
		if (n != 0)
			rtm_central_list_give((sclass_t) class, objects, n);
	}
}

size_t
rtm_transfer_cache_take(sclass_t size_class, void **objects, size_t n)
{
	unsigned home = rtm_home();
	struct transfer_cache *cache = &caches[home][size_class];

	lock_cache(cache);

	size_t n_taken = take_locked(cache, objects, n);

	RTM_COUNT(cache->stats.n_takes, 1);
	RTM_COUNT(cache->stats.n_hits, n_taken != 0);
	RTM_COUNT(cache->stats.n_taken, n_taken);
	unlock_cache(cache);
	if (n_taken == 0)
		move_stale_on(home);
	return n_taken;
}

size_t
rtm_transfer_cache_take_far(sclass_t size_class, void **objects, size_t n)
{
	unsigned home = rtm_home();
	size_t n_taken = 0;

	for (unsigned i = 1; i < rtm_home_count() && n_taken == 0; i++) {
		struct transfer_cache *cache = &caches[home ^ i][size_class];

		if (looks_empty(cache))
			continue;
		lock_cache(cache);
		n_taken = take_locked(cache, objects, n);
		RTM_COUNT(cache->stats.n_hits, n_taken != 0);
		RTM_COUNT(cache->stats.n_taken, n_taken);
		unlock_cache(cache);
	}
	return n_taken;
}

static uintptr_t
bits_below_alignment(sclass_t class)
{
	uint32_t size = rtm_size_classes[class].size;

	return ((size & -size & (RTM_PAGE_SIZE - 1)) - 1) & (RTM_PAGE_SIZE - 1);
}

/* Dies of a free twice in a row, or with one other in between. */
static void
check_each(sclass_t class, void *const *objects, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((i >= 1 && objects[i] == objects[i - 1]) ||
		    (i >= 2 && objects[i] == objects[i - 2]))
			rtm_panic_double_free("free", objects[i]);
		if (((uintptr_t)objects[i] & bits_below_alignment(class)) != 0)
			rtm_panic_interior("free", objects[i]);
	}
}

/*
 * Nearly always all is well: so without a branch for each, and two at a time.
 * Two that are equal show as the highest bit; where addresses may have that,
 * it takes a second look.
 */
void
rtm_transfer_cache_check_row(sclass_t class, void *const *objects, size_t n)
{
	typedef uintptr_t pair_t
	    __attribute__((vector_size(2 * sizeof(uintptr_t))));
	pair_t bits = { 0, 0 }, equals = { 0, 0 };
	size_t i;

	for (i = 2; i + 2 <= n; i += 2) {
		pair_t pair, before, before_that;

		memcpy(&pair, objects + i, sizeof(pair));
		memcpy(&before, objects + i - 1, sizeof(pair));
		memcpy(&before_that, objects + i - 2, sizeof(pair));
		bits |= pair;
		equals |= ((pair ^ before) - 1) | ((pair ^ before_that) - 1);
	}
	if (RTM_UNLIKELY((intptr_t)(equals[0] | equals[1]) < 0 ||
		((bits[0] | bits[1]) & bits_below_alignment(class)) != 0))
		check_each(class, objects, n);
	/* The first two, and perhaps the last. */
	check_each(class, objects, rtm_min(n, 2));
	if (i < n)
		check_each(class, objects + i - 2, 3);
}

/* As many of the last objects as there is room for; without slots, none. */
static size_t
copy_in(struct transfer_cache *cache, void *const *objects, size_t n,
    bool *has_slots)
{
	lock_cache(cache);
	*has_slots = cache->slots != NULL;
	if (*has_slots) {
		RTM_COUNT(cache->stats.n_gives, 1);
		RTM_COUNT(cache->stats.n_given, n);
	}

	size_t n_given = rtm_min(n, cache->n_slots - cache->n_used);

	if (n_given != 0) {
		memcpy(cache->slots + cache->n_used, objects + (n - n_given),
		    n_given * sizeof(*objects));
		cache->n_used += (uint32_t)n_given;
	}
	unlock_cache(cache);
	return n_given;
}

/* Two threads may do so at once: the second one's slots are spare. */
static void
make_slots(struct transfer_cache *cache, sclass_t size_class)
{
	uint32_t n_slots = rtm_size_classes[size_class].transfer_max;
	void **slots = rtm_meta_take(n_slots * sizeof(*slots));

	if (slots == NULL)
		return;
	lock_cache(cache);
	if (cache->slots == NULL) {
		cache->slots = slots;
		cache->n_slots = n_slots;
	}
	unlock_cache(cache);
}

void
rtm_transfer_cache_give_to(
    unsigned home, sclass_t size_class, void *const *objects, size_t n)
{
	struct transfer_cache *cache = &caches[home][size_class];
	bool has_slots;
	size_t n_given = copy_in(cache, objects, n, &has_slots);

	if (RTM_UNLIKELY(!has_slots)) {
		make_slots(cache, size_class);
		n_given = copy_in(cache, objects, n, &has_slots);
	}
	rtm_transfer_cache_check_row(
	    size_class, objects + (n - n_given), n_given);
	if (n_given < n)
		rtm_central_list_give(size_class, objects, n - n_given);
}

void
rtm_transfer_cache_give(sclass_t size_class, void *const *objects, size_t n)
{
	rtm_transfer_cache_give_to(rtm_home(), size_class, objects, n);
}

/* One object stands for all: most of a batch came from one home. */
static unsigned
home_of(const void *object)
{
	if (rtm_home_count() == 1)
		return 0;

	const struct rtm_span *span = rtm_page_map_span(rtm_page_of(object));

	return span != NULL ? rtm_span_home(span) : 0;
}

void
rtm_transfer_cache_give_back(
    sclass_t size_class, void *const *objects, size_t n)
{
	if (n != 0)
		rtm_transfer_cache_give_to(
		    home_of(objects[n - 1]), size_class, objects, n);
}

/* Moves all of a cache on; says how many objects. */
static size_t
drain(struct transfer_cache *cache, sclass_t size_class)
{
	void *objects[DRAIN_OBJECTS];
	size_t n_drained = 0;
	size_t n;

	do {
		lock_cache(cache);
		n = take_locked(cache, objects, DRAIN_OBJECTS);
		unlock_cache(cache);
		if (n != 0)
			rtm_central_list_give(size_class, objects, n);
		n_drained += n;
	} while (n != 0);
	return n_drained;
}

size_t
rtm_transfer_cache_drain(void)
{
	size_t n_drained = 0;

	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (unsigned c = 1; c <= rtm_size_class_last; c++)
			n_drained += drain(&caches[home][c], (sclass_t)c);
	return n_drained;
}

static void
add_stats(struct rtm_transfer_stats *sum, const struct transfer_cache *cache)
{
	sum->n_objects += cache->n_used;
	sum->n_takes += cache->stats.n_takes;
	sum->n_hits += cache->stats.n_hits;
	sum->n_taken += cache->stats.n_taken;
	sum->n_gives += cache->stats.n_gives;
	sum->n_given += cache->stats.n_given;
}

void
rtm_transfer_cache_stats_locked(
    sclass_t size_class, struct rtm_transfer_stats *stats)
{
	*stats = (struct rtm_transfer_stats){ 0 };
	for (unsigned home = 0; home < rtm_home_count(); home++)
		add_stats(stats, &caches[home][size_class]);
}

void
rtm_transfer_cache_stats(sclass_t size_class, struct rtm_transfer_stats *stats)
{
	*stats = (struct rtm_transfer_stats){ 0 };
	for (unsigned home = 0; home < rtm_home_count(); home++) {
		lock_cache(&caches[home][size_class]);
		add_stats(stats, &caches[home][size_class]);
		unlock_cache(&caches[home][size_class]);
	}
}

/* All locks of one rank at once: the only place that does so. */
void
rtm_transfer_cache_fork_prepare(void)
{
	rtm_home_open();
	rtm_lock_rank_enter(RTM_RANK_TRANSFER);
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_take_unranked(&caches[home][c].lock);
}

void
rtm_transfer_cache_fork_parent(void)
{
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_give_unranked(&caches[home][c].lock);
	rtm_lock_rank_leave(RTM_RANK_TRANSFER);
}

void
rtm_transfer_cache_fork_child(void)
{
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_init(&caches[home][c].lock);
}
