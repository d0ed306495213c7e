/*
 * list.h - a ring of links that live inside the things they link
 *
 * The head is a link too: an empty list is a head that points at itself, so
 * insertion and removal have no special case.  No locks, nothing can fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_LIST_H
#define RTM_BASE_LIST_H

#include "base/compiler.h"

#include <stdbool.h>

struct rtm_list {
	struct rtm_list *next;
	struct rtm_list *prev;
};

/* The thing of the given type whose member is the link. */
#define RTM_LIST_ITEM(link, type, member) \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

RTM_INLINE void
rtm_list_init(struct rtm_list *head)
{
	head->next = head;
	head->prev = head;
}

RTM_INLINE bool
rtm_list_is_empty(const struct rtm_list *head)
{
	return head->next == head;
}

RTM_INLINE void
rtm_list_push(struct rtm_list *head, struct rtm_list *link)
{
	link->next = head->next;
	link->prev = head;
	head->next->prev = link;
	head->next = link;
}

RTM_INLINE void
rtm_list_remove(struct rtm_list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
}

/* Moves all of from to the front of to; from is empty afterwards. */
RTM_INLINE void
rtm_list_splice(struct rtm_list *to, struct rtm_list *from)
{
	if (rtm_list_is_empty(from))
		return;
	from->next->prev = to;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	rtm_list_init(from);
}

#endif
