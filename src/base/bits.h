/*
 * bits.h - rounding, bit search, and division by multiplication
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_BITS_H
#define RTM_BASE_BITS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* to is a power of two; the caller knows that the sum does not wrap. */
RTM_INLINE size_t
rtm_round_up(size_t n, size_t to)
{
	return (n + to - 1) & ~(to - 1);
}

RTM_INLINE size_t
rtm_round_down(size_t n, size_t to)
{
	return n & ~(to - 1);
}

RTM_INLINE bool
rtm_is_power_of_two(size_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* Index of the highest set bit; n is not 0. */
RTM_INLINE unsigned
rtm_log2_floor(uint64_t n)
{
	return 63u - (unsigned)__builtin_clzll(n);
}

/* Index of the lowest set bit; n is not 0. */
RTM_INLINE unsigned
rtm_lowest_bit(uint64_t n)
{
	return (unsigned)__builtin_ctzll(n);
}

RTM_INLINE size_t
rtm_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

RTM_INLINE size_t
rtm_max(size_t a, size_t b)
{
	return a > b ? a : b;
}

/*
 * offset / size for an offset inside a span, as one multiplication by
 * 2^32 / size rounded up.  Exact while offset * size < 2^32 (Granlund and
 * Montgomery, "Division by invariant integers using multiplication", 1994);
 * for the rest, rtm_reciprocal() returns 0 and the division is done.
 */
RTM_INLINE uint32_t
rtm_reciprocal(uint32_t size, size_t span_bytes)
{
	if ((uint64_t)span_bytes * size > UINT32_MAX || size < 2)
		return 0;
	return (uint32_t)((((uint64_t)1 << 32) + size - 1) / size);
}

RTM_INLINE uint32_t
rtm_divide(uint32_t offset, uint32_t size, uint32_t reciprocal)
{
	if (reciprocal != 0)
		return (uint32_t)(((uint64_t)offset * reciprocal) >> 32);
	return offset / size;
}

#endif
