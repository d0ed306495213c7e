/*
 * histogram.c - the profile of this process, for its own code
 *
 * The optimisers need half a megabyte to work in and the sum of all threads
 * another 90 KiB: both come from the system and go back at once, so that
 * looking does not change what is looked at.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/profile.h"
#include "api/profile_file.h"
#include "api/recorder.h"
#include "conf/report.h"
#include "os/file.h"
#include "os/memory.h"
#include "rtmalloc.h"

#include <errno.h>

RTM_EXPORT int
rtmalloc_profile_start(void)
{
	if (rtm_profile_start())
		return 0;
	errno = ENOMEM;
	return -1;
}

RTM_EXPORT void
rtmalloc_profile_stop(void)
{
	rtm_recorder_settle();
	rtm_profile_stop();
}

static int
report(int error)
{
	if (error == 0)
		return 0;
	errno = -error;
	return -1;
}

RTM_EXPORT int
rtmalloc_profile_write(const char *file)
{
	rtm_recorder_settle();
	return report(file != NULL ? rtm_profile_write_file(file)
				   : rtm_profile_write_again());
}

RTM_EXPORT size_t
rtmalloc_histogram_snapshot(struct rtmalloc_bucket *buckets, size_t n)
{
	size_t n_used = 0;

	rtm_recorder_settle();
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket b = rtm_recorder_bucket(i);

		if (b.n_requests == 0)
			continue;
		if (n_used < n)
			buckets[n_used] = (struct rtmalloc_bucket){
				.upper = rtm_histogram_upper(i),
				.n_requests = b.n_requests,
				.n_frees = b.n_frees,
				.n_bytes = b.n_bytes,
				.n_live_peak = b.n_live_peak,
			};
		n_used++;
	}
	return n_used;
}

/* What there is to work with, and in. */
struct desk {
	struct rtm_histogram histogram;
	struct rtm_layout layout;
	union rtm_layout_scratch scratch;
};

/* NULL and ENOMEM. */
static struct desk *
open_desk(void)
{
	struct desk *desk = rtm_mem_map(
	    rtm_round_up(sizeof(*desk), rtm_mem_page_size()), RTM_CACHE_LINE);

	if (desk == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	rtm_recorder_settle();
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		desk->histogram.buckets[i] = rtm_recorder_bucket(i);
	return desk;
}

static void
close_desk(struct desk *desk)
{
	rtm_mem_unmap(desk, rtm_round_up(sizeof(*desk), rtm_mem_page_size()));
}

static bool
is_empty(const struct desk *desk)
{
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		if (desk->histogram.buckets[i].n_requests != 0)
			return false;
	return true;
}

static ssize_t
hand_over(struct desk *desk, size_t *sizes)
{
	ssize_t n = desk->layout.n_classes;

	for (ssize_t k = 0; k < n; k++)
		sizes[k] = desk->layout.sizes[k];
	close_desk(desk);
	return n;
}

RTM_EXPORT ssize_t
rtmalloc_suggest_classes(double coverage, size_t *sizes, size_t n)
{
	if (!(coverage >= 0 && coverage <= 1) || n == 0) {
		errno = EINVAL;
		return -1;
	}

	struct desk *desk = open_desk();

	if (desk == NULL)
		return -1;

	const struct rtm_layout_goal goal = {
		.objective = RTM_OBJECTIVE_MEMORY,
		.max_classes = (unsigned)rtm_min(n, RTM_CLASSES_MAX),
		.largest = rtm_report_covering(&desk->histogram, coverage),
		.page_size = RTM_PAGE_SIZE,
	};

	if (goal.largest != 0)
		rtm_layout_exact(
		    &desk->histogram, &goal, &desk->scratch, &desk->layout);
	return hand_over(desk, sizes);
}

RTM_EXPORT ssize_t
rtmalloc_optimal_layout(size_t max_classes, double max_waste, size_t *sizes)
{
	if (max_classes == 0 || max_classes > RTM_CLASSES_MAX ||
	    !(max_waste >= 0 && max_waste <= 1)) {
		errno = EINVAL;
		return -1;
	}

	struct desk *desk = open_desk();

	if (desk == NULL)
		return -1;
	if (!is_empty(desk))
		rtm_layout_greedy(&desk->histogram, (unsigned)max_classes,
		    max_waste, RTM_CLASS_SIZE_MAX, &desk->scratch,
		    &desk->layout);
	return hand_over(desk, sizes);
}

/* ---------------------------------------------------------------- writing */

struct outlet {
	int fd;
	int error; /* 0, or -errno */
};

static void
write_outlet(void *context, const char *text, size_t n_bytes)
{
	struct outlet *outlet = context;

	if (outlet->error == 0)
		outlet->error = rtm_file_write(outlet->fd, text, n_bytes);
}

static int
write_desk(int fd,
    void (*write)(const struct desk *desk, const struct rtm_report_sink *sink))
{
	struct outlet outlet = { .fd = fd };
	const struct rtm_report_sink sink = { write_outlet, &outlet };
	const struct rtm_layout_goal goal = {
		.objective = RTM_OBJECTIVE_MEMORY,
		.max_classes = RTM_CLASSES_MAX,
		/* Above it a block is as well off with pages of its own. */
		.largest =
		    rtm_conf_default.classes[rtm_conf_default.n_classes - 1]
			.size,
		.page_size = RTM_PAGE_SIZE,
	};
	struct desk *desk = open_desk();

	if (desk == NULL)
		return -1;
	if (is_empty(desk)) {
		close_desk(desk);
		errno = ENODATA;
		return -1;
	}
	rtm_layout_finish(&desk->histogram, &goal, goal.largest, &desk->scratch,
	    &desk->layout);
	write(desk, &sink);
	close_desk(desk);
	return report(outlet.error);
}

static void
write_toml(const struct desk *desk, const struct rtm_report_sink *sink)
{
	rtm_report_toml(&desk->layout, sink);
}

static void
write_report(const struct desk *desk, const struct rtm_report_sink *sink)
{
	rtm_report_text(&desk->histogram, &desk->layout, sink);
}

RTM_EXPORT int
rtmalloc_export_toml(int fd)
{
	return write_desk(fd, write_toml);
}

RTM_EXPORT int
rtmalloc_print_report(int fd)
{
	return write_desk(fd, write_report);
}
