/*
 * cpu_slab.c - the slabs of all processors: where bins lie, who has one
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_slab.h"
#include "back/meta.h"
#include "front/reserve.h"
#include "middle/transfer_cache.h"
#include "os/home.h"
#include "os/lock.h"
#include "os/memory.h"
#include "os/thread.h"

#include <string.h>

#if RTM_HAVE_PERCPU

enum {
	/* Indexes have 16 bits. */
	SLOTS_ALL_MAX = UINT16_MAX - sizeof(struct rtm_cpu_slab) / 8,
};

_Static_assert(offsetof(struct rtm_cpu_slab, bins) == 0 &&
	sizeof(struct rtm_bin) == 4 && offsetof(struct rtm_bin, end) == 2,
    "as the sections know them");

struct rtm_cpu_view rtm_cpu_view_fast;
struct rtm_cpu_view rtm_cpu_view_all;
uint16_t rtm_cpu_base[RTM_N_CLASSES];
uint16_t rtm_cpu_slots_max[RTM_N_CLASSES];

struct spare_area {
	struct spare_area *next;
};

static struct {
	struct rtm_lock lock;
	struct rtm_cpu_slab **made; /* by processor; on the table or not */
	struct rtm_cpu_slab *all;   /* that were made, by next */
	_Atomic unsigned n_cpus;    /* 0 before the start */
	_Atomic unsigned n_shown;   /* slabs on the table */
	size_t n_slab_bytes;
	struct spare_area *areas; /* of threads that have ended */
} pool;

static bool (*watch)(void);

static void
lock_pool(void)
{
	rtm_lock_take(&pool.lock, RTM_RANK_CPUS);
}

static void
unlock_pool(void)
{
	rtm_lock_give(&pool.lock, RTM_RANK_CPUS);
}

static unsigned
count_cpus(void)
{
	/* Pairs with the release order of start_locked(). */
	return atomic_load_explicit(&pool.n_cpus, memory_order_acquire);
}

/* --------------------------------------------------- the table, both ways */

static struct rtm_cpu_slab *
slab_of(unsigned cpu)
{
	return atomic_load_explicit(
	    &rtm_cpu_view_all.slabs[cpu], memory_order_acquire);
}

static void
show(struct rtm_cpu_view *view, unsigned cpu, struct rtm_cpu_slab *slab)
{
	/* Whoever sees the slab sees its bins. */
	atomic_store_explicit(&view->slabs[cpu], slab, memory_order_release);
}

/* On the table, or, with NULL, off it. */
static void
set_slab_locked(unsigned cpu, struct rtm_cpu_slab *slab)
{
	int change = (slab != NULL) - (slab_of(cpu) != NULL);

	/* Two's complement: one more, one less, or neither. */
	atomic_fetch_add_explicit(
	    &pool.n_shown, (unsigned)change, memory_order_relaxed);
	show(&rtm_cpu_view_all, cpu, slab);
	show(&rtm_cpu_view_fast, cpu,
	    rtm_thread_cache_is_hidden(~0u) ? NULL : slab);
}

void
rtm_cpu_slab_hide(void)
{
	unsigned n_cpus = count_cpus();

	lock_pool();
	for (unsigned i = 0; i < n_cpus; i++)
		set_slab_locked(i, slab_of(i));
	unlock_pool();
}

/* ------------------------------------------------------------- geometry */

/* Long lists of many classes may be more than indexes can count. */
static size_t
most_slots(void)
{
	size_t n_max = RTM_KIB(64);
	size_t sum;

	do {
		sum = 0;
		n_max /= 2;
		for (unsigned c = 0; c <= rtm_size_class_last; c++)
			sum += 1 + rtm_min(rtm_size_classes[c].bin_max, n_max);
	} while (sum > SLOTS_ALL_MAX);
	return n_max;
}

/* Says how many slots, the head's included, a slab has. */
static size_t
plan_bins(void)
{
	size_t slot = sizeof(struct rtm_cpu_slab) / sizeof(void *);
	size_t n_max = most_slots();

	for (unsigned c = 0; c <= rtm_size_class_last; c++) {
		size_t n = rtm_min(rtm_size_classes[c].bin_max, n_max);

		rtm_cpu_base[c] = (uint16_t)slot;
		rtm_cpu_slots_max[c] = (uint16_t)n;
		slot += 1 + n;
	}
	return slot;
}

static bool
start_locked(void)
{
	unsigned n_cpus = rtm_rseq_count_cpus();

	if (n_cpus == 0)
		return false;
	pool.made = rtm_meta_take(n_cpus * sizeof(*pool.made));
	if (pool.made == NULL)
		return false;
	pool.n_slab_bytes = plan_bins() * sizeof(void *);
	atomic_store_explicit(&pool.n_cpus, n_cpus, memory_order_release);
	return true;
}

bool
rtm_cpu_slab_start(void)
{
	if (RTM_LIKELY(count_cpus() != 0))
		return true;
	lock_pool();

	bool is_there = count_cpus() != 0 || start_locked();

	unlock_pool();
	return is_there;
}

/* -------------------------------------------------- on and off the table */

/* Empties bins that nobody else can see. */
static void
lay_out_bins(struct rtm_cpu_slab *slab)
{
	for (unsigned c = 0; c <= rtm_size_class_last; c++) {
		slab->bins[c].cur = rtm_cpu_base[c];
		slab->bins[c].end = rtm_cpu_base[c];
	}
	memset(slab->cold, 0, sizeof(slab->cold));
}

unsigned
rtm_cpu_slab_count_shown(void)
{
	return atomic_load_explicit(&pool.n_shown, memory_order_relaxed);
}

/*
 * A lone thread takes its slab along: what it has cached is with it, it leaves
 * nothing behind that somebody would have to watch, and so it stays alone.
 */
static void
bring_locked(unsigned cpu)
{
	unsigned from = 0;

	if (rtm_cpu_slab_count_shown() == 0)
		return;
	while (slab_of(from) == NULL)
		from++;

	struct rtm_cpu_slab *slab = pool.made[from];

	set_slab_locked(from, NULL);
	pool.made[from] = pool.made[cpu];
	pool.made[cpu] = slab;
}

static struct rtm_cpu_slab *
get_locked(unsigned cpu)
{
	/* Another thread was first. */
	if (slab_of(cpu) != NULL)
		return slab_of(cpu);
	if (rtm_thread_is_programs_only())
		bring_locked(cpu);

	struct rtm_cpu_slab *slab = pool.made[cpu];

	if (slab == NULL) {
		slab = rtm_meta_take(pool.n_slab_bytes);
		if (slab == NULL)
			return NULL;
		lay_out_bins(slab);
		pool.made[cpu] = slab;
		slab->next = pool.all;
		pool.all = slab;
	}
	set_slab_locked(cpu, slab);
	return slab;
}

bool
rtm_cpu_slab_may_be_left(void)
{
	unsigned n_shown = rtm_cpu_slab_count_shown();

	/* A single thread, who takes its slab along, need not take locks. */
	return n_shown > 1 || (n_shown == 1 && !rtm_thread_is_programs_only());
}

void
rtm_cpu_slab_set_watch(bool (*start_watch)(void))
{
	watch = start_watch;
}

bool
rtm_cpu_slab_watch(void)
{
	return !rtm_cpu_slab_may_be_left() || (watch != NULL && watch());
}

struct rtm_cpu_slab *
rtm_cpu_slab_at(unsigned cpu)
{
	return cpu < count_cpus() ? slab_of(cpu) : NULL;
}

struct rtm_cpu_slab *
rtm_cpu_slab_get(unsigned cpu)
{
	if (cpu >= count_cpus())
		return NULL;

	struct rtm_cpu_slab *slab = slab_of(cpu);

	if (RTM_LIKELY(slab != NULL))
		return slab;
	lock_pool();
	slab = get_locked(cpu);
	unlock_pool();
	rtm_cpu_slab_watch();
	return slab;
}

/* The lock keeps those who fork from a reserve that they have not seen. */
struct rtm_reserve *
rtm_cpu_slab_get_reserve(struct rtm_cpu_slab *slab)
{
	struct rtm_reserve *reserve = rtm_cpu_slab_reserve(slab);

	if (RTM_LIKELY(reserve != NULL))
		return reserve;

	struct rtm_reserve *mine = rtm_reserve_new();

	if (mine == NULL)
		return NULL;
	lock_pool();
	/* Another thread may have been first. */
	if (atomic_compare_exchange_strong(&slab->reserve, &reserve, mine))
		reserve = mine;
	unlock_pool();
	if (reserve != mine)
		rtm_reserve_delete(mine);
	return reserve;
}

static void
visit_locked(
    void (*visit)(struct rtm_reserve *reserve, void *cookie), void *cookie)
{
	for (const struct rtm_cpu_slab *slab = pool.all; slab != NULL;
	     slab = slab->next)
		if (rtm_cpu_slab_reserve(slab) != NULL)
			visit(rtm_cpu_slab_reserve(slab), cookie);
}

void
rtm_cpu_slab_visit_reserves(
    void (*visit)(struct rtm_reserve *reserve, void *cookie), void *cookie)
{
	lock_pool();
	visit_locked(visit, cookie);
	unlock_pool();
}

/* Slots need no memory any more; the head, and what it counts, does. */
static void
cool(struct rtm_cpu_slab *slab)
{
	size_t page = rtm_mem_page_size();
	uintptr_t first = rtm_round_up((uintptr_t)(slab + 1), page);
	uintptr_t end =
	    rtm_round_down((uintptr_t)slab + pool.n_slab_bytes, page);

	if (first < end)
		rtm_mem_decommit((void *)first, end - first);
}

/*
 * The slab is off the table, and no section works on it any more.  What it
 * holds stays with those who are at home on its processor.
 */
static size_t
empty_slab(unsigned cpu, struct rtm_cpu_slab *slab)
{
	void **slots = (void **)(void *)slab;
	size_t n_objects = 0;
	size_t n_bytes = 0;

	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		size_t base = rtm_cpu_base[c];
		size_t n = slab->bins[c].cur - base;

		n_bytes +=
		    (slab->bins[c].end - base) * rtm_size_classes[c].size;
		n_objects += n;
		if (n != 0)
			rtm_transfer_cache_give_to(
			    rtm_home_of(cpu), (sclass_t)c, slots + base + 1, n);
	}
	lay_out_bins(slab);
	/* Others may have claimed a part that they will not use. */
	atomic_fetch_sub_explicit(
	    &slab->capacity_bytes, n_bytes, memory_order_relaxed);
	cool(slab);
	return n_objects;
}

/*
 * Changes while the slab is in use, be it that nobody misses anything.  (What
 * is mistaken for idle, because it looks as before just now, fills again.)
 */
static uint32_t
fingerprint(const struct rtm_cpu_slab *slab)
{
	enum { FNV_PRIME = 16777619 }; /* Fowler, Noll, Vo */
	uint32_t sum =
	    atomic_load_explicit(&slab->n_misses, memory_order_relaxed);

	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		sum =
		    (sum ^
			__atomic_load_n(&slab->bins[c].cur, __ATOMIC_RELAXED)) *
		    FNV_PRIME;
	return sum;
}

/* True if the slab is on the table, and idle. */
static bool
is_drainable(unsigned cpu, bool all)
{
	struct rtm_cpu_slab *slab = slab_of(cpu);

	if (slab == NULL)
		return false;

	uint32_t seen = slab->seen;

	slab->seen = fingerprint(slab);
	return all || slab->seen == seen;
}

/*
 * All slabs that are to be emptied leave the table before the one fence; if
 * there is no fence, they go back.
 */
static size_t
drain_locked(unsigned n_cpus, bool all)
{
	bool is_any = false;
	size_t n_objects = 0;

	for (unsigned i = 0; i < n_cpus; i++)
		if (is_drainable(i, all)) {
			set_slab_locked(i, NULL);
			is_any = true;
		}
	if (!is_any)
		return 0;

	bool is_safe = rtm_rseq_fence();

	for (unsigned i = 0; i < n_cpus; i++) {
		struct rtm_cpu_slab *slab = pool.made[i];

		if (slab == NULL || slab_of(i) == slab)
			continue;
		if (!is_safe)
			set_slab_locked(i, slab);
		else if (atomic_load(&slab->capacity_bytes) != 0)
			n_objects += empty_slab(i, slab);
	}
	return n_objects;
}

size_t
rtm_cpu_slab_drain(bool all)
{
	unsigned n_cpus = count_cpus();
	size_t n_objects = 0;

	if (n_cpus != 0) {
		lock_pool();
		n_objects = drain_locked(n_cpus, all);
		unlock_pool();
	}
	return n_objects;
}

/* ----------------------------------------------------------------- areas */

/* It outlives the thread: a kernel that is not told writes into no harm. */
struct rtm_rseq *
rtm_cpu_area_take(void)
{
	lock_pool();

	struct spare_area *area = pool.areas;

	if (area != NULL)
		pool.areas = area->next;
	unlock_pool();
	return area != NULL ? (struct rtm_rseq *)(void *)area
			    : rtm_meta_take(sizeof(struct rtm_rseq));
}

void
rtm_cpu_area_give(struct rtm_rseq *area)
{
	struct spare_area *spare = (struct spare_area *)(void *)area;

	lock_pool();
	spare->next = pool.areas;
	pool.areas = spare;
	unlock_pool();
}

/* ------------------------------------------------------------ statistics */

/* Sections change it meanwhile: each index is read whole. */
static void
count_slab(const struct rtm_cpu_slab *slab, size_t *n_objects)
{
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		unsigned cur =
		    __atomic_load_n(&slab->bins[c].cur, __ATOMIC_RELAXED);

		if (cur > rtm_cpu_base[c])
			n_objects[c] += cur - rtm_cpu_base[c];
	}
}

static void
count_reserve(struct rtm_reserve *reserve, void *n_objects)
{
	rtm_reserve_count(reserve, n_objects);
}

size_t
rtm_cpu_slab_count_locked(size_t n_objects[RTM_N_CLASSES])
{
	unsigned n_cpus = count_cpus();
	size_t n_slabs = 0;

	for (unsigned i = 0; i < n_cpus; i++)
		if (slab_of(i) != NULL) {
			count_slab(slab_of(i), n_objects);
			n_slabs++;
		}
	visit_locked(count_reserve, n_objects);
	return n_slabs;
}

/* ------------------------------------------------------------------ fork */

static void
lock_reserve(struct rtm_reserve *reserve, void *unused)
{
	(void)unused;
	rtm_lock_take_unranked(&reserve->lock);
}

static void
unlock_reserve(struct rtm_reserve *reserve, void *unused)
{
	(void)unused;
	rtm_lock_give_unranked(&reserve->lock);
}

static void
renew_lock(struct rtm_reserve *reserve, void *unused)
{
	(void)unused;
	rtm_lock_init(&reserve->lock);
}

void
rtm_cpu_slab_fork_prepare(void)
{
	lock_pool();
	rtm_lock_rank_enter(RTM_RANK_RESERVE);
	visit_locked(lock_reserve, NULL);
}

void
rtm_cpu_slab_fork_parent(void)
{
	visit_locked(unlock_reserve, NULL);
	rtm_lock_rank_leave(RTM_RANK_RESERVE);
	unlock_pool();
}

static void
add_lent(struct rtm_reserve *reserve, void *n_bytes)
{
	*(size_t *)n_bytes +=
	    atomic_load_explicit(&reserve->lent_bytes, memory_order_relaxed);
}

size_t
rtm_cpu_slab_count_lent(void)
{
	size_t n_bytes = 0;

	visit_locked(add_lent, &n_bytes);
	return n_bytes;
}

/*
 * What sections of other threads had not committed has not happened, so the
 * slabs are good, and reserves were locked.  Those threads' claims, and batches
 * and packs under way, are not here.
 */
void
rtm_cpu_slab_fork_child(void)
{
	unsigned n_cpus = count_cpus();

	rtm_lock_init(&pool.lock);
	visit_locked(renew_lock, NULL);
	for (unsigned i = 0; i < n_cpus; i++) {
		struct rtm_cpu_slab *slab = pool.made[i];
		size_t n_bytes = 0;

		if (slab == NULL)
			continue;
		for (unsigned c = 1; c <= rtm_size_class_last; c++)
			n_bytes += rtm_size_classes[c].size *
			    (size_t)(slab->bins[c].end - rtm_cpu_base[c]);
		atomic_store(&slab->capacity_bytes, n_bytes);
		for (size_t k = 0; k < RTM_CPU_STAGES; k++)
			atomic_store(&slab->is_stage_taken[k], false);
	}
}

#endif
