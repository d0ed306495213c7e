/*
 * size_class.c - which sizes share a class, and what a class is like
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/size_class.h"

#include <string.h>

/* A thread caches at most this much of a class, and some objects at least. */
#define BIN_BYTES RTM_KIB(64)
enum { BIN_OBJECTS_MIN = 2 };

/* Above the table: the first class that may hold a size, by steps of 4 KiB. */
enum {
	COARSE_SHIFT = 12,
	COARSE_ENTRIES = (RTM_CLASS_SIZE_MAX >> COARSE_SHIFT) + 1,
};

struct rtm_size_class rtm_size_classes[RTM_N_CLASSES];
uint8_t rtm_size_class_table[RTM_TABLE_ENTRIES];
size_t rtm_size_class_max;
sclass_t rtm_size_class_last;
static uint8_t coarse_table[COARSE_ENTRIES];

static void
describe(struct rtm_size_class *class, const struct rtm_class_spec *spec,
    const struct rtm_conf *conf)
{
	size_t span_bytes = (size_t)spec->n_pages << RTM_PAGE_SHIFT;

	class->size = spec->size;
	class->n_pages = spec->n_pages;
	class->n_objects = (uint32_t)(span_bytes / spec->size);
	class->reciprocal = rtm_reciprocal(spec->size, span_bytes);
	class->batch = spec->batch;
	class->bin_max = (uint32_t)rtm_min(
	    rtm_max(BIN_BYTES / spec->size, BIN_OBJECTS_MIN),
	    conf->max_free_list_length);
	class->transfer_max =
	    (uint32_t)(conf->max_transfer_slots * spec->batch);
}

/* May objects of the class serve a request of n_bytes? */
static bool
serves(const struct rtm_size_class *class, size_t n_bytes)
{
	return class->size >= n_bytes &&
	    (n_bytes < RTM_ALIGN_MIN || class->size % RTM_ALIGN_MIN == 0);
}

static sclass_t
first_that_serves(sclass_t from, size_t n_bytes)
{
	for (unsigned c = from; c <= rtm_size_class_last; c++)
		if (serves(&rtm_size_classes[c], n_bytes))
			return (sclass_t)c;
	return 0;
}

static void
fill_tables(void)
{
	sclass_t class = 1;

	for (size_t i = 0; i < RTM_TABLE_ENTRIES && class != 0; i++) {
		/* The largest request that looks here decides for all. */
		class = first_that_serves(class, i << RTM_TABLE_SHIFT);
		rtm_size_class_table[i] = class;
	}
	class = 1;
	for (size_t i = 0; i < COARSE_ENTRIES && class != 0; i++) {
		class = first_that_serves(class, i << COARSE_SHIFT);
		coarse_table[i] = class;
	}
}

void
rtm_size_class_init(const struct rtm_conf *conf)
{
	for (unsigned i = 0; i < conf->n_classes; i++)
		describe(&rtm_size_classes[i + 1], &conf->classes[i], conf);
	rtm_size_class_last = (sclass_t)conf->n_classes;
	fill_tables();
	for (unsigned c = 1; c <= conf->n_classes; c++)
		if (rtm_size_classes[c].size % RTM_ALIGN_MIN == 0)
			rtm_size_class_max = rtm_size_classes[c].size;
}

sclass_t
rtm_size_class_of(size_t n_bytes)
{
	if (n_bytes <= RTM_TABLE_MAX)
		return rtm_size_class_of_small(n_bytes);
	if (n_bytes > rtm_size_class_max)
		return 0;
	return first_that_serves(coarse_table[n_bytes >> COARSE_SHIFT],
	    n_bytes);
}

sclass_t
rtm_size_class_aligned(size_t n_bytes, size_t alignment)
{
	sclass_t class = rtm_size_class_of(rtm_max(n_bytes, alignment));

	for (; class != 0 && class <= rtm_size_class_last; class++)
		if (rtm_size_classes[class].size % alignment == 0)
			return class;
	return 0;
}
