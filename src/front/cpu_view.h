/*
 * cpu_view.h - what the sections of rseq.h see, and what they say
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_VIEW_H
#define RTM_FRONT_CPU_VIEW_H

#include "front/thread_cache.h"
#include "os/rseq.h"

/*
 * Whose slab is whose, for the sections to compare.  Each number that the
 * kernel writes into an area has its place: 0 and up for processors, -1 and -2
 * for a thread that is not registered.
 */
struct rtm_cpu_view {
	uintptr_t unregistered[2]; /* 0: there is no slab */
	/* NULL: there is none just now. */
	struct rtm_cpu_slab *_Atomic slabs[RTM_CPUS_MAX];
};

enum rtm_rseq_result {
	RTM_RSEQ_DONE,
	RTM_RSEQ_FULL,    /* no room; for resize: not as expected */
	RTM_RSEQ_ABORTED, /* nothing was done: look where we are, try again */
};

/* Stands for a number of objects. */
#define RTM_RSEQ_NO_NUMBER SIZE_MAX

#endif
