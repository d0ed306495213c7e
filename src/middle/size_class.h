/*
 * size_class.h - which sizes share a class, and what a class is like
 *
 * Classes are numbered from 1; 0 is "no class".  Requests above 8 bytes get
 * objects that are 16-aligned, so a class that is 8 mod 16 serves requests up
 * to 8 only.  All of it is computed once from the configuration, and
 * read without a lock afterwards; before that every size has class 0.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_SIZE_CLASS_H
#define RTM_MIDDLE_SIZE_CLASS_H

#include "back/span.h"
#include "base/bits.h"

enum {
	RTM_N_CLASSES = RTM_CLASSES_MAX + 1,
	RTM_TABLE_MAX = 32 << 10, /* one look into a table up to here */
	RTM_TABLE_SHIFT = 3,
	RTM_TABLE_ENTRIES = (RTM_TABLE_MAX >> RTM_TABLE_SHIFT) + 1,
	/* Above: the first class to look at, by steps of 4 KiB. */
	RTM_COARSE_SHIFT = 12,
	RTM_COARSE_ENTRIES = (RTM_CLASS_SIZE_MAX >> RTM_COARSE_SHIFT) + 1,
};

struct rtm_size_class {
	uint32_t size;         /* bytes of an object; 0: no such class */
	uint32_t serves_max;   /* largest request above 8 that it may serve */
	uint32_t n_pages;      /* of a span */
	uint32_t n_objects;    /* of a span */
	uint32_t reciprocal;   /* of size, see rtm_reciprocal() */
	uint32_t batch;        /* objects moved at a time */
	uint32_t bin_max;      /* objects that a thread caches at most */
	uint32_t transfer_max; /* objects that the transfer cache holds */
};

extern RTM_HIDDEN struct rtm_size_class rtm_size_classes[RTM_N_CLASSES];
extern RTM_HIDDEN uint8_t rtm_size_class_table[RTM_TABLE_ENTRIES];
extern RTM_HIDDEN uint8_t rtm_size_class_coarse[RTM_COARSE_ENTRIES];

/* Requests above this have no class. */
extern RTM_HIDDEN size_t rtm_size_class_max;
extern RTM_HIDDEN sclass_t rtm_size_class_last;

/* Once, at start. */
void rtm_size_class_init(const struct rtm_conf *conf);

/* n_bytes <= RTM_TABLE_MAX; 0 where no class is large enough. */
RTM_INLINE sclass_t
rtm_size_class_of_small(size_t n_bytes)
{
	/* Else the compiler warns of constants that it sees beyond the table. */
	if (n_bytes > RTM_TABLE_MAX)
		__builtin_unreachable();
	return rtm_size_class_table[(n_bytes + 7) >> RTM_TABLE_SHIFT];
}

/* RTM_TABLE_MAX < n_bytes <= rtm_size_class_max. */
RTM_INLINE sclass_t
rtm_size_class_of_large(size_t n_bytes)
{
	sclass_t class = rtm_size_class_coarse[n_bytes >> RTM_COARSE_SHIFT];

	while (rtm_size_classes[class].serves_max < n_bytes)
		class ++;
	return class;
}

/* Any size; 0 where no class is large enough. */
RTM_INLINE sclass_t
rtm_size_class_of(size_t n_bytes)
{
	if (RTM_LIKELY(n_bytes <= RTM_TABLE_MAX))
		return rtm_size_class_of_small(n_bytes);
	return n_bytes > rtm_size_class_max ? 0
					    : rtm_size_class_of_large(n_bytes);
}

/*
 * The smallest class whose objects are aligned, or 0.  The alignment is a
 * power of two up to RTM_PAGE_SIZE.
 */
sclass_t rtm_size_class_aligned(size_t n_bytes, size_t alignment);

#endif
