/*
 * free_runs.c - the free pages: runs of them, found, joined and cut
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/free_runs.h"
#include "back/page_map.h"
#include "back/run_bins.h"
#include "base/bits.h"
#include "os/home.h"

#include <string.h>

/* So many at a time, if there are as many, so that they stay together. */
enum { ADOPTED_PAGES = 32 };

/* A cache line of the page map's classes; no memory is touched by it. */
enum { SETTLED_PAGES = 64 };

static struct owner_runs {
	struct rtm_run_bins dirty;
	struct rtm_run_bins clean;
} owners[RTM_OWNERS_MAX];

struct rtm_free_runs rtm_free_runs;

void
rtm_free_runs_init(size_t n_exact_bins)
{
	rtm_run_bins_init(n_exact_bins);
}

static struct rtm_run_bins *
bins_of(const struct rtm_span *run)
{
	struct owner_runs *runs = &owners[run->owner];

	return run->is_zero ? &runs->clean : &runs->dirty;
}

static size_t *
count_of(const struct rtm_span *run)
{
	return run->is_zero ? &rtm_free_runs.clean_pages
			    : &rtm_free_runs.dirty_pages;
}

void
rtm_free_runs_remove(struct rtm_span *run)
{
	rtm_run_bins_remove(bins_of(run), run);
	*count_of(run) -= run->n_pages;
	rtm_free_runs.n_runs--;
}

/* The other span if it is a free run of run's kind and owner, or NULL. */
static struct rtm_span *
free_like(const struct rtm_span *run, struct rtm_span *other)
{
	return other != NULL && other->state == RTM_SPAN_FREE &&
		other->is_zero == run->is_zero && other->owner == run->owner
	    ? other
	    : NULL;
}

/*
 * The runs that can be joined with run.  Entries beside the heap may be
 * stale, and name any run, even the one on the other side.
 */
static struct rtm_span *
free_before(const struct rtm_span *run)
{
	struct rtm_span *other =
	    free_like(run, rtm_page_map_span(run->first_page - 1));

	return other != NULL &&
		other->first_page + other->n_pages == run->first_page
	    ? other
	    : NULL;
}

static struct rtm_span *
free_after(const struct rtm_span *run)
{
	page_no_t end = run->first_page + run->n_pages;
	struct rtm_span *other = free_like(run, rtm_page_map_span(end));

	return other != NULL && other->first_page == end ? other : NULL;
}

void
rtm_free_runs_insert(struct rtm_span *run)
{
	struct rtm_span *before = free_before(run);
	struct rtm_span *after = free_after(run);

	if (before != NULL) {
		rtm_free_runs_remove(before);
		run->first_page = before->first_page;
		run->n_pages += before->n_pages;
		run->huge |= before->huge;
		rtm_span_delete_locked(before);
	}
	if (after != NULL) {
		rtm_free_runs_remove(after);
		run->n_pages += after->n_pages;
		run->huge |= after->huge;
		rtm_span_delete_locked(after);
	}
	run->state = RTM_SPAN_FREE;
	rtm_page_map_set_ends_locked(run);
	rtm_run_bins_insert(bins_of(run), run);
	*count_of(run) += run->n_pages;
	rtm_free_runs.n_runs++;
}

/*
 * A structure for what follows the first n_pages of the span.  Without
 * memory for one, the last of these pages, which are free or about to be,
 * becomes structures: else a program at its limit could not be served from
 * a long run but by giving it all of it.
 */
static struct rtm_span *
new_rest(struct rtm_span *span, size_t n_pages)
{
	page_no_t first_page = span->first_page + n_pages;
	struct rtm_span *rest =
	    rtm_span_new_locked(first_page, span->n_pages - n_pages);

	if (rest != NULL || span->n_pages - n_pages < 2)
		return rest;
	span->n_pages--;

	char *last = rtm_span_base(span) + rtm_span_bytes(span);

	memset(last, 0, RTM_PAGE_SIZE);
	rtm_span_feed_locked(last, RTM_PAGE_SIZE);
	return rtm_span_new_locked(first_page, span->n_pages - n_pages);
}

struct rtm_span *
rtm_free_runs_cut(struct rtm_span *span, size_t n_pages)
{
	struct rtm_span *rest = new_rest(span, n_pages);

	if (rest == NULL)
		return NULL;
	rest->is_zero = span->is_zero;
	rest->huge = span->huge;
	rest->owner = span->owner;
	span->n_pages = n_pages;
	return rest;
}

void
rtm_free_runs_insert_rest(struct rtm_span *run, size_t n_pages)
{
	struct rtm_span *rest = NULL;

	if (run->n_pages > n_pages)
		rest = rtm_free_runs_cut(run, n_pages);
	if (rest != NULL)
		rtm_free_runs_insert(rest);
}

struct rtm_span *
rtm_free_runs_trim(struct rtm_span *run, size_t n_pages, size_t align_pages)
{
	size_t n_before = -run->first_page & (align_pages - 1);

	if (n_before != 0) {
		struct rtm_span *aligned = rtm_free_runs_cut(run, n_before);

		if (aligned == NULL) {
			rtm_free_runs_insert(run);
			return NULL;
		}
		/* Not FREE: it must not be joined with what it left. */
		aligned->state = RTM_SPAN_PURGED;
		rtm_page_map_set_ends_locked(aligned);
		rtm_free_runs_insert(run);
		run = aligned;
		if (run->n_pages < n_pages) { /* new_rest() took one */
			rtm_free_runs_insert(run);
			return NULL;
		}
	}
	run->state = RTM_SPAN_PURGED;
	rtm_free_runs_insert_rest(run, n_pages);
	return run;
}

struct rtm_span *
rtm_free_runs_find_dirty(unsigned owner, size_t n_pages)
{
	return rtm_run_bins_find(&owners[owner].dirty, n_pages);
}

struct rtm_span *
rtm_free_runs_find_clean(unsigned owner, size_t n_pages)
{
	return rtm_run_bins_find(&owners[owner].clean, n_pages);
}

static unsigned
n_owners(void)
{
	return 2 * rtm_home_count();
}

/* The owners in turn; owner ^ owner_at(i) are the others, from i = 1 on. */
static unsigned
owner_at(unsigned i)
{
	unsigned n_homes = rtm_home_count();

	return i < n_homes ? i : RTM_OWNER_DENSE + (i - n_homes);
}

/* Another owner's dirty run, from a long one if there is any. */
static struct rtm_span *
find_to_adopt(unsigned owner, size_t n_pages)
{
	struct rtm_span *run = NULL;

	if (rtm_free_runs.dirty_pages < n_pages)
		return NULL;
	for (unsigned i = 1; i < n_owners() && run == NULL; i++) {
		unsigned other = owner ^ owner_at(i);

		run = rtm_free_runs_find_dirty(
		    other, rtm_max(n_pages, ADOPTED_PAGES));
		if (run == NULL)
			run = rtm_free_runs_find_dirty(other, n_pages);
	}
	return run;
}

bool
rtm_free_runs_adopt(unsigned owner, size_t n_pages)
{
	struct rtm_span *run = find_to_adopt(owner, n_pages);

	if (run == NULL)
		return false;
	rtm_free_runs_remove(run);
	run = rtm_free_runs_trim(run, rtm_max(n_pages, ADOPTED_PAGES), 1);
	if (run == NULL)
		return false;
	run->owner = (uint8_t)owner;
	rtm_free_runs_insert(run);
	return true;
}

/* How long the run must be to have n_pages of that alignment in it. */
static size_t
length_for(const struct rtm_span *run, size_t n_pages, size_t align_pages)
{
	return (-run->first_page & (align_pages - 1)) + n_pages;
}

page_no_t
rtm_free_runs_settle(unsigned owner, size_t n_pages, size_t unit_pages)
{
	struct rtm_run_bins *bins = &owners[0].clean;
	size_t n = rtm_round_up(n_pages, unit_pages);
	struct rtm_span *run = rtm_run_bins_find(bins, n);

	if (run != NULL && run->n_pages < length_for(run, n, unit_pages))
		run = rtm_run_bins_longest(bins);
	if (run == NULL || run->n_pages < length_for(run, n, unit_pages))
		return 0;
	rtm_free_runs_remove(run);
	run = rtm_free_runs_trim(run, rtm_max(n, SETTLED_PAGES), unit_pages);
	if (run == NULL)
		return 0;

	page_no_t first_page = run->first_page;

	run->owner = (uint8_t)owner;
	if (owner >= RTM_OWNER_DENSE && unit_pages > 1)
		run->huge |= RTM_HUGE_UNIT;
	rtm_free_runs_insert(run);
	return first_page;
}

static void
gather(struct rtm_run_bins *bins)
{
	struct rtm_span *run;

	while ((run = rtm_run_bins_longest(bins)) != NULL) {
		rtm_free_runs_remove(run);
		run->owner = 0;
		rtm_free_runs_insert(run);
	}
}

void
rtm_free_runs_gather(void)
{
	for (unsigned i = 1; i < n_owners(); i++) {
		gather(&owners[owner_at(i)].clean);
		gather(&owners[owner_at(i)].dirty);
	}
}

struct rtm_span *
rtm_free_runs_longest_dirty(void)
{
	struct rtm_span *longest = NULL;

	for (unsigned i = 0; i < n_owners(); i++) {
		struct rtm_span *run =
		    rtm_run_bins_longest(&owners[owner_at(i)].dirty);

		if (longest == NULL ||
		    (run != NULL && run->n_pages > longest->n_pages))
			longest = run;
	}
	return longest;
}

struct rtm_span *
rtm_free_runs_at(page_no_t page)
{
	struct rtm_span *run = rtm_page_map_span(page);

	if (run == NULL || run->state != RTM_SPAN_FREE ||
	    run->first_page != page)
		return NULL;
	return run;
}

size_t
rtm_free_runs_count_after(page_no_t page, size_t n_pages)
{
	size_t n_free = 0;

	while (n_free < n_pages) {
		struct rtm_span *run = rtm_free_runs_at(page + n_free);

		if (run == NULL)
			break;
		n_free += run->n_pages;
	}
	return n_free;
}

bool
rtm_free_runs_bite(struct rtm_span *run, size_t n_pages)
{
	rtm_free_runs_remove(run);
	if (run->n_pages > n_pages) {
		struct rtm_span *rest = rtm_free_runs_cut(run, n_pages);

		if (rest == NULL) {
			rtm_free_runs_insert(run);
			return false;
		}
		run->state = RTM_SPAN_PURGED;
		rtm_free_runs_insert(rest);
	}
	rtm_span_delete_locked(run);
	return true;
}
