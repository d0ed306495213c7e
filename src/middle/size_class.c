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

struct rtm_size_class rtm_size_classes[RTM_N_CLASSES];
uint8_t rtm_size_class_table[RTM_TABLE_ENTRIES];
uint8_t rtm_size_class_coarse[RTM_COARSE_ENTRIES];
size_t rtm_size_class_max;
sclass_t rtm_size_class_last;

static void
describe(struct rtm_size_class *class, const struct rtm_class_spec *spec,
    const struct rtm_conf *conf)
{
	size_t span_bytes = (size_t)spec->n_pages << RTM_PAGE_SHIFT;

	class->size = spec->size;
	class->serves_max = spec->size % RTM_ALIGN_MIN == 0 ? spec->size : 0;
	class->n_pages = spec->n_pages;
	class->n_objects = (uint32_t)(span_bytes / spec->size);
	class->reciprocal = rtm_reciprocal(spec->size, span_bytes);
	class->batch = spec->batch;
	class->bin_max =
	    (uint32_t)rtm_min(rtm_max(BIN_BYTES / spec->size, BIN_OBJECTS_MIN),
		conf->max_free_list_length);
	class->transfer_max =
	    (uint32_t)(conf->max_transfer_slots * spec->batch);
}

/* The first class from there on that may serve the request, or 0. */
static sclass_t
first_that_serves(sclass_t from, size_t n_bytes)
{
	for (unsigned c = from; c <= rtm_size_class_last; c++)
		if (rtm_size_classes[c].serves_max >= n_bytes ||
		    (n_bytes <= 8 && rtm_size_classes[c].size >= n_bytes))
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
	for (size_t i = 0; i < RTM_COARSE_ENTRIES && class != 0; i++) {
		class = first_that_serves(class, i << RTM_COARSE_SHIFT);
		rtm_size_class_coarse[i] = class;
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
rtm_size_class_aligned(size_t n_bytes, size_t alignment)
{
	sclass_t class = rtm_size_class_of(rtm_round_up(n_bytes, alignment));

	for (; class != 0 && class <= rtm_size_class_last; class ++)
		if ((rtm_size_classes[class].size & (alignment - 1)) == 0)
			return class;
	return 0;
}
