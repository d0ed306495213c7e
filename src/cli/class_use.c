/*
 * class_use.c - how a table of size classes serves what a program asked for
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/class_use.h"

#include <string.h>

/* malloc uses only classes that can hold any object of their size. */
static bool
is_usable(uint32_t size)
{
	return size == 8 || size % 16 == 0;
}

/* A class's share of its spans' bytes, for one object. */
static double
bytes_per_object(const struct rtm_class_spec *spec, size_t page_size)
{
	size_t n_span = spec->n_pages * page_size;

	return (double)n_span / (double)(n_span / spec->size);
}

/* Bytes that a size takes which is no class's. */
static double
large_bytes(uint64_t size, size_t page_size)
{
	return (double)((size + page_size - 1) / page_size * page_size);
}

/* What the program asked for in this bucket, for one object. */
static double
mean_size(const struct rtm_histogram_bucket *bucket)
{
	return bucket->n_requests != 0
	    ? (double)bucket->n_bytes / (double)bucket->n_requests
	    : 0;
}

static void
count(struct rtm_use *use, const struct rtm_histogram_bucket *bucket,
    double bytes)
{
	use->n_requests += (double)bucket->n_requests;
	use->n_live += (double)bucket->n_live_peak;
	use->asked += (double)bucket->n_live_peak * mean_size(bucket);
	use->given += (double)bucket->n_live_peak * bytes;
}

void
rtm_class_use(const struct rtm_histogram *histogram,
    const struct rtm_conf *conf, struct rtm_class_use *use)
{
	unsigned c = 0;

	memset(use, 0, sizeof(*use));
	use->n_classes = conf->n_classes;
	for (unsigned i = 0; i < conf->n_classes; i++)
		use->sizes[i] = conf->classes[i].size;
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket *bucket =
		    &histogram->buckets[i];
		uint64_t upper = rtm_histogram_upper(i);
		struct rtm_use *part = &use->large;
		double bytes = large_bytes(upper, conf->page_size);

		while (c < conf->n_classes &&
		    (conf->classes[c].size < upper ||
			!is_usable(conf->classes[c].size)))
			c++;
		if (c < conf->n_classes) {
			part = &use->classes[c];
			bytes = bytes_per_object(
			    &conf->classes[c], conf->page_size);
		}
		count(part, bucket, bytes);
		count(&use->all, bucket, bytes);
	}
}

double
rtm_class_use_waste(const struct rtm_use *use)
{
	return use->given > use->asked ? (use->given - use->asked) / use->given
				       : 0;
}

void
rtm_class_use_table(const struct rtm_layout *layout, struct rtm_conf *conf)
{
	*conf = rtm_conf_default;
	conf->n_classes = layout->n_classes;
	memset(conf->classes, 0, sizeof(conf->classes));
	for (unsigned i = 0; i < layout->n_classes; i++)
		conf->classes[i] = (struct rtm_class_spec){
			.size = layout->sizes[i],
			.n_pages = layout->n_pages[i],
		};
	rtm_conf_complete(conf);
}
