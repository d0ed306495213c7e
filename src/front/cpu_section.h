/*
 * cpu_section.h - sections on the bins of whatever processor a thread is on
 *
 * A section that was aborted, or that did not find the slab it was told, has
 * done nothing: here each is told the slab anew, and tried a few times.  For
 * the slow ways of cpu_cache.c and cpu_room.c.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_SECTION_H
#define RTM_FRONT_CPU_SECTION_H

#include "front/cpu_slab.h"
#include "front/thread_cache.h"

#if RTM_HAVE_PERCPU

enum { RTM_CPU_SECTION_TRIES = 4 }; /* aborted so often in a row: enough */

/* No slab at all, and no processor's: sections that look for it do nothing. */
RTM_INLINE struct rtm_cpu_slab *
rtm_cpu_section_nobody(void)
{
	return (struct rtm_cpu_slab *)(void *)&rtm_cpu_view_all;
}

RTM_INLINE unsigned
rtm_cpu_section_cpu(void)
{
	return __atomic_load_n(&rtm_front.area->cpu_id, __ATOMIC_RELAXED);
}

/*
 * The slab of the processor that the thread is on, or was on just now; NULL if
 * there is none.  From here on the fast ways take it for that, too.
 */
RTM_INLINE struct rtm_cpu_slab *
rtm_cpu_section_slab(void)
{
	struct rtm_cpu_slab *slab = rtm_cpu_slab_at(rtm_cpu_section_cpu());

	rtm_front.slab = slab != NULL ? slab : rtm_cpu_section_nobody();
	return slab;
}

/* A thread that is stepped through its instructions never gets through. */
#define RTM_CPU_SECTION_TRY(result, failed, nothing, section)                  \
	do {                                                                   \
		int n_tries = RTM_CPU_SECTION_TRIES;                           \
		do                                                             \
			(result) = rtm_cpu_section_slab() != NULL ? (section)  \
								  : (nothing); \
		while ((result) == (failed) && --n_tries);                     \
	} while (false)

/* An object, or NULL, which *is_aborted tells from an empty bin. */
RTM_INLINE void *
rtm_cpu_section_pop(sclass_t class, bool *is_aborted)
{
	void *object;
	int n_tries = RTM_CPU_SECTION_TRIES;

	do {
		*is_aborted = false;
		if (rtm_cpu_section_slab() == NULL)
			return NULL;
		object = rtm_rseq_pop(rtm_front.area, &rtm_cpu_view_all,
		    rtm_front.slab, class, is_aborted);
	} while (*is_aborted && --n_tries != 0);
	return object;
}

RTM_INLINE enum rtm_rseq_result
rtm_cpu_section_push(sclass_t class, void *object)
{
	enum rtm_rseq_result result;

	RTM_CPU_SECTION_TRY(result, RTM_RSEQ_ABORTED, RTM_RSEQ_FULL,
	    rtm_rseq_push(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, object));
	return result;
}

/* Objects above the base, which may be higher than the bin's. */
RTM_INLINE size_t
rtm_cpu_section_take(sclass_t class, size_t base, void **objects, size_t n)
{
	size_t n_taken;

	if (n == 0) /* another thread took the bin's room meanwhile */
		return 0;
	RTM_CPU_SECTION_TRY(n_taken, RTM_RSEQ_NO_NUMBER, 0,
	    rtm_rseq_take(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, base, objects, n));
	return n_taken == RTM_RSEQ_NO_NUMBER ? 0 : n_taken;
}

RTM_INLINE size_t
rtm_cpu_section_give(sclass_t class, void *const *objects, size_t n)
{
	size_t n_given;

	if (n == 0)
		return 0;
	RTM_CPU_SECTION_TRY(n_given, RTM_RSEQ_NO_NUMBER, 0,
	    rtm_rseq_give(rtm_front.area, &rtm_cpu_view_all, rtm_front.slab,
		class, objects, n));
	return n_given == RTM_RSEQ_NO_NUMBER ? 0 : n_given;
}

/* Of this slab only. */
RTM_INLINE bool
rtm_cpu_section_resize(
    struct rtm_cpu_slab *slab, sclass_t class, size_t end, size_t new_end)
{
	enum rtm_rseq_result result;

	RTM_CPU_SECTION_TRY(result, RTM_RSEQ_ABORTED, RTM_RSEQ_FULL,
	    rtm_rseq_resize(
		rtm_front.area, &rtm_cpu_view_all, slab, class, end, new_end));
	return result == RTM_RSEQ_DONE;
}

#endif
#endif
