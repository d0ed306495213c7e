/*
 * histogram.h - how often each size is asked for, over all sizes
 *
 * Buckets of 8 bytes up to 4096, then 64 to each doubling up to 2^47, so that
 * a bucket is never wider than a 64th of its sizes.  A bucket is named by its
 * upper bound and holds the sizes above the bucket before it:
 *
 *	index  0      1       ..  511           512           ..
 *	sizes  1..8   9..16   ..  4089..4096    4097..4160    ..
 *
 * Nothing is locked here: whoever counts brings a histogram of its own.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_HISTOGRAM_H
#define RTM_CONF_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
	RTM_HISTOGRAM_FINE = 512,     /* buckets of 8 bytes */
	RTM_HISTOGRAM_FINE_LOG2 = 12, /* they end at 2^12 */
	RTM_HISTOGRAM_PER_DOUBLING = 64,
	RTM_HISTOGRAM_LOG2_MAX = 47, /* larger sizes count as 2^47 */
	RTM_HISTOGRAM_BUCKETS = RTM_HISTOGRAM_FINE +
	    (RTM_HISTOGRAM_LOG2_MAX - RTM_HISTOGRAM_FINE_LOG2) *
		RTM_HISTOGRAM_PER_DOUBLING,
};

struct rtm_histogram_bucket {
	uint64_t n_requests;
	uint64_t n_frees;
	uint64_t n_bytes;     /* asked for, over all requests */
	uint64_t n_live_peak; /* objects alive when the heap was largest */
};

struct rtm_histogram {
	struct rtm_histogram_bucket buckets[RTM_HISTOGRAM_BUCKETS];
};

/* The bucket of a size; size is not 0, which is not counted. */
static inline unsigned
rtm_histogram_index(uint64_t size)
{
	uint64_t last = size - 1;
	unsigned log2;

	if (size <= UINT64_C(1) << RTM_HISTOGRAM_FINE_LOG2)
		return (unsigned)(last / 8);
	if (last >> RTM_HISTOGRAM_LOG2_MAX != 0)
		return RTM_HISTOGRAM_BUCKETS - 1;
	log2 = 63u - (unsigned)__builtin_clzll(last);
	return RTM_HISTOGRAM_FINE +
	    (log2 - RTM_HISTOGRAM_FINE_LOG2) * RTM_HISTOGRAM_PER_DOUBLING +
	    (unsigned)(last >> (log2 - 6) & (RTM_HISTOGRAM_PER_DOUBLING - 1));
}

/* The largest size of a bucket. */
static inline uint64_t
rtm_histogram_upper(unsigned index)
{
	unsigned i;

	if (index < RTM_HISTOGRAM_FINE)
		return 8 * (uint64_t)(index + 1);
	i = index - RTM_HISTOGRAM_FINE;
	return (uint64_t)(RTM_HISTOGRAM_PER_DOUBLING + 1 +
		   i % RTM_HISTOGRAM_PER_DOUBLING)
	    << (i / RTM_HISTOGRAM_PER_DOUBLING + RTM_HISTOGRAM_FINE_LOG2 - 6);
}

/* The size that is just too small for a bucket; 0 for the first. */
static inline uint64_t
rtm_histogram_lower(unsigned index)
{
	return index == 0 ? 0 : rtm_histogram_upper(index - 1);
}

#endif
