/*
 * large.h - blocks of whole pages, for what no size class serves
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_LARGE_H
#define RTM_API_LARGE_H

#include "back/span.h"

/*
 * n_bytes at a multiple of alignment, a power of two; zeroed if asked, and
 * then pages that are zero already are not touched.  NULL without memory.
 */
void *rtm_large_alloc(size_t n_bytes, size_t alignment, bool is_zeroed);

/*
 * Gives the large block another size, larger than any class: in place, or by
 * moving its pages.  NULL if neither can be done; the block is as it was.
 */
void *rtm_large_resize(struct rtm_span *span, size_t n_bytes);

/* Pages for n_bytes; 0 if that is more than PTRDIFF_MAX. */
size_t rtm_large_pages(size_t n_bytes);

#endif
