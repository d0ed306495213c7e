/*
 * reserve.c - what a thread keeps behind a bin, for the bin's next swing
 *
 * Invariant: n_objects is the sum over the bin's packs, and part of what the
 *            cache has claimed (capacity_bytes).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/reserve.h"
#include "base/bits.h"
#include "front/cache_budget.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"

#include <string.h>

enum {
	SWING_BINS_MIN = 2, /* a swing is as many full bins long, at least */
	GIVERS_RATIO = 2, /* who gives so much more than it took is no swing */
	DROP_OBJECTS = 256, /* at a time, as the stack may be small */
};

/* Of what swings further, too small a part could be kept. */
#define SWING_BYTES_MAX RTM_MIB(4)

/* Larger objects pass the middle tier at little cost for each byte. */
#define SIZE_MAX_KEPT RTM_KIB(8)

enum { PACK_OBJECTS = RTM_PACK_BYTES / sizeof(void *) - 2 };

struct rtm_pack {
	struct rtm_pack *below;
	size_t n;
	void *objects[PACK_OBJECTS];
};

_Static_assert(sizeof(struct rtm_pack) == RTM_PACK_BYTES &&
	sizeof(struct rtm_reserve) <= RTM_PACK_BYTES,
    "a reserve lies in a pack");
_Static_assert(RTM_N_CLASSES <= 64, "a bit for each class");

static uint64_t
bit_of(sclass_t class)
{
	return (uint64_t)1 << class;
}

/* ---------------------------------------------------------------- swings */

static struct rtm_reserve *
get_reserve(struct rtm_thread_cache *cache)
{
	if (cache->reserve == NULL) {
		struct rtm_reserve *reserve = rtm_cache_budget_take_pack();

		if (reserve == NULL)
			return NULL;
		memset(reserve, 0, sizeof(*reserve));
		/* Others count what is in it. */
		__atomic_store_n(&cache->reserve, reserve, __ATOMIC_RELEASE);
	}
	return cache->reserve;
}

void
rtm_reserve_note_given(struct rtm_thread_cache *cache, sclass_t class, size_t n)
{
	struct rtm_reserve *reserve = get_reserve(cache);

	if (reserve == NULL)
		return;

	struct rtm_reserve_bin *bin = &reserve->bins[class];

	if (bin->n_taken != 0) {
		bin->n_taken_before = bin->n_taken;
		bin->n_taken = 0;
	}
	bin->n_given += (uint32_t)n;
	if (bin->n_given > GIVERS_RATIO * bin->n_taken_before)
		bin->n_most = 0;
}

/* The bin took, gave, and takes again. */
static size_t
swing_of(const struct rtm_reserve_bin *bin, const struct rtm_size_class *kind)
{
	size_t swing = rtm_min(bin->n_given, bin->n_taken_before);

	return swing < SWING_BINS_MIN * (size_t)kind->bin_max ||
		swing > SWING_BYTES_MAX / kind->size ||
		kind->size > SIZE_MAX_KEPT
	    ? 0
	    : swing;
}

void
rtm_reserve_note_taken(struct rtm_thread_cache *cache, sclass_t class, size_t n)
{
	if (cache->reserve == NULL)
		return;

	struct rtm_reserve_bin *bin = &cache->reserve->bins[class];

	if (bin->n_given != 0) {
		bin->n_most = (uint32_t)swing_of(bin, &rtm_size_classes[class]);
		bin->n_given = 0;
		bin->n_taken = 0;
	}
	bin->n_taken += (uint32_t)n;
}

/* ----------------------------------------------------------------- packs */

/* Without the lock: what push_pack() may need for n objects. */
static void
provide_packs(struct rtm_reserve *reserve, size_t n)
{
	size_t n_missing = n / PACK_OBJECTS + 1;
	struct rtm_pack *pack = reserve->spares;

	for (; pack != NULL && n_missing != 0; pack = pack->below)
		n_missing--;
	for (; n_missing != 0; n_missing--) {
		pack = rtm_cache_budget_take_pack();
		if (pack == NULL)
			return;
		pack->below = reserve->spares;
		reserve->spares = pack;
	}
}

static bool
push_pack(struct rtm_reserve *reserve, sclass_t class)
{
	struct rtm_pack *pack = reserve->spares;

	if (pack == NULL)
		return false;
	reserve->spares = pack->below;
	pack->n = 0;
	pack->below = reserve->bins[class].top;
	reserve->bins[class].top = pack;
	reserve->kept |= bit_of(class);
	return true;
}

static void
pop_pack(struct rtm_reserve *reserve, sclass_t class)
{
	struct rtm_pack *pack = reserve->bins[class].top;

	reserve->bins[class].top = pack->below;
	pack->below = reserve->spares;
	reserve->spares = pack;
	if (reserve->bins[class].top == NULL)
		reserve->kept &= ~bit_of(class);
}

/* The owner's lock; others' losses are counted now. */
static struct rtm_reserve *
lock_own(struct rtm_thread_cache *cache)
{
	struct rtm_reserve *reserve = cache->reserve;

	rtm_lock_take(&reserve->lock, RTM_RANK_RESERVE);
	cache->capacity_bytes -= reserve->lost_bytes;
	reserve->lost_bytes = 0;
	reserve->is_quiet = false;
	return reserve;
}

static void
unlock(struct rtm_reserve *reserve)
{
	rtm_lock_give(&reserve->lock, RTM_RANK_RESERVE);
}

/* What n objects count for, each with its slot in a pack. */
static size_t
bytes_of(sclass_t class, size_t n)
{
	return n * (rtm_size_classes[class].size + sizeof(void *));
}

/* Without the lock: a hint, as others may take just now. */
RTM_NO_TSAN static bool
has_lost(const struct rtm_reserve *reserve)
{
	return *(const volatile size_t *)&reserve->lost_bytes != 0;
}

void
rtm_reserve_settle(struct rtm_thread_cache *cache)
{
	if (cache->reserve != NULL && RTM_UNLIKELY(has_lost(cache->reserve)))
		unlock(lock_own(cache));
}

/* Without the lock: a hint, as others may take. */
RTM_NO_TSAN static bool
looks_kept(const struct rtm_reserve *reserve, sclass_t class)
{
	return reserve != NULL &&
	    (*(const volatile uint64_t *)&reserve->kept & bit_of(class)) != 0;
}

RTM_NO_TSAN static size_t
count_kept(const struct rtm_reserve_bin *bin)
{
	return *(const volatile uint32_t *)&bin->n_objects;
}

/* Says how many. */
static size_t
copy_out(
    struct rtm_reserve *reserve, sclass_t class, void **objects, size_t n_max)
{
	struct rtm_reserve_bin *bin = &reserve->bins[class];
	size_t n = rtm_min(n_max, bin->n_objects);

	for (size_t n_left = n; n_left != 0;) {
		struct rtm_pack *pack = bin->top;
		size_t n_now = rtm_min(n_left, pack->n);

		pack->n -= n_now;
		n_left -= n_now;
		memcpy(objects + n_left, pack->objects + pack->n,
		    n_now * sizeof(*objects));
		if (pack->n == 0)
			pop_pack(reserve, class);
	}
	bin->n_objects -= (uint32_t)n;
	return n;
}

size_t
rtm_reserve_take(
    struct rtm_thread_cache *cache, sclass_t class, void **objects, size_t n)
{
	if (!looks_kept(cache->reserve, class))
		return 0;

	struct rtm_reserve *reserve = lock_own(cache);
	size_t n_taken = copy_out(reserve, class, objects, n);

	cache->capacity_bytes -= bytes_of(class, n_taken);
	unlock(reserve);
	reserve->bins[class].is_touched = true;
	return n_taken;
}

/* As many as there is memory for; says how many. */
static size_t
copy_in(
    struct rtm_reserve *reserve, sclass_t class, void *const *objects, size_t n)
{
	struct rtm_reserve_bin *bin = &reserve->bins[class];
	size_t n_kept = 0;

	while (n_kept < n) {
		if ((bin->top == NULL || bin->top->n == PACK_OBJECTS) &&
		    !push_pack(reserve, class))
			break;

		struct rtm_pack *pack = bin->top;
		size_t n_now = rtm_min(n - n_kept, PACK_OBJECTS - pack->n);

		memcpy(pack->objects + pack->n, objects + n_kept,
		    n_now * sizeof(*objects));
		pack->n += n_now;
		n_kept += n_now;
	}
	bin->n_objects += (uint32_t)n_kept;
	return n_kept;
}

bool
rtm_reserve_keep(struct rtm_thread_cache *cache, sclass_t class,
    void *const *objects, size_t n)
{
	if (!rtm_reserve_is_for(cache, class))
		return false;

	struct rtm_reserve_bin *bin = &cache->reserve->bins[class];

	if (count_kept(bin) + n > bin->n_most ||
	    !rtm_cache_budget_claim(cache, bytes_of(class, n)))
		return false;
	rtm_transfer_cache_check_row(class, objects, n);
	rtm_reserve_note_given(cache, class, n);
	bin->is_touched = true;
	provide_packs(cache->reserve, n);

	struct rtm_reserve *reserve = lock_own(cache);
	size_t n_kept = copy_in(reserve, class, objects, n);

	unlock(reserve);
	if (n_kept < n) {
		cache->capacity_bytes -= bytes_of(class, n - n_kept);
		rtm_transfer_cache_give(class, objects + n_kept, n - n_kept);
	}
	return true;
}

/* ---------------------------------------------------------------- giving */

/* Some objects of the class go back to their spans; says how many. */
static size_t
drop(struct rtm_thread_cache *cache, sclass_t class)
{
	void *objects[DROP_OBJECTS];
	struct rtm_reserve *reserve = lock_own(cache);
	size_t n = copy_out(reserve, class, objects, DROP_OBJECTS);

	cache->capacity_bytes -= bytes_of(class, n);
	unlock(reserve);
	if (n != 0)
		rtm_central_list_give(class, objects, n);
	return n;
}

/* Of the classes that keep something, the next one in turn; 0: none does. */
RTM_NO_TSAN static sclass_t
watch_next(struct rtm_reserve *reserve)
{
	uint64_t kept =
	    reserve == NULL ? 0 : *(const volatile uint64_t *)&reserve->kept;

	if (kept == 0)
		return 0;

	uint64_t behind = kept & ~(2 * bit_of(reserve->watched) - 1);

	reserve->watched =
	    (sclass_t)rtm_lowest_bit(behind != 0 ? behind : kept);
	return reserve->watched;
}

void
rtm_reserve_look(struct rtm_thread_cache *cache)
{
	sclass_t class = watch_next(cache->reserve);

	if (class == 0)
		return;
	if (!cache->reserve->bins[class].is_touched)
		drop(cache, class);
	cache->reserve->bins[class].is_touched = false;
}

bool
rtm_reserve_shed(struct rtm_thread_cache *cache)
{
	sclass_t class = watch_next(cache->reserve);

	return class != 0 && drop(cache, class) != 0;
}

size_t
rtm_reserve_flush(struct rtm_thread_cache *cache, sclass_t class)
{
	struct rtm_reserve_bin *bin;
	size_t n = 0;

	if (cache->reserve == NULL)
		return 0;
	for (size_t n_dropped; (n_dropped = drop(cache, class)) != 0;)
		n += n_dropped;
	bin = &cache->reserve->bins[class];
	bin->n_most = 0;
	bin->n_taken = 0;
	bin->n_taken_before = 0;
	bin->n_given = 0;
	return n;
}

/* What is taken from one thread. */
struct loot {
	unsigned drain; /* the number of this draining */
	bool all;
	bool has_any;
	struct rtm_pack *tops[RTM_N_CLASSES];
};

static void
take_packs(struct rtm_reserve *reserve, struct loot *loot)
{
	for (unsigned c = 1; c < RTM_N_CLASSES; c++) {
		struct rtm_reserve_bin *bin = &reserve->bins[c];

		loot->tops[c] = bin->top;
		reserve->lost_bytes += bytes_of((sclass_t)c, bin->n_objects);
		bin->top = NULL;
		bin->n_objects = 0;
	}
	reserve->kept = 0;
	loot->has_any = true;
}

/* The first thread that has any, once in a draining; the registry is locked. */
static void
rob(struct rtm_thread_cache *cache, void *cookie)
{
	struct rtm_reserve *reserve =
	    __atomic_load_n(&cache->reserve, __ATOMIC_ACQUIRE);
	struct loot *loot = cookie;

	if (loot->has_any || reserve == NULL)
		return;
	rtm_lock_take(&reserve->lock, RTM_RANK_RESERVE);
	if (reserve->drain != loot->drain) {
		reserve->drain = loot->drain;
		if (reserve->kept != 0 && (loot->all || reserve->is_quiet))
			take_packs(reserve, loot);
		reserve->is_quiet = true;
	}
	unlock(reserve);
}

static size_t
give_stack(sclass_t class, struct rtm_pack *top)
{
	size_t n = 0;

	for (struct rtm_pack *pack = top, *below; pack != NULL; pack = below) {
		below = pack->below;
		n += pack->n;
		rtm_central_list_give(class, pack->objects, pack->n);
		rtm_cache_budget_give_pack(pack);
	}
	return n;
}

size_t
rtm_reserve_drain(bool all)
{
	static _Atomic unsigned n_drains;
	struct loot loot = {
		.drain = 1 +
		    atomic_fetch_add_explicit(
			&n_drains, 1, memory_order_relaxed),
		.all = all,
	};
	size_t n = 0;

	do {
		loot.has_any = false;
		rtm_cache_budget_visit(rob, &loot);
		for (unsigned c = 1; loot.has_any && c < RTM_N_CLASSES; c++)
			n += give_stack((sclass_t)c, loot.tops[c]);
	} while (loot.has_any);
	return n;
}

void
rtm_reserve_delete(struct rtm_thread_cache *cache)
{
	struct rtm_reserve *reserve = cache->reserve;

	if (reserve == NULL)
		return;
	cache->reserve = NULL;
	while (reserve->spares != NULL) {
		struct rtm_pack *pack = reserve->spares;

		reserve->spares = pack->below;
		rtm_cache_budget_give_pack(pack);
	}
	rtm_cache_budget_give_pack(reserve);
}
