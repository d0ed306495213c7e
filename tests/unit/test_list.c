/*
 * test_list.c - base/list: a ring of links
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/list.h"
#include "tests/unit/unit.h"

struct thing {
	int before;
	struct rtm_list link;
	int number;
};

/* The numbers in the list, as digits; both directions must agree. */
static unsigned
digits_of(const struct rtm_list *head)
{
	unsigned forward = 0, backward = 0, place = 1;

	for (struct rtm_list *link = head->next; link != head;
	     link = link->next)
		forward = 10 * forward +
		    (unsigned)RTM_LIST_ITEM(link, struct thing, link)->number;
	for (struct rtm_list *link = head->prev; link != head;
	     link = link->prev, place *= 10)
		backward += place *
		    (unsigned)RTM_LIST_ITEM(link, struct thing, link)->number;
	ck_assert_uint_eq(forward, backward);
	return forward;
}

static void
fill(struct rtm_list *head, struct thing *things, int n, int first)
{
	rtm_list_init(head);
	for (int i = 0; i < n; i++) {
		things[i].number = first + i;
		rtm_list_push(head, &things[i].link);
	}
}

START_TEST(a_push_goes_to_the_front)
{
	struct rtm_list head;
	struct thing things[3];

	fill(&head, things, 0, 0);
	ck_assert(rtm_list_is_empty(&head));
	fill(&head, things, 3, 1);
	ck_assert(!rtm_list_is_empty(&head));
	ck_assert_uint_eq(digits_of(&head), 321);
}
END_TEST

START_TEST(any_link_can_be_removed)
{
	struct rtm_list head;
	struct thing things[5];

	fill(&head, things, 5, 1);
	rtm_list_remove(&things[2].link);
	ck_assert_uint_eq(digits_of(&head), 5421);
	rtm_list_remove(&things[4].link);
	ck_assert_uint_eq(digits_of(&head), 421);
	rtm_list_remove(&things[0].link);
	ck_assert_uint_eq(digits_of(&head), 42);
	rtm_list_remove(&things[1].link);
	rtm_list_remove(&things[3].link);
	ck_assert(rtm_list_is_empty(&head));
	ck_assert_ptr_eq(head.prev, &head);
}
END_TEST

START_TEST(splicing_moves_all_to_the_front)
{
	struct rtm_list to, from;
	struct thing here[3], there[3];

	for (int n_here = 0; n_here <= 2; n_here++) {
		static const unsigned want[] = { 654, 6541, 65421 };

		fill(&to, here, n_here, 1);
		fill(&from, there, 3, 4);
		rtm_list_splice(&to, &from);
		ck_assert_uint_eq(digits_of(&to), want[n_here]);
		ck_assert(rtm_list_is_empty(&from));
	}
	rtm_list_splice(&to, &from);
	ck_assert_uint_eq(digits_of(&to), 65421);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_push_goes_to_the_front,
		any_link_can_be_removed,
		splicing_moves_all_to_the_front,
	};

	return test_suite_run("list", tests, TEST_COUNT(tests));
}
