/*
 * test_thread_cache.c - front/thread_cache: bins that grow, shrink and flush
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/thread_cache.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <string.h>

enum { OBJECTS_MAX = 20000 };

static void *objects[OBJECTS_MAX];

static void
start(void)
{
	unit_start_classes();
	rtm_thread_cache_init(&rtm_conf_default);
}

static size_t
capacity(sclass_t class)
{
	const struct rtm_thread_cache *cache = rtm_thread_cache_self();

	return (size_t)cache->bins[class].end - cache->cold[class].base;
}

static size_t
length(sclass_t class)
{
	const struct rtm_thread_cache *cache = rtm_thread_cache_self();

	return (size_t)cache->bins[class].cur - cache->cold[class].base;
}

START_TEST(without_a_cache_bins_are_empty_and_full)
{
	struct rtm_thread_cache *none = rtm_thread_cache_self();

	ck_assert(rtm_thread_cache_is_none(none));
	for (unsigned c = 0; c < RTM_N_CLASSES; c++) {
		ck_assert_ptr_null(rtm_thread_cache_pop(none, (sclass_t)c));
		ck_assert(!rtm_thread_cache_push(none, (sclass_t)c, &objects));
	}
	ck_assert_uint_eq(rtm_thread_cache_flush(), 0);
}
END_TEST

START_TEST(what_was_freed_last_is_taken_first)
{
	start();
	ck_assert_ptr_eq(rtm_thread_cache_create(), rtm_thread_cache_self());

	sclass_t class = rtm_size_class_of(64);
	void *one = unit_take(class), *other = unit_take(class);

	ck_assert_ptr_ne(one, other);
	unit_give(class, one);
	unit_give(class, other);
	ck_assert_ptr_eq(unit_take(class), other);
	ck_assert_ptr_eq(unit_take(class), one);
	unit_check_layout();
}
END_TEST

START_TEST(fresh_objects_come_in_rising_order)
{
	char *before;

	start();
	rtm_thread_cache_create();
	before = unit_take(rtm_size_class_of(64));
	for (size_t i = 1; i < RTM_PAGE_SIZE / 64; i++) {
		char *object = unit_take(rtm_size_class_of(64));

		ck_assert_ptr_eq(object, before + 64);
		before = object;
	}
}
END_TEST

START_TEST(a_bin_grows_with_use_up_to_its_most)
{
	start();
	rtm_thread_cache_create();
	for (unsigned c = 1; c <= rtm_size_class_last; c += 4) {
		sclass_t class = (sclass_t)c;
		size_t most = rtm_size_classes[c].bin_max;
		size_t n = 2 * most;

		ck_assert_uint_eq(capacity(class), 0);
		for (int round = 0; round < 6; round++) {
			for (size_t i = 0; i < n; i++)
				objects[i] = unit_take(class);
			ck_assert_uint_le(capacity(class), most);
			for (size_t i = 0; i < n; i++)
				unit_give(class, objects[i]);
			unit_check_layout();
		}
		ck_assert_uint_eq(capacity(class), most);
		rtm_thread_cache_flush();
	}
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

/* A thread that only frees needs no long bins. */
START_TEST(a_pure_consumer_flushes_all_and_its_bin_shrinks)
{
	sclass_t class;
	size_t n_long, n_in = 0;

	start();
	rtm_thread_cache_create();
	class = rtm_size_class_of(64);
	for (int round = 0; round < 8; round++) {
		for (size_t i = 0; i < 5000; i++)
			objects[i] = unit_take(class);
		for (size_t i = 0; i < 5000; i++)
			unit_give(class, objects[i]);
	}
	n_long = capacity(class);
	ck_assert_uint_gt(n_long, rtm_size_classes[class].batch);
	for (int round = 0; round < 10; round++) {
		for (n_in = 0; n_in < OBJECTS_MAX;)
			n_in += rtm_central_list_take(
			    class, 0, objects + n_in, OBJECTS_MAX - n_in);
		while (n_in > 0)
			unit_give(class, objects[--n_in]);
		unit_check_layout();
	}
	ck_assert_uint_le(capacity(class), n_long / 2);
	ck_assert_uint_ge(capacity(class), rtm_size_classes[class].batch);
}
END_TEST

/* It passes the bin by, lest two threads write to one cache line. */
START_TEST(the_first_frees_of_what_was_never_taken_go_to_their_spans)
{
	struct rtm_central_stats stats;
	sclass_t class;

	start();
	rtm_thread_cache_create();
	class = rtm_size_class_of(32);
	ck_assert_uint_eq(rtm_central_list_take(class, 0, objects, 20), 20);
	rtm_central_list_stats(class, &stats);

	size_t n_free = stats.n_free_objects;

	for (size_t i = 0; i < 20; i++) {
		unit_give(class, objects[i]);
		rtm_central_list_stats(class, &stats);
		ck_assert_uint_eq(
		    stats.n_free_objects, n_free + (i < 8 ? i + 1 : 8));
	}
	ck_assert_uint_eq(length(class), 12);
}
END_TEST

enum { N_LEFT = 200 };

/* Fills the bin of the class, and lets it be. */
static void
leave_behind(sclass_t class)
{
	for (size_t i = 0; i < N_LEFT; i++)
		objects[i] = unit_take(class);
	for (size_t i = 0; i < N_LEFT; i++)
		unit_give(class, objects[i]);
	ck_assert_uint_ge(length(class), N_LEFT);
}

START_TEST(a_bin_that_is_left_behind_is_emptied_when_others_miss)
{
	sclass_t left, other;

	start();
	rtm_thread_cache_create();
	left = rtm_size_class_of(112);
	other = rtm_size_class_of(4096);
	leave_behind(left);
	for (size_t i = 0; i < 2000; i++) {
		unit_take(other);
		if (i % 500 == 0) /* somebody frees now and then */
			unit_give(left, unit_take(left));
	}
	ck_assert_uint_eq(length(left), 0);
	unit_check_layout();
}
END_TEST

START_TEST(a_bin_in_use_is_not_emptied)
{
	sclass_t used, other;
	void *held[3];

	start();
	rtm_thread_cache_create();
	used = rtm_size_class_of(112);
	other = rtm_size_class_of(4096);
	leave_behind(used);
	for (size_t i = 0; i < 2000; i++) {
		unit_take(other);
		if (i % 50 == 0)
			for (size_t j = 0; j < TEST_COUNT(held); j++)
				held[j] = unit_take(used);
		if (i % 100 == 0)
			for (size_t j = 0; j < TEST_COUNT(held); j++)
				unit_give(used, held[j]);
	}
	ck_assert_uint_gt(length(used), N_LEFT / 4);
}
END_TEST

START_TEST(a_flush_gives_every_object_away)
{
	start();
	rtm_thread_cache_create();
	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		unit_give((sclass_t)c, unit_take((sclass_t)c));

	size_t n_cached = 0;

	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		n_cached += length((sclass_t)c);
	ck_assert_uint_eq(rtm_thread_cache_flush(), n_cached);
	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		ck_assert_uint_eq(length((sclass_t)c), 0);
	unit_check_layout();
	ck_assert_uint_eq(unit_used_pages(), 0);
	/* What the thread took before it still frees as its own (auto.h). */
	for (unsigned c = 1; c <= rtm_size_class_last; c++)
		ck_assert(rtm_thread_cache_self()->cold[c].was_asked);
}
END_TEST

/* The other threads live on: each looks at its own word. */
static void
live_and_end(size_t number)
{
	struct test_rng rng;
	void *mine[300];
	sclass_t class[300];

	test_rng_init(&rng, number + 1);
	test_require(rtm_thread_cache_create() != NULL);
	for (size_t i = 0; i < 300; i++) {
		class[i] = rtm_size_class_of(test_rng_size(&rng, KIB(64)));
		mine[i] = unit_take(class[i]);
		memset(mine[i], (int)number, 8);
	}
	for (size_t i = 0; i < 300; i++) {
		test_require(*(unsigned char *)mine[i] == number);
		unit_give(class[i], mine[i]);
	}
	unit_check_layout();
	rtm_thread_cache_destroy();
	test_require(rtm_thread_cache_is_none(rtm_thread_cache_self()));
}

START_TEST(a_thread_that_ends_leaves_nothing_behind)
{
	struct rtm_thread_cache_stats stats;

	start();
	for (size_t round = 0; round < test_rounds(20); round++)
		unit_run_threads(live_and_end);
	rtm_thread_cache_stats(&stats);
	ck_assert_uint_eq(stats.n_threads, 0);
	ck_assert_uint_eq(stats.limit_bytes, 0);
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

START_TEST(a_hidden_cache_is_kept_for_the_slow_ways)
{
	start();

	struct rtm_thread_cache *cache = rtm_thread_cache_create();
	sclass_t class = rtm_size_class_of(64);
	void *object = unit_take(class);

	unit_give(class, object);
	rtm_thread_cache_hide(RTM_HIDE_PROFILE);
	rtm_thread_cache_hide(RTM_HIDE_HOOKS);
	ck_assert(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	ck_assert_ptr_eq(rtm_thread_cache_get(), cache);
	ck_assert(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	rtm_thread_cache_unhide(RTM_HIDE_PROFILE);
	ck_assert(rtm_thread_cache_is_hidden(RTM_HIDE_HOOKS));
	ck_assert(!rtm_thread_cache_is_hidden(RTM_HIDE_PROFILE));
	ck_assert_ptr_eq(rtm_thread_cache_get(), cache);
	ck_assert(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	rtm_thread_cache_unhide(RTM_HIDE_HOOKS);
	/* Seen again from the next slow way on. */
	ck_assert(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	ck_assert_ptr_eq(rtm_thread_cache_get(), cache);
	ck_assert_ptr_eq(rtm_thread_cache_self(), cache);
	ck_assert_ptr_eq(unit_take(class), object);
}
END_TEST

static atomic_uint n_looking;
static atomic_bool is_unhidden;

/* Sees its cache vanish, though it never takes a slow way meanwhile. */
static void
look_until_hidden(size_t number)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_create();

	(void)number;
	test_require(rtm_thread_cache_self() == cache);
	atomic_fetch_add(&n_looking, 1);
	if (number == 0) {
		while (atomic_load(&n_looking) < UNIT_THREADS)
			sched_yield();
		rtm_thread_cache_hide(RTM_HIDE_HOOKS);
	}
	while (!rtm_thread_cache_is_none(rtm_thread_cache_self()))
		sched_yield();
	test_require(rtm_thread_cache_get() == cache);
	atomic_fetch_sub(&n_looking, 1);
	if (number == 0) {
		while (atomic_load(&n_looking) > 0)
			sched_yield();
		rtm_thread_cache_unhide(RTM_HIDE_HOOKS);
		atomic_store(&is_unhidden, true);
	}
	while (!atomic_load(&is_unhidden))
		sched_yield();
	test_require(rtm_thread_cache_get() == cache);
	test_require(rtm_thread_cache_self() == cache);
	rtm_thread_cache_destroy();
}

START_TEST(caches_of_other_threads_are_hidden_at_once)
{
	start();
	unit_run_threads(look_until_hidden);
}
END_TEST

/* Bins move about in the slab while others grow and shrink. */
START_TEST(random_work_keeps_the_slab_in_order)
{
	static sclass_t classes[OBJECTS_MAX];
	struct test_rng rng;
	size_t n = 0;

	start();
	rtm_thread_cache_create();
	test_rng_init(&rng, test_seed());
	for (size_t round = 0; round < test_rounds(100000); round++) {
		size_t size = test_rng_size(&rng, KIB(16));
		size_t i = test_rng_below(&rng, n + 1);

		/* Tides: now more is taken, now more is given. */
		if (n == 0 ||
		    (n < OBJECTS_MAX &&
			test_rng_below(&rng, 3) > (round / 8192) % 2)) {
			classes[n] = rtm_size_class_of(size);
			objects[n] = unit_take(classes[n]);
			test_fill(
			    objects[n], rtm_size_classes[classes[n]].size);
			n++;
			continue;
		}
		i = i < n ? i : n - 1;
		test_verify(objects[i], rtm_size_classes[classes[i]].size);
		unit_give(classes[i], objects[i]);
		objects[i] = objects[--n];
		classes[i] = classes[n];
		if (round % 64 == 0)
			unit_check_layout();
	}
	while (n-- > 0)
		unit_give(classes[n], objects[n]);
	rtm_thread_cache_destroy();
	ck_assert_uint_eq(unit_used_pages(), 0);
}
END_TEST

/* ---------------------------------------------------------------- misuse */

static void
free_and_flush(void *object)
{
	unit_give(rtm_size_class_of(64), object);
	unit_give(rtm_size_class_of(64), object);
	rtm_thread_cache_flush();
}

static void
free_inside_and_flush(void *object)
{
	unit_give(rtm_size_class_of(64), (char *)object + 16);
	rtm_thread_cache_flush();
}

START_TEST(a_flush_sees_a_second_free_and_a_crooked_pointer)
{
	start();
	rtm_thread_cache_create();

	void *object = unit_take(rtm_size_class_of(64));

	unit_expect_death(free_and_flush, object, "): double free");
	unit_expect_death(free_inside_and_flush, object,
	    "points into the middle of an object");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		without_a_cache_bins_are_empty_and_full,
		what_was_freed_last_is_taken_first,
		fresh_objects_come_in_rising_order,
		a_bin_grows_with_use_up_to_its_most,
		a_pure_consumer_flushes_all_and_its_bin_shrinks,
		the_first_frees_of_what_was_never_taken_go_to_their_spans,
		a_bin_that_is_left_behind_is_emptied_when_others_miss,
		a_bin_in_use_is_not_emptied,
		a_flush_gives_every_object_away,
		a_hidden_cache_is_kept_for_the_slow_ways,
		caches_of_other_threads_are_hidden_at_once,
		a_thread_that_ends_leaves_nothing_behind,
		random_work_keeps_the_slab_in_order,
		a_flush_sees_a_second_free_and_a_crooked_pointer,
	};

	return test_suite_run("thread_cache", tests, TEST_COUNT(tests));
}
