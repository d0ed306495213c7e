/*
 * statistics.h - what all rooms hold and have done, in one place
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_STATISTICS_H
#define RTM_API_STATISTICS_H

#include "conf/conf.h"
#include "rtmalloc.h"

#include <stdbool.h>

struct rtm_statistics {
	struct rtmalloc_stats all;
	size_t n_classes;
	struct rtmalloc_class_stats classes[RTM_CLASSES_MAX];
};

/*
 * Takes the rooms' locks, all of them, so that nothing moves from room to room
 * meanwhile.
 */
void rtm_statistics_take(struct rtm_statistics *statistics);

/* As text or JSON; 0 or -errno, ENOTSUP with --disable-stats. */
int rtm_statistics_write(
    const struct rtm_statistics *statistics, int file, bool is_json);

/* What RTMALLOC_STATS asks for; once, at start. */
void rtm_statistics_init(void);

/* In the child of fork. */
void rtm_statistics_fork_child(void);

#endif
