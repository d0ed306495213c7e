/*
 * cpu_cache.c - the slow ways of threads that share their processor's bins
 *
 * A thread may be moved to another processor between any two steps here.  So
 * nothing is assumed to be still true: objects go into, and come out of,
 * the bins of whatever processor it is just then, in one section each; and a
 * bin's room changes in a section that looks whether it is the bin that was
 * meant.
 *
 * Capacity: a bin starts without room, and doubles when it is found empty or
 * full, within a budget of bytes for each processor.  When that is used up, a
 * hand goes round the classes, as in a clock, and takes half the room of one
 * that has not missed since the hand came by last.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_cache.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "os/clock.h"
#include "os/thread.h"

#if RTM_HAVE_PERCPU

enum {
	TRIES_MAX = 4,  /* sections in a row that were aborted: enough */
	SLOTS_MIN = 16, /* a bin starts with so many */
	REFILL_MIN = 8, /* and its first refill is so long, at least */
	DIRECT_MAX = 8, /* frees past the bin, as in thread_cache.c */
	SHARED_BYTES = 64,
	STACK_BATCH = 32,        /* objects, when staging[] is in use */
	MISSES_PER_LOOK = 1024,  /* for idle processors */
	LOOK_MS = 1000,          /* and no more often than that */
	WISHES_PER_ROBBERY = 8,  /* for room that there is no budget for */
	RECOVER_AFTER = 4 << 10, /* claims refused: the budget doubles */
};

/* What a process that had no memory left may cache to begin with. */
#define RECOVER_FROM RTM_KIB(64)

static size_t full_budget;
static size_t max_overages;
static _Atomic size_t budget;
static _Atomic size_t n_refused;
static _Atomic uint64_t next_look_ms;
static _Atomic unsigned kind_used; /* enum rtm_rseq_kind */

/* ------------------------------------------------- sections, a few times */

/* No slab at all, and no processor's: sections that look for it do nothing. */
static struct rtm_cpu_slab *
nobodys_slab(void)
{
	return (struct rtm_cpu_slab *)(void *)&rtm_cpu_view_all;
}

static unsigned
cpu_now(void)
{
	return __atomic_load_n(&rtm_front.area->cpu_id, __ATOMIC_RELAXED);
}

/*
 * The slab of the processor that the thread is on, or was on just now; NULL if
 * there is none.  From here on the fast ways take it for that, too.
 */
static struct rtm_cpu_slab *
find_slab(void)
{
	struct rtm_cpu_slab *slab = rtm_cpu_slab_at(cpu_now());

	rtm_front.slab = slab != NULL ? slab : nobodys_slab();
	return slab;
}

/* A thread that is stepped through its instructions never gets through. */
#define TRY(result, failed, nothing, section)                            \
	do {                                                             \
		int n_tries = TRIES_MAX;                                 \
		do                                                       \
			(result) =                                       \
			    find_slab() != NULL ? (section) : (nothing); \
		while ((result) == (failed) && --n_tries);               \
	} while (false)

/* An object, or NULL, which *is_aborted tells from an empty bin. */
static void *
pop(sclass_t class, bool *is_aborted)
{
	void *object;
	int n_tries = TRIES_MAX;

	do {
		*is_aborted = false;
		if (find_slab() == NULL)
			return NULL;
		object = rtm_rseq_pop(rtm_front.area, &rtm_cpu_view_all,
		    rtm_front.slab, class, is_aborted);
	} while (*is_aborted && --n_tries != 0);
	return object;
}

static enum rtm_rseq_result
push(sclass_t class, void *object)
{
	enum rtm_rseq_result result;

	TRY(result, RTM_RSEQ_ABORTED, RTM_RSEQ_FULL,
	    rtm_rseq_push(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, object));
	return result;
}

/* Objects above the base, which may be higher than the bin's. */
static size_t
take_out(sclass_t class, size_t base, void **objects, size_t n)
{
	size_t n_taken;

	if (n == 0) /* another thread took the bin's room meanwhile */
		return 0;
	TRY(n_taken, RTM_RSEQ_NO_NUMBER, 0,
	    rtm_rseq_take(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, base, objects, n));
	return n_taken == RTM_RSEQ_NO_NUMBER ? 0 : n_taken;
}

static size_t
put_in(sclass_t class, void *const *objects, size_t n)
{
	size_t n_given;

	if (n == 0)
		return 0;
	TRY(n_given, RTM_RSEQ_NO_NUMBER, 0,
	    rtm_rseq_give(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, objects, n));
	return n_given == RTM_RSEQ_NO_NUMBER ? 0 : n_given;
}

/* Of this slab only. */
static bool
resize(struct rtm_cpu_slab *slab, sclass_t class, size_t end, size_t new_end)
{
	enum rtm_rseq_result result;

	TRY(result, RTM_RSEQ_ABORTED, RTM_RSEQ_FULL,
	    rtm_rseq_resize(
		rtm_front.area, &rtm_cpu_view_all, slab, class, end, new_end));
	return result == RTM_RSEQ_DONE;
}

/* ------------------------------------------------------ a batch in flight */

struct batch {
	struct rtm_cpu_slab *slab; /* whose staging[] it is, or NULL */
	void **objects;
	size_t n_max;
	void *few[STACK_BATCH];
};

/*
 * Stacks may be small, so a processor has room for one batch; whoever finds
 * it taken (by a thread that was preempted, or by whom a signal interrupted)
 * moves fewer objects.
 */
static void
open_batch(struct batch *batch, struct rtm_cpu_slab *slab)
{
	/* Pairs with the release order of close_batch(). */
	if (!atomic_exchange_explicit(
		&slab->is_staging, true, memory_order_acquire)) {
		batch->slab = slab;
		batch->objects = slab->staging;
		batch->n_max = RTM_BATCH_MAX;
	} else {
		batch->slab = NULL;
		batch->objects = batch->few;
		batch->n_max = STACK_BATCH;
	}
}

static void
close_batch(struct batch *batch)
{
	if (batch->slab != NULL)
		atomic_store_explicit(
		    &batch->slab->is_staging, false, memory_order_release);
}

/* -------------------------------------------------------------- capacity */

static size_t
end_of(const struct rtm_cpu_slab *slab, sclass_t class)
{
	return __atomic_load_n(&slab->bins[class].end, __ATOMIC_RELAXED);
}

static size_t
capacity_of(const struct rtm_cpu_slab *slab, sclass_t class)
{
	return end_of(slab, class) - rtm_cpu_base[class];
}

static void
unclaim(struct rtm_cpu_slab *slab, size_t n_bytes)
{
	atomic_fetch_sub_explicit(
	    &slab->capacity_bytes, n_bytes, memory_order_relaxed);
}

/* Makes a bin shorter; what it holds above goes away first. */
static bool
shrink_bin(struct rtm_cpu_slab *slab, sclass_t class, size_t capacity)
{
	size_t end = end_of(slab, class);
	size_t new_end = rtm_cpu_base[class] + capacity;
	struct batch batch;
	size_t n;

	if (end <= new_end)
		return false;
	open_batch(&batch, slab);
	do {
		n = take_out(class, new_end, batch.objects, batch.n_max);
		if (n != 0)
			rtm_transfer_cache_give(class, batch.objects, n);
	} while (n == batch.n_max);
	close_batch(&batch);
	if (!resize(slab, class, end, new_end))
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

		capacity = capacity_of(slab, (sclass_t)c);
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
	    shrink_bin(slab, (sclass_t)victim,
		capacity > SLOTS_MIN ? capacity / 2 : 0);
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

/* Doubles the bin's room, up to a bound; false if it stays as it is. */
static bool
grow_bin(struct rtm_cpu_slab *slab, sclass_t class, size_t most)
{
	size_t end = end_of(slab, class);
	size_t capacity = end - rtm_cpu_base[class];
	size_t wanted = rtm_min(rtm_max(SLOTS_MIN, 2 * capacity), most);

	if (wanted <= capacity)
		return false;

	size_t n_bytes = (wanted - capacity) * rtm_size_classes[class].size;

	if (!claim(slab, class, n_bytes))
		return false;
	if (resize(slab, class, end, rtm_cpu_base[class] + wanted))
		return true;
	unclaim(slab, n_bytes);
	return false;
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
	    !rtm_cpu_slab_watch())
		rtm_cpu_slab_drain(false);
}

/* The slab of the processor that this just was; NULL without memory. */
static struct rtm_cpu_slab *
note_miss(sclass_t class)
{
	struct rtm_cpu_slab *slab = rtm_cpu_slab_get(cpu_now());

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
		n = rtm_min(rtm_max(REFILL_MIN, kind->batch / 8), kind->batch);
	grow_bin(slab, class, rtm_cpu_slots_max[class]);
	atomic_store_explicit(&cold->next_refill,
	    (uint16_t)rtm_min(2 * n, kind->batch), memory_order_relaxed);
	/* One for the caller, the others for the bin. */
	return rtm_min(n, capacity_of(slab, class) + 1);
}

static size_t
fetch(sclass_t class, bool is_first, void **objects, size_t n)
{
	if (is_first && rtm_size_classes[class].size < SHARED_BYTES &&
	    !rtm_thread_is_alone())
		return rtm_central_list_take_fresh(class, objects, n);

	size_t n_taken = rtm_transfer_cache_take(class, objects, n);

	return n_taken != 0 ? n_taken
			    : rtm_central_list_take(class, objects, n);
}

/* The bin is empty: one object for the caller, and more into the bin. */
static void *
refill(struct rtm_cpu_slab *slab, sclass_t class)
{
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];
	bool is_first =
	    atomic_load_explicit(&cold->next_refill, memory_order_relaxed) == 0;
	size_t n_wanted = plan_refill(slab, class);
	struct batch batch;
	void *object = NULL;

	atomic_store_explicit(&cold->was_refilled, true, memory_order_relaxed);
	open_batch(&batch, slab);

	size_t n = fetch(
	    class, is_first, batch.objects, rtm_min(n_wanted, batch.n_max));

	if (n != 0) {
		object = batch.objects[--n];
		n -= put_in(class, batch.objects, n);
		if (n != 0) /* somebody else has filled the bin */
			rtm_transfer_cache_give(class, batch.objects, n);
	}
	close_batch(&batch);
	return object;
}

static void *
take_single(sclass_t class)
{
	void *object = NULL;

	rtm_central_list_take(class, &object, 1);
	return object;
}

void *
rtm_cpu_cache_take(sclass_t class)
{
	bool is_aborted;
	void *object = pop(class, &is_aborted);

	if (object != NULL)
		return object;

	struct rtm_cpu_slab *slab = note_miss(class);

	return !is_aborted && slab != NULL ? refill(slab, class)
					   : take_single(class);
}

/*
 * A full bin that may not grow gives half away; all of it, if nobody took
 * anything from it lately, and then room too, if that goes on.
 */
static void
flush_bin(struct rtm_cpu_slab *slab, sclass_t class)
{
	struct rtm_cpu_bin_cold *cold = &slab->cold[class];
	size_t capacity = capacity_of(slab, class);
	bool is_consumer =
	    !atomic_load_explicit(&cold->was_refilled, memory_order_relaxed);
	size_t n_left = is_consumer ? capacity : (capacity + 1) / 2;
	struct batch batch;
	size_t n;

	atomic_store_explicit(&cold->was_refilled, false, memory_order_relaxed);
	open_batch(&batch, slab);
	do {
		n = take_out(class, rtm_cpu_base[class], batch.objects,
		    rtm_min(n_left, batch.n_max));
		if (n != 0)
			rtm_transfer_cache_give(class, batch.objects, n);
		n_left -= n;
	} while (n == batch.n_max && n_left != 0);
	close_batch(&batch);

	unsigned n_overages = !is_consumer ? 0
					   : 1u +
		atomic_load_explicit(&cold->n_overages, memory_order_relaxed);

	if (n_overages >= max_overages) {
		n_overages = 0;
		if (capacity / 2 >=
		    rtm_max(rtm_size_classes[class].batch, SLOTS_MIN))
			shrink_bin(slab, class, capacity / 2);
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
	    DIRECT_MAX &&
	    atomic_fetch_add_explicit(
		&cold->n_direct, 1, memory_order_relaxed) < DIRECT_MAX;
}

static bool
make_room(struct rtm_cpu_slab *slab, sclass_t class)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	bool is_consumer = !atomic_load_explicit(
	    &slab->cold[class].was_refilled, memory_order_relaxed);
	size_t most = rtm_cpu_slots_max[class];

	if (is_consumer)
		most = rtm_min(most, kind->batch);
	if (grow_bin(slab, class, most))
		return true;
	if (capacity_of(slab, class) == 0)
		return false;
	flush_bin(slab, class);
	return true;
}

void
rtm_cpu_cache_give(sclass_t class, void *object)
{
	enum rtm_rseq_result result = push(class, object);

	if (result == RTM_RSEQ_DONE)
		return;

	struct rtm_cpu_slab *slab = note_miss(class);

	if (result == RTM_RSEQ_FULL && slab != NULL &&
	    !is_foreign(slab, class) && make_room(slab, class) &&
	    push(class, object) == RTM_RSEQ_DONE)
		return;
	rtm_central_list_give(class, &object, 1);
}

size_t
rtm_cpu_cache_starve(void)
{
	atomic_store_explicit(&n_refused, 0, memory_order_relaxed);
	atomic_store_explicit(&budget, 0, memory_order_relaxed);
	return rtm_cpu_slab_drain(true);
}

/* ------------------------------------------------------- who works so */

void
rtm_cpu_cache_init(const struct rtm_conf *conf)
{
	full_budget = conf->cpu_cache_size;
	max_overages = conf->max_overages;
	atomic_store_explicit(&budget, full_budget, memory_order_relaxed);
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
	rtm_front.slab = nobodys_slab();
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
	stats->limit_bytes =
	    atomic_load_explicit(&budget, memory_order_relaxed);
}

#endif
