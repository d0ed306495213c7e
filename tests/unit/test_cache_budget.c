/*
 * test_cache_budget.c - front/cache_budget: shares of one budget
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cache_budget.h"
#include "os/lock.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_CACHES = 100 };

static struct rtm_thread_cache *caches[N_CACHES];

static void
start(size_t budget, size_t first_share, size_t step)
{
	struct rtm_conf conf = rtm_conf_default;

	conf.thread_cache_size = budget;
	conf.min_per_thread_cache = first_share;
	conf.steal_amount = step;
	unit_start_classes();
	rtm_thread_cache_init(&conf);
}

static void
join(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		caches[i] = rtm_cache_budget_new();
		test_require(caches[i] != NULL);
		caches[i]->capacity_bytes = 0;
		rtm_cache_budget_join(caches[i]);
	}
}

static size_t
limit_of(size_t i)
{
	return atomic_load(&caches[i]->limit_bytes);
}

/* The sum of all shares, as the caches and as the registry have it. */
static size_t
shared_out(size_t n)
{
	struct rtm_thread_cache_stats stats;
	size_t n_bytes = 0;

	for (size_t i = 0; i < n; i++)
		n_bytes += limit_of(i);
	rtm_thread_cache_stats(&stats);
	test_require(stats.n_threads == n);
	test_require(stats.limit_bytes == n_bytes);
	return n_bytes;
}

START_TEST(a_cache_starts_with_its_share_and_grows_in_steps)
{
	start(MIB(1), KIB(256), KIB(64));
	join(1);
	ck_assert_uint_eq(limit_of(0), KIB(256));
	ck_assert(rtm_cache_budget_claim(caches[0], KIB(200)));
	ck_assert_uint_eq(limit_of(0), KIB(256));
	ck_assert(rtm_cache_budget_claim(caches[0], KIB(57)));
	ck_assert_uint_eq(caches[0]->capacity_bytes, KIB(257));
	ck_assert_uint_eq(limit_of(0), KIB(256 + 64));
	ck_assert(rtm_cache_budget_claim(caches[0], KIB(150)));
	ck_assert_uint_eq(limit_of(0), KIB(256 + 64 + 128));
	ck_assert_uint_eq(shared_out(1), KIB(256 + 64 + 128));
}
END_TEST

START_TEST(nobody_gets_more_than_the_budget)
{
	start(MIB(1), KIB(256), KIB(64));
	join(1);
	for (int i = 0; i < 40; i++)
		rtm_cache_budget_claim(caches[0], KIB(50));
	ck_assert_uint_le(limit_of(0), MIB(1));
	ck_assert_uint_le(caches[0]->capacity_bytes, limit_of(0));
	ck_assert(!rtm_cache_budget_claim(caches[0], KIB(100)));
	ck_assert(!rtm_cache_budget_claim(caches[0], MIB(2)));
	ck_assert_uint_ge(caches[0]->capacity_bytes, KIB(900));
}
END_TEST

START_TEST(a_hungry_thread_takes_from_one_that_has_more_than_its_part)
{
	start(MIB(1), KIB(64), KIB(64));
	join(2);
	while (rtm_cache_budget_claim(caches[0], KIB(64)))
		continue;
	ck_assert_uint_eq(shared_out(2), MIB(1));

	size_t n_before = limit_of(0);

	for (int i = 0; i < 3; i++)
		ck_assert(rtm_cache_budget_claim(caches[1], KIB(64)));
	ck_assert_uint_eq(limit_of(0), n_before - 2 * KIB(64));
	ck_assert_uint_eq(shared_out(2), MIB(1));
	/* Down to the fair part, and not below. */
	while (rtm_cache_budget_claim(caches[1], KIB(64)))
		continue;
	ck_assert_uint_eq(limit_of(0), KIB(512));
	ck_assert_uint_eq(limit_of(1), KIB(512));
}
END_TEST

START_TEST(many_threads_get_fair_parts)
{
	start(MIB(4), MIB(1), KIB(64));
	join(N_CACHES);
	/* The first ones got more than the last; the sum is bounded. */
	ck_assert_uint_eq(limit_of(N_CACHES - 1), MIB(4) / N_CACHES);
	for (int round = 0; round < 50; round++)
		for (size_t i = 0; i < N_CACHES; i++)
			rtm_cache_budget_claim(caches[i], KIB(16));

	size_t n_all = shared_out(N_CACHES);

	/* 1 + 1 + 1 + 1 + 4/5 + 4/6 .. 4/100 MiB at the most. */
	ck_assert_uint_lt(n_all, MIB(18));
	for (size_t i = 0; i < N_CACHES; i++)
		rtm_cache_budget_leave(caches[i]);
	ck_assert_uint_eq(shared_out(0), 0);
}
END_TEST

START_TEST(whoever_leaves_gives_the_share_back)
{
	start(MIB(1), KIB(512), KIB(64));
	join(2);
	ck_assert_uint_eq(shared_out(2), MIB(1));
	ck_assert(!rtm_cache_budget_claim(caches[0], KIB(520)));
	rtm_cache_budget_leave(caches[1]);
	ck_assert_uint_eq(shared_out(1), KIB(512));
	ck_assert(rtm_cache_budget_claim(caches[0], KIB(520)));
}
END_TEST

START_TEST(what_is_lent_is_not_claimed_until_it_is_back)
{
	start(MIB(1), KIB(512), KIB(64));
	join(1);
	ck_assert(!rtm_cache_budget_lend(KIB(513))); /* half of it */
	ck_assert(rtm_cache_budget_lend(KIB(300)));
	ck_assert(rtm_cache_budget_lend(KIB(212)));
	ck_assert(!rtm_cache_budget_lend(1));
	ck_assert(!rtm_cache_budget_claim(caches[0], KIB(520)));
	rtm_cache_budget_repay(KIB(212));
	ck_assert(rtm_cache_budget_claim(caches[0], KIB(520)));
	ck_assert_uint_eq(shared_out(1), KIB(512 + 64));
	rtm_cache_budget_leave(caches[0]);
	ck_assert(!rtm_cache_budget_lend(KIB(213)));
	ck_assert(rtm_cache_budget_lend(KIB(212)));
}
END_TEST

/* When memory was short: a process without threads' caches recovers, too. */
START_TEST(who_borrows_may_do_so_again_after_a_shortage)
{
	size_t n_refused = 0;

	start(MIB(1), KIB(512), KIB(64));
	ck_assert(rtm_cache_budget_lend(KIB(64)));
	rtm_cache_budget_starve(NULL);
	rtm_cache_budget_repay(KIB(64));
	while (!rtm_cache_budget_lend(KIB(64)) && n_refused < MIB(1))
		n_refused++;
	ck_assert_uint_gt(n_refused, KIB(64));
	ck_assert_uint_lt(n_refused, KIB(256));
}
END_TEST

START_TEST(slabs_are_used_again_and_their_heads_are_zero)
{
	start(MIB(1), KIB(64), KIB(64));
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 20; i++) {
			caches[i] = rtm_cache_budget_new();
			ck_assert_ptr_nonnull(caches[i]);
			ck_assert(test_is_zero(caches[i], sizeof(*caches[i])));
			memset(caches[i], 7, RTM_SLAB_BYTES);
		}
		for (size_t i = 0; i < 20; i++)
			rtm_cache_budget_delete(caches[i]);
	}
	/* The last one that came back is the next to go. */
	ck_assert_ptr_eq(rtm_cache_budget_new(), caches[19]);
}
END_TEST

/* A thread whose share was cut makes its bins shorter when it is slow. */
START_TEST(a_cache_above_its_limit_becomes_smaller)
{
	struct rtm_thread_cache *cache;
	void *objects[2000];

	start(MIB(1), MIB(1), KIB(64)); /* nothing is unclaimed */
	cache = rtm_thread_cache_create();
	for (int round = 0; round < 8; round++) {
		for (size_t i = 0; i < 2000; i++) {
			objects[i] = rtm_thread_cache_pop(cache, 9);
			if (objects[i] == NULL)
				objects[i] = rtm_thread_cache_refill(cache, 9);
		}
		if (round == 4)
			atomic_store(&cache->limit_bytes, KIB(8));
		for (size_t i = 0; i < 2000; i++)
			if (!rtm_thread_cache_push(cache, 9, objects[i]))
				rtm_thread_cache_overflow(cache, 9, objects[i]);
		if (round == 3)
			ck_assert_uint_gt(cache->capacity_bytes, KIB(8));
	}
	ck_assert_uint_le(cache->capacity_bytes, KIB(8));
}
END_TEST

/* When memory is short nobody caches anything, for a while. */
START_TEST(a_starved_budget_is_zero_and_recovers)
{
	struct rtm_front front = { .cache = NULL };
	size_t n_refused = 0;

	start(MIB(1), KIB(64), KIB(64));
	join(2);
	caches[0]->front = &front;
	caches[1]->front = NULL; /* not touched */
	rtm_cache_budget_starve(caches[1]);
	ck_assert_uint_eq(shared_out(2), 0);
	ck_assert(rtm_thread_cache_is_none(front.cache));
	ck_assert(atomic_load(&caches[0]->must_flush));
	ck_assert(!atomic_load(&caches[1]->must_flush));
	while (!rtm_cache_budget_claim(caches[0], KIB(1)))
		test_require(++n_refused < MIB(1));
	ck_assert_uint_gt(n_refused, 1000);
	ck_assert_uint_eq(shared_out(2), KIB(64));
	while (shared_out(2) < MIB(1)) {
		rtm_cache_budget_claim(caches[0], KIB(64));
		rtm_cache_budget_claim(caches[1], KIB(64));
		test_require(++n_refused < MIB(8));
	}
	while (rtm_cache_budget_claim(caches[0], KIB(64)))
		continue;
	ck_assert_uint_eq(shared_out(2), MIB(1));
}
END_TEST

/* The slab is empty, and laid out anew, from the next slow way on. */
START_TEST(a_starved_cache_gives_all_away)
{
	void *objects[200];

	start(MIB(1), KIB(64), KIB(64));

	struct rtm_thread_cache *cache = rtm_thread_cache_create();
	size_t n_slots = cache->n_slots_used;

	for (size_t i = 0; i < TEST_COUNT(objects); i++)
		objects[i] = rtm_thread_cache_refill(cache, 9);
	for (size_t i = 0; i < TEST_COUNT(objects); i++)
		if (!rtm_thread_cache_push(cache, 9, objects[i]))
			rtm_thread_cache_overflow(cache, 9, objects[i]);
	ck_assert_uint_gt(cache->capacity_bytes, 0);
	rtm_cache_budget_starve(NULL);
	ck_assert(rtm_thread_cache_is_none(rtm_thread_cache_self()));
	ck_assert_ptr_eq(rtm_thread_cache_get(), cache);
	ck_assert_ptr_eq(rtm_thread_cache_self(), cache);
	ck_assert_uint_eq(cache->capacity_bytes, 0);
	ck_assert_uint_eq(cache->n_slots_used, n_slots);
	ck_assert_ptr_null(rtm_thread_cache_pop(cache, 9));
	ck_assert_uint_eq(rtm_thread_cache_flush(), 0);
}
END_TEST

/* In the child the other threads' caches have no owner. */
START_TEST(the_child_of_a_fork_inherits_the_caches_of_others)
{
	int status;

	start(MIB(1), KIB(64), KIB(64));
	ck_assert_ptr_nonnull(rtm_thread_cache_create());
	caches[0] = rtm_thread_cache_self();
	rtm_thread_cache_show(NULL);
	rtm_thread_cache_own = NULL;
	caches[1] = rtm_thread_cache_create(); /* the one that forks */
	rtm_thread_cache_fork_prepare();

	pid_t child = fork();

	if (child == 0) {
		struct rtm_thread_cache_stats stats;

		rtm_lock_rank_reset();
		rtm_thread_cache_fork_child();
		rtm_thread_cache_stats(&stats);
		test_require(stats.n_threads == 1);
		test_require(stats.limit_bytes == KIB(64));
		test_require(rtm_cache_budget_orphan() == caches[0]);
		test_require(rtm_cache_budget_orphan() == NULL);
		_exit(0);
	}
	rtm_thread_cache_fork_parent();
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_null(rtm_cache_budget_orphan());
	ck_assert_uint_eq(shared_out(2), KIB(128));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_cache_starts_with_its_share_and_grows_in_steps,
		nobody_gets_more_than_the_budget,
		a_hungry_thread_takes_from_one_that_has_more_than_its_part,
		many_threads_get_fair_parts,
		whoever_leaves_gives_the_share_back,
		what_is_lent_is_not_claimed_until_it_is_back,
		who_borrows_may_do_so_again_after_a_shortage,
		slabs_are_used_again_and_their_heads_are_zero,
		a_cache_above_its_limit_becomes_smaller,
		a_starved_budget_is_zero_and_recovers,
		a_starved_cache_gives_all_away,
		the_child_of_a_fork_inherits_the_caches_of_others,
	};

	return test_suite_run("cache_budget", tests, TEST_COUNT(tests));
}
