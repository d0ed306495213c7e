/*
 * cpu_room.c - how many objects each bin of a processor may hold
 *
 * A bin starts without room, and doubles when it is found empty or full, within
 * a budget of bytes for each processor.  When that is used up, a hand goes
 * round the classes, as in a clock, and takes half the room of one that has
 * not missed since the hand came by last.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_room.h"
#include "front/cpu_batch.h"
#include "front/cpu_section.h"
#include "middle/transfer_cache.h"

#if RTM_HAVE_PERCPU

enum {
	WISHES_PER_ROBBERY = 8,  /* for room that there is no budget for */
	RECOVER_AFTER = 4 << 10, /* claims refused: the budget doubles */
};

/* What a process that had no memory left may cache to begin with. */
#define RECOVER_FROM RTM_KIB(64)

static size_t full_budget;
static _Atomic size_t budget;
static _Atomic size_t n_refused;

void
rtm_cpu_room_init(size_t n_bytes)
{
	full_budget = n_bytes;
	atomic_store_explicit(&budget, full_budget, memory_order_relaxed);
}

void
rtm_cpu_room_starve(void)
{
	atomic_store_explicit(&n_refused, 0, memory_order_relaxed);
	atomic_store_explicit(&budget, 0, memory_order_relaxed);
}

size_t
rtm_cpu_room_budget(void)
{
	return atomic_load_explicit(&budget, memory_order_relaxed);
}

static size_t
end_of(const struct rtm_cpu_slab *slab, sclass_t class)
{
	return __atomic_load_n(&slab->bins[class].end, __ATOMIC_RELAXED);
}

size_t
rtm_cpu_room_of(const struct rtm_cpu_slab *slab, sclass_t class)
{
	return end_of(slab, class) - rtm_cpu_base[class];
}

static void
unclaim(struct rtm_cpu_slab *slab, size_t n_bytes)
{
	atomic_fetch_sub_explicit(
	    &slab->capacity_bytes, n_bytes, memory_order_relaxed);
}

bool
rtm_cpu_room_shrink(struct rtm_cpu_slab *slab, sclass_t class, size_t capacity)
{
	size_t end = end_of(slab, class);
	size_t new_end = rtm_cpu_base[class] + capacity;
	struct rtm_cpu_batch batch;
	size_t n;

	if (end <= new_end)
		return false;
	rtm_cpu_batch_open(&batch, slab);
	do {
		n = rtm_cpu_section_take(
		    class, new_end, batch.objects, batch.n_max);
		if (n != 0)
			rtm_transfer_cache_give(class, batch.objects, n);
	} while (n == batch.n_max);
	rtm_cpu_batch_close(&batch);
	if (!rtm_cpu_section_resize(slab, class, end, new_end))
		return false;
	unclaim(slab, (end - new_end) * rtm_size_classes[class].size);
	return true;
}

/* Half the room of a class that did not miss of late; false if all did. */
static bool
rob_idle_bin(struct rtm_cpu_slab *slab, sclass_t thief)
{
	uint32_t hand = atomic_load_explicit(&slab->hand, memory_order_relaxed);
	unsigned victim = 0;
	size_t capacity = 0;

	for (unsigned i = 0; i < 2u * rtm_size_class_last && victim == 0; i++) {
		unsigned c = 1 + hand++ % rtm_size_class_last;
		_Atomic bool *was_missed = &slab->cold[c].was_missed;

		capacity = rtm_cpu_room_of(slab, (sclass_t)c);
		if (c == thief || capacity == 0)
			continue;
		if (atomic_load_explicit(was_missed, memory_order_relaxed))
			atomic_store_explicit(
			    was_missed, false, memory_order_relaxed);
		else
			victim = c;
	}
	atomic_store_explicit(&slab->hand, hand, memory_order_relaxed);
	return victim != 0 &&
	    rtm_cpu_room_shrink(slab, (sclass_t)victim,
		capacity > RTM_CPU_ROOM_LEAST ? capacity / 2 : 0);
}

/* A process that ran out of memory may cache more again, little by little. */
static void
note_refusal(size_t limit)
{
	if (RTM_LIKELY(limit >= full_budget) ||
	    atomic_fetch_add_explicit(&n_refused, 1, memory_order_relaxed) <
		RECOVER_AFTER)
		return;
	atomic_store_explicit(&n_refused, 0, memory_order_relaxed);
	atomic_store_explicit(&budget,
	    rtm_min(rtm_max(2 * limit, RECOVER_FROM), full_budget),
	    memory_order_relaxed);
}

/*
 * The budget is used up.  Of many who ask, one may take from another class:
 * if each did, the bins would be emptied and filled in turns.
 */
static bool
may_rob(struct rtm_cpu_slab *slab)
{
	uint32_t n =
	    1 + atomic_load_explicit(&slab->n_wishes, memory_order_relaxed);

	atomic_store_explicit(&slab->n_wishes, n, memory_order_relaxed);
	return n % WISHES_PER_ROBBERY == 0;
}

static bool
claim(struct rtm_cpu_slab *slab, sclass_t class, size_t n_bytes)
{
	enum { ROBBERIES_MAX = 4 };
	size_t limit = atomic_load_explicit(&budget, memory_order_relaxed);
	size_t before =
	    atomic_load_explicit(&slab->capacity_bytes, memory_order_relaxed);

	if (before + n_bytes > limit && !may_rob(slab)) {
		note_refusal(limit);
		return false;
	}
	for (int n_robbed = 0;;) {
		if (before + n_bytes > limit) {
			if (n_bytes > limit || n_robbed++ == ROBBERIES_MAX ||
			    !rob_idle_bin(slab, class)) {
				note_refusal(limit);
				return false;
			}
			before = atomic_load_explicit(
			    &slab->capacity_bytes, memory_order_relaxed);
			continue;
		}
		if (atomic_compare_exchange_weak_explicit(&slab->capacity_bytes,
			&before, before + n_bytes, memory_order_relaxed,
			memory_order_relaxed))
			return true;
	}
}

bool
rtm_cpu_room_grow(struct rtm_cpu_slab *slab, sclass_t class, size_t most)
{
	size_t end = end_of(slab, class);
	size_t capacity = end - rtm_cpu_base[class];
	size_t wanted =
	    rtm_min(rtm_max(RTM_CPU_ROOM_LEAST, 2 * capacity), most);

	if (wanted <= capacity)
		return false;

	size_t n_bytes = (wanted - capacity) * rtm_size_classes[class].size;

	if (!claim(slab, class, n_bytes))
		return false;
	if (rtm_cpu_section_resize(
		slab, class, end, rtm_cpu_base[class] + wanted))
		return true;
	unclaim(slab, n_bytes);
	return false;
}

#endif
