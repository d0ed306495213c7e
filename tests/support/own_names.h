/*
 * own_names.h - the malloc family by the library's own names
 *
 * A library that was configured with --disable-compat has no others.  The
 * tests of the family then go through these; see family.h.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_OWN_NAMES_H
#define TESTS_SUPPORT_OWN_NAMES_H

#include "rtmalloc.h"

#include <malloc.h>
#include <stdlib.h>

#define malloc RTMALLOC_NAME(malloc)
#define calloc RTMALLOC_NAME(calloc)
#define realloc RTMALLOC_NAME(realloc)
#define free RTMALLOC_NAME(free)
#define cfree RTMALLOC_NAME(cfree)
#define free_sized RTMALLOC_NAME(free_sized)
#define free_aligned_sized RTMALLOC_NAME(free_aligned_sized)
#define aligned_alloc RTMALLOC_NAME(aligned_alloc)
#define memalign RTMALLOC_NAME(memalign)
#define posix_memalign RTMALLOC_NAME(posix_memalign)
#define valloc RTMALLOC_NAME(valloc)
#define pvalloc RTMALLOC_NAME(pvalloc)
#define malloc_usable_size RTMALLOC_NAME(malloc_usable_size)

#endif /* TESTS_SUPPORT_OWN_NAMES_H */
