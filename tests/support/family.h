/*
 * family.h - the malloc family as the tests call it
 *
 * Three of its members are declared by no header of glibc 2.36: cfree left
 * with glibc 2.26, free_sized and free_aligned_sized come with C23.
 * A compiler that knows what malloc does removes calls and foresees results;
 * hide_size() and hide_ptr() take that knowledge away.
 *
 * A library without libc's names is tested by its own ones.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_FAMILY_H
#define TESTS_SUPPORT_FAMILY_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config.h"

#if !RTM_COMPAT
#include "tests/support/own_names.h"
#else
#ifndef __GLIBC__
void *pvalloc(size_t n_bytes); /* has a header in glibc alone */
#endif
void cfree(void *ptr);
void free_sized(void *ptr, size_t n_bytes);
void free_aligned_sized(void *ptr, size_t alignment, size_t n_bytes);
#endif

static inline size_t
hide_size(size_t n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

static inline void *
hide_ptr(void *ptr)
{
	__asm__ volatile("" : "+r"(ptr) : : "memory");
	return ptr;
}

static inline bool
is_aligned(const void *ptr, size_t alignment)
{
	return ((uintptr_t)ptr & (alignment - 1)) == 0;
}

#endif /* TESTS_SUPPORT_FAMILY_H */
