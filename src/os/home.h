/*
 * home.h - which part of the machine the calling thread works on
 *
 * A cache line that another processor wrote last takes 50 to 400 ns to come, so
 * memory that a thread used before is worth more to it than what others did.
 * What lies behind the caches of threads is therefore kept apart for a few
 * groups of processors, the homes: a thread takes first what its own home has.
 * Neighbours by number share one; often they share a cache, too.
 *
 * A process has one home, number 0, until it has threads, and where nobody
 * says which processor a thread is on (os/rseq.h).  Homes are not added later:
 * a process that began with a few processors has few.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_HOME_H
#define RTM_OS_HOME_H

#include "base/compiler.h"
#include "os/thread.h"

#include <stdatomic.h>

/* A power of two; few, as spans that are partly free wait for their own. */
enum { RTM_HOMES_MAX = RTM_HAVE_PERCPU ? 4 : 1 };

/* See rtm_home_count(). */
extern RTM_HIDDEN _Atomic unsigned rtm_home_n_open;

/* Once, at start, with the number of processors that the process may use. */
void rtm_home_init(unsigned n_cpus);

/* For a process with threads. */
unsigned rtm_home_find(void);

/* The home of those who are on the processor. */
unsigned rtm_home_of(unsigned cpu);

/* Before fork: no home comes to be used meanwhile. */
void rtm_home_open(void);

/*
 * The calling thread's home, from 0 on.  A hint: the next call may say
 * another.  Not for the helper (os/helper.h), whom nobody tells.
 */
RTM_INLINE unsigned
rtm_home(void)
{
	return rtm_thread_is_programs_only() ? 0 : rtm_home_find();
}

/*
 * Homes from this one on hold nothing; a power of two, so that
 * home ^ 1 .. home ^ (count - 1) are the others.  Grows once, in a process with
 * threads; whoever sees the count of before misses what others have.
 */
RTM_INLINE unsigned
rtm_home_count(void)
{
	return atomic_load_explicit(&rtm_home_n_open, memory_order_relaxed);
}

#endif
