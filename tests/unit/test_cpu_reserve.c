/*
 * test_cpu_reserve.c - front/cpu_reserve: what a processor keeps behind bins
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_reserve.h"
#include "api/malloc.h"
#include "back/page_heap.h"
#include "front/cpu_cache.h"
#include "front/drain.h"
#include "tests/unit/swing.h"

#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if RTM_HAVE_PERCPU

static struct rtm_cpu_slab *slab; /* of the processor that this stays on */

static void *
take(sclass_t class)
{
	void *object = rtm_cpu_cache_pop(class);

	if (object == NULL)
		object = rtm_cpu_cache_take(class);
	test_require(object != NULL);
	return object;
}

static void
give(sclass_t class, void *object)
{
	if (!rtm_cpu_cache_push(class, object))
		rtm_cpu_cache_give(class, object);
}

static void
begin(void)
{
	test_require(rtm_cpu_cache_enter());
}

static struct rtm_reserve *
reserve_here(void)
{
	return rtm_cpu_slab_reserve(slab);
}

static void
check(void)
{
	unit_check_reserve(reserve_here());
}

static const struct swing_way cpus_way = {
	take,
	give,
	begin,
	rtm_cpu_cache_leave,
	reserve_here,
	check,
};

static size_t n_large_pages;

static void
make_large(void)
{
	n_large_pages = MIB(9) >> RTM_PAGE_SHIFT;
	ck_assert_ptr_nonnull(rtm_page_heap_take(n_large_pages, 1));
}

static void
start_small(const struct rtm_conf *conf)
{
	swing_use(&cpus_way);
	unit_start_thread();
	unit_start_classes();
	rtm_thread_cache_init(conf);
	rtm_cpu_cache_init(conf);
	if (!rtm_cpu_cache_enter())
		test_skip("the system does not count its processors");

	int cpu = sched_getcpu();

	unit_go_to(cpu);
	slab = rtm_cpu_slab_get((unsigned)cpu);
	ck_assert_ptr_nonnull(slab);
}

static void
start_with(const struct rtm_conf *conf)
{
	start_small(conf);
	make_large();
}

static void
start(void)
{
	start_with(&rtm_conf_default);
}

static size_t
n_lent(void)
{
	return atomic_load(&reserve_here()->lent_bytes);
}

/* When all bins are empty: what is in use but for the large block is kept. */
static size_t
used_pages(void)
{
	rtm_cpu_slab_drain(true);
	return unit_used_pages() - n_large_pages;
}

START_TEST(a_bin_that_swings_gets_back_what_it_gave_in_that_order)
{
	start();
	swing_test_order();
}
END_TEST

START_TEST(short_swings_and_one_way_streets_have_no_reserve)
{
	start();
	swing_test_short_and_one_way();
}
END_TEST

/* It would keep too small a part. */
START_TEST(what_swings_too_far_has_no_reserve)
{
	start();
	swing_test_too_far();
}
END_TEST

START_TEST(who_gives_much_more_than_he_took_swings_no_more)
{
	start();
	swing_test_giver();
}
END_TEST

START_TEST(what_is_not_touched_serves_other_classes)
{
	start();
	swing(SWING_SIZE);

	size_t n_before = n_lent();

	ck_assert_uint_ge(n_before, rtm_reserve_bytes(reserve_here()));
	swing_test_other_classes();
	ck_assert_uint_le(n_lent(), KIB(128)); /* a loan at hand, and a part */
	ck_assert_uint_lt(n_lent(), n_before);
}
END_TEST

START_TEST(what_is_not_touched_serves_large_blocks)
{
	start();
	swing_test_fresh(rtm_cpu_cache_note_fresh);
}
END_TEST

START_TEST(in_a_small_heap_nothing_is_kept)
{
	start_small(&rtm_conf_default);

	sclass_t class = swing(SWING_SIZE);

	ck_assert(rtm_reserve_is_for(reserve_here(), class));
	ck_assert_uint_eq(swing_kept(class), 0);
	make_large();
	swing(SWING_SIZE);
	ck_assert_uint_gt(swing_kept(class), 0);
}
END_TEST

/* What threads have claimed cannot be lent, nor what memory was short of. */
START_TEST(the_budget_holds_for_reserves)
{
	struct rtm_conf conf = rtm_conf_default;

	conf.thread_cache_size = KIB(256); /* half is for processors */
	start_with(&conf);

	sclass_t class = swing(1024); /* of which a bin is 64 KiB long */

	ck_assert_uint_gt(swing_kept(class), 0);
	ck_assert_uint_le(rtm_reserve_bytes(reserve_here()), KIB(128));
	ck_assert(rtm_malloc_relieve());
	ck_assert_uint_eq(swing_kept(class), 0);
	ck_assert_uint_eq(n_lent(), 0);
	swing(1024);
	ck_assert_uint_eq(swing_kept(class), 0);
}
END_TEST

START_TEST(a_drain_gives_all_back_and_repays)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	for (int round = 0; round < 3; round++) {
		size_t n = swing_kept(class);

		ck_assert_uint_ge(n, 3 * rtm_size_classes[class].bin_max);
		ck_assert_uint_ge(
		    used_pages(), n * SWING_SIZE >> RTM_PAGE_SHIFT);
		ck_assert_uint_eq(rtm_drain_reserves(true), n);
		ck_assert_uint_eq(swing_kept(class), 0);
		ck_assert_uint_eq(n_lent(), 0);
		ck_assert_uint_eq(used_pages(), 0);
		swing(SWING_SIZE);
	}
}
END_TEST

START_TEST(nothing_stays_lent_for_what_keeps_nothing)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	swing_take(class, swing_objects, swing_length(class));
	ck_assert_uint_eq(swing_kept(class), 0);
	ck_assert_uint_gt(n_lent(), 0);
	ck_assert_uint_eq(rtm_drain_reserves(true), 0);
	ck_assert_uint_eq(n_lent(), 0);
	swing_give(class, swing_objects, swing_length(class));
	ck_assert_uint_gt(swing_kept(class), 0);
	ck_assert_uint_ge(n_lent(), rtm_reserve_bytes(reserve_here()));
}
END_TEST

/* As when another thread has just taken all the room of the bin. */
START_TEST(of_a_bin_without_room_nothing_is_kept)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	swing_take(class, swing_objects, swing_length(class) / 2);
	ck_assert(rtm_reserve_is_for(reserve_here(), class));
	ck_assert(!rtm_cpu_reserve_keep(slab, class, 0));
	check();
}
END_TEST

/* The helper's: processors that are at work go on with what they have. */
START_TEST(a_drain_of_the_quiet_spares_who_touched_his)
{
	start();
	swing_test_quiet_drain();
}
END_TEST

START_TEST(statistics_count_what_is_kept)
{
	size_t n_objects[RTM_N_CLASSES] = { 0 };

	start();

	sclass_t class = swing(SWING_SIZE);

	rtm_cpu_slab_fork_prepare();
	rtm_cpu_slab_count_locked(n_objects);
	rtm_cpu_slab_fork_parent();
	ck_assert_uint_ge(n_objects[class], swing_length(class));
	rtm_cpu_slab_drain(true);
	memset(n_objects, 0, sizeof(n_objects));
	rtm_cpu_slab_fork_prepare();
	rtm_cpu_slab_count_locked(n_objects);
	rtm_cpu_slab_fork_parent();
	ck_assert_uint_eq(n_objects[class], swing_kept(class));
}
END_TEST

START_TEST(a_child_of_fork_goes_on_with_what_is_kept)
{
	int status;

	start();

	sclass_t class = swing(SWING_SIZE);
	uint64_t n_before = swing_fetched(class);

	pid_t child = fork();

	if (child == 0) {
		swing_take(class, swing_objects, swing_length(class));
		test_require(swing_fetched(class) == n_before);
		swing_give(class, swing_objects, swing_length(class));
		test_require(rtm_drain_reserves(true) != 0);
		_exit(0);
	}
	test_require(waitpid(child, &status, 0) == child);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_gt(swing_kept(class), 0);
	check();
}
END_TEST

START_TEST(draining_takes_no_object_from_those_who_swing)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
	rtm_cpu_cache_init(&rtm_conf_default);
	swing_use(&cpus_way);
	make_large();
	unit_run_threads(swing_or_drain);
	rtm_drain_reserves(true);
	ck_assert_uint_eq(used_pages(), 0);
}
END_TEST

START_TEST(a_second_free_in_a_row_is_seen)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	unit_expect_death(swing_with_a_double, &class, "): double free");
}
END_TEST

/* The two neighbours come into two packs. */
static void
give_a_double_where_packs_meet(void *size_class)
{
	sclass_t class = *(sclass_t *)size_class;
	size_t n = swing_length(class);

	swing_take(class, swing_objects, n);

	size_t n_room = slab->bins[class].end - rtm_cpu_base[class];
	size_t n_before = slab->bins[class].cur - rtm_cpu_base[class];
	size_t n_packs = (n_room + RTM_PACK_OBJECTS - 1) / RTM_PACK_OBJECTS;
	size_t n_each = (n_room + n_packs - 1) / n_packs;
	size_t seam = n_room - n_each - n_before;

	test_require(n_packs > 1 && n_before + n_each < n_room);
	swing_objects[seam] = swing_objects[seam - 1];
	for (size_t i = 0; i < n; i++)
		give(class, swing_objects[i]);
}

START_TEST(a_second_free_where_packs_meet_is_seen)
{
	start();

	sclass_t class = swing(SWING_SIZE);

	unit_expect_death(
	    give_a_double_where_packs_meet, &class, "): double free");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_bin_that_swings_gets_back_what_it_gave_in_that_order,
		short_swings_and_one_way_streets_have_no_reserve,
		what_swings_too_far_has_no_reserve,
		who_gives_much_more_than_he_took_swings_no_more,
		what_is_not_touched_serves_other_classes,
		what_is_not_touched_serves_large_blocks,
		in_a_small_heap_nothing_is_kept,
		the_budget_holds_for_reserves,
		a_drain_gives_all_back_and_repays,
		nothing_stays_lent_for_what_keeps_nothing,
		of_a_bin_without_room_nothing_is_kept,
		a_drain_of_the_quiet_spares_who_touched_his,
		statistics_count_what_is_kept,
		a_child_of_fork_goes_on_with_what_is_kept,
		draining_takes_no_object_from_those_who_swing,
		a_second_free_in_a_row_is_seen,
		a_second_free_where_packs_meet_is_seen,
	};

	if (rtm_rseq_kind() == RTM_RSEQ_KIND_NONE)
		test_skip("restartable sequences needed");
	return test_suite_run("cpu_reserve", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("all threads have caches of their own here");
}

#endif
