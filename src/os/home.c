/*
 * home.c - which part of the machine the calling thread works on
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/home.h"
#include "os/helper.h"
#include "os/rseq.h"

_Atomic unsigned rtm_home_n_open = 1;

#if RTM_HAVE_PERCPU

static unsigned n_homes = 1; /* written once, at start */
static unsigned cpu_shift;   /* processors 0 .. 2^cpu_shift - 1 share one */

void
rtm_home_init(unsigned n_cpus)
{
	if (rtm_rseq_kind() != RTM_RSEQ_KIND_LIBC)
		return;
	while (n_homes < RTM_HOMES_MAX && n_homes < n_cpus)
		n_homes *= 2;
	while (n_homes << cpu_shift < n_cpus)
		cpu_shift++;
}

void
rtm_home_open(void)
{
	if (!rtm_thread_is_programs_only() && rtm_home_count() != n_homes)
		atomic_store_explicit(
		    &rtm_home_n_open, n_homes, memory_order_relaxed);
}

unsigned
rtm_home_of(unsigned cpu)
{
	return (cpu >> cpu_shift) & (rtm_home_count() - 1);
}

unsigned
rtm_home_find(void)
{
	RTM_ASSERT(!rtm_helper_is_caller());

	const struct rtm_rseq *area = n_homes > 1 ? rtm_rseq_libc_area() : NULL;

	if (area == NULL)
		return 0;
	rtm_home_open();
	return rtm_home_of(__atomic_load_n(&area->cpu_id, __ATOMIC_RELAXED));
}

#else

void
rtm_home_init(unsigned n_cpus)
{
	(void)n_cpus;
}

void
rtm_home_open(void)
{
}

unsigned
rtm_home_of(unsigned cpu)
{
	(void)cpu;
	return 0;
}

unsigned
rtm_home_find(void)
{
	return 0;
}

#endif
