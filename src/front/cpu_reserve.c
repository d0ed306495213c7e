/*
 * cpu_reserve.c - what a processor keeps behind its bins, for their next swing
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_reserve.h"
#include "back/page_heap.h"
#include "front/cache_budget.h"
#include "front/cpu_section.h"
#include "middle/transfer_cache.h"

#if RTM_HAVE_PERCPU

/* At a time, as the budget has one lock for all. */
#define LOAN_BYTES RTM_KIB(64)

static size_t
lent_to(const struct rtm_reserve *reserve)
{
	return atomic_load_explicit(&reserve->lent_bytes, memory_order_relaxed);
}

/*
 * Is there room for n_bytes more?  One loan may let in two that ask at once:
 * the next one to ask makes up for it.
 */
static bool
borrow(struct rtm_reserve *reserve, size_t n_bytes)
{
	size_t wanted = rtm_reserve_bytes(reserve) + n_bytes;
	size_t lent = lent_to(reserve);

	if (wanted <= lent)
		return true;

	size_t loan = rtm_round_up(wanted - lent, LOAN_BYTES);

	if (!rtm_cache_budget_lend(loan))
		return false;
	atomic_fetch_add_explicit(
	    &reserve->lent_bytes, loan, memory_order_relaxed);
	return true;
}

/* Some of it went away: so does what was lent for it, all but a loan. */
static void
repay(struct rtm_reserve *reserve)
{
	size_t lent = lent_to(reserve);
	size_t needed = rtm_reserve_bytes(reserve) + LOAN_BYTES;

	if (lent >= needed + LOAN_BYTES &&
	    atomic_compare_exchange_strong_explicit(&reserve->lent_bytes, &lent,
		needed, memory_order_relaxed, memory_order_relaxed))
		rtm_cache_budget_repay(lent - needed);
}

void *
rtm_cpu_reserve_take(struct rtm_cpu_slab *slab, sclass_t class)
{
	struct rtm_reserve *reserve = rtm_cpu_slab_reserve(slab);
	struct rtm_pack *pack = rtm_reserve_pop(reserve, class);

	if (pack == NULL)
		return NULL;

	size_t n = pack->n;
	void *object = pack->objects[--pack->n];

	pack->n -= rtm_cpu_section_give(class, pack->objects, pack->n);
	rtm_reserve_note_taken(reserve, class, n - pack->n);
	pack->below = NULL;
	rtm_reserve_push(reserve, class, pack);
	return object;
}

/* Dies of one that was freed twice in a row; also where two packs meet. */
static void
check_rows(
    sclass_t class, const struct rtm_pack *pack, const struct rtm_pack *above)
{
	rtm_transfer_cache_check_row(class, pack->objects, pack->n);
	if (above == NULL || pack->n == 0)
		return;

	void *const seam[] = { pack->objects[pack->n - 1], above->objects[0] };

	rtm_transfer_cache_check_row(class, seam, 2);
}

/* What the bin holds, n objects or so, in packs; the top one is the first. */
static struct rtm_pack *
pack_bin(struct rtm_reserve *reserve, sclass_t class, size_t n)
{
	size_t n_packs = (n + RTM_PACK_OBJECTS - 1) / RTM_PACK_OBJECTS;
	size_t n_each = (n + n_packs - 1) / n_packs;
	struct rtm_pack *packs = NULL;
	struct rtm_pack **end = &packs;
	struct rtm_pack *above = NULL;

	for (bool is_more = true; is_more && n_packs-- != 0;) {
		struct rtm_pack *pack = rtm_reserve_spare(reserve);

		if (pack == NULL)
			break;
		pack->n = rtm_cpu_section_take(
		    class, rtm_cpu_base[class], pack->objects, n_each);
		pack->below = NULL;
		*end = pack;
		end = &pack->below;
		check_rows(class, pack, above);
		above = pack;
		is_more = pack->n == n_each;
	}
	return packs;
}

bool
rtm_cpu_reserve_keep(struct rtm_cpu_slab *slab, sclass_t class, size_t n)
{
	struct rtm_reserve *reserve = rtm_cpu_slab_reserve(slab);

	/* Somebody else may have taken the bin's room meanwhile. */
	if (n == 0 || rtm_page_heap_is_small() ||
	    !rtm_reserve_wants(reserve, class, n) ||
	    !borrow(reserve, rtm_reserve_bytes_of(class, n)))
		return false;

	struct rtm_pack *packs = pack_bin(reserve, class, n);
	size_t n_kept = 0;

	for (struct rtm_pack *pack = packs; pack != NULL; pack = pack->below)
		n_kept += pack->n;
	rtm_reserve_push(reserve, class, packs);
	rtm_reserve_note_given(reserve, class, n_kept);
	return n_kept != 0;
}

void
rtm_cpu_reserve_note_taken(struct rtm_cpu_slab *slab, sclass_t class, size_t n)
{
	rtm_reserve_note_taken(rtm_cpu_slab_reserve(slab), class, n);
}

void
rtm_cpu_reserve_note_given(struct rtm_cpu_slab *slab, sclass_t class, size_t n)
{
	struct rtm_reserve *reserve = rtm_cpu_slab_get_reserve(slab);

	if (reserve != NULL)
		rtm_reserve_note_given(reserve, class, n);
}

void
rtm_cpu_reserve_look(struct rtm_cpu_slab *slab)
{
	rtm_cpu_reserve_note_fresh(slab, 0);
}

void
rtm_cpu_reserve_note_fresh(struct rtm_cpu_slab *slab, size_t n_bytes)
{
	struct rtm_reserve *reserve = rtm_cpu_slab_reserve(slab);

	if (reserve == NULL)
		return;
	rtm_reserve_note_fresh(reserve, n_bytes);
	repay(reserve);
}

#endif
