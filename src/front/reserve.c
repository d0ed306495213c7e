/*
 * reserve.c - what is kept behind bins, for their next swing
 *
 * Invariant: n_objects is the sum over the bin's packs, and n_bytes what all
 *            these objects count for.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/reserve.h"
#include "back/meta.h"
#include "base/bits.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"

#include <string.h>

enum {
	SWING_BINS_MIN = 2, /* a swing is as many full bins long, at least */
	GIVERS_RATIO = 2, /* who gives so much more than it took is no swing */
	DROP_OBJECTS = 256, /* at a time, as the stack may be small */
	LOOKS_MAX = 16,     /* for one block of fresh memory */
};

/* Of what swings further, too small a part could be kept. */
#define SWING_BYTES_MAX RTM_MIB(4)

/* Larger objects pass the middle tier at little cost for each byte. */
#define SIZE_MAX_KEPT RTM_KIB(8)

/* One look gives so much away, or somewhat less. */
#define LOOK_BYTES RTM_KIB(32)

_Static_assert(sizeof(struct rtm_pack) == RTM_META_PIECE &&
	sizeof(struct rtm_reserve) <= RTM_META_PIECE,
    "a reserve lies in a pack");
_Static_assert(RTM_N_CLASSES <= 64, "a bit for each class");

static uint64_t
bit_of(sclass_t class)
{
	return (uint64_t)1 << class;
}

struct rtm_reserve *
rtm_reserve_new(void)
{
	struct rtm_reserve *reserve = rtm_meta_take_piece();

	if (reserve != NULL)
		memset(reserve, 0, sizeof(*reserve));
	return reserve;
}

static void
give_packs(struct rtm_pack *packs)
{
	for (struct rtm_pack *pack = packs, *below; pack != NULL;
	     pack = below) {
		below = pack->below;
		rtm_meta_give_piece(pack);
	}
}

void
rtm_reserve_delete(struct rtm_reserve *reserve)
{
	if (reserve == NULL)
		return;
	give_packs(reserve->spares);
	rtm_meta_give_piece(reserve);
}

/* ---------------------------------------------------------------- swings */

static uint32_t
get(const _Atomic uint32_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Threads of one processor may count as one: it is not exact. */
static void
set(_Atomic uint32_t *number, size_t value)
{
	atomic_store_explicit(number, (uint32_t)value, memory_order_relaxed);
}

void
rtm_reserve_note_given(struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	struct rtm_reserve_bin *bin = &reserve->bins[class];
	size_t n_given = get(&bin->n_given) + n;
	uint32_t n_taken = get(&bin->n_taken);

	if (n_taken != 0) {
		set(&bin->n_taken_before, n_taken);
		set(&bin->n_taken, 0);
	}
	set(&bin->n_given, n_given);
	if (n_given > GIVERS_RATIO * (size_t)get(&bin->n_taken_before))
		set(&bin->n_most, 0);
}

/* The bin took, gave, and takes again. */
static size_t
swing_of(const struct rtm_reserve_bin *bin, const struct rtm_size_class *kind)
{
	size_t swing = rtm_min(get(&bin->n_given), get(&bin->n_taken_before));

	return swing < SWING_BINS_MIN * (size_t)kind->bin_max ||
		swing > SWING_BYTES_MAX / kind->size ||
		kind->size > SIZE_MAX_KEPT
	    ? 0
	    : swing;
}

void
rtm_reserve_note_taken(struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	if (reserve == NULL)
		return;

	struct rtm_reserve_bin *bin = &reserve->bins[class];

	if (get(&bin->n_given) != 0) {
		set(&bin->n_most, swing_of(bin, &rtm_size_classes[class]));
		set(&bin->n_given, 0);
		set(&bin->n_taken, 0);
	}
	set(&bin->n_taken, get(&bin->n_taken) + n);
}

/* ----------------------------------------------------------------- packs */

static void
lock(struct rtm_reserve *reserve)
{
	rtm_lock_take(&reserve->lock, RTM_RANK_RESERVE);
	reserve->is_quiet = false;
}

static void
unlock(struct rtm_reserve *reserve)
{
	rtm_lock_give(&reserve->lock, RTM_RANK_RESERVE);
}

static void
touch(struct rtm_reserve_bin *bin, bool is_touched)
{
	atomic_store_explicit(
	    &bin->is_touched, is_touched, memory_order_relaxed);
}

/* Without the lock: a hint, as others may take. */
RTM_NO_TSAN static uint64_t
look_what_is_kept(const struct rtm_reserve *reserve)
{
	return reserve == NULL ? 0 : *(const volatile uint64_t *)&reserve->kept;
}

RTM_NO_TSAN static size_t
count_kept(const struct rtm_reserve_bin *bin)
{
	return *(const volatile uint32_t *)&bin->n_objects;
}

bool
rtm_reserve_wants(const struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	return rtm_reserve_is_for(reserve, class) &&
	    count_kept(&reserve->bins[class]) + n <=
	    get(&reserve->bins[class].n_most);
}

static void
set_bytes(struct rtm_reserve *reserve, size_t n_bytes)
{
	atomic_store_explicit(&reserve->n_bytes, n_bytes, memory_order_relaxed);
}

/* The objects of the class become n more, or fewer. */
static void
count_in(struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	reserve->bins[class].n_objects += (uint32_t)n;
	set_bytes(reserve,
	    rtm_reserve_bytes(reserve) + rtm_reserve_bytes_of(class, n));
}

static void
count_out(struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	reserve->bins[class].n_objects -= (uint32_t)n;
	set_bytes(reserve,
	    rtm_reserve_bytes(reserve) - rtm_reserve_bytes_of(class, n));
}

static void
add_spare(struct rtm_reserve *reserve, struct rtm_pack *pack)
{
	pack->n = 0;
	pack->below = reserve->spares;
	reserve->spares = pack;
}

static struct rtm_pack *
pop_spare(struct rtm_reserve *reserve)
{
	struct rtm_pack *pack = reserve->spares;

	if (pack != NULL)
		reserve->spares = pack->below;
	return pack;
}

static void
put_on_top(struct rtm_reserve *reserve, sclass_t class, struct rtm_pack *pack)
{
	pack->below = reserve->bins[class].top;
	reserve->bins[class].top = pack;
	reserve->kept |= bit_of(class);
}

static struct rtm_pack *
take_top(struct rtm_reserve *reserve, sclass_t class)
{
	struct rtm_pack *pack = reserve->bins[class].top;

	if (pack == NULL)
		return NULL;
	reserve->bins[class].top = pack->below;
	if (pack->below == NULL)
		reserve->kept &= ~bit_of(class);
	return pack;
}

struct rtm_pack *
rtm_reserve_pop(struct rtm_reserve *reserve, sclass_t class)
{
	if ((look_what_is_kept(reserve) & bit_of(class)) == 0)
		return NULL;
	touch(&reserve->bins[class], true);
	lock(reserve);

	struct rtm_pack *pack = take_top(reserve, class);

	if (pack != NULL)
		count_out(reserve, class, pack->n);
	unlock(reserve);
	return pack;
}

void
rtm_reserve_push(
    struct rtm_reserve *reserve, sclass_t class, struct rtm_pack *packs)
{
	struct rtm_pack *order = NULL;

	/* The one that is below all others is put there first. */
	for (struct rtm_pack *pack = packs, *below; pack != NULL;
	     pack = below) {
		below = pack->below;
		pack->below = order;
		order = pack;
	}
	touch(&reserve->bins[class], true);
	lock(reserve);
	for (struct rtm_pack *pack = order, *above; pack != NULL;
	     pack = above) {
		above = pack->below;
		count_in(reserve, class, pack->n);
		if (pack->n != 0)
			put_on_top(reserve, class, pack);
		else
			add_spare(reserve, pack);
	}
	unlock(reserve);
}

struct rtm_pack *
rtm_reserve_spare(struct rtm_reserve *reserve)
{
	lock(reserve);

	struct rtm_pack *pack = pop_spare(reserve);

	unlock(reserve);
	return pack != NULL ? pack : rtm_meta_take_piece();
}

/* --------------------------------------------------------------- by rows */

/* Says how many. */
static size_t
copy_out(
    struct rtm_reserve *reserve, sclass_t class, void **objects, size_t n_max)
{
	size_t n = rtm_min(n_max, reserve->bins[class].n_objects);

	for (size_t n_left = n; n_left != 0;) {
		struct rtm_pack *pack = reserve->bins[class].top;
		size_t n_now = rtm_min(n_left, pack->n);

		pack->n -= n_now;
		n_left -= n_now;
		memcpy(objects + n_left, pack->objects + pack->n,
		    n_now * sizeof(*objects));
		if (pack->n == 0)
			add_spare(reserve, take_top(reserve, class));
	}
	count_out(reserve, class, n);
	return n;
}

size_t
rtm_reserve_take(
    struct rtm_reserve *reserve, sclass_t class, void **objects, size_t n)
{
	if ((look_what_is_kept(reserve) & bit_of(class)) == 0)
		return 0;
	lock(reserve);

	size_t n_taken = copy_out(reserve, class, objects, n);

	unlock(reserve);
	touch(&reserve->bins[class], true);
	return n_taken;
}

/* Of n packs. */
static size_t
count_missing(struct rtm_reserve *reserve, size_t n)
{
	lock(reserve);
	for (struct rtm_pack *pack = reserve->spares; pack != NULL && n != 0;
	     pack = pack->below)
		n--;
	unlock(reserve);
	return n;
}

/* What copy_in() may need for n objects. */
static void
provide_packs(struct rtm_reserve *reserve, size_t n)
{
	size_t n_missing = count_missing(reserve, n / RTM_PACK_OBJECTS + 1);

	for (; n_missing != 0; n_missing--) {
		struct rtm_pack *pack = rtm_meta_take_piece();

		if (pack == NULL)
			return;
		lock(reserve);
		add_spare(reserve, pack);
		unlock(reserve);
	}
}

/* As many as there is memory for; says how many. */
static size_t
copy_in(
    struct rtm_reserve *reserve, sclass_t class, void *const *objects, size_t n)
{
	struct rtm_reserve_bin *bin = &reserve->bins[class];
	size_t n_kept = 0;

	while (n_kept < n) {
		if (bin->top == NULL || bin->top->n == RTM_PACK_OBJECTS) {
			struct rtm_pack *spare = pop_spare(reserve);

			if (spare == NULL)
				break;
			put_on_top(reserve, class, spare);
		}

		struct rtm_pack *pack = bin->top;
		size_t n_now = rtm_min(n - n_kept, RTM_PACK_OBJECTS - pack->n);

		memcpy(pack->objects + pack->n, objects + n_kept,
		    n_now * sizeof(*objects));
		pack->n += n_now;
		n_kept += n_now;
	}
	count_in(reserve, class, n_kept);
	return n_kept;
}

void
rtm_reserve_keep(
    struct rtm_reserve *reserve, sclass_t class, void *const *objects, size_t n)
{
	rtm_transfer_cache_check_row(class, objects, n);
	rtm_reserve_note_given(reserve, class, n);
	touch(&reserve->bins[class], true);
	provide_packs(reserve, n);
	lock(reserve);

	size_t n_kept = copy_in(reserve, class, objects, n);

	unlock(reserve);
	if (n_kept < n)
		rtm_transfer_cache_give(class, objects + n_kept, n - n_kept);
}

/* ---------------------------------------------------------------- giving */

/* Some objects of the class go back to their spans; says how many. */
static size_t
drop(struct rtm_reserve *reserve, sclass_t class)
{
	void *objects[DROP_OBJECTS];

	lock(reserve);

	size_t n = copy_out(reserve, class, objects, DROP_OBJECTS);

	unlock(reserve);
	if (n != 0)
		rtm_central_list_give(class, objects, n);
	return n;
}

/* Of the classes that keep something, the next one in turn; 0: none does. */
static sclass_t
watch_next(struct rtm_reserve *reserve)
{
	uint64_t kept = look_what_is_kept(reserve);

	if (kept == 0)
		return 0;

	sclass_t before =
	    atomic_load_explicit(&reserve->watched, memory_order_relaxed);
	uint64_t behind = kept & ~(2 * bit_of(before) - 1);
	sclass_t next = (sclass_t)rtm_lowest_bit(behind != 0 ? behind : kept);

	atomic_store_explicit(&reserve->watched, next, memory_order_relaxed);
	return next;
}

void
rtm_reserve_look(struct rtm_reserve *reserve)
{
	sclass_t class = watch_next(reserve);

	if (class == 0)
		return;

	struct rtm_reserve_bin *bin = &reserve->bins[class];

	if (!atomic_load_explicit(&bin->is_touched, memory_order_relaxed))
		drop(reserve, class);
	touch(bin, false);
}

void
rtm_reserve_note_fresh(struct rtm_reserve *reserve, size_t n_bytes)
{
	size_t n_looks = rtm_min(n_bytes / LOOK_BYTES + 1, LOOKS_MAX);

	while (n_looks-- != 0)
		rtm_reserve_look(reserve);
}

bool
rtm_reserve_shed(struct rtm_reserve *reserve)
{
	sclass_t class = watch_next(reserve);

	return class != 0 && drop(reserve, class) != 0;
}

size_t
rtm_reserve_flush(struct rtm_reserve *reserve, sclass_t class)
{
	size_t n = 0;

	if (reserve == NULL)
		return 0;
	for (size_t n_dropped; (n_dropped = drop(reserve, class)) != 0;)
		n += n_dropped;

	struct rtm_reserve_bin *bin = &reserve->bins[class];

	set(&bin->n_most, 0);
	set(&bin->n_taken, 0);
	set(&bin->n_taken_before, 0);
	set(&bin->n_given, 0);
	return n;
}

static void
take_packs(struct rtm_reserve *reserve, struct rtm_loot *loot)
{
	for (unsigned c = 1; c < RTM_N_CLASSES; c++) {
		loot->tops[c] = reserve->bins[c].top;
		reserve->bins[c].top = NULL;
		reserve->bins[c].n_objects = 0;
	}
	reserve->kept = 0;
	set_bytes(reserve, 0);
	loot->spares = reserve->spares;
	reserve->spares = NULL;
	loot->lent_bytes = atomic_exchange_explicit(
	    &reserve->lent_bytes, 0, memory_order_relaxed);
	loot->has_any = true;
}

static bool
is_lent(const struct rtm_reserve *reserve)
{
	return atomic_load_explicit(
		   &reserve->lent_bytes, memory_order_relaxed) != 0;
}

void
rtm_reserve_rob(struct rtm_reserve *reserve, void *into)
{
	struct rtm_loot *loot = into;

	if (loot->has_any)
		return;
	rtm_lock_take(&reserve->lock, RTM_RANK_RESERVE);
	if (reserve->drain != loot->drain) {
		reserve->drain = loot->drain;
		if ((loot->all || reserve->is_quiet) &&
		    (reserve->kept != 0 || is_lent(reserve)))
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
		rtm_meta_give_piece(pack);
	}
	return n;
}

size_t
rtm_reserve_share_out(struct rtm_loot *loot)
{
	size_t n = 0;

	for (unsigned c = 1; c < RTM_N_CLASSES; c++)
		n += give_stack((sclass_t)c, loot->tops[c]);
	give_packs(loot->spares);
	return n;
}

void
rtm_reserve_count(
    const struct rtm_reserve *reserve, size_t n_objects[RTM_N_CLASSES])
{
	for (unsigned c = 1; reserve != NULL && c <= rtm_size_class_last; c++)
		n_objects[c] += count_kept(&reserve->bins[c]);
}
