/*
 * perturb.c - memory that shows who reads it before writing, or after free
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/perturb.h"
#include "api/tracked.h"

#include <string.h>

static _Atomic uint8_t pattern;

void
rtm_perturb_set(uint8_t byte)
{
	atomic_store_explicit(&pattern, byte, memory_order_relaxed);
	if (byte != 0)
		rtm_thread_cache_hide(RTM_HIDE_PERTURB);
	else
		rtm_thread_cache_unhide(RTM_HIDE_PERTURB);
}

void *
rtm_perturb_fresh(void *block, size_t n_bytes)
{
	uint8_t byte = atomic_load_explicit(&pattern, memory_order_relaxed);

	if (block != NULL && byte != 0 && !rtm_tracked_is_on)
		memset(block, byte ^ 0xff, n_bytes);
	return block;
}

void
rtm_perturb_freed(void *block, size_t n_bytes)
{
	uint8_t byte = atomic_load_explicit(&pattern, memory_order_relaxed);

	if (byte != 0)
		memset(block, byte, n_bytes);
}
