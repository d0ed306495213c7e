/*
 * cpu_cache.h - the front end of threads that share their processor's bins
 *
 * What is cached is then bounded by processors, not by threads: a server with
 * hundreds of threads, most of which sleep, has what it works with and no
 * more.  A thread works either so or with a cache of its own
 * (thread_cache.h), and changes over once, by itself, if it does (auto.h).
 *
 * A thread that works so has no cache of its own: malloc finds that out by the
 * compare, and free by the branch, that send any thread without one away.  So
 * those who have one take no other test.
 *
 * Failure: what finds neither object nor room goes to the central list.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_CACHE_H
#define RTM_FRONT_CPU_CACHE_H

#include "front/cpu_slab.h"
#include "front/thread_cache.h"

#if RTM_HAVE_PERCPU

RTM_INLINE bool
rtm_cpu_cache_is_mine(void)
{
	return rtm_front.area != NULL;
}

/* The thread shares: an object of the class, or NULL: go the slow way. */
RTM_INLINE void *
rtm_cpu_cache_pop_shared(size_t size_class)
{
	bool is_aborted; /* the slow way will find out */

	return rtm_rseq_pop(rtm_front.area, &rtm_cpu_view_fast, rtm_front.slab,
	    size_class, &is_aborted);
}

/* The same for any thread. */
RTM_INLINE void *
rtm_cpu_cache_pop(size_t size_class)
{
	return RTM_LIKELY(rtm_front.area != NULL)
	    ? rtm_cpu_cache_pop_shared(size_class)
	    : NULL;
}

/* False: go the slow way. */
RTM_INLINE bool
rtm_cpu_cache_push(size_t size_class, void *object)
{
	struct rtm_rseq *area = rtm_front.area;

	return RTM_LIKELY(area != NULL) &&
	    RTM_LIKELY(rtm_rseq_push(area, &rtm_cpu_view_fast, rtm_front.slab,
			   size_class, object) == RTM_RSEQ_DONE);
}

/* Once, at start. */
void rtm_cpu_cache_init(const struct rtm_conf *conf);

/*
 * From now on the calling thread shares the caches of processors.  False if
 * that is not possible here.
 */
bool rtm_cpu_cache_enter(void);

/* The calling thread ends; it may go on if its area is libc's. */
void rtm_cpu_cache_leave(void);

/* The slow ways, of threads that work so: these two always serve. */
void *rtm_cpu_cache_take(sclass_t size_class) RTM_COLD;
void rtm_cpu_cache_give(sclass_t size_class, void *object) RTM_COLD;

/* The calling thread, which works so, was given n_bytes of unused memory. */
void rtm_cpu_cache_note_fresh(size_t n_bytes);

/* Memory is short: all gives back what it has, and grows anew, slowly. */
size_t rtm_cpu_cache_starve(void);

struct rtm_cpu_cache_stats {
	enum rtm_rseq_kind kind; /* NONE unless threads work so */
	size_t limit_bytes;      /* of one processor */
};

void rtm_cpu_cache_stats(struct rtm_cpu_cache_stats *stats);

#else /* all threads have caches of their own */

RTM_INLINE bool
rtm_cpu_cache_is_mine(void)
{
	return false;
}

RTM_INLINE void *
rtm_cpu_cache_pop_shared(size_t size_class)
{
	(void)size_class;
	return NULL;
}

RTM_INLINE void *
rtm_cpu_cache_pop(size_t size_class)
{
	(void)size_class;
	return NULL;
}

RTM_INLINE bool
rtm_cpu_cache_push(size_t size_class, void *object)
{
	(void)size_class, (void)object;
	return false;
}

RTM_INLINE void
rtm_cpu_cache_note_fresh(size_t n_bytes)
{
	(void)n_bytes;
}

#endif
#endif
