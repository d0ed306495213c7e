/*
 * test_home.c - os/home, and what the middle tier and the back end do with it
 *
 * One thread goes from processor to processor and plays those who are at home
 * there; another one waits all the time, so that the process has threads.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/page_map.h"
#include "front/moves.h"
#include "os/home.h"
#include "os/rseq.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if RTM_HAVE_PERCPU

enum {
	N_SPANS = 24,
	SIZE = 512,
	N_MAX = N_SPANS * RTM_PAGE_SIZE / SIZE,
	TABLE_PAGES = MIB(2) / RTM_PAGE_SIZE /* of a page table */
};

static int cpus[2]; /* two that this process may use, of two homes */
static void *here[N_MAX], *there[N_MAX], *mixed[2 * N_MAX];
static sclass_t class;
static size_t n; /* objects of N_SPANS spans */

/* As many homes as there may be: each processor has one, or shares it. */
static void
start_homes(void)
{
	unit_start_classes();
	rtm_home_init(RTM_HOMES_MAX);
	unit_start_thread();
	class = rtm_size_class_of(SIZE);
	n = N_SPANS * rtm_size_classes[class].n_objects;
	test_require(n <= N_MAX);
}

static void
take(void **objects, size_t n_wanted)
{
	for (size_t i = 0; i < n_wanted;) {
		size_t n_more = rtm_move_fetch(
		    class, false, objects, objects + i, n_wanted - i);

		test_require(n_more != 0);
		i += n_more;
	}
}

/* Past the transfer caches. */
static void
give_to_spans(void *const *objects, size_t n_given)
{
	rtm_central_list_give(class, objects, n_given);
}

static struct rtm_page_heap_stats
pages(void)
{
	struct rtm_page_heap_stats now;

	rtm_page_heap_stats(&now);
	return now;
}

static bool
is_page_among(const void *object, void *const *objects)
{
	for (size_t i = 0; i < n; i++)
		if (rtm_page_of(objects[i]) == rtm_page_of(object))
			return true;
	return false;
}

/* How many of the n objects lie in pages that the others lay in. */
static size_t
count_in_pages(void *const *objects, void *const *others)
{
	size_t n_in = 0;

	for (size_t i = 0; i < n; i++)
		n_in += is_page_among(objects[i], others);
	return n_in;
}

/* Each home takes n objects, all of N_SPANS spans. */
static void
take_on_both(void)
{
	unit_go_to(cpus[0]);
	take(here, n);
	unit_go_to(cpus[1]);
	take(there, n);
}

START_TEST(a_process_without_threads_has_one_home)
{
	rtm_home_init(RTM_HOMES_MAX);
	for (size_t i = 0; i < TEST_COUNT(cpus); i++) {
		unit_go_to(cpus[i]);
		ck_assert_uint_eq(rtm_home(), 0);
		rtm_home_open();
		ck_assert_uint_eq(rtm_home_count(), 1);
	}
	unit_start_thread();
	ck_assert_uint_eq(rtm_home_count(), 1); /* nobody has asked */
	rtm_home();
	ck_assert_uint_eq(rtm_home_count(), RTM_HOMES_MAX);
}
END_TEST

static const unsigned sizes[][3] = {
	/* processors, homes, processors of a home */
	{ 0, 1, 1 },
	{ 1, 1, 1 },
	{ 2, 2, 1 },
	{ 3, 4, 1 },
	{ 4, 4, 1 },
	{ 5, 4, 2 },
	{ 64, 4, 16 },
	{ 65, 4, 32 },
};

static void
expect_homes(size_t number)
{
	const unsigned *size = sizes[number];

	rtm_home_init(size[0]);
	unit_start_thread();
	for (size_t i = 0; i < TEST_COUNT(cpus); i++) {
		unit_go_to(cpus[i]);
		test_require(
		    rtm_home() == (unsigned)cpus[i] / size[2] % size[1]);
	}
	test_require(rtm_home_count() == size[1]);
}

/* In a process of its own, as homes are counted once. */
START_TEST(neighbours_share_a_home_where_there_are_many)
{
	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		pid_t child = fork();
		int status;

		test_require(child >= 0);
		if (child == 0) {
			expect_homes(i);
			_exit(0);
		}
		test_require(waitpid(child, &status, 0) == child);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

START_TEST(who_comes_back_finds_his_pages)
{
	void *again[N_MAX];

	start_homes();
	take_on_both();
	ck_assert_uint_eq(count_in_pages(there, here), 0);

	/* It does not matter who frees. */
	give_to_spans(here, n);
	give_to_spans(there, n);
	ck_assert_uint_eq(pages().used_pages, 0);
	take(again, n);
	ck_assert_uint_eq(count_in_pages(again, there), n);
	unit_go_to(cpus[0]);
	take(again, n);
	ck_assert_uint_eq(count_in_pages(again, here), n);
}
END_TEST

START_TEST(who_comes_back_finds_his_spans)
{
	void *again[N_MAX];
	size_t n_half;

	start_homes();
	n_half = n / 2;
	take_on_both();
	/* Every other object: no span drains. */
	for (size_t i = 0; i < n; i += 2) {
		give_to_spans(&here[i], 1);
		give_to_spans(&there[i], 1);
	}
	take(again, n_half);
	for (size_t i = 0; i < n_half; i++)
		ck_assert(is_page_among(again[i], there));
	unit_go_to(cpus[0]);
	take(again, n_half);
	for (size_t i = 0; i < n_half; i++)
		ck_assert(is_page_among(again[i], here));
}
END_TEST

START_TEST(what_others_have_is_taken_before_the_heap_grows)
{
	size_t n_clean;

	start_homes();
	unit_go_to(cpus[0]);
	take(here, n);
	n_clean = pages().clean_pages;
	/* Some in the transfer cache, some in spans, the rest in pages. */
	rtm_transfer_cache_give(class, here, n / 8);
	give_to_spans(here + n / 8, n - n / 8);
	ck_assert_uint_ne(pages().used_pages, 0);
	ck_assert_uint_ne(pages().dirty_pages, 0);
	unit_go_to(cpus[1]);
	take(there, n);
	ck_assert_uint_eq(pages().clean_pages, n_clean);
	ck_assert_uint_eq(pages().dirty_pages, 0);
	ck_assert_uint_eq(count_in_pages(there, here), n);
}
END_TEST

/* Spans of one page each. */
static void
take_pages(struct rtm_span **spans, size_t n_spans)
{
	for (size_t i = 0; i < n_spans; i++) {
		spans[i] = rtm_page_heap_take_small(1, false);
		test_require(spans[i] != NULL);
	}
}

START_TEST(who_takes_pages_of_another_home_keeps_some)
{
	static struct rtm_span *spans[2][100];
	unsigned home;

	start_homes();
	unit_go_to(cpus[0]);
	take_pages(spans[0], 100);
	for (size_t i = 0; i < 100; i++)
		rtm_page_heap_give(spans[0][i]);
	unit_go_to(cpus[1]);
	home = rtm_home();
	take_pages(spans[1], 1);
	ck_assert_uint_eq(pages().dirty_pages, 99);
	ck_assert_uint_eq(rtm_span_home(spans[1][0]), home);
	rtm_page_heap_give(spans[1][0]);
	/* As many as stay together, and no more. */
	for (size_t i = 0; i < 32; i++) {
		spans[1][i] = rtm_page_heap_take_near(1, false);
		ck_assert_ptr_nonnull(spans[1][i]);
	}
	ck_assert_ptr_null(rtm_page_heap_take_near(1, false));
	unit_go_to(cpus[0]);
	take_pages(spans[0], 68);
	ck_assert_ptr_null(rtm_page_heap_take_near(1, false));
	ck_assert_uint_eq(pages().dirty_pages, 0);
	/* A block, which is home 0's, takes them all the same. */
	for (size_t i = 0; i < 32; i++)
		rtm_page_heap_give(spans[1][i]);
	ck_assert_ptr_nonnull(rtm_page_heap_take(32, 1));
	ck_assert_uint_eq(pages().dirty_pages, 0);
}
END_TEST

START_TEST(homes_fill_page_tables_of_their_own)
{
	static struct rtm_span *spans[2][2 * TABLE_PAGES];

	start_homes();
	/* In a heap that is not small. */
	ck_assert_ptr_nonnull(rtm_page_heap_take(1100, 1));
	for (size_t i = 0; i < TEST_COUNT(spans[0]); i += 8)
		for (size_t home = 0; home < 2; home++) {
			unit_go_to(cpus[home]);
			take_pages(&spans[home][i], 8);
		}
	for (size_t i = 0; i < TEST_COUNT(spans[0]); i++)
		for (size_t j = 0; j < TEST_COUNT(spans[1]); j++)
			test_require(spans[0][i]->first_page / TABLE_PAGES !=
			    spans[1][j]->first_page / TABLE_PAGES);
}
END_TEST

START_TEST(a_roomy_heap_gives_each_home_pages_of_its_own)
{
	static struct rtm_span *spans[3000];
	size_t n_peak, n_dirty;

	start_homes();
	unit_go_to(cpus[0]);
	take(here, n);
	take_pages(spans, TEST_COUNT(spans));
	n_peak = pages().used_pages;
	for (size_t i = TEST_COUNT(spans) / 2; i < TEST_COUNT(spans); i++)
		rtm_page_heap_give(spans[i]);
	rtm_transfer_cache_give(class, here, n / 8);
	ck_assert_uint_ge(rtm_page_heap_purge(100), 100);
	n_dirty = pages().dirty_pages;
	ck_assert_uint_ne(n_dirty, 0);
	unit_go_to(cpus[1]);
	take(there, n);
	ck_assert_uint_eq(count_in_pages(there, here), 0);
	ck_assert_uint_eq(pages().dirty_pages, n_dirty);
	/* Then pages of others: no more are resident than were in use. */
	while (pages().dirty_pages == n_dirty)
		ck_assert_ptr_nonnull(rtm_page_heap_take_near(1, false));
	ck_assert_uint_eq(pages().used_pages + n_dirty, n_peak + 1);
}
END_TEST

/* Clean pages in holes, with one in use between two of 127. */
START_TEST(a_home_uses_holes_where_it_has_no_table_left)
{
	static struct rtm_span *spans[4000];
	size_t n_before;

	start_homes();
	ck_assert_ptr_nonnull(rtm_page_heap_take(1100, 1));
	unit_go_to(cpus[1]);
	take_pages(spans, TEST_COUNT(spans));
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < TEST_COUNT(spans); i++)
			if (i % 128 != 0)
				rtm_page_heap_give(spans[i]);
		ck_assert_uint_ne(rtm_page_heap_purge(SIZE_MAX), 0);
		n_before = pages().used_pages + pages().clean_pages;
		for (size_t i = 0; i < TEST_COUNT(spans); i++)
			if (i % 128 != 0)
				take_pages(&spans[i], 1);
		ck_assert_uint_le(pages().used_pages + pages().clean_pages,
		    n_before + n_before / 4 + 6 * TABLE_PAGES);
	}
}
END_TEST

START_TEST(what_lies_in_any_transfer_cache_is_counted_and_drained)
{
	struct rtm_transfer_stats transfer;
	struct rtm_central_stats central;

	start_homes();
	take_on_both();
	rtm_transfer_cache_give(class, there, 100);
	unit_go_to(cpus[0]);
	rtm_transfer_cache_give(class, here, 50);
	rtm_transfer_cache_stats(class, &transfer);
	ck_assert_uint_eq(transfer.n_objects, 150);
	rtm_central_list_stats(class, &central);
	ck_assert_uint_eq(central.n_spans, 2 * N_SPANS);
	ck_assert_uint_eq(rtm_transfer_cache_drain(), 150);
	give_to_spans(here + 50, n - 50);
	give_to_spans(there + 100, n - 100);
	rtm_central_list_stats(class, &central);
	ck_assert_uint_eq(central.n_spans, 0);
	ck_assert_uint_eq(pages().used_pages, 0);
}
END_TEST

static size_t
n_in_transfer(void)
{
	struct rtm_transfer_stats now;

	rtm_transfer_cache_stats(class, &now);
	return now.n_objects;
}

START_TEST(who_only_frees_hands_back_to_those_who_made)
{
	start_homes();
	unit_go_to(cpus[0]);
	take(here, n);
	unit_go_to(cpus[1]);
	rtm_transfer_cache_give_back(class, here, 16);
	ck_assert_uint_eq(n_in_transfer(), 16);
	ck_assert_uint_eq(rtm_transfer_cache_take(class, there, 16), 0);
	rtm_transfer_cache_give(class, here + 16, 16);
	ck_assert_uint_eq(rtm_transfer_cache_take(class, there, 16), 16);
	ck_assert_mem_eq(there, here + 16, 16 * sizeof(*here));
	unit_go_to(cpus[0]);
	ck_assert_uint_eq(rtm_transfer_cache_take(class, there, 16), 16);
	ck_assert_mem_eq(there, here, 16 * sizeof(*here));
}
END_TEST

START_TEST(a_row_of_objects_of_all_homes_finds_its_spans)
{
	struct rtm_central_stats central;

	start_homes();
	take_on_both();
	for (size_t i = 0; i < n; i++) {
		mixed[2 * i] = here[i];
		mixed[2 * i + 1] = there[n - 1 - i];
	}
	give_to_spans(mixed, 2 * n - 1);
	rtm_central_list_stats(class, &central);
	ck_assert_uint_eq(central.n_spans, 1);
	ck_assert_uint_eq(
	    central.n_free_objects, rtm_size_classes[class].n_objects - 1);
	give_to_spans(&mixed[2 * n - 1], 1);
	ck_assert_uint_eq(pages().used_pages, 0);
}
END_TEST

static void
give_row(void *unused)
{
	(void)unused;
	give_to_spans(mixed, 4);
}

START_TEST(in_such_a_row_a_second_free_is_seen)
{
	char words[40];

	start_homes();
	take_on_both();
	mixed[0] = here[0];
	mixed[1] = there[0];
	mixed[2] = here[1];
	mixed[3] = there[0];
	snprintf(words, sizeof(words), "%p", there[0]);
	unit_expect_death(give_row, NULL, words);
}
END_TEST

/* One object at a time for a cache; says how many spans the class has then. */
static size_t
take_singles(sclass_t small, const void *cache, void **objects, size_t n_wanted)
{
	struct rtm_central_stats stats;

	for (size_t i = 0; i < n_wanted; i++)
		ck_assert_uint_eq(
		    rtm_move_fetch(small, false, cache, objects + i, 1), 1);
	rtm_central_list_stats(small, &stats);
	return stats.n_spans;
}

START_TEST(small_objects_of_two_caches_lie_in_different_spans)
{
	static const char caches[2][KIB(64)];
	static void *mine[2][20];
	sclass_t small, middle;

	start_homes();
	small = rtm_size_class_of(128);
	ck_assert_uint_eq(take_singles(small, caches[0], mine[0], 20), 1);
	ck_assert_uint_eq(take_singles(small, caches[1], mine[1], 20), 2);
	for (size_t i = 0; i < 20; i++)
		ck_assert(rtm_page_map_span(rtm_page_of(mine[0][i])) !=
		    rtm_page_map_span(rtm_page_of(mine[1][i])));
	middle = rtm_size_class_of(KIB(1));
	ck_assert_uint_eq(take_singles(middle, caches[0], mine[0], 1), 1);
	ck_assert_uint_eq(take_singles(middle, caches[1], mine[1], 1), 1);
}
END_TEST

/* It is then another home's, and found there again. */
START_TEST(a_span_in_pages_of_another_home_is_used_up)
{
	static void *mine[200];
	static const char cache[1];
	sclass_t small;
	size_t n_spans;

	start_homes();
	unit_go_to(cpus[0]);
	rtm_page_heap_give(rtm_page_heap_take(500, 1));
	unit_go_to(cpus[1]);
	small = rtm_size_class_of(128);
	n_spans = take_singles(small, cache, mine, TEST_COUNT(mine));
	ck_assert_uint_le(
	    n_spans - 1, TEST_COUNT(mine) / rtm_size_classes[small].n_objects);
}
END_TEST

START_TEST(large_blocks_are_of_one_home)
{
	struct rtm_span *blocks[4];

	start_homes();
	for (size_t i = 0; i < TEST_COUNT(blocks); i++) {
		unit_go_to(cpus[i % 2]);
		blocks[i] = rtm_page_heap_take(10, 1);
		ck_assert_ptr_nonnull(blocks[i]);
	}
	for (size_t i = 0; i < TEST_COUNT(blocks); i++)
		rtm_page_heap_give(blocks[i]);
	/* They have been joined, or a longer one would not fit there. */
	ck_assert_uint_eq(pages().dirty_pages, 40);
	ck_assert_ptr_nonnull(rtm_page_heap_take(40, 1));
	ck_assert_uint_eq(pages().dirty_pages, 0);
}
END_TEST

/* Single pages for size classes, until there is no memory. */
static size_t
fill_heap(struct rtm_span **spans, size_t n_max)
{
	struct rlimit limit = { MIB(24), MIB(24) };
	size_t n_spans = 0;

	test_require(setrlimit(RLIMIT_DATA, &limit) == 0);
	for (; n_spans < n_max; n_spans++) {
		spans[n_spans] = rtm_page_heap_take_small(1, false);
		if (spans[n_spans] == NULL)
			return n_spans;
	}
	return 0; /* no limit here */
}

/* Locked pages cannot go back; false if they cannot be locked either. */
static bool
lock_pages(struct rtm_span *const *spans, size_t n_spans)
{
	for (size_t i = 0; i < n_spans; i++)
		if (mlock(rtm_span_base(spans[i]), rtm_span_bytes(spans[i])) !=
		    0)
			return false;
	return true;
}

static void
expect_one_block(bool is_locked)
{
	enum { N_MAX_PAGES = MIB(32) / RTM_PAGE_SIZE, N_LEFT = 200 };
	static struct rtm_span *spans[N_MAX_PAGES];
	size_t n_pages;

	unit_go_to(cpus[0]);
	take(here, n);
	unit_go_to(cpus[1]);
	take(there, n);
	n_pages = fill_heap(spans, N_MAX_PAGES);
	ck_assert_uint_gt(n_pages, 2 * N_LEFT);
	if (is_locked && !lock_pages(spans, n_pages))
		return;
	give_to_spans(here, n);
	give_to_spans(there, n);
	/* Clean and dirty runs by turns: neither is long. */
	for (size_t i = 0; i < n_pages; i++)
		if (i / 8 % 2 == 0)
			rtm_page_heap_give(spans[i]);
	rtm_page_heap_purge(SIZE_MAX);
	for (size_t i = 0; i < n_pages; i++)
		if (i / 8 % 2 == 1)
			rtm_page_heap_give(spans[i]);
	ck_assert_uint_eq(pages().used_pages, 0);
	unit_go_to(cpus[0]);
	ck_assert_ptr_nonnull(rtm_page_heap_take(n_pages - N_LEFT, 1));
}

START_TEST(short_of_memory_the_pages_of_all_homes_make_one_block)
{
	start_homes();
	expect_one_block(false);
}
END_TEST

START_TEST(they_do_so_too_if_the_system_takes_no_page_back)
{
	start_homes();
	expect_one_block(true);
}
END_TEST

START_TEST(who_moves_on_takes_clean_pages_along)
{
	static struct rtm_span *spans[1000];
	size_t n_clean = 0;

	start_homes();
	for (size_t cpu = 0; cpu < 4; cpu++) {
		unit_go_to(cpus[cpu % 2]);
		for (size_t i = 0; i < TEST_COUNT(spans); i++)
			spans[i] = rtm_page_heap_take_small(1, false);
		for (size_t i = 0; i < TEST_COUNT(spans); i++)
			rtm_page_heap_give(spans[i]);
		ck_assert_uint_ge(
		    rtm_page_heap_purge(SIZE_MAX), TEST_COUNT(spans));
		if (cpu == 0)
			n_clean = pages().clean_pages;
		/* Both ends of the run may be in tables that others use. */
		ck_assert_uint_le(
		    pages().clean_pages, n_clean + 2 * TABLE_PAGES);
	}
}
END_TEST

START_TEST(a_block_grows_over_pages_of_another_home)
{
	struct rtm_span *block;
	size_t n_pages;

	start_homes();
	unit_go_to(cpus[0]);
	block = rtm_page_heap_take(4, 1);
	/* Up to where the other home's pages begin. */
	n_pages = 4 + (-(block->first_page + 4) & (TABLE_PAGES - 1));
	ck_assert(rtm_page_heap_extend(block, n_pages));
	unit_go_to(cpus[1]);
	take(there, n);
	ck_assert(
	    is_page_among(rtm_span_base(block) + rtm_span_bytes(block), there));
	give_to_spans(there, n);
	ck_assert_uint_eq(pages().dirty_pages, N_SPANS);
	n_pages += N_SPANS + 6;
	ck_assert(rtm_page_heap_extend(block, n_pages));
	ck_assert_uint_eq(pages().used_pages, n_pages);
	ck_assert_uint_eq(pages().dirty_pages, 0);
	ck_assert_ptr_eq(
	    rtm_page_map_span(block->first_page + n_pages - 1), block);
	rtm_page_heap_shrink(block, 2);
	ck_assert_uint_eq(pages().used_pages, 2);
	rtm_page_heap_give(block);
}
END_TEST

/* The first processor that may be used, and the next one of another home. */
static bool
has_two_homes(void)
{
	cpu_set_t all;
	int n_found = 0;

	if (rtm_rseq_libc_area() == NULL ||
	    sched_getaffinity(0, sizeof(all), &all) != 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && n_found < 2; cpu++)
		if (CPU_ISSET(cpu, &all) &&
		    (n_found == 0 || (cpu - cpus[0]) % RTM_HOMES_MAX != 0))
			cpus[n_found++] = cpu;
	return n_found == 2;
}

int
main(void)
{
	const TTest *const tests[] = {
		a_process_without_threads_has_one_home,
		neighbours_share_a_home_where_there_are_many,
		who_comes_back_finds_his_pages,
		who_comes_back_finds_his_spans,
		what_others_have_is_taken_before_the_heap_grows,
		who_takes_pages_of_another_home_keeps_some,
		homes_fill_page_tables_of_their_own,
		a_roomy_heap_gives_each_home_pages_of_its_own,
		a_home_uses_holes_where_it_has_no_table_left,
		what_lies_in_any_transfer_cache_is_counted_and_drained,
		who_only_frees_hands_back_to_those_who_made,
		a_row_of_objects_of_all_homes_finds_its_spans,
		in_such_a_row_a_second_free_is_seen,
		small_objects_of_two_caches_lie_in_different_spans,
		a_span_in_pages_of_another_home_is_used_up,
		large_blocks_are_of_one_home,
		short_of_memory_the_pages_of_all_homes_make_one_block,
		they_do_so_too_if_the_system_takes_no_page_back,
		who_moves_on_takes_clean_pages_along,
		a_block_grows_over_pages_of_another_home,
	};

	if (!has_two_homes())
		test_skip("two processors, and a libc that tells them, needed");
	return test_suite_run("home", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("all processors are one home here");
}

#endif
