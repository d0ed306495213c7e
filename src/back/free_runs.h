/*
 * free_runs.h - the free pages: runs of them, found, joined and cut
 *
 * A run is dirty (it still holds memory, and garbage) or clean (zeros; no
 * memory, but for what is left of a huge page that somebody touched).
 * Invariants, whenever the lock is free:
 * - the first and the last page of every span name it in the page map, so
 *   that a run finds its neighbours (boundary tags; Knuth, TAOCP 1, 2.5);
 * - no two free neighbours are of one kind and one owner.
 *
 * Owners are the homes (os/home.h), each of them twice: for what is dense, and
 * lies in huge pages, and for the rest.  0, which is home 0 for the rest, stands
 * for nobody, too.
 *
 * Guard:   the page heap's lock, for all of this.
 * Failure: NULL or false without memory for a structure, and then nothing has
 *          changed.  Inserting cannot fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BACK_FREE_RUNS_H
#define RTM_BACK_FREE_RUNS_H

#include "back/span.h"

enum { RTM_OWNER_DENSE = RTM_HOMES_MAX, RTM_OWNERS_MAX = 2 * RTM_HOMES_MAX };

/* Pages in all free runs. */
struct rtm_free_runs {
	size_t dirty_pages;
	size_t clean_pages;
	size_t n_runs;
};

extern RTM_HIDDEN struct rtm_free_runs rtm_free_runs;

/* How many lengths have a list of their own; once, at start. */
void rtm_free_runs_init(size_t n_exact_bins);

/* Joins the run with its free neighbours and puts it where it is found. */
void rtm_free_runs_insert(struct rtm_span *run);

/* The run can no longer be found; it keeps its state. */
void rtm_free_runs_remove(struct rtm_span *run);

/*
 * Cuts the span after n_pages; the rest gets a structure of its own, in no
 * list.  NULL, and nothing done, if there is no memory for one.
 */
struct rtm_span *rtm_free_runs_cut(struct rtm_span *span, size_t n_pages);

/*
 * Inserts all but the first n_pages of a run, which is in no list and not
 * FREE.  Without memory for that the run stays longer.
 */
void rtm_free_runs_insert_rest(struct rtm_span *run, size_t n_pages);

/*
 * Cuts the aligned part out of a run that is in no list, and puts the rest
 * back.  NULL if there was no memory to describe the pieces: then all of the run
 * is put back, but perhaps for a page that has become structures, so that
 * another try may succeed.
 */
struct rtm_span *rtm_free_runs_trim(
    struct rtm_span *run, size_t n_pages, size_t align_pages);

/*
 * A dirty run of the owner, of at least n_pages, that wastes little, or NULL; it
 * stays where it is.
 */
struct rtm_span *rtm_free_runs_find_dirty(unsigned owner, size_t n_pages);

/* The same among the owner's clean runs. */
struct rtm_span *rtm_free_runs_find_clean(unsigned owner, size_t n_pages);

/*
 * A dirty run of another owner becomes the owner's, n_pages of it or some more.
 * False if there is none of that length.
 */
bool rtm_free_runs_adopt(unsigned owner, size_t n_pages);

/*
 * Clean pages are nobody's, but for those that an owner was given: n_pages and
 * some more, in whole aligned units of unit_pages (a power of two).  Says where
 * they begin; 0 if nobody has such a run, or there is no memory to describe the
 * pieces.  For units of what is dense the caller asks for huge pages.
 */
page_no_t rtm_free_runs_settle(
    unsigned owner, size_t n_pages, size_t unit_pages);

/*
 * Makes all runs nobody's: memory is short.  Takes as long as there are runs of
 * others.
 */
void rtm_free_runs_gather(void);

/* The longest dirty run, or NULL; it stays where it is. */
struct rtm_span *rtm_free_runs_longest_dirty(void);

/* The free run of either kind that begins at the page, or NULL. */
struct rtm_span *rtm_free_runs_at(page_no_t page);

/* How many of n_pages from page on are free, or more. */
size_t rtm_free_runs_count_after(page_no_t page, size_t n_pages);

/* Takes n_pages from the start of the free run, whose structure goes. */
bool rtm_free_runs_bite(struct rtm_span *run, size_t n_pages);

#endif
