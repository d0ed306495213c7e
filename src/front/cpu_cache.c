/*
 * cpu_cache.c - the slow ways of threads that share their processor's bins
 *
 * A thread may be moved to another processor between any two steps here.  So
 * nothing is assumed to be still true: objects go into, and come out of,
 * the bins of whatever processor it is just then, in one section each; and a
 * bin's room changes in a section that looks whether it is the bin that was
 * meant.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_cache.h"
#include "back/page_map.h"
#include "front/cpu_batch.h"
#include "front/cpu_reserve.h"
#include "front/cpu_room.h"
#include "front/cpu_section.h"
#include "front/drain.h"
#include "front/moves.h"
#include "os/clock.h"

#if RTM_HAVE_PERCPU

enum {
	MISSES_PER_LOOK = 1024, /* for idle processors */
	LOOK_MS = 1000,         /* and no more often than that */
	CHECKS_MAX = 1024,      /* calls of a thread that was moved */
};

static size_t max_overages;
static _Atomic uint64_t next_look_ms;
static _Atomic unsigned kind_used; /* enum rtm_rseq_kind */

/*
 * In so many calls more, at most, what the thread frees is checked: see
 * was_brought_along().  Its fast ways see nobody's slab until then.
 */
static RTM_TLS uint16_t n_checks;

/* The slab of this processor, NULL if it has none. */
static struct rtm_cpu_slab *
arrive(void)
{
	const struct rtm_cpu_slab *before = rtm_front.slab;
	struct rtm_cpu_slab *slab = rtm_cpu_section_slab();

	if (slab != before && before != rtm_cpu_section_nobody() &&
	    !rtm_thread_is_alone())
		n_checks = CHECKS_MAX; /* the thread was moved */
	return slab;
}

static void
depart(void)
{
	if (n_checks != 0)
		rtm_front.slab = rtm_cpu_section_nobody();
}

/* ---------------------------------------------------------------- misses */

/*
 * Now and then: does a processor cache on which nobody works any more?  If no
 * helper can look, whoever misses often looks himself.
 */
static void
look_for_idle(void)
{
	uint64_t now = rtm_clock_ms();
	uint64_t next =
	    atomic_load_explicit(&next_look_ms, memory_order_relaxed);

	if (now >= next &&
	    atomic_compare_exchange_strong_explicit(&next_look_ms, &next,
		now + LOOK_MS, memory_order_relaxed, memory_order_relaxed) &&
	    !rtm_cpu_slab_watch()) {
		rtm_drain_reserves(false);
		rtm_cpu_slab_drain(false);
	}
}

/* The slab of the processor that this just was; NULL without memory. */
static struct rtm_cpu_slab *
note_miss(sclass_t class)
{
	struct rtm_cpu_slab *slab = rtm_cpu_slab_get(rtm_cpu_section_cpu());

	if (slab == NULL)
		return NULL;

	/* Threads of one processor may count as one: it is not exact. */
	uint32_t n_misses =
	    1 + atomic_load_explicit(&slab->n_misses, memory_order_relaxed);

	atomic_store_explicit(&slab->n_misses, n_misses, memory_order_relaxed);
	atomic_store_explicit(
	    &slab->cold[class].was_missed, true, memory_order_relaxed);
	if (n_misses % MISSES_PER_LOOK == 0)
		look_for_idle();
	return slab;
}

static size_t
plan_refill(struct rtm_cpu_slab *slab, sclass_t class)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];
	size_t n =
	    atomic_load_explicit(&cold->next_refill, memory_order_relaxed);

	if (n == 0) /* slow start */
		n = rtm_move_first(kind);
	rtm_cpu_room_grow(slab, class, rtm_cpu_slots_max[class]);
	atomic_store_explicit(&cold->next_refill,
	    (uint16_t)rtm_min(2 * n, rtm_move_longest(kind)),
	    memory_order_relaxed);
	/* One for the caller, the others for the bin. */
	return rtm_min(n, rtm_cpu_room_of(slab, class) + 1);
}

/* The bin is empty: one object for the caller, and more into the bin. */
static void *
refill(struct rtm_cpu_slab *slab, sclass_t class)
{
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];
	bool is_first =
	    atomic_load_explicit(&cold->next_refill, memory_order_relaxed) == 0;
	size_t n_wanted = plan_refill(slab, class);
	struct rtm_cpu_batch batch;

	atomic_store_explicit(&cold->was_refilled, true, memory_order_relaxed);

	void *object = rtm_cpu_reserve_take(slab, class);

	if (object != NULL)
		return object;
	rtm_cpu_reserve_look(slab);
	rtm_cpu_batch_open(&batch, slab);

	size_t n = rtm_move_fetch(class, is_first, slab, batch.objects,
	    rtm_min(n_wanted, batch.n_max));

	if (n != 0) {
		rtm_cpu_reserve_note_taken(slab, class, n);
		object = batch.objects[--n];
		n -= rtm_cpu_section_give(class, batch.objects, n);
		if (n != 0) /* somebody else has filled the bin */
			rtm_transfer_cache_give(class, batch.objects, n);
	}
	rtm_cpu_batch_close(&batch);
	return object;
}

static void *
take_single(sclass_t class)
{
	void *object = NULL;

	rtm_central_list_take(class, 0, &object, 1);
	return object;
}

static void *
take(sclass_t class)
{
	bool is_aborted;
	void *object = rtm_cpu_section_pop(class, &is_aborted);

	if (object != NULL)
		return object;

	struct rtm_cpu_slab *slab = note_miss(class);

	return !is_aborted && slab != NULL ? refill(slab, class)
					   : take_single(class);
}

void *
rtm_cpu_cache_take(sclass_t class)
{
	arrive();
	n_checks -= n_checks != 0;

	void *object = take(class);

	depart();
	return object;
}

/*
 * A full bin that may not grow goes to the reserve, if that wants it.  Else it
 * gives half away; all of it, if nobody took anything from it lately, and then
 * room too, if that goes on.
 */
static void
flush_bin(struct rtm_cpu_slab *slab, sclass_t class, bool is_consumer)
{
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];
	size_t capacity = rtm_cpu_room_of(slab, class);
	size_t n_left = is_consumer ? capacity : (capacity + 1) / 2;
	struct rtm_cpu_batch batch;
	size_t n;

	atomic_store_explicit(&cold->was_refilled, false, memory_order_relaxed);
	if (rtm_cpu_reserve_keep(slab, class, capacity))
		return;
	if (atomic_load_explicit(&cold->next_refill, memory_order_relaxed) != 0)
		rtm_cpu_reserve_note_given(slab, class, n_left);
	rtm_cpu_batch_open(&batch, slab);
	do {
		n = rtm_cpu_section_take(class, rtm_cpu_base[class],
		    batch.objects, rtm_min(n_left, batch.n_max));
		if (n != 0)
			rtm_transfer_cache_give(class, batch.objects, n);
		n_left -= n;
	} while (n == batch.n_max && n_left != 0);
	rtm_cpu_batch_close(&batch);

	unsigned n_overages = !is_consumer ? 0
					   : 1u +
		atomic_load_explicit(&cold->n_overages, memory_order_relaxed);

	if (n_overages >= max_overages) {
		n_overages = 0;
		if (capacity / 2 >=
		    rtm_max(rtm_size_classes[class].batch, RTM_CPU_ROOM_LEAST))
			rtm_cpu_room_shrink(slab, class, capacity / 2);
	}
	atomic_store_explicit(&cold->n_overages,
	    (uint8_t)rtm_min(n_overages, UINT8_MAX), memory_order_relaxed);
}

/* Frees of what this processor never took go straight to the spans. */
static bool
is_foreign(struct rtm_cpu_slab *slab, sclass_t class)
{
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];

	return atomic_load_explicit(&cold->next_refill, memory_order_relaxed) ==
	    0 &&
	    atomic_load_explicit(&cold->n_direct, memory_order_relaxed) <
	    RTM_MOVE_DIRECT_MAX &&
	    atomic_fetch_add_explicit(
		&cold->n_direct, 1, memory_order_relaxed) < RTM_MOVE_DIRECT_MAX;
}

static bool
make_room(struct rtm_cpu_slab *slab, sclass_t class)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	bool is_consumer =
	    !atomic_load_explicit(
		&slab->cold[class].was_refilled, memory_order_relaxed) &&
	    !rtm_reserve_is_for(rtm_cpu_slab_reserve(slab), class);
	size_t most = rtm_cpu_slots_max[class];

	if (is_consumer)
		most = rtm_min(most, rtm_move_longest(kind));
	if (rtm_cpu_room_grow(slab, class, most))
		return true;
	if (rtm_cpu_room_of(slab, class) == 0)
		return false;
	flush_bin(slab, class, is_consumer);
	return true;
}

/*
 * The cache that the object's span was made for; 0 if nobody knows, or if it
 * does not matter.  Where caches share spans anyway, ours.
 */
static uint16_t
taker_of(const void *object, sclass_t class, uint16_t ours)
{
	const struct rtm_span *span;

	if (ours == 0 || !rtm_central_list_keeps_apart(class))
		return ours;
	span = rtm_page_map_span(rtm_page_of(object));
	return span != NULL ? span->taker : 0;
}

/*
 * For a while after a thread was moved, each object that it frees is checked:
 * many are of the other processor's spans, and in our bins they would go round
 * between two that write to one page, or even to one line.  That ends when some
 * ten were ours, and at last when the thread seems to free others' anyway.
 */
static bool
was_brought_along(sclass_t class, const void *object)
{
	const struct rtm_cpu_slab *slab = arrive();
	uint16_t n_left = n_checks;

	if (n_left == 0 || slab == NULL)
		return false;

	uint16_t ours = rtm_move_taker(class, slab);
	uint16_t its = taker_of(object, class, ours);
	bool is_ours = its != 0 && its == ours;

	n_checks = is_ours ? n_left / 2 : n_left - 1;
	return its != 0 && !is_ours;
}

static bool
give(sclass_t class, void *object)
{
	enum rtm_rseq_result result = rtm_cpu_section_push(class, object);

	if (result == RTM_RSEQ_DONE)
		return true;

	struct rtm_cpu_slab *slab = note_miss(class);

	return result == RTM_RSEQ_FULL && slab != NULL &&
	    !is_foreign(slab, class) && make_room(slab, class) &&
	    rtm_cpu_section_push(class, object) == RTM_RSEQ_DONE;
}

void
rtm_cpu_cache_give(sclass_t class, void *object)
{
	if (was_brought_along(class, object) || !give(class, object))
		rtm_central_list_give(class, &object, 1);
	depart();
}

void
rtm_cpu_cache_note_fresh(size_t n_bytes)
{
	struct rtm_cpu_slab *slab = rtm_cpu_slab_at(rtm_cpu_section_cpu());

	if (slab != NULL)
		rtm_cpu_reserve_note_fresh(slab, n_bytes);
}

size_t
rtm_cpu_cache_starve(void)
{
	rtm_cpu_room_starve();
	return rtm_cpu_slab_drain(true);
}

/* ------------------------------------------------------- who works so */

void
rtm_cpu_cache_init(const struct rtm_conf *conf)
{
	max_overages = conf->max_overages;
	rtm_cpu_room_init(conf->cpu_cache_size);
}

static struct rtm_rseq *
make_area(void)
{
	struct rtm_rseq *area = rtm_cpu_area_take();

	if (area == NULL || rtm_rseq_register(area))
		return area;
	rtm_cpu_area_give(area);
	return NULL;
}

bool
rtm_cpu_cache_enter(void)
{
	enum rtm_rseq_kind kind = rtm_rseq_kind();
	struct rtm_rseq *area = NULL;

	if (kind == RTM_RSEQ_KIND_NONE || !rtm_cpu_slab_start())
		return false;
	area = kind == RTM_RSEQ_KIND_OWN ? make_area() : rtm_rseq_libc_area();
	if (area == NULL)
		return false;
	/* Free looks at the area, and a signal's handler may free. */
	rtm_front.slab = rtm_cpu_section_nobody();
	n_checks = 0;
	atomic_signal_fence(memory_order_seq_cst);
	rtm_front.area = area;
	rtm_front.n_shared_bytes_end = RTM_TABLE_MAX + 1;
	atomic_store_explicit(&kind_used, kind, memory_order_relaxed);
	return true;
}

void
rtm_cpu_cache_leave(void)
{
	struct rtm_rseq *area = rtm_front.area;

	if (area == NULL || rtm_rseq_kind() != RTM_RSEQ_KIND_OWN)
		return;
	rtm_front.n_shared_bytes_end = 0;
	rtm_front.area = NULL;
	rtm_rseq_unregister(area);
	rtm_cpu_area_give(area);
}

void
rtm_cpu_cache_stats(struct rtm_cpu_cache_stats *stats)
{
	stats->kind = (enum rtm_rseq_kind)atomic_load_explicit(
	    &kind_used, memory_order_relaxed);
	stats->limit_bytes = rtm_cpu_room_budget();
}

#endif
