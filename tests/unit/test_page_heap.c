/*
 * test_page_heap.c - back/page_heap: random work against a model
 *
 * The model is a table of the spans that were taken.  After each step the
 * roomy heap, which lies in one piece, is walked from its first page to its
 * last: every page in one span, the ends of which the page map knows, free
 * neighbours joined, and all counts as they should be.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/free_runs.h"
#include "back/heap_space.h"
#include "back/meta.h"
#include "back/page_map.h"
#include "os/memory.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { N_SLOTS = 64, PAGES_MAX = 300 };

static struct rtm_span *taken[N_SLOTS];
static uintptr_t marks[N_SLOTS]; /* what its pages hold */
static page_no_t heap_start;

static struct rtm_page_heap_stats
stats(void)
{
	struct rtm_page_heap_stats now;

	rtm_page_heap_stats(&now);
	return now;
}

/* A word at both ends of each page. */
static void
mark_pages(const struct rtm_span *span, size_t from_page, uintptr_t mark)
{
	for (size_t i = from_page; i < span->n_pages; i++) {
		char *page = rtm_span_base(span) + i * RTM_PAGE_SIZE;

		memcpy(page, &mark, sizeof(mark));
		memcpy(
		    page + RTM_PAGE_SIZE - sizeof(mark), &mark, sizeof(mark));
	}
}

static void
check_marks(const struct rtm_span *span, size_t n_pages, uintptr_t mark)
{
	for (size_t i = 0; i < n_pages; i++) {
		char *page = rtm_span_base(span) + i * RTM_PAGE_SIZE;

		test_require(memcmp(page, &mark, sizeof(mark)) == 0);
		test_require(memcmp(page + RTM_PAGE_SIZE - sizeof(mark), &mark,
				 sizeof(mark)) == 0);
	}
}

/* Both ends of each page, where marks would be. */
static void
check_zero(const struct rtm_span *span, size_t from_page)
{
	for (size_t i = from_page; i < span->n_pages; i++) {
		char *page = rtm_span_base(span) + i * RTM_PAGE_SIZE;

		test_require(test_is_zero(page, 64));
		test_require(test_is_zero(page + RTM_PAGE_SIZE - 64, 64));
	}
}

/* What the walk has seen. */
struct sums {
	size_t used, dirty, clean;
};

static void
walk_heap(struct sums *sums)
{
	const struct rtm_span *before = NULL;
	page_no_t page = heap_start;

	*sums = (struct sums){ 0 };
	while (page != rtm_heap_space_end()) {
		const struct rtm_span *span = rtm_page_map_span(page);

		test_require(span != NULL && span->first_page == page);
		page += span->n_pages;
		test_require(rtm_page_map_span(page - 1) == span);
		if (span->state != RTM_SPAN_FREE) {
			test_require(span->state == RTM_SPAN_LARGE);
			sums->used += span->n_pages;
		} else {
			test_require(before == NULL ||
			    before->state != RTM_SPAN_FREE ||
			    before->is_zero != span->is_zero);
			*(span->is_zero ? &sums->clean : &sums->dirty) +=
			    span->n_pages;
		}
		before = span;
	}
}

static void
check_heap(void)
{
	struct rtm_page_heap_stats now = stats();
	struct sums sums;
	size_t n_model = 0;

	for (size_t i = 0; i < N_SLOTS; i++)
		if (taken[i] != NULL)
			n_model += taken[i]->n_pages;
	test_require(now.used_pages == n_model);
	test_require(now.peak_pages >= now.used_pages);
	if (!unit_heap_is_one_piece())
		return;
	walk_heap(&sums);
	test_require(sums.used == now.used_pages);
	test_require(sums.dirty == now.dirty_pages);
	test_require(sums.clean == now.clean_pages);
}

static void
take(struct test_rng *rng, size_t i)
{
	size_t n_pages = test_rng_size(rng, PAGES_MAX);
	size_t align = (size_t)1 << test_rng_below(rng, 7);

	taken[i] = rtm_page_heap_take(n_pages, align);
	test_require(taken[i] != NULL);
	test_require(taken[i]->n_pages == n_pages);
	test_require(taken[i]->first_page % align == 0);
	if (taken[i]->is_zero)
		check_zero(taken[i], 0);
	marks[i] = (uintptr_t)test_rng_next(rng) | 1;
	mark_pages(taken[i], 0, marks[i]);
}

static void
extend(struct test_rng *rng, size_t i)
{
	size_t n_before = taken[i]->n_pages;
	size_t n_wanted = n_before + 1 + test_rng_below(rng, 50);

	if (rtm_page_heap_extend(taken[i], n_wanted))
		test_require(taken[i]->n_pages == n_wanted);
	else
		test_require(taken[i]->n_pages == n_before);
	check_marks(taken[i], n_before, marks[i]);
	mark_pages(taken[i], n_before, marks[i]);
}

static void
give_or_resize(struct test_rng *rng, size_t i)
{
	size_t choice = test_rng_below(rng, 8);

	check_marks(taken[i], taken[i]->n_pages, marks[i]);
	if (choice == 0) {
		extend(rng, i);
	} else if (choice == 1 && taken[i]->n_pages > 1) {
		size_t n_pages = 1 + test_rng_below(rng, taken[i]->n_pages - 1);

		rtm_page_heap_shrink(taken[i], n_pages);
		test_require(taken[i]->n_pages == n_pages);
		check_marks(taken[i], n_pages, marks[i]);
	} else {
		rtm_page_heap_give(taken[i]);
		taken[i] = NULL;
	}
}

static void
start_roomy(void)
{
	unit_start_heap(true);

	struct rtm_span *span = rtm_page_heap_take(1, 1);

	test_require(span != NULL);
	heap_start = span->first_page;
	rtm_page_heap_give(span);
}

START_TEST(random_work_keeps_every_page_in_one_span)
{
	struct test_rng rng;

	test_rng_init(&rng, test_seed());
	start_roomy();
	for (size_t round = 0; round < test_rounds(8000); round++) {
		size_t i = test_rng_below(&rng, N_SLOTS);

		if (taken[i] == NULL)
			take(&rng, i);
		else
			give_or_resize(&rng, i);
		if (test_rng_below(&rng, 50) == 0)
			rtm_page_heap_purge(test_rng_size(&rng, 2000));
		check_heap();
	}
	for (size_t i = 0; i < N_SLOTS; i++)
		if (taken[i] != NULL)
			rtm_page_heap_give(taken[i]);
	memset(taken, 0, sizeof(taken));
	check_heap();
	rtm_page_heap_purge(SIZE_MAX);
	check_heap();
	ck_assert_uint_eq(stats().dirty_pages, 0);
	/* All joined: one run of clean pages. */
	if (unit_heap_is_one_piece())
		ck_assert_uint_eq(rtm_page_map_span(heap_start)->n_pages,
		    stats().clean_pages);
}
END_TEST

START_TEST(purged_pages_read_as_zeros)
{
	start_roomy();

	struct rtm_span *span = rtm_page_heap_take(40, 1);

	mark_pages(span, 0, 7);
	rtm_page_heap_give(span);
	ck_assert_uint_ge(stats().dirty_pages, 40);
	ck_assert_uint_eq(rtm_page_heap_purge(10), 10);
	ck_assert_uint_eq(stats().n_purged_pages, 10);
	rtm_page_heap_purge(SIZE_MAX);
	ck_assert_uint_eq(stats().dirty_pages, 0);
	span = rtm_page_heap_take(40, 1);
	ck_assert(span->is_zero);
	check_zero(span, 0);
}
END_TEST

START_TEST(dirty_pages_are_used_before_clean_ones)
{
	start_roomy();

	struct rtm_span *first = rtm_page_heap_take(3, 1);
	struct rtm_span *fence = rtm_page_heap_take(1, 1);
	page_no_t page = first->first_page;

	rtm_page_heap_give(first);
	first = rtm_page_heap_take(2, 1);
	ck_assert_uint_eq(first->first_page, page);
	ck_assert(!first->is_zero);
	ck_assert_uint_eq(fence->n_pages, 1);
}
END_TEST

START_TEST(a_chain_of_spans_is_given_at_once)
{
	struct rtm_list chain;

	start_roomy();
	rtm_list_init(&chain);
	rtm_page_heap_give_all(&chain);
	for (size_t i = 0; i < 10; i++) {
		struct rtm_span *span = rtm_page_heap_take(5, 1);

		rtm_list_push(&chain, &span->link);
	}
	ck_assert_uint_eq(stats().used_pages, 50);
	rtm_page_heap_give_all(&chain);
	ck_assert(rtm_list_is_empty(&chain));
	check_heap();
	ck_assert_uint_eq(stats().used_pages, 0);
}
END_TEST

START_TEST(a_span_at_the_end_of_the_heap_grows_with_it)
{
	start_roomy();

	struct rtm_span *span = rtm_page_heap_take(10, 1);

	if (!unit_heap_is_one_piece())
		return;
	mark_pages(span, 0, 7);
	ck_assert(rtm_page_heap_extend(span, 5000));
	ck_assert_uint_eq(span->n_pages, 5000);
	check_marks(span, 10, 7);
	mark_pages(span, 10, 7);
	taken[0] = span;
	check_heap();

	struct rtm_span *after = rtm_page_heap_take(1, 1);

	taken[1] = after;
	while (after->first_page != span->first_page + span->n_pages) {
		taken[2] = rtm_page_heap_take(1, 1);
		after = taken[2];
	}
	ck_assert(!rtm_page_heap_extend(span, 5001));
	ck_assert_uint_eq(span->n_pages, 5000);
}
END_TEST

START_TEST(a_request_that_cannot_be_met_changes_nothing)
{
	start_roomy();
	taken[0] = rtm_page_heap_take(7, 1);

	struct rtm_page_heap_stats before = stats();

	ck_assert_ptr_null(
	    rtm_page_heap_take(TEST_TOO_MUCH >> RTM_PAGE_SHIFT, 1));
	ck_assert_ptr_null(rtm_page_heap_take(SIZE_MAX - 1, 64));
	ck_assert(
	    !rtm_page_heap_extend(taken[0], TEST_TOO_MUCH >> RTM_PAGE_SHIFT));
	ck_assert_uint_eq(stats().used_pages, before.used_pages);
	ck_assert_uint_eq(taken[0]->n_pages, 7);
	check_heap();
}
END_TEST

/* No structure is left, and no memory for one. */
static void
exhaust_structures(void)
{
	const struct rlimit none = { 0, 0 };

	test_require(setrlimit(RLIMIT_DATA, &none) == 0);
	while (rtm_meta_take(RTM_CACHE_LINE) != NULL)
		;
	while (rtm_span_new_locked(0, 0) != NULL)
		;
}

/* A page of the run becomes structures then, but not one of the block's. */
START_TEST(without_structures_an_aligned_block_is_as_long_as_asked)
{
	struct rtm_span *block, *aligned;

	if (test_is_slow()) /* and bounds no memory */
		return;
	unit_start_heap(true);
	/* A free run that begins behind a multiple of 64, just long enough. */
	block = rtm_page_heap_take(1 + 63 + 8, 64);
	ck_assert_ptr_nonnull(block);
	rtm_page_heap_shrink(block, 1);
	ck_assert_uint_eq(stats().dirty_pages, 63 + 8);
	exhaust_structures();
	aligned = rtm_page_heap_take(8, 64);
	if (aligned != NULL) {
		ck_assert_uint_eq(aligned->n_pages, 8);
		ck_assert_uint_eq(aligned->first_page % 64, 0);
		mark_pages(aligned, 0, 1);
	}
	/* Where it was not, something smaller finds room. */
	ck_assert_ptr_nonnull(rtm_page_heap_take(8, 1));
}
END_TEST

/* What smaps says of the mapping that the address lies in; "" if nothing. */
static const char *
mapping_flags(const void *address)
{
	static char line[512];
	FILE *file = fopen("/proc/self/smaps", "r");
	uintptr_t start, end;
	bool is_inside = false, is_found = false;

	test_require(file != NULL);
	while (!is_found && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) == 2)
			is_inside = (uintptr_t)address - start < end - start;
		is_found = is_inside && strncmp(line, "VmFlags:", 8) == 0;
	}
	fclose(file);
	return is_found ? line : "";
}

/* "hg": huge pages are asked for, "nh": none are. */
static void
expect_flag(const void *address, const char *flag)
{
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0 &&
	    !test_is_slow())
		ck_assert_ptr_nonnull(strstr(mapping_flags(address), flag));
}

START_TEST(small_objects_of_a_large_heap_lie_in_huge_pages)
{
	const size_t n_unit = MIB(2) / RTM_PAGE_SIZE;
	struct rtm_span *early, *dense, *other, *filler;
	const char *base;

	unit_start_heap(true);
	if (rtm_mem_page_size() > RTM_PAGE_SIZE)
		return;
	early = rtm_page_heap_take_small(1, true);
	ck_assert_uint_eq(early->owner, 0);
	filler = rtm_page_heap_take_small(MIB(20) / RTM_PAGE_SIZE, false);
	ck_assert_uint_eq(rtm_page_heap_take_small(1, true)->owner, 0);
	rtm_page_heap_give(filler);
	filler = rtm_page_heap_take_small(MIB(20) / RTM_PAGE_SIZE, true);
	rtm_page_heap_give(filler); /* it counts no more */
	rtm_page_heap_purge(SIZE_MAX);
	early = rtm_page_heap_take_small(1, true);
	ck_assert_uint_eq(early->owner, 0);
	filler = rtm_page_heap_take_small(MIB(20) / RTM_PAGE_SIZE, true);
	dense = rtm_page_heap_take_small(1, true);
	other = rtm_page_heap_take_small(1, false);
	ck_assert_uint_eq(dense->owner, RTM_OWNER_DENSE);
	ck_assert_uint_eq(other->owner, 0);
	/* A huge page of its own, and the next object beside it. */
	ck_assert_uint_eq(dense->first_page % n_unit, 0);
	ck_assert_uint_ne(
	    dense->first_page / n_unit, other->first_page / n_unit);
	ck_assert_uint_eq(rtm_page_heap_take_small(1, true)->first_page,
	    dense->first_page + 1);
	mark_pages(dense, 0, 1);
	base = rtm_span_base(dense);
	expect_flag(base, " hg");

	/* It is none any more when a part of it went back. */
	rtm_page_heap_give(dense);
	ck_assert_uint_ne(rtm_page_heap_purge(SIZE_MAX), 0);
	expect_flag(base, " nh");
	rtm_page_heap_give(filler);
}
END_TEST

START_TEST(a_tight_heap_gives_its_address_space_back)
{
	unit_start_heap(false);

	struct rtm_span *span = rtm_page_heap_take(700, 1);

	mark_pages(span, 0, 7);
	rtm_page_heap_give(span);
	ck_assert_uint_eq(rtm_page_heap_purge(SIZE_MAX), 700);
	ck_assert_uint_eq(stats().dirty_pages, 0);
	ck_assert_uint_eq(stats().clean_pages, 0);
	span = rtm_page_heap_take(700, 8);
	ck_assert_ptr_nonnull(span);
	check_zero(span, 0);
	ck_assert_uint_eq(stats().used_pages, 700);
}
END_TEST

static int n_told;

static void
note_dirty(void)
{
	struct rtm_page_heap_stats now = stats(); /* no lock is held */

	n_told += now.dirty_pages != 0;
}

START_TEST(much_freed_memory_is_told_of)
{
	const struct rtm_page_heap_config config = {
		.n_exact_bins = 128,
		.on_dirty = note_dirty,
	};
	size_t n_pages = MIB(16) / RTM_PAGE_SIZE;

	unit_start_heap(true);
	rtm_page_heap_init(&config);

	struct rtm_span *one = rtm_page_heap_take(1, 1);
	struct rtm_span *all = rtm_page_heap_take(n_pages, 1);

	rtm_page_heap_give(all);
	ck_assert_int_eq(n_told, 0);
	rtm_page_heap_give(one);
	ck_assert_int_eq(n_told, 1);
}
END_TEST

START_TEST(what_nobody_needed_goes_back_and_no_more)
{
	start_roomy();

	struct rtm_span *idle = rtm_page_heap_take(100, 1);
	struct rtm_span *fence = rtm_page_heap_take(1, 1);

	rtm_page_heap_give(idle);
	rtm_page_heap_purge_unneeded(); /* what was dirty all the time */
	rtm_page_heap_give(fence);

	size_t n_dirty = stats().dirty_pages;

	ck_assert_uint_gt(n_dirty, 0);
	/* Taken and given back: somebody needed these. */
	idle = rtm_page_heap_take(n_dirty, 1);
	rtm_page_heap_give(idle);
	ck_assert_uint_eq(rtm_page_heap_purge_unneeded(), n_dirty);
	ck_assert_uint_eq(rtm_page_heap_purge_unneeded(), 0);
}
END_TEST

/* The peak is long ago: all that is dirty is too much at once. */
START_TEST(no_call_gives_back_much_more_than_it_takes)
{
	/* No two of the runs are long enough together. */
	enum { N_RUNS = 100, RUN_PAGES = 60, N_PAGES = 2 * RUN_PAGES + 1 };
	const size_t n_more = KIB(512) >> RTM_PAGE_SHIFT;
	struct rtm_span *runs[N_RUNS];

	start_roomy();
	if (!unit_heap_is_one_piece())
		return; /* a piece may be long enough */
	for (int i = 0; i < N_RUNS; i++) {
		runs[i] = rtm_page_heap_take(RUN_PAGES, 1);
		rtm_page_heap_take(1, 1); /* between two */
	}
	for (int i = 0; i < N_RUNS; i++)
		rtm_page_heap_give(runs[i]);
	test_sleep_ms(1100);

	size_t n_before = stats().n_purged_pages;

	rtm_page_heap_take(N_PAGES, 1);

	size_t n_purged = stats().n_purged_pages - n_before;

	ck_assert_uint_ge(n_purged, N_PAGES);
	ck_assert_uint_le(n_purged, N_PAGES + n_more);
}
END_TEST

/* What happens while the heap asks the system for more, the next time. */
static void (*while_it_grows)(void);

int
mprotect(void *base, size_t n_bytes, int protection)
{
	void (*action)(void) = while_it_grows;

	while_it_grows = NULL;
	if (action != NULL)
		action();
	return (int)syscall(SYS_mprotect, base, n_bytes, protection);
}

static _Atomic bool is_served;
static pthread_t other;

static void *
take_and_give(void *unused)
{
	(void)unused;
	rtm_page_heap_give(rtm_page_heap_take(1, 1));
	is_served = true;
	return NULL;
}

/* Whoever waits for this thread waits for good: the test fails in time. */
static void
let_another_thread_take(void)
{
	test_require(pthread_create(&other, NULL, take_and_give, NULL) == 0);
	for (int i = 0; i < 500 && !is_served; i++)
		test_sleep_ms(10);
	ck_assert(is_served);
}

START_TEST(while_the_heap_grows_others_find_runs)
{
	unit_start_heap(true);
	rtm_page_heap_take(1, 1);
	if (rtm_heap_space_end() == 0) /* nothing is reserved under valgrind */
		return;
	while_it_grows = let_another_thread_take;
	ck_assert_ptr_nonnull(rtm_page_heap_take(1000, 1));
	ck_assert_ptr_null((void *)while_it_grows);
	pthread_join(other, NULL);
}
END_TEST

/* A span that grows where it lies finds the end of the heap anew. */
START_TEST(a_span_cannot_grow_into_what_another_thread_took)
{
	struct rtm_span *span;

	unit_start_heap(true);
	span = rtm_page_heap_take(1, 1);
	while_it_grows = let_another_thread_take;
	if (rtm_page_heap_extend(span, 1000))
		ck_assert_uint_ge(span->n_pages, 1000);
	else
		ck_assert_uint_eq(span->n_pages, 1);
	if (while_it_grows == NULL) /* the heap was asked for more */
		pthread_join(other, NULL);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		random_work_keeps_every_page_in_one_span,
		purged_pages_read_as_zeros,
		dirty_pages_are_used_before_clean_ones,
		a_chain_of_spans_is_given_at_once,
		a_span_at_the_end_of_the_heap_grows_with_it,
		a_request_that_cannot_be_met_changes_nothing,
		without_structures_an_aligned_block_is_as_long_as_asked,
		small_objects_of_a_large_heap_lie_in_huge_pages,
		a_tight_heap_gives_its_address_space_back,
		much_freed_memory_is_told_of,
		what_nobody_needed_goes_back_and_no_more,
		no_call_gives_back_much_more_than_it_takes,
		while_the_heap_grows_others_find_runs,
		a_span_cannot_grow_into_what_another_thread_took,
	};

	return test_suite_run("page_heap", tests, TEST_COUNT(tests));
}
