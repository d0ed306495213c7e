/*
 * rtmalloc.h - what rtmalloc offers beside the malloc family
 *
 * The malloc family itself is declared where it always was, in <stdlib.h>
 * and <malloc.h>: a program that is linked with -lrtmalloc, or run under
 * `rtmalloc run`, gets rtmalloc's without a change.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTMALLOC_H
#define RTMALLOC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of the library that runs, such as "0.1.0"; a constant string.
 * Any thread may call it at any time.
 */
const char *rtmalloc_version(void);

/* ------------------------------------------------------------ profile
 *
 * What the program asks for, by size.  Recording is off unless the
 * environment's RTMALLOC_PROFILE or rtmalloc_profile_start() turns it on; off,
 * it costs nothing.  On, a pair of malloc and free takes up to twice its
 * time, and the marks of blocks an eighth of the heap's memory.
 *
 * Each of these functions may be called by any thread at any time, but not by
 * a signal handler.  Those that say so return -1 and set errno on failure.
 */

/* A size is counted in the bucket with the least upper bound that holds it. */
struct rtmalloc_bucket {
	uint64_t upper;       /* largest size of the bucket, in bytes */
	uint64_t n_requests;  /* blocks asked for */
	uint64_t n_frees;     /* and given back */
	uint64_t n_bytes;     /* asked for, over all requests */
	uint64_t n_live_peak; /* blocks in use when the heap was largest */
};

/*
 * Begins to record, with nothing counted; goes on if that is done already.
 * 0, or -1 and ENOMEM.  Blocks that are older are freed without being counted.
 */
int rtmalloc_profile_start(void);

/* Ends recording; what was counted can still be asked for. */
void rtmalloc_profile_stop(void);

/*
 * Writes the profile to a file; NULL: to where RTMALLOC_PROFILE says.  The
 * format is in rtmalloc(3).  0, or -1 and errno: what open(2) and write(2)
 * set, ENOENT for NULL without the variable, EBUSY while another is written.
 */
int rtmalloc_profile_write(const char *file);

/*
 * The counts of all threads, summed up: fills in at most n buckets, those
 * that are not empty and of the smallest sizes, in rising order.  Returns how
 * many are not empty; buckets may be NULL if n is 0.
 */
size_t rtmalloc_histogram_snapshot(struct rtmalloc_bucket *buckets, size_t n);

/*
 * Size classes for the part of all requests that coverage says (0 to 1, such
 * as 0.999): those that waste the least memory of what was alive at the peak.
 * Fills in at most n sizes in bytes, in rising order, and returns how many
 * there are: n or less.  0 without a profile; -1 and EINVAL for a coverage
 * that is none, or ENOMEM.
 */
ssize_t rtmalloc_suggest_classes(double coverage, size_t *sizes, size_t n);

/*
 * As earlier versions did it, greedily and by requests alone: at most
 * max_classes size classes (1 to 63), joining neighbours as long as a join
 * wastes no more than max_waste (0 to 1) of its bytes, and beyond if the
 * number asks for it.  sizes has room for max_classes.  Returns how many
 * there are, or -1 and EINVAL or ENOMEM.
 */
ssize_t rtmalloc_optimal_layout(
    size_t max_classes, double max_waste, size_t *sizes);

/*
 * Writes the classes that suit the profile best, as a line of TOML that
 * RTMALLOC_CONF and configure --with-config read: "classes = [16, 32, 48]".
 * Sizes that the profile did not see are served, too.  0, or -1 and errno:
 * what write(2) sets, ENOMEM, or ENODATA without a profile.
 */
int rtmalloc_export_toml(int fd);

/* Writes the histogram and those classes for people.  As above. */
int rtmalloc_print_report(int fd);

#ifdef __cplusplus
}
#endif

#endif
