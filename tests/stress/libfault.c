/*
 * libfault.c - makes the memory calls of the library under test fail
 *
 * Preloaded before librtmalloc.so.  It takes the place of libc's mmap,
 * munmap, mremap, madvise and mprotect, which librtmalloc calls, and passes
 * calls on to the kernel, except:
 *   FAULT_CALL=name   the function that fails ("all": each of them)
 *   FAULT_NTH=n       its n-th call fails with ENOMEM, counted from 1
 *   FAULT_MODE=from   and so does each call after that one
 * fault_disarm() ends all faults.  libc's own calls do not come through here.
 *
 * The library calls from a thread that libc does not know, too: nothing here
 * may use thread-local data other than errno, which rules out strtoul.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void fault_disarm(void);
EXPORT unsigned long fault_count(void);

static atomic_ulong n_calls;
static atomic_bool is_off;

static unsigned long
number(const char *text)
{
	unsigned long n = 0;

	while (*text >= '0' && *text <= '9')
		n = n * 10 + (unsigned long)(*text++ - '0');
	return n;
}

/* True if this call of the named function has to fail. */
static bool
is_due(const char *name)
{
	const char *call = getenv("FAULT_CALL");
	const char *nth = getenv("FAULT_NTH");
	const char *mode = getenv("FAULT_MODE");
	unsigned long n, due;

	if (call == NULL || nth == NULL || atomic_load(&is_off))
		return false;
	if (strcmp(call, name) != 0 && strcmp(call, "all") != 0)
		return false;
	n = atomic_fetch_add(&n_calls, 1) + 1;
	due = number(nth);
	if (n != due && (n < due || mode == NULL || strcmp(mode, "from") != 0))
		return false;
	errno = ENOMEM;
	return true;
}

/* From here on each call works again. */
void
fault_disarm(void)
{
	atomic_store(&is_off, true);
}

/* How often FAULT_CALL has been called while faults were armed. */
unsigned long
fault_count(void)
{
	return atomic_load(&n_calls);
}

EXPORT void *
mmap(void *addr, size_t n_bytes, int prot, int flags, int fd, off_t offset)
{
	if (is_due("mmap"))
		return MAP_FAILED;
	return (void *)syscall(
	    SYS_mmap, addr, n_bytes, prot, flags, fd, offset);
}

EXPORT int
munmap(void *addr, size_t n_bytes)
{
	if (is_due("munmap"))
		return -1;
	return (int)syscall(SYS_munmap, addr, n_bytes);
}

EXPORT void *
mremap(void *addr, size_t old_n_bytes, size_t n_bytes, int flags, ...)
{
	void *new_addr = NULL;

	if (flags & MREMAP_FIXED) {
		va_list args;

		va_start(args, flags);
		new_addr = va_arg(args, void *);
		va_end(args);
	}
	if (is_due("mremap"))
		return MAP_FAILED;
	return (void *)syscall(
	    SYS_mremap, addr, old_n_bytes, n_bytes, flags, new_addr);
}

EXPORT int
madvise(void *addr, size_t n_bytes, int advice)
{
	if (is_due("madvise"))
		return -1;
	return (int)syscall(SYS_madvise, addr, n_bytes, advice);
}

EXPORT int
mprotect(void *addr, size_t n_bytes, int prot)
{
	if (is_due("mprotect"))
		return -1;
	return (int)syscall(SYS_mprotect, addr, n_bytes, prot);
}
