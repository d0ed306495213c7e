/*
 * pattern.c - contents that know where they belong
 *
 * Byte i of a block is a function of the block's address, its size and i.
 * Blocks up to FULL_BYTES carry the pattern in every byte; longer ones in
 * their first and last EDGE_BYTES and in 8 bytes of each page between, so
 * that a large block is touched everywhere and still filled fast.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/support.h"

#include <string.h>

#define FULL_BYTES 4096u
#define EDGE_BYTES 256u
#define PAGE_BYTES 4096u

typedef bool (*range_fn)(
    unsigned char *block, size_t begin, size_t end, uint64_t key);

static uint64_t
key_of(uintptr_t address, size_t n_bytes)
{
	uint64_t key = (uint64_t)address * UINT64_C(0x9e3779b97f4a7c15);

	key ^= (uint64_t)n_bytes * UINT64_C(0xc2b2ae3d27d4eb4f);
	return key ^ (key >> 29);
}

static unsigned char
byte_at(uint64_t key, size_t i)
{
	/* Never 0, so that memory given back and fetched again shows. */
	return (unsigned char)((key >> ((i & 7) * 8)) + i * 37) | 1;
}

static bool
fill_range(unsigned char *block, size_t begin, size_t end, uint64_t key)
{
	for (size_t i = begin; i < end; i++)
		block[i] = byte_at(key, i);
	return true;
}

static bool
verify_range(unsigned char *block, size_t begin, size_t end, uint64_t key)
{
	for (size_t i = begin; i < end; i++) {
		if (block[i] != byte_at(key, i))
			test_fail(__FILE__, __LINE__,
			    "byte %zu of the block at %p is 0x%02x, not 0x%02x",
			    i, (void *)block, block[i], byte_at(key, i));
	}
	return true;
}

/* Calls fn for each range of a block of n_bytes that carries the pattern, as
 * far as it lies in the first n_limit bytes. */
static void
walk(unsigned char *block, size_t n_bytes, size_t n_limit, uint64_t key,
    range_fn fn)
{
	size_t last = n_bytes - EDGE_BYTES;

	if (n_bytes <= FULL_BYTES) {
		fn(block, 0, n_limit < n_bytes ? n_limit : n_bytes, key);
		return;
	}
	fn(block, 0, n_limit < EDGE_BYTES ? n_limit : EDGE_BYTES, key);
	for (size_t i = PAGE_BYTES; i + 8 <= last && i + 8 <= n_limit;
	     i += PAGE_BYTES)
		fn(block, i, i + 8, key);
	if (n_limit > last)
		fn(block, last, n_limit < n_bytes ? n_limit : n_bytes, key);
}

void
test_fill(void *ptr, size_t n_bytes)
{
	walk(
	    ptr, n_bytes, n_bytes, key_of((uintptr_t)ptr, n_bytes), fill_range);
}

void
test_verify_moved(
    const void *ptr, size_t n_kept, uintptr_t old_address, size_t old_n_bytes)
{
	/* verify_range only reads. */
	walk((unsigned char *)(uintptr_t)ptr, old_n_bytes, n_kept,
	    key_of(old_address, old_n_bytes), verify_range);
}

void
test_verify(const void *ptr, size_t n_bytes)
{
	test_verify_moved(ptr, n_bytes, (uintptr_t)ptr, n_bytes);
}

bool
test_is_zero(const void *ptr, size_t n_bytes)
{
	const unsigned char *bytes = ptr;

	return n_bytes == 0 ||
	    (bytes[0] == 0 && memcmp(bytes, bytes + 1, n_bytes - 1) == 0);
}
