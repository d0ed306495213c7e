/*
 * central_list.c - the spans of a size class, and their free objects
 *
 * Spans with free objects stand in one of eight lists by how full they are:
 *
 *	lists[0]  at least half of the objects in use: taken from first
 *	lists[1]  at least a quarter
 *	...
 *	lists[7]  less than a 128th
 *
 * The steps are fine at the empty end: which of the nearly empty spans is
 * taken from decides whether the others drain ("span prioritization" in the
 * design of TCMalloc).
 *
 * Each home (os/home.h) has its lists, and spans stay with theirs: what a
 * thread frees goes to the span's home, what it takes comes from its own, if
 * that has any.
 *
 * A span also knows the cache that it was made for.  While few spans of the
 * class stand in the lists, that cache alone is given its objects, unless
 * memory ends: a processor that fetches ahead takes lines of the same page away
 * from another.
 *
 * Spans without free objects are in no list.  A span whose last object came
 * back leaves its list and, when the lock is dropped, goes to the page heap.
 * Invariant: stats.n_free_objects is the sum of n_free over the lists.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/central_list.h"
#include "back/meta.h"
#include "back/page_heap.h"
#include "back/page_map.h"
#include "base/panic.h"
#include "middle/span_objects.h"
#include "os/home.h"
#include "os/lock.h"

#include <string.h>

enum {
	N_LISTS = 8,
	OWN_SPANS_MAX = 16,   /* in the lists, for each home; else shared */
	FRESH_SPANS_MAX = 32, /* then look whether one is needed */
	MIXED_OBJECTS = 256,  /* sorted by home at a time */
	DENSE_BYTES = 2048    /* a page of the system's has two at least */
};

struct central_list {
	struct rtm_lock lock; /* rank CENTRAL; guards all below */
	bool is_ready;        /* the list heads are set up */
	struct rtm_list lists[N_LISTS];
	size_t n_linked;         /* spans in the lists */
	struct rtm_list bitmaps; /* unused external bitmaps */
	struct rtm_central_stats stats;
} RTM_LINE_ALIGNED;

static struct central_list centrals[RTM_HOMES_MAX][RTM_N_CLASSES];

/* The list heads of a class that nobody uses are never touched. */
static struct central_list *
lock_central(unsigned home, sclass_t size_class)
{
	struct central_list *central = &centrals[home][size_class];

	rtm_lock_take(&central->lock, RTM_RANK_CENTRAL);
	if (RTM_UNLIKELY(!central->is_ready)) {
		for (int i = 0; i < N_LISTS; i++)
			rtm_list_init(&central->lists[i]);
		rtm_list_init(&central->bitmaps);
		central->is_ready = true;
	}
	return central;
}

static void
unlock_central(struct central_list *central)
{
	rtm_lock_give(&central->lock, RTM_RANK_CENTRAL);
}

/* ------------------------------------------------------------- one span */

static uint32_t
bitmap_words(const struct rtm_size_class *class)
{
	return (class->n_objects + 63) / 64;
}

/* Which list the span belongs to: how often its use can be doubled. */
static uint8_t
occupancy_of(const struct rtm_span *span)
{
	uint32_t n_used = span->n_objects - span->n_free;
	unsigned n_doublings =
	    rtm_log2_floor(span->n_objects) - rtm_log2_floor(n_used | 1);

	return (uint8_t)rtm_min(n_doublings, N_LISTS - 1);
}

static void
link_span(struct central_list *central, struct rtm_span *span)
{
	span->occupancy = occupancy_of(span);
	rtm_list_push(&central->lists[span->occupancy], &span->link);
	central->n_linked++;
}

static void
unlink_span(struct central_list *central, struct rtm_span *span)
{
	rtm_list_remove(&span->link);
	central->n_linked--;
}

/* After n_free has changed; it was not 0, and is not. */
static void
relink_span(struct central_list *central, struct rtm_span *span)
{
	if (span->occupancy == occupancy_of(span))
		return;
	unlink_span(central, span);
	link_span(central, span);
}

/* --------------------------------------------------------- fresh spans */

/*
 * A bitmap that does not fit into the span structure.  Few classes need any:
 * home 0 keeps them for all.
 */
static uint64_t *
external_bitmap(sclass_t size_class)
{
	struct central_list *central = lock_central(0, size_class);
	struct rtm_list *link = NULL;

	if (!rtm_list_is_empty(&central->bitmaps)) {
		link = central->bitmaps.next;
		rtm_list_remove(link);
	}
	unlock_central(central);
	if (link != NULL)
		return (uint64_t *)(void *)link;
	return rtm_meta_take(
	    bitmap_words(&rtm_size_classes[size_class]) * sizeof(uint64_t));
}

/* Where the pages of a new span come from. */
enum source { ANYWHERE, NEAR /* see rtm_page_heap_take_near() */ };

static struct rtm_span *
new_span(sclass_t size_class, enum source source)
{
	const struct rtm_size_class *class = &rtm_size_classes[size_class];
	bool is_dense = class->size <= DENSE_BYTES;
	struct rtm_span *span = source == NEAR
	    ? rtm_page_heap_take_near(class->n_pages, is_dense)
	    : rtm_page_heap_take_small(class->n_pages, is_dense);

	if (span == NULL)
		return NULL;
	span->bitmap = span->inline_bitmap;
	if (bitmap_words(class) > RTM_SPAN_INLINE_WORDS)
		span->bitmap = external_bitmap(size_class);
	if (span->bitmap == NULL) {
		rtm_page_heap_give(span);
		return NULL;
	}
	span->n_objects = class->n_objects;
	span->size_class = size_class;
	rtm_span_objects_fill(span);
	rtm_page_map_set_small(span);
	return span;
}

/* Adds a new span; what is left of it after the taking is linked. */
static size_t
take_from_new_span(sclass_t size_class, enum source source, uint16_t taker,
    void **objects, size_t n)
{
	struct rtm_span *span = new_span(size_class, source);

	if (span == NULL)
		return 0;

	size_t n_taken = rtm_span_objects_take(
	    span, rtm_size_classes[size_class].size, objects, n);
	struct central_list *central =
	    lock_central(rtm_span_home(span), size_class);

	span->taker = taker;
	central->stats.n_spans++;
	central->stats.n_free_objects += span->n_free;
	RTM_COUNT(central->stats.n_made, 1);
	RTM_COUNT(central->stats.n_taken, n_taken);
	if (span->n_free != 0)
		link_span(central, span);
	unlock_central(central);
	return n_taken;
}

/* ------------------------------------------------------- taking, giving */

static struct rtm_span *
fullest_span(struct central_list *central)
{
	for (int i = 0; i < N_LISTS; i++)
		if (!rtm_list_is_empty(&central->lists[i]))
			return RTM_LIST_ITEM(
			    central->lists[i].next, struct rtm_span, link);
	return NULL;
}

/* One that was made for that cache. */
static struct rtm_span *
own_span(struct central_list *central, uint16_t taker)
{
	for (int i = 0; i < N_LISTS; i++)
		for (struct rtm_list *link = central->lists[i].next;
		     link != &central->lists[i]; link = link->next) {
			struct rtm_span *span =
			    RTM_LIST_ITEM(link, struct rtm_span, link);

			if (span->taker == taker)
				return span;
		}
	return NULL;
}

/* The next three look without the lock: hints, and so they may race. */
RTM_NO_TSAN static bool
looks_empty(unsigned home, sclass_t size_class)
{
	return *(const volatile size_t *)&centrals[home][size_class]
		    .stats.n_free_objects == 0;
}

RTM_NO_TSAN static size_t
count_linked(unsigned home, sclass_t size_class)
{
	return *(const volatile size_t *)&centrals[home][size_class].n_linked;
}

/* May a cache leave spans of others alone?  Then lists are short. */
static bool
may_choose(unsigned home, unsigned n_homes, sclass_t size_class, uint16_t taker)
{
	size_t n = 0;

	for (unsigned i = 0; taker != 0 && i < n_homes; i++)
		n += count_linked(home ^ i, size_class);
	return taker != 0 && n < OWN_SPANS_MAX * n_homes;
}

bool
rtm_central_list_keeps_apart(sclass_t size_class)
{
	return count_linked(rtm_home(), size_class) < OWN_SPANS_MAX;
}

/*
 * Fills objects[] from its end; says how many.  With a taker, only from spans
 * of its own.
 */
static size_t
take_from_linked(unsigned home, sclass_t size_class, uint16_t taker,
    void **objects, size_t n)
{
	if (looks_empty(home, size_class))
		return 0;

	struct central_list *central = lock_central(home, size_class);
	uint32_t size = rtm_size_classes[size_class].size;
	size_t n_left = n;

	while (n_left != 0) {
		struct rtm_span *span = taker != 0 ? own_span(central, taker)
						   : fullest_span(central);

		if (span == NULL)
			break;
		n_left -= rtm_span_objects_take(span, size, objects, n_left);
		if (span->n_free == 0)
			unlink_span(central, span);
		else
			relink_span(central, span);
	}
	central->stats.n_free_objects -= n - n_left;
	RTM_COUNT(central->stats.n_taken, n - n_left);
	unlock_central(central);
	return n - n_left;
}

static size_t
move_to_front(void **objects, size_t n, size_t n_taken)
{
	if (n_taken != n)
		memmove(objects, objects + (n - n_taken),
		    n_taken * sizeof(*objects));
	return n_taken;
}

size_t
rtm_central_list_take_near(
    sclass_t size_class, uint16_t taker, void **objects, size_t n)
{
	unsigned home = rtm_home();

	if (!may_choose(home, 1, size_class, taker))
		taker = 0;

	size_t n_taken = take_from_linked(home, size_class, taker, objects, n);

	if (n_taken == 0)
		n_taken =
		    take_from_new_span(size_class, NEAR, taker, objects, n);
	return move_to_front(objects, n, n_taken);
}

/* From any home, but not from spans of others. */
static size_t
take_own(sclass_t size_class, uint16_t taker, void **objects, size_t n)
{
	unsigned home = rtm_home();
	unsigned n_homes = rtm_home_count();
	size_t n_taken = 0;

	if (!may_choose(home, n_homes, size_class, taker))
		return 0;
	/* Who was elsewhere has spans there, too. */
	for (unsigned i = 0; i < n_homes && n_taken == 0; i++)
		n_taken =
		    take_from_linked(home ^ i, size_class, taker, objects, n);
	return n_taken != 0
	    ? n_taken
	    : take_from_new_span(size_class, ANYWHERE, taker, objects, n);
}

size_t
rtm_central_list_take(
    sclass_t size_class, uint16_t taker, void **objects, size_t n)
{
	unsigned home = rtm_home();
	unsigned n_homes = rtm_home_count();
	size_t n_taken = take_own(size_class, taker, objects, n);

	for (unsigned i = 0; i < n_homes && n_taken == 0; i++)
		n_taken = take_from_linked(home ^ i, size_class, 0, objects, n);
	if (n_taken == 0)
		n_taken =
		    take_from_new_span(size_class, ANYWHERE, taker, objects, n);
	return move_to_front(objects, n, n_taken);
}

/*
 * Threads that come and go, and leave an object or two each, would leave a
 * span behind each time: beside many spans that are mostly free, one of those
 * has to do.
 */
static bool
has_room_enough(sclass_t size_class)
{
	unsigned home = rtm_home();
	size_t n_spans = 0, n_free = 0;

	for (unsigned i = 0; i < rtm_home_count(); i++) {
		struct central_list *central =
		    lock_central(home ^ i, size_class);

		RTM_COUNT(central->stats.n_fresh, i == 0);
		n_spans += central->stats.n_spans;
		n_free += central->stats.n_free_objects;
		unlock_central(central);
	}
	return n_spans > FRESH_SPANS_MAX &&
	    n_free / 2 > n_spans * (rtm_size_classes[size_class].n_objects / 4);
}

size_t
rtm_central_list_take_fresh(
    sclass_t size_class, uint16_t taker, void **objects, size_t n)
{
	size_t n_taken = 0;

	if (!has_room_enough(size_class))
		n_taken =
		    take_from_new_span(size_class, ANYWHERE, taker, objects, n);
	return n_taken != 0
	    ? move_to_front(objects, n, n_taken)
	    : rtm_central_list_take(size_class, taker, objects, n);
}

static bool
holds(const struct rtm_span *span, const void *address, sclass_t size_class)
{
	return span != NULL && span->size_class == size_class &&
	    span->state == RTM_SPAN_SMALL &&
	    rtm_page_of(address) - span->first_page < span->n_pages;
}

void
rtm_central_list_check(
    const struct rtm_span *span, const void *address, const char *function)
{
	rtm_span_objects_check(
	    span, &rtm_size_classes[span->size_class], address, function);
}

/* n_given objects of the span came back: it moves, or it is wholly free. */
static void
settle(struct central_list *central, struct rtm_span *span, size_t n_given,
    struct rtm_list *drained)
{
	bool was_linked = span->n_free != 0;

	span->n_free += (uint32_t)n_given;
	central->stats.n_free_objects += n_given;
	if (span->n_free == span->n_objects) {
		if (was_linked)
			unlink_span(central, span);
		central->stats.n_free_objects -= span->n_objects;
		central->stats.n_spans--;
		/* Before anybody can be given these pages anew. */
		rtm_page_map_clear_small(span);
		rtm_list_push(drained, &span->link);
	} else if (was_linked) {
		relink_span(central, span);
	} else {
		link_span(central, span);
	}
}

/* Not before the last object: its bit tells a second free until then. */
static void
recycle_bitmaps(sclass_t size_class, const struct rtm_list *drained)
{
	for (struct rtm_list *link = drained->next; link != drained;
	     link = link->next) {
		struct rtm_span *span =
		    RTM_LIST_ITEM(link, struct rtm_span, link);

		if (span->bitmap == span->inline_bitmap)
			continue;

		struct central_list *central = lock_central(0, size_class);

		rtm_list_push(
		    &central->bitmaps, (struct rtm_list *)(void *)span->bitmap);
		unlock_central(central);
	}
}

/* The span of an object that is given back; dies if it has none. */
static struct rtm_span *
span_of(const void *object, sclass_t size_class)
{
	struct rtm_span *span = rtm_page_map_span(rtm_page_of(object));

	if (RTM_UNLIKELY(!holds(span, object, size_class)))
		rtm_panic_double_free("free", object);
	return span;
}

/*
 * Gives back objects of a home: those of which homes[] says that they are, or,
 * without it, those before the first that is another's.  Says at which object
 * it ended.
 */
static size_t
give_home(unsigned home, const uint8_t *homes, sclass_t size_class,
    void *const *objects, size_t n, struct rtm_list *drained)
{
	struct central_list *central = lock_central(home, size_class);
	size_t i = 0;

	while (i < n) {
		if (homes != NULL && homes[i] != home) {
			i++;
			continue;
		}

		struct rtm_span *span = span_of(objects[i], size_class);

		if (RTM_UNLIKELY(rtm_span_home(span) != home)) {
			if (homes == NULL && i != 0)
				break;
			/* It was free, then. */
			rtm_panic_double_free("free", objects[i]);
		}

		size_t n_given = rtm_span_objects_give(
		    span, &rtm_size_classes[size_class], objects + i, n - i);

		settle(central, span, n_given, drained);
		RTM_COUNT(central->stats.n_given, n_given);
		i += n_given;
	}
	unlock_central(central);
	return i;
}

/* Writes down the home of each object; says which there are, a bit for each. */
static unsigned
find_homes(sclass_t size_class, void *const *objects, size_t n, uint8_t *homes)
{
	unsigned found = 0;
	page_no_t first_page = 0;
	size_t n_pages = 0; /* of the span that was looked at last */
	uint8_t home = 0;

	for (size_t i = 0; i < n; i++) {
		if (rtm_page_of(objects[i]) - first_page >= n_pages) {
			const struct rtm_span *span =
			    span_of(objects[i], size_class);

			first_page = span->first_page;
			n_pages = span->n_pages;
			home = (uint8_t)rtm_span_home(span);
			found |= 1u << home;
		}
		homes[i] = home;
	}
	return found;
}

/*
 * The homes are found out before any object is given: after that, others may
 * give the rest of its span, which is then somebody else's.  (Not inlined: who
 * has one home does not need the stack for that.)
 */
RTM_NOINLINE static void
give_mixed(sclass_t size_class, void *const *objects, size_t n,
    struct rtm_list *drained)
{
	uint8_t homes[MIXED_OBJECTS];
	unsigned found = find_homes(size_class, objects, n, homes);

	for (; found != 0; found &= found - 1)
		give_home(rtm_lowest_bit(found), homes, size_class, objects, n,
		    drained);
}

/* Most often all are of one home; behind the first that is not, few are. */
void
rtm_central_list_give(sclass_t size_class, void *const *objects, size_t n)
{
	struct rtm_list drained;
	size_t i = 0;

	rtm_list_init(&drained);
	while (i < n) {
		unsigned home = rtm_span_home(span_of(objects[i], size_class));

		i += give_home(
		    home, NULL, size_class, objects + i, n - i, &drained);

		size_t n_mixed = rtm_min(n - i, MIXED_OBJECTS);

		if (n_mixed != 0)
			give_mixed(size_class, objects + i, n_mixed, &drained);
		i += n_mixed;
	}
	recycle_bitmaps(size_class, &drained);
	rtm_page_heap_give_all(&drained);
}

/* ------------------------------------------------------------- the rest */

static void
add_stats(struct rtm_central_stats *sum, const struct rtm_central_stats *home)
{
	sum->n_spans += home->n_spans;
	sum->n_free_objects += home->n_free_objects;
	sum->n_made += home->n_made;
	sum->n_taken += home->n_taken;
	sum->n_given += home->n_given;
	sum->n_fresh += home->n_fresh;
}

void
rtm_central_list_stats_locked(
    sclass_t size_class, struct rtm_central_stats *stats)
{
	*stats = (struct rtm_central_stats){ 0 };
	for (unsigned home = 0; home < rtm_home_count(); home++)
		add_stats(stats, &centrals[home][size_class].stats);
}

void
rtm_central_list_stats(sclass_t size_class, struct rtm_central_stats *stats)
{
	*stats = (struct rtm_central_stats){ 0 };
	for (unsigned home = 0; home < rtm_home_count(); home++) {
		struct central_list *central = lock_central(home, size_class);

		add_stats(stats, &central->stats);
		unlock_central(central);
	}
}

/* All locks of one rank at once: the only place that does so. */
void
rtm_central_list_fork_prepare(void)
{
	rtm_home_open();
	rtm_lock_rank_enter(RTM_RANK_CENTRAL);
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_take_unranked(&centrals[home][c].lock);
}

void
rtm_central_list_fork_parent(void)
{
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_give_unranked(&centrals[home][c].lock);
	rtm_lock_rank_leave(RTM_RANK_CENTRAL);
}

void
rtm_central_list_fork_child(void)
{
	for (unsigned home = 0; home < rtm_home_count(); home++)
		for (int c = 1; c < RTM_N_CLASSES; c++)
			rtm_lock_init(&centrals[home][c].lock);
}
