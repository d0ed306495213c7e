/*
 * purged_runs.c - free runs on their way back to the system
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/purged_runs.h"
#include "back/free_runs.h"
#include "back/heap_space.h"
#include "back/heap_state.h"
#include "back/page_map.h"
#include "back/purge.h"
#include "base/bits.h"
#include "os/memory.h"

enum { BATCH_MAX = 64 }; /* while the lock is dropped once */

struct batch {
	size_t n_runs;
	size_t n_pages;
	struct rtm_span *runs[BATCH_MAX];
};

static struct {
	struct rtm_list runs; /* in state PURGED */
	size_t n_pages;
} purged = { .runs = { &purged.runs, &purged.runs } };

/* Takes dirty runs of at most n_pages in all out of the lists. */
static void
collect_locked(struct batch *batch, size_t n_pages)
{
	batch->n_runs = 0;
	batch->n_pages = 0;
	while (batch->n_runs < BATCH_MAX && batch->n_pages < n_pages) {
		struct rtm_span *run = rtm_free_runs_longest_dirty();

		if (run == NULL)
			break;
		rtm_free_runs_remove(run);
		run->state = RTM_SPAN_PURGED;
		rtm_free_runs_insert_rest(run, n_pages - batch->n_pages);
		rtm_page_map_set_ends_locked(run);
		rtm_list_push(&purged.runs, &run->link);
		purged.n_pages += run->n_pages;
		batch->runs[batch->n_runs++] = run;
		batch->n_pages += run->n_pages;
	}
}

/*
 * Else the system fills what is left of a huge page again.  A piece of a unit
 * stands for all of it: pieces would make a mapping each.
 */
static void
advise_not_huge(const struct rtm_span *run)
{
	uintptr_t start = (uintptr_t)rtm_span_base(run);
	uintptr_t end = start + rtm_span_bytes(run);

	if (run->huge == RTM_HUGE_UNIT) {
		start &= -RTM_HUGE_BYTES;
		end = rtm_round_up(end, RTM_HUGE_BYTES);
	}
	rtm_mem_advise_huge((void *)start, end - start, false);
}

/* Without the lock. */
static void
release(const struct batch *batch)
{
	for (size_t i = 0; i < batch->n_runs; i++) {
		struct rtm_span *run = batch->runs[i];

		if (rtm_heap_space_is_tight()) {
			rtm_mem_unmap(rtm_span_base(run), rtm_span_bytes(run));
			continue;
		}
		if (run->huge != 0)
			rtm_mem_split_huge(
			    rtm_span_base(run), rtm_span_bytes(run));
		run->is_zero =
		    rtm_mem_decommit(rtm_span_base(run), rtm_span_bytes(run));
		if (run->is_zero && run->huge != 0) {
			advise_not_huge(run);
			run->huge = 0;
		}
	}
}

/*
 * Puts the runs into the lists, or forgets them with their address space (tight
 * mode); says how many pages went.
 */
static size_t
settle_locked(const struct batch *batch)
{
	size_t n_released = 0;

	for (size_t i = 0; i < batch->n_runs; i++) {
		struct rtm_span *run = batch->runs[i];

		rtm_list_remove(&run->link);
		purged.n_pages -= run->n_pages;
		if (rtm_heap_space_is_tight()) {
			n_released += run->n_pages;
			rtm_span_delete_locked(run);
			continue;
		}
		if (run->is_zero)
			n_released += run->n_pages;
		/* Clean pages are nobody's; what the system did not take may
		 * go when it is joined with its neighbours. */
		run->owner = 0;
		rtm_free_runs_insert(run);
	}
	return n_released;
}

size_t
rtm_purged_runs_purge_locked(size_t n_pages)
{
	size_t n_purged = 0;

	while (n_purged < n_pages) {
		struct batch batch;

		collect_locked(&batch, n_pages - n_purged);
		rtm_purge_note_dirty_locked(rtm_free_runs.dirty_pages);
		if (batch.n_runs == 0)
			break;
		rtm_heap_unlock();
		release(&batch);
		rtm_heap_lock();

		size_t n_released = settle_locked(&batch);

		rtm_heap.stats.n_purges++;
		rtm_heap.stats.n_purged_pages += n_released;
		n_purged += n_released;
		if (n_released == 0)
			break; /* locked pages: the system cannot */
	}
	return n_purged;
}

/* They may hold anything, or (tight mode) be mapped no more. */
void
rtm_purged_runs_adopt_locked(void)
{
	while (!rtm_list_is_empty(&purged.runs)) {
		struct rtm_span *run =
		    RTM_LIST_ITEM(purged.runs.next, struct rtm_span, link);

		rtm_list_remove(&run->link);
		purged.n_pages -= run->n_pages;
		if (rtm_heap_space_is_tight())
			continue;
		run->is_zero = false;
		rtm_free_runs_insert(run);
	}
}

size_t
rtm_purged_runs_count_pages_locked(void)
{
	return purged.n_pages;
}
