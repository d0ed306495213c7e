/*
 * conf.c - the numbers that a table of classes leaves out
 *
 * Kept apart from the reader, so that whatever makes a table (a file, the
 * environment, an optimiser) ends with the same pages and batches.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/conf.h"

enum { BATCH_BYTES = 8 << 10, TAIL_WASTE_DIVISOR = 8 };

uint32_t
rtm_conf_derive_pages(uint32_t size, size_t page_size)
{
	size_t n_pages = (size + page_size - 1) / page_size;

	/* Ends: a span of 8 sizes or more has a tail below an eighth. */
	for (;; n_pages++) {
		size_t n_bytes = n_pages * page_size;

		if (n_bytes % size <= n_bytes / TAIL_WASTE_DIVISOR)
			return (uint32_t)n_pages;
	}
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
			    rtm_conf_derive_pages(spec->size, conf->page_size);
		if (spec->batch == 0)
			spec->batch = rtm_conf_derive_batch(spec->size);
	}
}
