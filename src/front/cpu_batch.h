/*
 * cpu_batch.h - where objects are while they go into a bin or out of it
 *
 * Stacks may be small, so a processor has room for one batch; whoever finds
 * it taken (by a thread that was preempted, or by whom a signal interrupted)
 * moves fewer objects.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_BATCH_H
#define RTM_FRONT_CPU_BATCH_H

#include "front/cpu_slab.h"

#if RTM_HAVE_PERCPU

enum { RTM_CPU_BATCH_FEW = 32 }; /* objects, when staging[] is in use */

struct rtm_cpu_batch {
	struct rtm_cpu_slab *slab; /* whose staging[] it is, or NULL */
	void **objects;
	size_t n_max;
	void *few[RTM_CPU_BATCH_FEW];
};

RTM_INLINE void
rtm_cpu_batch_open(struct rtm_cpu_batch *batch, struct rtm_cpu_slab *slab)
{
	/* Pairs with the release order of rtm_cpu_batch_close(). */
	if (!atomic_exchange_explicit(
		&slab->is_staging, true, memory_order_acquire)) {
		batch->slab = slab;
		batch->objects = slab->staging;
		batch->n_max = RTM_BATCH_MAX;
	} else {
		batch->slab = NULL;
		batch->objects = batch->few;
		batch->n_max = RTM_CPU_BATCH_FEW;
	}
}

RTM_INLINE void
rtm_cpu_batch_close(struct rtm_cpu_batch *batch)
{
	if (batch->slab != NULL)
		atomic_store_explicit(
		    &batch->slab->is_staging, false, memory_order_release);
}

#endif
#endif
