/*
 * rseq.c - where the kernel tells a thread its processor (rseq(2))
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/rseq.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#if RTM_HAVE_PERCPU

/* glibc 2.35; weak, as others have none. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

enum {
	SIZE_MIN = 20,   /* up to the flags */
	SIZE_FIRST = 32, /* what every kernel takes */
	FLAG_UNREGISTER = 1,
	/* linux/membarrier.h of Linux 5.10 */
	FENCE = 1 << 7,
	FENCE_REGISTER = 1 << 8,
};

static char *
thread_pointer(void)
{
	char *pointer;

#if defined(__x86_64__)
	__asm__("mov %%fs:0, %0" : "=r"(pointer));
#else
	__asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
	return pointer;
}

static bool
libc_knows(void)
{
	return &__rseq_size != NULL && &__rseq_offset != NULL;
}

enum rtm_rseq_kind
rtm_rseq_kind(void)
{
	if (!libc_knows())
		return RTM_RSEQ_KIND_OWN;
	return __rseq_size >= SIZE_MIN ? RTM_RSEQ_KIND_LIBC
				       : RTM_RSEQ_KIND_NONE;
}

static bool
is_registered(const struct rtm_rseq *area)
{
	return (int32_t)__atomic_load_n(&area->cpu_id, __ATOMIC_RELAXED) >= 0;
}

struct rtm_rseq *
rtm_rseq_libc_area(void)
{
	if (rtm_rseq_kind() != RTM_RSEQ_KIND_LIBC)
		return NULL;

	struct rtm_rseq *area =
	    (struct rtm_rseq *)(void *)(thread_pointer() + __rseq_offset);

	return is_registered(area) ? area : NULL;
}

/* A system call whose failure is nobody else's business. */
static long
quiet_syscall(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)
{
	int saved_errno = errno;
	long result = syscall(number, a, b, c, d);

	if (result < 0)
		result = -errno;
	errno = saved_errno;
	return result;
}

bool
rtm_rseq_register(struct rtm_rseq *area)
{
	*area = (struct rtm_rseq){ .cpu_id = UINT32_MAX };
	return quiet_syscall(SYS_rseq, (uintptr_t)area, SIZE_FIRST, 0,
		   RTM_RSEQ_SIGNATURE) == 0;
}

void
rtm_rseq_unregister(struct rtm_rseq *area)
{
	quiet_syscall(SYS_rseq, (uintptr_t)area, SIZE_FIRST, FLAG_UNREGISTER,
	    RTM_RSEQ_SIGNATURE);
}

enum { WORD_BITS = 8 * sizeof(unsigned long) };

/* The kernel says how many bytes its masks have. */
static size_t
read_mask(unsigned long mask[RTM_CPUS_MAX / WORD_BITS])
{
	long n_bytes = quiet_syscall(
	    SYS_sched_getaffinity, 0, RTM_CPUS_MAX / 8, (uintptr_t)mask, 0);

	return n_bytes <= 0 ? 0 : (size_t)n_bytes;
}

unsigned
rtm_rseq_count_cpus(void)
{
	unsigned long mask[RTM_CPUS_MAX / WORD_BITS];

	return 8 * (unsigned)read_mask(mask);
}

unsigned
rtm_rseq_count_allowed(void)
{
	unsigned long mask[RTM_CPUS_MAX / WORD_BITS];
	size_t n_words = read_mask(mask) / sizeof(mask[0]);
	unsigned n_cpus = 0;

	for (size_t i = 0; i < n_words; i++)
		for (; mask[i] != 0; n_cpus++)
			mask[i] &= mask[i] - 1;
	return n_cpus;
}

bool
rtm_rseq_fence(void)
{
	if (quiet_syscall(SYS_membarrier, FENCE, 0, 0, 0) == 0)
		return true;
	/* A process has to register once; a second time is no mistake. */
	return quiet_syscall(SYS_membarrier, FENCE_REGISTER, 0, 0, 0) == 0 &&
	    quiet_syscall(SYS_membarrier, FENCE, 0, 0, 0) == 0;
}

#endif
