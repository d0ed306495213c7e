/*
 * auto.h - which threads share their processor's bins, and from when on
 *
 * With frontend "thread" none does, with "cpu" each does from its beginning.
 * With "auto" none does, but for those who trade (below), until the process is
 * crowded: until more than RTM_AUTO_THREADS threads that allocate live for each
 * processor that it might run on when it began, or threads are found to be
 * short-lived.  From then on, for good:
 *
 *   - a thread that has a cache gives it up when it misses often, or when the
 *     cache has grown to more than its part of half the budget for all caches;
 *   - a new thread begins with a cache, unless threads are short-lived, or
 *     more than RTM_AUTO_CACHES for each processor: then it shares at once.
 *
 * "Often" is RTM_AUTO_MISSES misses, none of its first so many, for which the
 * thread took less than RTM_AUTO_MISSES_US of processor time.
 * Short-lived is less than RTM_AUTO_LIFE_MS on average: within that time more
 * threads have ended than live (Little's law).  Where there is no crowd, a
 * RTM_AUTO_LIVESth of that.
 *
 * Where there is no crowd, but more threads than processors, those share that
 * miss often and trade one way: what some make others free.  A thread whose
 * last RTM_AUTO_GIVES misses were all of room for what it was never asked for
 * is such a one; and so is, within RTM_AUTO_LIFE_MS of that, a thread whose
 * last RTM_AUTO_TAKES were all of objects.
 *
 * So whoever rarely misses keeps the way that is fastest for that, and what is
 * cached, and the caches themselves, are bounded.  A hit knows nothing of
 * all this: a thread counts its misses, and asks for the time once in
 * RTM_AUTO_MISSES of them.
 *
 * Why so: see auto.c.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_AUTO_H
#define RTM_FRONT_AUTO_H

#include "front/thread_cache.h"

enum {
	RTM_AUTO_THREADS = 2,
	RTM_AUTO_CACHES = 12,
	RTM_AUTO_MISSES = 32,
	RTM_AUTO_MISSES_US = 4000,
	RTM_AUTO_LIFE_MS = 1000,
	RTM_AUTO_LIVES = 10,
	RTM_AUTO_GIVES = 64,
	RTM_AUTO_TAKES = 256,
};

/* What a thread misses. */
enum rtm_auto_miss {
	RTM_AUTO_TAKE,    /* an object */
	RTM_AUTO_GIVE,    /* room for one */
	RTM_AUTO_FOREIGN, /* room for one of a class it was never asked for */
};

/* The option frontend. */
enum rtm_frontend {
	RTM_FRONTEND_THREAD,
	RTM_FRONTEND_CPU,
	RTM_FRONTEND_AUTO,
};

#if RTM_HAVE_PERCPU

/* Threads may have to share; while this is false no miss is looked at. */
extern RTM_HIDDEN _Atomic bool rtm_auto_is_on;

/* Once, at start; the process may use so many processors (0: unknown). */
void rtm_auto_init(const struct rtm_conf *conf, unsigned n_allowed);

/* A thread without a cache: is it to share from its beginning? */
bool rtm_auto_starts_shared(void);

/* A thread begins, be it with a cache or not; and ends. */
void rtm_auto_note_begin(void);
void rtm_auto_note_end(void);

/* The calling thread has missed; sets is_due if the cache is to go. */
void rtm_auto_judge(
    struct rtm_thread_cache *cache, enum rtm_auto_miss miss) RTM_COLD;

/* The same, without a call while nobody is to share. */
RTM_INLINE void
rtm_auto_note_miss(struct rtm_thread_cache *cache, enum rtm_auto_miss miss)
{
	if (RTM_UNLIKELY(
		atomic_load_explicit(&rtm_auto_is_on, memory_order_relaxed)) &&
	    !cache->is_kept)
		rtm_auto_judge(cache, miss);
}

/* In the child of fork: of all threads the calling one is left. */
void rtm_auto_fork_child(bool has_begun);

#else /* all threads have caches of their own */

RTM_INLINE void
rtm_auto_note_miss(struct rtm_thread_cache *cache, enum rtm_auto_miss miss)
{
	(void)cache, (void)miss;
}

#endif
#endif
