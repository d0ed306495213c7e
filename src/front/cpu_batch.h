/*
 * cpu_batch.h - where objects are while they go into a bin or out of it
 *
 * Stacks may be small, so a processor has room for some batches.  One would do
 * but for threads that lose their processor, wait for a lock, or are
 * interrupted by a signal in the middle: whoever finds all taken moves fewer
 * objects.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_CPU_BATCH_H
#define RTM_FRONT_CPU_BATCH_H

#include "front/cpu_slab.h"

#if RTM_HAVE_PERCPU

enum { RTM_CPU_BATCH_FEW = 32 }; /* objects, when all stages are taken */

struct rtm_cpu_batch {
	_Atomic bool *is_taken; /* of its stage; NULL: it has none */
	void **objects;
	size_t n_max;
	void *few[RTM_CPU_BATCH_FEW];
};

RTM_INLINE void
rtm_cpu_batch_open(struct rtm_cpu_batch *batch, struct rtm_cpu_slab *slab)
{
	batch->is_taken = NULL;
	batch->objects = batch->few;
	batch->n_max = RTM_CPU_BATCH_FEW;
	for (size_t i = 0; i < RTM_CPU_STAGES; i++) {
		_Atomic bool *is_taken = &slab->is_stage_taken[i];

		/* Pairs with the release order of rtm_cpu_batch_close(). */
		if (atomic_load_explicit(is_taken, memory_order_relaxed) ||
		    atomic_exchange_explicit(
			is_taken, true, memory_order_acquire))
			continue;
		batch->is_taken = is_taken;
		batch->objects = slab->stages[i];
		batch->n_max = RTM_BATCH_MAX;
		return;
	}
}

RTM_INLINE void
rtm_cpu_batch_close(struct rtm_cpu_batch *batch)
{
	if (batch->is_taken != NULL)
		atomic_store_explicit(
		    batch->is_taken, false, memory_order_release);
}

#endif
#endif
