/*
 * cpu_cache.h - the front end of threads that share their processor's bins
 *
 * What is cached is then bounded by processors, not by threads: a server with
 * hundreds of threads, most of which sleep, has what it works with and no
 * more.  A thread works either so or with a cache of its own
 * (thread_cache.h), and changes over once, by itself, if it does.
 *
 * A thread that works so has no cache of its own, so the fast ways of malloc
 * and free find nothing in rtm_thread_cache_none and go on here, without
 * another test in those who do.
 *
 * Failure: what finds neither object nor room goes to the central list.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_CACHE_H
#define RTM_FRONT_CPU_CACHE_H

#include "front/cpu_slab.h"
#include "front/thread_cache.h"

/* The option frontend. */
enum rtm_frontend {
	RTM_FRONTEND_THREAD,
	RTM_FRONTEND_CPU,
	RTM_FRONTEND_AUTO,
};

#if RTM_HAVE_PERCPU

/* Threads are to work so from now on; each finds out on its next slow way. */
extern RTM_HIDDEN _Atomic bool rtm_cpu_cache_is_wanted;

RTM_INLINE bool
rtm_cpu_cache_is_mine(void)
{
	return rtm_front.area != NULL;
}

/* Is the thread, which has a cache, to give it up? */
RTM_INLINE bool
rtm_cpu_cache_wants(const struct rtm_thread_cache *cache)
{
	return RTM_UNLIKELY(atomic_load_explicit(
		   &rtm_cpu_cache_is_wanted, memory_order_relaxed)) &&
	    !cache->is_kept;
}

/* An object of the class, or NULL: go the slow way. */
RTM_INLINE void *
rtm_cpu_cache_pop(size_t size_class)
{
	struct rtm_rseq *area = rtm_front.area;

	bool is_aborted; /* the slow way will find out */

	return RTM_LIKELY(area != NULL)
	    ? rtm_rseq_pop(area, &rtm_cpu_view_fast, size_class, &is_aborted)
	    : NULL;
}

/* False: go the slow way. */
RTM_INLINE bool
rtm_cpu_cache_push(size_t size_class, void *object)
{
	struct rtm_rseq *area = rtm_front.area;

	return RTM_LIKELY(area != NULL) &&
	    RTM_LIKELY(rtm_rseq_push(area, &rtm_cpu_view_fast, size_class,
			   object) == RTM_RSEQ_DONE);
}

/* Once, at start. */
void rtm_cpu_cache_init(const struct rtm_conf *conf);

/*
 * From now on the calling thread, which has no cache of its own, shares those
 * of processors.  False if that is not wanted, or not possible here.
 */
bool rtm_cpu_cache_enter(void);

/* The calling thread ends; it may go on if its area is libc's. */
void rtm_cpu_cache_leave(void);

/*
 * A thread has got a cache of its own, the last of so many.  Where that is
 * left to us, more than THREADS_PER_CPU for each processor are too many: from
 * then on threads, each when it misses something, share those of processors.
 */
void rtm_cpu_cache_consider(size_t n_threads);

/* The slow ways, of threads that work so: these two always serve. */
void *rtm_cpu_cache_take(sclass_t size_class) RTM_COLD;
void rtm_cpu_cache_give(sclass_t size_class, void *object) RTM_COLD;

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

RTM_INLINE bool
rtm_cpu_cache_wants(const struct rtm_thread_cache *cache)
{
	(void)cache;
	return false;
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

#endif
#endif
