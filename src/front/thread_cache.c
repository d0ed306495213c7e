/*
 * thread_cache.c - the slow ways of the front end
 *
 * A bin grows when it runs empty or full too often, within the share that
 * the thread has of a budget for all threads, and becomes smaller again when
 * the thread does nothing but free.  Behind one that swings between the two
 * stands a reserve (reserve.h).  One that nobody takes from any more is emptied
 * when others run short.
 *
 * Two guards keep two threads from writing to one page, as far as can be known
 * cheaply: a thread that frees what it never allocated gives the first eight
 * straight back to their spans, and in a process with threads small objects,
 * unless they passed a transfer cache, come from spans that were made for this
 * cache, as long as few are in use in part.
 *
 * Failure: a thread without a slab, and a bin without slots, pass every
 * object on to the central list.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/thread_cache.h"
#include "front/auto.h"
#include "front/cache_budget.h"
#include "front/cpu_slab.h"
#include "front/moves.h"
#include "front/reserve.h"

#include <string.h>

enum {
	SLOTS_MIN = 16, /* a bin starts with so many */
	FULL_LOOKS = 4  /* at a bin, and it goes back to its spans */
};

const struct rtm_thread_cache rtm_thread_cache_none;

RTM_TLS struct rtm_front rtm_front;
RTM_TLS struct rtm_thread_cache *rtm_thread_cache_own;
_Atomic unsigned rtm_thread_cache_hidden;

static size_t max_overages;

_Static_assert(sizeof(struct rtm_thread_cache) % sizeof(void *) == 0 &&
	sizeof(struct rtm_thread_cache) < RTM_SLAB_BYTES / 16,
    "slots begin behind the head");

static rtm_slot_t *
slots_of(struct rtm_thread_cache *cache)
{
	return (rtm_slot_t *)cache;
}

static size_t
bin_capacity(const struct rtm_thread_cache *cache, sclass_t class)
{
	return (size_t)cache->bins[class].end - cache->cold[class].base;
}

static size_t
bin_length(const struct rtm_thread_cache *cache, sclass_t class)
{
	return (size_t)cache->bins[class].cur - cache->cold[class].base;
}

/* ----------------------------------------------------- bins in the slab */

/* Moves the bins behind class by n slots, up or down. */
static void
move_bins_behind(struct rtm_thread_cache *cache, sclass_t class, int n)
{
	rtm_slot_t *slots = slots_of(cache);
	size_t first = cache->bins[class].end + 1u;

	memmove(slots + (ptrdiff_t)first + n, slots + first,
	    (cache->n_slots_used - first) * sizeof(*slots));
	for (unsigned c = class + 1u; c <= rtm_size_class_last; c++) {
		cache->bins[c].cur = (uint16_t)(cache->bins[c].cur + n);
		cache->bins[c].end = (uint16_t)(cache->bins[c].end + n);
		cache->cold[c].base = (uint16_t)(cache->cold[c].base + n);
	}
	cache->n_slots_used = (uint32_t)((int)cache->n_slots_used + n);
	cache->bins[class].end = (uint16_t)(cache->bins[class].end + n);
}

/* Makes the bin shorter; it holds no more than capacity objects. */
static void
shrink_bin(struct rtm_thread_cache *cache, sclass_t class, size_t capacity)
{
	size_t n = bin_capacity(cache, class) - capacity;

	move_bins_behind(cache, class, -(int)n);
	cache->capacity_bytes -= n * rtm_size_classes[class].size;
}

/* The array that the bin's stack lies in, the oldest object first. */
static void **
bin_objects(struct rtm_thread_cache *cache, sclass_t class)
{
	return (void **)(slots_of(cache) + cache->cold[class].base + 1);
}

/* Gives the oldest n objects of the bin away. */
static void
flush_bin(struct rtm_thread_cache *cache, sclass_t class, size_t n)
{
	void **oldest = bin_objects(cache, class);
	size_t n_left = bin_length(cache, class) - n;

	rtm_transfer_cache_give(class, oldest, n);
	memmove(oldest, oldest + n, n_left * sizeof(*oldest));
	cache->bins[class].cur = (uint16_t)(cache->cold[class].base + n_left);
}

/*
 * All objects go to the reserve, if that wants them: so they come back in the
 * order in which they came.
 */
static bool
keep_bin(struct rtm_thread_cache *cache, sclass_t class)
{
	size_t n = bin_length(cache, class);

	if (!rtm_reserve_wants(cache->reserve, class, n) ||
	    !rtm_cache_budget_allows(cache, rtm_reserve_bytes_of(class, n)))
		return false;
	rtm_reserve_keep(cache->reserve, class, bin_objects(cache, class), n);
	cache->bins[class].cur = cache->cold[class].base;
	return true;
}

/* Gives all objects of the bin to those who made them. */
static void
hand_back(struct rtm_thread_cache *cache, sclass_t class)
{
	rtm_transfer_cache_give_back(
	    class, bin_objects(cache, class), bin_length(cache, class));
	cache->bins[class].cur = cache->cold[class].base;
}

/* Gives all objects of the bin back to their spans, which may so drain. */
static void
give_to_spans(struct rtm_thread_cache *cache, sclass_t class)
{
	rtm_central_list_give(
	    class, bin_objects(cache, class), bin_length(cache, class));
	cache->bins[class].cur = cache->cold[class].base;
}

/*
 * The slab has too few slots left for a bin: the one that has most of them
 * gives half away, unless the bin that asks has a quarter as many already.
 * So classes that were busy once do not keep the others out.
 */
static void
rob_longest_bin(struct rtm_thread_cache *cache, size_t capacity)
{
	sclass_t longest = 1;

	for (unsigned c = 2; c <= rtm_size_class_last; c++)
		if (bin_capacity(cache, (sclass_t)c) >
		    bin_capacity(cache, longest))
			longest = (sclass_t)c;

	size_t rest = bin_capacity(cache, longest) / 2;

	if (rest < SLOTS_MIN || capacity >= rest / 2)
		return;
	if (bin_length(cache, longest) > rest)
		flush_bin(cache, longest, bin_length(cache, longest) - rest);
	shrink_bin(cache, longest, rest);
}

/* Makes the bin longer, up to capacity; false if it could not be at all. */
static bool
grow_bin(struct rtm_thread_cache *cache, sclass_t class, size_t capacity)
{
	size_t before = bin_capacity(cache, class);
	size_t size = rtm_size_classes[class].size;

	if (capacity - before > RTM_SLAB_SLOTS - cache->n_slots_used)
		rob_longest_bin(cache, before);

	size_t n =
	    rtm_min(capacity - before, RTM_SLAB_SLOTS - cache->n_slots_used);

	if (n == 0 || !rtm_cache_budget_claim(cache, n * size))
		return false;
	move_bins_behind(cache, class, (int)n);
	return true;
}

/*
 * Another thread took from our share: a reserve pays some of it, else the bin at
 * hand half of what it has.
 */
static void
obey_limit(struct rtm_thread_cache *cache, sclass_t class)
{
	size_t capacity = bin_capacity(cache, class);

	if (RTM_LIKELY(rtm_cache_budget_held(cache) <=
		atomic_load_explicit(
		    &cache->limit_bytes, memory_order_relaxed)) ||
	    rtm_reserve_shed(cache->reserve) || capacity <= 1)
		return;
	if (bin_length(cache, class) > capacity / 2)
		flush_bin(
		    cache, class, bin_length(cache, class) - capacity / 2);
	shrink_bin(cache, class, capacity / 2);
}

/* ------------------------------------------------------------ slow ways */

/* Whoever forks now leaves a cache behind that is not to be trusted. */
static void
enter_slow(struct rtm_thread_cache *cache)
{
	atomic_store_explicit(&cache->is_busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

static void
leave_slow(struct rtm_thread_cache *cache)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&cache->is_busy, false, memory_order_relaxed);
}

void
rtm_thread_cache_init(const struct rtm_conf *conf)
{
	max_overages = conf->max_overages;
	rtm_cache_budget_init(conf);
}

/* ------------------------------------------------------- life of a cache */

static void
lay_out_bins(struct rtm_thread_cache *cache)
{
	rtm_slot_t *slots = slots_of(cache);
	size_t slot = sizeof(*cache) / sizeof(*slots);

	for (unsigned c = 0; c <= rtm_size_class_last; c++, slot++) {
		slots[slot] = NULL;
		cache->bins[c].cur = (uint16_t)slot;
		cache->bins[c].end = (uint16_t)slot;
		cache->cold[c] = (struct rtm_bin_cold){
			.base = (uint16_t)slot,
			.was_asked = cache->cold[c].was_asked,
		};
	}
	cache->n_slots_used = (uint32_t)slot;
	cache->capacity_bytes = 0;
}

struct rtm_thread_cache *
rtm_thread_cache_create(void)
{
	struct rtm_thread_cache *cache = rtm_cache_budget_new();

	if (cache == NULL)
		return NULL;
	lay_out_bins(cache);
	atomic_store_explicit(&cache->is_busy, false, memory_order_relaxed);
	cache->front = &rtm_front;
	rtm_thread_cache_own = cache;
	rtm_cache_budget_join(cache);
	rtm_thread_cache_reveal(cache);
	/* What a thread of the parent left behind in a forked child. */
	struct rtm_thread_cache *orphan = rtm_cache_budget_orphan();

	if (orphan != NULL)
		rtm_thread_cache_adopt(orphan);
	return cache;
}

/*
 * What may share cache lines goes straight back to its spans, so that the next
 * thread finds them free and whole.
 */
static void
empty_bin(struct rtm_thread_cache *cache, sclass_t class)
{
	size_t n = bin_length(cache, class);

	if (rtm_size_classes[class].size >= RTM_MOVE_LINE_BYTES) {
		flush_bin(cache, class, n);
		return;
	}
	give_to_spans(cache, class);
}

static size_t
flush_all(struct rtm_thread_cache *cache)
{
	size_t n_flushed = 0;

	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		size_t n = bin_length(cache, (sclass_t)c);

		if (n != 0)
			empty_bin(cache, (sclass_t)c);
		n_flushed += n + rtm_reserve_flush(cache->reserve, (sclass_t)c);
	}
	return n_flushed;
}

void
rtm_thread_cache_adopt(struct rtm_thread_cache *orphan)
{
	/* One that died on a slow way may be half moved: leave it alone. */
	if (atomic_load_explicit(&orphan->is_busy, memory_order_relaxed))
		return;
	flush_all(orphan);
	rtm_reserve_delete(orphan->reserve);
	rtm_cache_budget_delete(orphan);
}

size_t
rtm_thread_cache_flush(void)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	if (cache == NULL)
		return 0;
	enter_slow(cache);

	size_t n_flushed = flush_all(cache);

	lay_out_bins(cache);
	leave_slow(cache);
	return n_flushed;
}

void
rtm_thread_cache_destroy(void)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	if (cache == NULL)
		return;
	rtm_thread_cache_show(NULL);
	rtm_thread_cache_own = NULL;
	enter_slow(cache);
	flush_all(cache);
	rtm_cache_budget_leave(cache); /* from now on nobody counts it */
	rtm_reserve_delete(cache->reserve);
	cache->reserve = NULL;
	/* Somebody may have hidden what was listed: none must stay NULL. */
	rtm_thread_cache_show(NULL);
	rtm_cache_budget_delete(cache);
}

/* ----------------------------------------------------- hiding the caches */

/*
 * Whoever reveals shows the cache, then looks for a reason; whoever hides
 * writes the reason, then over the cache.  With the full fences between, one
 * of the two sees the other, and the fast ways end up with none.
 */
void
rtm_thread_cache_reveal(struct rtm_thread_cache *own)
{
	if (atomic_exchange_explicit(
		&own->must_flush, false, memory_order_relaxed))
		rtm_thread_cache_flush();
	rtm_thread_cache_show(own);
	atomic_thread_fence(memory_order_seq_cst);
	if (rtm_thread_cache_is_hidden(~0u))
		rtm_thread_cache_show(rtm_thread_cache_nobodys());
}

void
rtm_thread_cache_starve(void)
{
	rtm_cache_budget_starve(rtm_thread_cache_own);
}

void
rtm_thread_cache_flush_others(void)
{
	rtm_cache_budget_flush(rtm_thread_cache_own);
}

void
rtm_thread_cache_hide(enum rtm_hide_reason reason)
{
	atomic_fetch_or(&rtm_thread_cache_hidden, (unsigned)reason);
	atomic_thread_fence(memory_order_seq_cst);
	rtm_cache_budget_hide();
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_hide();
#endif
}

void
rtm_thread_cache_unhide(enum rtm_hide_reason reason)
{
	atomic_fetch_and(&rtm_thread_cache_hidden, ~(unsigned)reason);
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_hide();
#endif
}

/* ----------------------------------------------------- refill, overflow */

/*
 * How many objects the next refill asks for; the bin has room for them.  It
 * grows no longer than a refill may be: who only takes needs no more, and who
 * gives as well makes it longer (make_room()).
 */
static size_t
plan_refill(struct rtm_thread_cache *cache, sclass_t class)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	struct rtm_bin_cold *cold = &cache->cold[class];
	size_t n = cold->next_refill;

	if (n == 0) /* slow start */
		n = rtm_move_first(kind);

	size_t capacity = bin_capacity(cache, class);
	size_t wanted = rtm_min(rtm_max(SLOTS_MIN, 2 * capacity),
	    rtm_min(rtm_move_longest(kind), kind->bin_max));

	if (capacity < wanted)
		grow_bin(cache, class, wanted);
	cold->next_refill = (uint16_t)rtm_min(2 * n, rtm_move_longest(kind));
	return rtm_min(n, bin_capacity(cache, class));
}

/*
 * Another bin is short: does the next one in turn hold what nobody takes any
 * more?  It does if each of several looks saw as many objects as the one before,
 * or more, and it was not refilled meanwhile.  Few objects of a class that a
 * program has left behind lie in many spans.
 */
static void
look_at_bin(struct rtm_thread_cache *cache)
{
	sclass_t class = (sclass_t)(cache->watched % rtm_size_class_last + 1);
	struct rtm_bin_cold *cold = &cache->cold[class];
	size_t n = bin_length(cache, class);
	bool is_full = n >= cold->n_seen && n > SLOTS_MIN;

	cache->watched = class;
	cold->n_seen = (uint16_t)n;
	cold->n_full_looks = is_full ? cold->n_full_looks + 1 : 0;
	if (cold->n_full_looks < FULL_LOOKS)
		return;
	give_to_spans(cache, class);
	cold->n_full_looks = 0;
}

/* What a swing left is near: half a bin of it, else n of the middle tier. */
static size_t
fetch(struct rtm_thread_cache *cache, sclass_t class, bool is_first,
    void **slots, size_t n)
{
	size_t n_kept = rtm_reserve_take(cache->reserve, class, slots,
	    rtm_max(n, bin_capacity(cache, class) / 2));

	if (n_kept != 0)
		return n_kept;
	rtm_reserve_look(cache->reserve);
	look_at_bin(cache);
	return rtm_move_fetch(class, is_first, cache, slots, n);
}

static void *
refill(struct rtm_thread_cache *cache, sclass_t class)
{
	struct rtm_bin_cold *cold = &cache->cold[class];
	bool is_first = cold->next_refill == 0;

	cold->was_refilled = true;
	cold->n_full_looks = 0;
	cold->was_asked = true;
	obey_limit(cache, class);

	size_t n = plan_refill(cache, class);
	void *single = NULL;

	if (n == 0) { /* no slots */
		rtm_central_list_take(class, 0, &single, 1);
		return single;
	}

	void **slots = bin_objects(cache, class);

	n = fetch(cache, class, is_first, slots, n);
	if (n == 0)
		return NULL;
	rtm_reserve_note_taken(cache->reserve, class, n);
	cache->bins[class].cur = (uint16_t)(cold->base + n - 1);
	return slots[n - 1];
}

void *
rtm_thread_cache_refill(struct rtm_thread_cache *cache, sclass_t size_class)
{
	rtm_auto_note_miss(cache, RTM_AUTO_TAKE);
	enter_slow(cache);

	void *object = refill(cache, size_class);

	leave_slow(cache);
	return object;
}

void
rtm_thread_cache_note_fresh(size_t n_bytes)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	if (cache == NULL || cache->reserve == NULL)
		return;
	enter_slow(cache);
	rtm_reserve_note_fresh(cache->reserve, n_bytes);
	leave_slow(cache);
}

/* The bin has been emptied, once more without a refill in between. */
static void
note_overage(struct rtm_thread_cache *cache, sclass_t class)
{
	struct rtm_bin_cold *cold = &cache->cold[class];
	size_t capacity = bin_capacity(cache, class);
	size_t least = rtm_max(rtm_size_classes[class].batch, SLOTS_MIN);

	if (++cold->n_overages < max_overages)
		return;
	cold->n_overages = 0;
	if (capacity / 2 >= least)
		shrink_bin(cache, class, capacity / 2);
}

static void
note_given(struct rtm_thread_cache *cache, sclass_t class, size_t n)
{
	/* Others count what is in it. */
	if (cache->reserve == NULL)
		__atomic_store_n(
		    &cache->reserve, rtm_reserve_new(), __ATOMIC_RELEASE);
	if (cache->reserve != NULL)
		rtm_reserve_note_given(cache->reserve, class, n);
}

/* Makes room for one more object; false if the bin has no slots. */
static bool
make_room(struct rtm_thread_cache *cache, sclass_t class)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	struct rtm_bin_cold *cold = &cache->cold[class];
	bool is_consumer =
	    !cold->was_refilled && !rtm_reserve_is_for(cache->reserve, class);
	size_t capacity = bin_capacity(cache, class);
	size_t most = is_consumer
	    ? rtm_min(rtm_move_longest(kind), kind->bin_max)
	    : kind->bin_max;

	if (capacity < most) {
		size_t wanted = rtm_max(SLOTS_MIN, 2 * capacity);

		if (grow_bin(cache, class, rtm_min(wanted, most)))
			return true;
	}
	if (capacity == 0)
		return false;
	cold->was_refilled = false;
	if (keep_bin(cache, class))
		return true;

	size_t n_given = is_consumer ? capacity : (capacity + 1) / 2;

	if (cold->was_asked)
		note_given(cache, class, n_given);
	if (is_consumer) {
		hand_back(cache, class);
		note_overage(cache, class);
	} else {
		cold->n_overages = 0;
		flush_bin(cache, class, n_given);
	}
	return true;
}

/* The first frees of what the thread does not use go past the bin. */
static bool
is_direct(const struct rtm_bin_cold *cold)
{
	return cold->next_refill == 0 && cold->n_direct < RTM_MOVE_DIRECT_MAX;
}

static void
overflow(struct rtm_thread_cache *cache, sclass_t class, void *object)
{
	struct rtm_bin_cold *cold = &cache->cold[class];

	if (is_direct(cold)) {
		cold->n_direct++;
		rtm_central_list_give(class, &object, 1);
		return;
	}
	obey_limit(cache, class);
	if (cache->bins[class].cur == cache->bins[class].end &&
	    !make_room(cache, class)) {
		rtm_central_list_give(class, &object, 1);
		return;
	}
	rtm_thread_cache_push(cache, class, object);
}

void
rtm_thread_cache_overflow(
    struct rtm_thread_cache *cache, sclass_t size_class, void *object)
{
	const struct rtm_bin_cold *cold = &cache->cold[size_class];

	if (!is_direct(cold))
		rtm_auto_note_miss(
		    cache, cold->was_asked ? RTM_AUTO_GIVE : RTM_AUTO_FOREIGN);
	enter_slow(cache);
	overflow(cache, size_class, object);
	leave_slow(cache);
}
