/*
 * conf.c - the numbers that a table of classes leaves out
 *
 * Kept apart from the reader, so that whatever makes a table (a file, the
 * environment, an optimiser) ends with the same pages and batches.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/conf.h"

#include <stdbool.h>

enum {
	BATCH_BYTES = 8 << 10,
	TAIL_DIVISOR = 16, /* the tail is a sixteenth of the span at most */
	SHORT_PAGES = 8,   /* of spans that may be made longer for it */
	LONG_TAIL_DIVISOR = 8,
	/* See rtm_conf_own_pages(). */
	TINY_BYTES = 256,
	SMALL_BYTES = 1 << 10,
	FEW_OBJECTS = 10,
	DOUBLED_BYTES = 8 << 10,
};

/* The fewest pages, from n_pages on, whose tail is that part at most. */
static size_t
pages_with_tail(uint32_t size, size_t page_size, size_t n_pages, size_t divisor)
{
	/* Ends: a span of divisor sizes or more has a shorter tail. */
	while (n_pages * page_size % size > n_pages * page_size / divisor)
		n_pages++;
	return n_pages;
}

uint32_t
rtm_conf_derive_pages(uint32_t size, size_t page_size)
{
	size_t n_least = (size + page_size - 1) / page_size;
	size_t n_pages =
	    pages_with_tail(size, page_size, n_least, TAIL_DIVISOR);

	if (n_pages > SHORT_PAGES)
		n_pages = pages_with_tail(
		    size, page_size, n_least, LONG_TAIL_DIVISOR);
	return (uint32_t)n_pages;
}

uint32_t
rtm_conf_own_pages(uint32_t size, size_t page_size)
{
	uint32_t n_pages = rtm_conf_derive_pages(size, page_size);
	bool are_few = size <= SMALL_BYTES &&
	    n_pages * page_size < (size_t)size * FEW_OBJECTS;

	if (size <= TINY_BYTES || are_few)
		while (n_pages * page_size <= DOUBLED_BYTES)
			n_pages *= 2; /* the part that is tail does not grow */
	return n_pages;
}

uint32_t
rtm_conf_derive_batch(uint32_t size)
{
	uint32_t batch = BATCH_BYTES / size;

	if (batch < 1)
		return 1;
	return batch < RTM_BATCH_MAX ? batch : RTM_BATCH_MAX;
}

void
rtm_conf_complete(struct rtm_conf *conf)
{
	for (unsigned i = 0; i < conf->n_classes; i++) {
		struct rtm_class_spec *spec = &conf->classes[i];

		if (spec->n_pages == 0)
			spec->n_pages =
			    rtm_conf_own_pages(spec->size, conf->page_size);
		if (spec->batch == 0)
			spec->batch = rtm_conf_derive_batch(spec->size);
	}
}
