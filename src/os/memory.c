/*
 * memory.c - the system's pages: reserve, open, give back, move
 *
 * Locks: none; the caller owns the range that it names.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/memory.h"
#include "base/bits.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* -------------------------------------------- the calls, and their counts */

enum { CALL_MMAP, CALL_MUNMAP, CALL_MPROTECT, CALL_MREMAP, CALL_MADVISE };

static _Atomic size_t n_calls[CALL_MADVISE + 1];

/* What can be written to; changed next to a system call, as the above. */
static _Atomic size_t n_open_bytes;

/* A system call costs far more than what threads may lose here. */
static void
count_call(int call)
{
	if (RTM_STATS)
		atomic_fetch_add_explicit(
		    &n_calls[call], 1, memory_order_relaxed);
}

static void
count_open(size_t n_bytes)
{
	if (RTM_STATS)
		atomic_fetch_add_explicit(
		    &n_open_bytes, n_bytes, memory_order_relaxed);
}

static void *
map(void *base, size_t n_bytes, int protection, int flags)
{
	count_call(CALL_MMAP);
	return mmap(base, n_bytes, protection,
	    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void
unmap(void *base, size_t n_bytes)
{
	count_call(CALL_MUNMAP);
	munmap(base, n_bytes);
}

static bool
advise(void *base, size_t n_bytes, int advice)
{
	count_call(CALL_MADVISE);
	return madvise(base, n_bytes, advice) == 0;
}

void
rtm_mem_count_calls(struct rtm_mem_calls *calls)
{
	if (!RTM_STATS) {
		*calls = (struct rtm_mem_calls){ 0 };
		return;
	}
	*calls = (struct rtm_mem_calls){
		.n_mmap = n_calls[CALL_MMAP],
		.n_munmap = n_calls[CALL_MUNMAP],
		.n_mprotect = n_calls[CALL_MPROTECT],
		.n_mremap = n_calls[CALL_MREMAP],
		.n_madvise = n_calls[CALL_MADVISE],
		.open_bytes = n_open_bytes,
	};
}

/* ------------------------------------------------------------ the contract */

/*
 * No MAP_NORESERVE: what may be written is accounted for, so that the system
 * can refuse what it could never give.
 */
static void *
map_anonymous(size_t n_bytes, int protection)
{
	void *base = map(NULL, n_bytes, protection, 0);

	return base == MAP_FAILED ? NULL : base;
}

/* Maps more than is asked for, and gives the two ends back. */
static void *
map_aligned(size_t n_bytes, size_t alignment, int protection)
{
	char *base = map_anonymous(n_bytes, protection);

	if (base == NULL || ((uintptr_t)base & (alignment - 1)) == 0)
		return base;
	unmap(base, n_bytes);
	if (n_bytes + alignment < n_bytes)
		return NULL;
	base = map_anonymous(n_bytes + alignment, protection);
	if (base == NULL)
		return NULL;

	size_t n_before = -(uintptr_t)base & (alignment - 1);
	size_t n_after = alignment - n_before;

	if (n_before != 0)
		unmap(base, n_before);
	if (n_after != 0)
		unmap(base + n_before + n_bytes, n_after);
	return base + n_before;
}

void *
rtm_mem_reserve(size_t n_bytes, size_t alignment)
{
	int saved_errno = errno;
	void *base = map_aligned(n_bytes, alignment, PROT_NONE);

	errno = saved_errno;
	return base;
}

void *
rtm_mem_reserve_zeros(size_t n_bytes)
{
	int saved_errno = errno;
	void *base = map_anonymous(n_bytes, PROT_READ);
	const size_t n_first = (size_t)4 << 20;

	/*
	 * A core file has no use for gigabytes of zeros, and mlockall(2),
	 * which fills what can be read, is done with the huge page of zeros
	 * in a moment.  The beginning is read by every program, for NULL:
	 * there are kernels that know no page of zeros, and give a real one.
	 */
	if (base != NULL) {
		advise(base, n_bytes, MADV_DONTDUMP);
		if (n_bytes > n_first)
			advise((char *)base + n_first, n_bytes - n_first,
			    MADV_HUGEPAGE);
	}
	errno = saved_errno;
	return base;
}

void *
rtm_mem_map(size_t n_bytes, size_t alignment)
{
	int saved_errno = errno;
	void *base = map_aligned(n_bytes, alignment, PROT_READ | PROT_WRITE);

	if (base != NULL)
		count_open(n_bytes);
	errno = saved_errno;
	return base;
}

void
rtm_mem_unmap(void *base, size_t n_bytes)
{
	int saved_errno = errno;

	count_open(-n_bytes);
	unmap(base, n_bytes);
	errno = saved_errno;
}

void
rtm_mem_unreserve(void *base, size_t n_bytes)
{
	int saved_errno = errno;

	unmap(base, n_bytes);
	errno = saved_errno;
}

/*
 * Where a sandbox refuses mprotect(2).  Not the first choice: kernels before
 * 6.12 unmap the old pages before they find that there is no memory for the
 * new ones, and a hole in a reservation must be closed at once.
 */
static bool
open_by_mapping(void *base, size_t n_bytes)
{
	if (map(base, n_bytes, PROT_READ | PROT_WRITE, MAP_FIXED) == base)
		return true;

	void *again = map(base, n_bytes, PROT_READ, MAP_FIXED_NOREPLACE);

	if (again != MAP_FAILED && again != base)
		unmap(again, n_bytes);
	return false;
}

/* glibc's malloc opens by mprotect, too: a sandbox that kills knows it. */
static bool
open_pages(void *base, size_t n_bytes)
{
	count_call(CALL_MPROTECT);
	if (mprotect(base, n_bytes, PROT_READ | PROT_WRITE) == 0)
		return true;
	return errno != ENOMEM && errno != EAGAIN &&
	    open_by_mapping(base, n_bytes);
}

bool
rtm_mem_open(void *base, size_t n_bytes)
{
	int saved_errno = errno;
	bool is_open = open_pages(base, n_bytes);

	if (RTM_LIKELY(is_open))
		count_open(n_bytes);
	errno = saved_errno;
	return is_open;
}

bool
rtm_mem_decommit(void *base, size_t n_bytes)
{
	int saved_errno = errno;
	uintptr_t ends = (uintptr_t)base | n_bytes;
	bool is_done = (ends & (rtm_mem_page_size() - 1)) == 0 &&
	    advise(base, n_bytes, MADV_DONTNEED);

	errno = saved_errno;
	return is_done;
}

void
rtm_mem_split_huge(void *base, size_t n_bytes)
{
	int saved_errno = errno;
	uintptr_t ends = (uintptr_t)base | n_bytes;

	if ((ends & (RTM_HUGE_BYTES - 1)) != 0)
		advise(base, n_bytes, MADV_COLD);
	errno = saved_errno;
}

void
rtm_mem_advise_huge(void *base, size_t n_bytes, bool is_wanted)
{
	int saved_errno = errno;

	advise(base, n_bytes, is_wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	errno = saved_errno;
}

/*
 * The kernel unmaps the target before it can still run out of memory.  A
 * target that was lost so is mapped again; where that fails too, or somebody
 * else's mapping has taken the place, nobody may touch it any more.
 */
static enum rtm_move
repair_target(void *to, size_t n_bytes, int move_errno)
{
	if (move_errno == EINVAL || move_errno == ENOSYS)
		return RTM_MOVE_REFUSED; /* checked before the unmapping */

	void *again =
	    map(to, n_bytes, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE);

	if (again == to)
		return RTM_MOVE_REFUSED;
	if (again != MAP_FAILED)
		unmap(again, n_bytes);
	return RTM_MOVE_BROKEN;
}

/* 0 if the move was made. */
static int
move(void *from, void *to, size_t n_bytes)
{
	count_call(CALL_MREMAP);
	return mremap(from, n_bytes, n_bytes,
		   MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
		   to) == MAP_FAILED
	    ? errno
	    : 0;
}

/*
 * Whether the pages that a move leaves behind can be given back later.
 * qemu-user (7.2) takes them for unmapped from then on: those of a 32-bit
 * program fault until they are opened anew, and madvise(2) says that it worked
 * where the contents stay.  Tried on a page, once.
 */
static bool
is_left_to_us(void)
{
	const size_t n_bytes = rtm_mem_page_size();
	char *from = map_anonymous(2 * n_bytes, PROT_READ | PROT_WRITE);
	bool is_ours = false;

	if (from == NULL)
		return false;
	*from = 1;
	if (move(from, from + n_bytes, n_bytes) == 0 &&
	    open_pages(from, n_bytes)) {
		*from = 1;
		is_ours = rtm_mem_decommit(from, n_bytes) && *from == 0 &&
		    from[n_bytes] == 1;
	}
	unmap(from, 2 * n_bytes);
	return is_ours;
}

enum rtm_move
rtm_mem_move(void *from, void *to, size_t n_bytes)
{
	/* An old kernel, too many mappings, a simulator: do not ask again. */
	static _Atomic enum { UNKNOWN, USABLE, REFUSED } is_usable;
	int saved_errno = errno;
	enum rtm_move result = RTM_MOVE_DONE;

	if (is_usable == UNKNOWN)
		is_usable = is_left_to_us() ? USABLE : REFUSED;
	if (is_usable == REFUSED) {
		errno = saved_errno;
		return RTM_MOVE_REFUSED;
	}

	int error = move(from, to, n_bytes);

	if (error != 0) {
		if (error == EINVAL || error == ENOSYS || error == ENOMEM)
			is_usable = REFUSED;
		result = repair_target(to, n_bytes, error);
		if (result == RTM_MOVE_BROKEN)
			count_open(-n_bytes);
	}
	errno = saved_errno;
	return result;
}

size_t
rtm_mem_page_size(void)
{
	static _Atomic size_t known; /* the same whoever writes it */
	size_t n_bytes = atomic_load_explicit(&known, memory_order_relaxed);

	if (RTM_UNLIKELY(n_bytes == 0)) {
		n_bytes = getauxval(AT_PAGESZ);
		atomic_store_explicit(&known, n_bytes, memory_order_relaxed);
	}
	return n_bytes;
}

bool
rtm_mem_is_space_limited(void)
{
	int saved_errno = errno;
	struct rlimit limit;
	bool is_limited = getrlimit(RLIMIT_AS, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY;

	errno = saved_errno;
	return is_limited;
}
