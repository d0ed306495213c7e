/*
 * central_list.h - the spans of a size class, and their free objects
 *
 * The end of the line for an object that no cache wants, and where caches
 * get objects when the transfer cache is empty.  Objects are taken lowest
 * first from the fullest span, so that the emptier ones can drain and go
 * back whole; while spans are few, from those of the cache that asks.
 *
 * Locks:   one per home and class, rank CENTRAL; dropped before the page heap
 *          is asked or given to.
 * Failure: taking returns fewer objects than wanted, 0 without memory.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_CENTRAL_LIST_H
#define RTM_MIDDLE_CENTRAL_LIST_H

#include "middle/size_class.h"

struct rtm_central_stats {
	size_t n_spans;
	size_t n_free_objects; /* in the spans' bitmaps */
	uint64_t n_made;       /* spans, up to now */
	uint64_t n_taken;      /* objects, up to now */
	uint64_t n_given;
	uint64_t n_fresh; /* calls of rtm_central_list_take_fresh() */
};

/*
 * Takes up to n objects into objects[], the lowest addresses last, so that
 * a stack hands them out rising.  Says how many.  Those of the caller's home
 * come first, then those of others, then a new span.
 *
 * A taker is the number of the cache that they are for, 0 if that does not
 * matter.  As long as few spans of the class are in use in part it is given
 * objects of spans that were made for it, of any home, or a new one, before
 * those of others.
 */
size_t rtm_central_list_take(
    sclass_t size_class, uint16_t taker, void **objects, size_t n);

/*
 * The same, but only what the caller's home (os/home.h) has, or had: a span of
 * its own, else a new one by rtm_page_heap_take_near().
 */
size_t rtm_central_list_take_near(
    sclass_t size_class, uint16_t taker, void **objects, size_t n);

/*
 * As the first, all from a span that nobody else has objects of, unless the
 * class has many spans that are mostly free, or there is no memory for one.
 */
size_t rtm_central_list_take_fresh(
    sclass_t size_class, uint16_t taker, void **objects, size_t n);

/* Has each taker spans of its own just now, in the caller's home?  A hint. */
bool rtm_central_list_keeps_apart(sclass_t size_class);

/*
 * Gives objects back; dies if one is not an object of the class or is free
 * already.  Neighbours in objects[] that share a span are cheap.
 */
void rtm_central_list_give(sclass_t size_class, void *const *objects, size_t n);

/*
 * Dies unless the address, which lies in the span, is the start of an
 * object; function is what the user called.
 */
void rtm_central_list_check(
    const struct rtm_span *span, const void *address, const char *function);

void rtm_central_list_stats(
    sclass_t size_class, struct rtm_central_stats *stats);

/* The same between fork_prepare and fork_parent, which hold all locks. */
void rtm_central_list_stats_locked(
    sclass_t size_class, struct rtm_central_stats *stats);

void rtm_central_list_fork_prepare(void);
void rtm_central_list_fork_parent(void);
void rtm_central_list_fork_child(void);

#endif
