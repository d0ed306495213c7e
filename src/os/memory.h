/*
 * memory.h - the system's pages: reserve, open, give back, move
 *
 * The contract with the operating system, and the only calls of mmap's
 * family.  Address space is reserved without permission to write, so that it
 * counts neither as data (RLIMIT_DATA), nor as committed (strict
 * overcommit), nor is filled by mlockall(2); it is opened piece by piece.
 * Every function keeps errno.  Addresses and lengths are multiples of the
 * system's page.  Failure is NULL or false, and then nothing has changed.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_MEMORY_H
#define RTM_OS_MEMORY_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* Address space that faults when touched. */
void *rtm_mem_reserve(size_t n_bytes, size_t alignment);

/* Address space that reads as zeros and must not be written. */
void *rtm_mem_reserve_zeros(size_t n_bytes);

/* Zeroed memory, read and write, aligned to a power of two. */
void *rtm_mem_map(size_t n_bytes, size_t alignment);

/* Gives address space back that was mapped or opened, and all in it. */
void rtm_mem_unmap(void *base, size_t n_bytes);

/* Gives address space back that was never opened. */
void rtm_mem_unreserve(void *base, size_t n_bytes);

/* Makes reserved space readable and writable. */
bool rtm_mem_open(void *base, size_t n_bytes);

/*
 * Gives the memory back and keeps the space: it reads as zeros afterwards.
 * False where the system cannot (locked pages, or pages larger than the
 * range): the contents stay.
 */
bool rtm_mem_decommit(void *base, size_t n_bytes);

/*
 * Before memory that may lie in huge pages is given back in part: the system
 * would keep such pages whole until memory is short, though it does not count
 * them as the process's any more.  (Advice to Linux since 5.4, by which it
 * splits them.)
 */
void rtm_mem_split_huge(void *base, size_t n_bytes);

/* Asks for huge pages (or for small ones again) where they fit in. */
void rtm_mem_advise_huge(void *base, size_t n_bytes, bool is_wanted);

/* What rtm_mem_move() did. */
enum rtm_move {
	RTM_MOVE_DONE,    /* the contents are at to; from reads as zeros */
	RTM_MOVE_REFUSED, /* nothing has changed */
	RTM_MOVE_BROKEN,  /* from is as it was; to must not be touched again */
};

/*
 * Moves pages without copying them; both sides are open.  Linux 5.7
 * (MREMAP_DONTUNMAP), refused on anything older.
 */
enum rtm_move rtm_mem_move(void *from, void *to, size_t n_bytes);

/* System calls up to now, failed ones too; and what they came to. */
struct rtm_mem_calls {
	size_t n_mmap;
	size_t n_munmap;
	size_t n_mprotect;
	size_t n_mremap;
	size_t n_madvise;
	size_t open_bytes; /* that can be written to, now */
};

void rtm_mem_count_calls(struct rtm_mem_calls *calls);

/* Of a huge page, and what it is aligned to. */
#define RTM_HUGE_BYTES ((uintptr_t)2 << 20)

/* The size of the system's pages. */
size_t rtm_mem_page_size(void);

/* True if RLIMIT_AS bounds the address space, so that none may be wasted. */
bool rtm_mem_is_space_limited(void);

#endif
