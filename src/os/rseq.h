/*
 * rseq.h - where the kernel tells a thread its processor (rseq(2))
 *
 * glibc 2.35 and later register an area for each thread and say where it
 * lies.  Where libc knows nothing of it (an older glibc, musl) we register
 * one of our own.  A libc that could and does not (GLIBC_TUNABLES, valgrind,
 * a kernel or a sandbox that refuses) has been told not to: then nobody does.
 *
 * Failure: NULL or false; the caller goes on without.  errno is kept.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_RSEQ_H
#define RTM_OS_RSEQ_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What stands in front of an abort label (x86-64; the kernel's and glibc's). */
#if defined(__aarch64__)
#define RTM_RSEQ_SIGNATURE 0xd428bc00
#else
#define RTM_RSEQ_SIGNATURE 0x53053053
#endif

/* As many processors as Linux can be built for. */
enum { RTM_CPUS_MAX = 8192 };

/* The kernel's struct rseq, as of Linux 4.18. */
struct rtm_rseq {
	uint32_t cpu_id_start;
	uint32_t cpu_id;  /* negative: the thread is not registered */
	uint64_t section; /* the descriptor of the section that is under way */
	uint32_t flags;
	uint32_t unused[3];
} __attribute__((aligned(32)));

enum rtm_rseq_kind {
	RTM_RSEQ_KIND_NONE,
	RTM_RSEQ_KIND_LIBC,
	RTM_RSEQ_KIND_OWN,
};

/* Whose areas this process uses, as far as libc says. */
enum rtm_rseq_kind rtm_rseq_kind(void);

/* The area that libc has registered for the calling thread, or NULL. */
struct rtm_rseq *rtm_rseq_libc_area(void);

/*
 * Registers an area of ours for the calling thread, until the thread ends or
 * unregisters it; the kernel writes into it meanwhile.  False if it does not
 * (no such system call, a sandbox, or somebody has registered another).
 */
bool rtm_rseq_register(struct rtm_rseq *area);
void rtm_rseq_unregister(struct rtm_rseq *area);

/* Numbers of processors lie below this; 0: the system does not say. */
unsigned rtm_rseq_count_cpus(void);

/* How many of them the calling thread may run on; 0: the same. */
unsigned rtm_rseq_count_allowed(void);

/*
 * Every section of this process that is under way when this is called has
 * ended or been restarted when it returns.  False if the system cannot
 * (Linux 5.10).
 */
bool rtm_rseq_fence(void);

#endif
