/*
 * page_heap.h - the back end: runs of pages for blocks and for size classes
 *
 * Free runs are dirty (they still hold memory, and garbage) or clean (zeros,
 * and hardly any memory, see free_runs.h).  A request takes the best dirty run
 * of the caller's home (os/home.h), else one that it adopts from another home,
 * else the best clean one, else the heap grows (run_source.h; but see
 * rtm_page_heap_take_near).  Neighbours of one kind and home are joined when a
 * run comes back; pages that go back to the system have no home any more.  In a
 * heap of some MiB homes are given clean pages by 2 MiB, if they are not
 * scarce.  From 20 MiB of what is dense on that lies in huge pages: all of it
 * is soon touched, and no more than one for each home before it is needed,
 * which is not so with blocks.  Blocks are taken for home 0, whoever wants
 * them, since they need long runs.
 *
 * Locks:   one, rank PAGE_HEAP, with no system call under it.  Memory is given
 *          back with the lock dropped, and with the runs in nobody's list
 *          meanwhile; who makes the heap grow holds another, HEAP_SPACE.
 * Failure: NULL or false, with everything as it was.  Giving cannot fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_PAGE_HEAP_H
#define RTM_BACK_PAGE_HEAP_H

#include "back/span.h"

struct rtm_page_heap_config {
	bool is_tight;              /* see heap_space.h */
	bool is_huge;               /* fresh large blocks, and small ones of a
	                               large heap, ask for huge pages */
	size_t n_exact_bins;        /* option max_pages */
	size_t purge_slack_percent; /* option of that name */
	void (*on_dirty)(void);     /* called, without locks, when a lot of
	                               freed memory waits, or use has fallen
	                               by a lot; or NULL */
};

struct rtm_page_heap_stats {
	size_t used_pages;       /* in blocks and in spans of size classes */
	size_t dirty_pages;      /* free, resident */
	size_t clean_pages;      /* free, given back or never touched */
	size_t large_pages;      /* of those in use: in large blocks */
	size_t n_large;          /* large blocks */
	size_t peak_large_pages; /* most ever of these two */
	size_t peak_large;
	size_t n_free_runs;
	size_t peak_pages; /* most ever in use */
	size_t n_purges;   /* calls that gave memory back */
	size_t n_purged_pages;
	size_t n_takes;       /* requests served */
	size_t n_gives;       /* spans that came back */
	size_t n_large_takes; /* of these, for large blocks */
};

/* Once, at start. */
void rtm_page_heap_init(const struct rtm_page_heap_config *config);

/*
 * A LARGE span of n_pages; its first page is a multiple of align_pages, a power
 * of two.  is_zero tells whether its pages read as zeros.
 */
struct rtm_span *rtm_page_heap_take(size_t n_pages, size_t align_pages);

/*
 * A SMALL span of n_pages.  If all of the system's pages in it will be used
 * when it is (is_dense), and there is a lot of such, it comes from huge pages.
 */
struct rtm_span *rtm_page_heap_take_small(size_t n_pages, bool is_dense);

/*
 * The same for a SMALL span of n_pages, before the caller asks for objects of
 * other homes: in pages that its own used before.  If the heap is not small,
 * also in clean ones, as long as no more are resident then than were in use
 * lately (purge.h), or in dirty ones that another home has free.  Else NULL.
 */
struct rtm_span *rtm_page_heap_take_near(size_t n_pages, bool is_dense);

/*
 * Is the heap small, and was of late?  Then what is kept for later would show.
 */
bool rtm_page_heap_is_small(void);

/* The span is free; the structure is the page heap's again. */
void rtm_page_heap_give(struct rtm_span *span);

/* The same for a chain of spans, linked through link. */
void rtm_page_heap_give_all(struct rtm_list *spans);

/* Makes the span longer where it lies, if what follows it is free. */
bool rtm_page_heap_extend(struct rtm_span *span, size_t n_pages);

/*
 * The owner of a fresh block is about to fill it: asks the system for huge
 * pages where they fit in.
 */
void rtm_page_heap_ask_huge(struct rtm_span *span);

/*
 * May the owner of a fresh zeroed block write its zeros at once, though the
 * program may never fill it?  Of blocks up to 4 MiB, as long as they together
 * are 16 MiB or an eighth of all that is in use.
 */
bool rtm_page_heap_may_fill(struct rtm_span *span);

/* Gives back all pages of the span but the first n_pages. */
void rtm_page_heap_shrink(struct rtm_span *span, size_t n_pages);

/* The pages lost their memory to a move (os/memory.h): forget them. */
void rtm_page_heap_abandon(struct rtm_span *span);

/* Gives dirty pages back to the system, at most n_pages; says how many. */
size_t rtm_page_heap_purge(size_t n_pages);

/*
 * What mallopt's M_TRIM_THRESHOLD and M_TOP_PAD ask for, see purge.h.  Holds
 * from now on; may be called again.
 */
void rtm_page_heap_set_threshold(size_t threshold_pages, size_t kept_pages);

/* True if nothing goes back unasked: the program wants to keep all. */
bool rtm_page_heap_keeps_all(void);

/*
 * Called now and then: gives back what nobody needed since the call before.
 * Says how many pages are still dirty.
 */
size_t rtm_page_heap_purge_unneeded(void);

void rtm_page_heap_stats(struct rtm_page_heap_stats *stats);

/* The same between fork_prepare and fork_parent, which hold the lock. */
void rtm_page_heap_stats_locked(struct rtm_page_heap_stats *stats);

void rtm_page_heap_fork_prepare(void);
void rtm_page_heap_fork_parent(void);
void rtm_page_heap_fork_child(void);

#endif
