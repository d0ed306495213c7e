/*
 * meta.c - memory for the allocator's own structures
 *
 * A pointer that moves through chunks from the system.  Nothing comes back, but
 * pieces: each other kind of structure keeps a list of its own free ones.  The
 * first chunk is small, since most programs are.
 * Locks:   one, rank META, a leaf.
 * Failure: NULL; the rest of a chunk stays usable.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/meta.h"
#include "base/bits.h"
#include "os/lock.h"
#include "os/memory.h"

enum { CHUNK_BYTES_FIRST = 256 << 10, CHUNK_BYTES_MAX = 4 << 20 };

struct spare_piece {
	struct spare_piece *next;
};

static struct {
	struct rtm_lock lock;
	struct spare_piece *pieces; /* that came back */
	char *next;                 /* where the next structure goes */
	size_t n_left;              /* bytes behind it */
	size_t chunk_bytes; /* of the newest chunk; 0 before the first */
	size_t used_bytes;
} meta;

/* The system's pages are whole, whatever their size. */
static bool
map_chunk(size_t n_bytes)
{
	size_t chunk_bytes = meta.chunk_bytes == 0
	    ? CHUNK_BYTES_FIRST
	    : rtm_min(2 * meta.chunk_bytes, CHUNK_BYTES_MAX);
	char *chunk = NULL;

	if (chunk_bytes >= n_bytes)
		chunk = rtm_mem_map(chunk_bytes, RTM_CACHE_LINE);
	if (chunk == NULL) { /* too little, or too much for the system */
		chunk_bytes = rtm_round_up(n_bytes, rtm_mem_page_size());
		chunk = rtm_mem_map(chunk_bytes, RTM_CACHE_LINE);
	}
	if (chunk == NULL)
		return false;
	meta.chunk_bytes = rtm_max(chunk_bytes, CHUNK_BYTES_FIRST);
	meta.next = chunk;
	meta.n_left = chunk_bytes;
	return true;
}

static void *
take_locked(size_t n_bytes)
{
	if (meta.n_left < n_bytes && !map_chunk(n_bytes))
		return NULL;

	void *taken = meta.next;

	meta.next += n_bytes;
	meta.n_left -= n_bytes;
	meta.used_bytes += n_bytes;
	return taken;
}

void *
rtm_meta_take(size_t n_bytes)
{
	rtm_lock_take(&meta.lock, RTM_RANK_META);

	void *taken = take_locked(rtm_round_up(n_bytes, RTM_CACHE_LINE));

	rtm_lock_give(&meta.lock, RTM_RANK_META);
	return taken;
}

void *
rtm_meta_take_piece(void)
{
	rtm_lock_take(&meta.lock, RTM_RANK_META);

	void *piece = meta.pieces;

	if (piece != NULL)
		meta.pieces = meta.pieces->next;
	else
		piece = take_locked(RTM_META_PIECE);
	rtm_lock_give(&meta.lock, RTM_RANK_META);
	return piece;
}

void
rtm_meta_give_piece(void *piece)
{
	struct spare_piece *spare = piece;

	rtm_lock_take(&meta.lock, RTM_RANK_META);
	spare->next = meta.pieces;
	meta.pieces = spare;
	rtm_lock_give(&meta.lock, RTM_RANK_META);
}

size_t
rtm_meta_used_bytes(void)
{
	rtm_lock_take(&meta.lock, RTM_RANK_META);
	size_t used_bytes = meta.used_bytes;

	rtm_lock_give(&meta.lock, RTM_RANK_META);
	return used_bytes;
}

void
rtm_meta_fork_prepare(void)
{
	rtm_lock_take(&meta.lock, RTM_RANK_META);
}

void
rtm_meta_fork_parent(void)
{
	rtm_lock_give(&meta.lock, RTM_RANK_META);
}

void
rtm_meta_fork_child(void)
{
	rtm_lock_init(&meta.lock);
}
