/*
 * tracked.c - the allocator under memcheck
 *
 *	object  | the program's n bytes | forbidden ... | n |
 *
 * A freed block rests in a ring before its memory is used again, so that a
 * late access still falls on forbidden ground.
 * Locks: one for the ring, rank TRACKED.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/tracked.h"
#include "api/large.h"
#include "api/malloc.h"
#include "back/page_heap.h"
#include "base/panic.h"
#include "base/track.h"
#include "middle/central_list.h"
#include "os/lock.h"

#include <errno.h>
#include <string.h>

enum { FENCE_BYTES = 32, RING_BLOCKS = 1024 };

bool rtm_tracked_is_on;

static struct {
	struct rtm_lock lock;
	size_t next;
	void *blocks[RING_BLOCKS]; /* freed, oldest at next */
} ring;

/* The span whose block begins at the address; dies if none does. */
static struct rtm_span *
span_of(const void *block, const char *function)
{
	struct rtm_span *span = rtm_page_map_find(block);

	if (span == NULL)
		rtm_panic_foreign(function, block);
	if (span->state < RTM_SPAN_LARGE)
		rtm_panic_double_free(function, block);
	if (span->state == RTM_SPAN_SMALL)
		rtm_central_list_check(span, block, function);
	else if (rtm_span_base(span) != block)
		rtm_panic_interior(function, block);
	return span;
}

static size_t
object_bytes(const struct rtm_span *span)
{
	return span->state == RTM_SPAN_LARGE
	    ? rtm_span_bytes(span)
	    : rtm_size_classes[span->size_class].size;
}

/* Where the block's size is kept; 0 there says that it has been freed. */
static size_t *
size_word(const struct rtm_span *span, const void *block)
{
	uintptr_t end = (uintptr_t)block + object_bytes(span);

	return (size_t *)(end - sizeof(size_t));
}

static size_t
read_size(const struct rtm_span *span, const void *block)
{
	size_t *word = size_word(span, block);

	rtm_track_reclaim(word, sizeof(*word));
	size_t n_bytes = *word;

	rtm_track_forbid(word, sizeof(*word));
	return n_bytes;
}

static void
write_size(const struct rtm_span *span, void *block, size_t n_bytes)
{
	size_t *word = size_word(span, block);

	rtm_track_reclaim(word, sizeof(*word));
	*word = n_bytes;
	rtm_track_forbid(word, sizeof(*word));
}

static void *
take_memory(size_t alignment, size_t n_bytes)
{
	sclass_t class = 0;
	void *object = NULL;

	if (alignment <= RTM_PAGE_SIZE)
		class = rtm_size_class_aligned(
		    n_bytes, rtm_max(alignment, RTM_ALIGN_MIN));
	if (class == 0)
		return rtm_large_alloc(n_bytes, alignment, false);
	rtm_central_list_take(class, 0, &object, 1);
	return object;
}

/* The size word holds one more, so that 0 means freed. */
void *
rtm_tracked_alloc(size_t alignment, size_t n_bytes, bool is_zeroed)
{
	void *block = NULL;

	if (n_bytes <= PTRDIFF_MAX - FENCE_BYTES)
		block = take_memory(alignment, n_bytes + FENCE_BYTES);
	if (block == NULL)
		return NULL;

	struct rtm_span *span = span_of(block, "malloc");

	rtm_track_forbid((char *)block + n_bytes, object_bytes(span) - n_bytes);
	write_size(span, block, n_bytes + 1);
	if (is_zeroed) {
		rtm_track_reclaim(block, n_bytes);
		memset(block, 0, n_bytes);
	}
	rtm_track_alloc(block, n_bytes, is_zeroed);
	return block;
}

static void
give_memory(void *block)
{
	struct rtm_span *span = rtm_page_map_find(block);

	if (span->state == RTM_SPAN_LARGE)
		rtm_page_heap_give(span);
	else
		rtm_central_list_give(span->size_class, &block, 1);
}

void
rtm_tracked_free(void *block, const char *function)
{
	struct rtm_span *span = span_of(block, function);

	if (read_size(span, block) == 0)
		rtm_panic_double_free(function, block);
	write_size(span, block, 0);
	rtm_track_free(block);

	rtm_lock_take(&ring.lock, RTM_RANK_TRACKED);
	void *oldest = ring.blocks[ring.next];

	ring.blocks[ring.next] = block;
	ring.next = (ring.next + 1) % RING_BLOCKS;
	rtm_lock_give(&ring.lock, RTM_RANK_TRACKED);
	if (oldest != NULL)
		give_memory(oldest);
}

size_t
rtm_tracked_usable_size(const void *block, const char *function)
{
	return read_size(span_of(block, function), block) - 1;
}

void *
rtm_tracked_realloc(void *block, size_t n_bytes)
{
	size_t n_before = rtm_tracked_usable_size(block, "realloc");
	void *copy = rtm_tracked_alloc(1, n_bytes, false);

	if (copy == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(copy, block, rtm_min(n_before, n_bytes));
	rtm_tracked_free(block, "realloc");
	return copy;
}

void
rtm_tracked_fork_prepare(void)
{
	rtm_lock_take(&ring.lock, RTM_RANK_TRACKED);
}

void
rtm_tracked_fork_parent(void)
{
	rtm_lock_give(&ring.lock, RTM_RANK_TRACKED);
}

void
rtm_tracked_fork_child(void)
{
	rtm_lock_init(&ring.lock);
}
