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

/* --------------------------------------------------------- statistics
 *
 * What the allocator holds, and what it has done.  Counted where locks are
 * held anyway, so the fast ways of malloc and free pay nothing; summed up when
 * somebody asks, with all those locks held.  So everything adds up, also while
 * other threads allocate:
 *
 *	heap_bytes = small_bytes + large_bytes + thread_cache_bytes +
 *	    transfer_cache_bytes + central_bytes + tail_bytes + moving_bytes +
 *	    dirty_bytes + clean_bytes
 *
 * and in each size class
 *
 *	n_used + n_thread + n_transfer + n_central =
 *	    n_spans * (span_bytes / size)
 *
 * Only the line between what is in use and what lies in threads' caches is
 * less sharp then: what a thread just moves into its cache or out of it, at
 * most 64 KiB of a size class, may be on either side.
 *
 * Any thread may ask at any time, in the child of a fork too, but not a signal
 * handler.  Bytes are those that objects take, not those that were asked for.
 */

#define RTMALLOC_STATS_VERSION 1

struct rtmalloc_stats {
	uint32_t version;   /* RTMALLOC_STATS_VERSION of the library */
	uint32_t n_threads; /* that have a cache */

	/* in use by the program */
	uint64_t small_blocks;
	uint64_t small_bytes;
	uint64_t large_blocks; /* of pages of their own */
	uint64_t large_bytes;

	/* free objects, by who keeps them, and the ends of their spans */
	uint64_t thread_cache_bytes; /* processors' caches too */
	uint64_t transfer_cache_bytes;
	uint64_t central_bytes;
	uint64_t tail_bytes;
	uint64_t moving_bytes; /* spans that are just made or given back */

	/* free pages: dirty ones are resident, clean ones are not */
	uint64_t dirty_bytes;
	uint64_t clean_bytes;

	uint64_t heap_bytes;        /* all of the above */
	uint64_t peak_bytes;        /* most ever in blocks and spans */
	uint64_t peak_large_blocks; /* most ever in use */
	uint64_t peak_large_bytes;
	uint64_t n_free_runs;       /* of free pages */
	uint64_t metadata_bytes;    /* the allocator's own, not in the heap */
	uint64_t mapped_bytes;      /* all that it can write to */
	uint64_t cache_limit_bytes; /* what all threads may keep now */

	/* up to now */
	uint64_t n_refills;       /* of threads' and processors' caches */
	uint64_t n_refilled;      /* objects */
	uint64_t n_transfer_hits; /* refills that a transfer cache served */
	uint64_t n_transferred;   /* objects, by these */
	uint64_t n_flushes;       /* of threads' and processors' caches */
	uint64_t n_flushed;       /* objects */
	uint64_t n_spans_made;
	uint64_t n_page_requests;
	uint64_t n_purges;
	uint64_t purged_bytes;

	/* system calls up to now */
	uint64_t n_mmap;
	uint64_t n_munmap;
	uint64_t n_mprotect;
	uint64_t n_mremap;
	uint64_t n_madvise;

	/* processors' caches (the option frontend, rtmalloc.toml(5)) */
	uint64_t n_cpu_caches;    /* in use now */
	uint64_t cpu_cache_limit; /* bytes that each may keep */
	uint64_t rseq; /* how threads know their processor: 0, none works so;
	                  1, libc has registered them; 2, we have */
	uint64_t front_end; /* enum rtmalloc_front_end */
};

/* Where threads keep free objects (the same option). */
enum rtmalloc_front_end {
	RTMALLOC_FRONT_END_THREAD, /* each in a cache of its own */
	RTMALLOC_FRONT_END_CPU,    /* in that of their processor */
};

/* A size class. */
struct rtmalloc_class_stats {
	uint32_t size;       /* of an object */
	uint32_t span_bytes; /* of a span */
	uint64_t n_spans;
	uint64_t n_used;     /* objects in use by the program */
	uint64_t n_thread;   /* free, in threads' and processors' caches */
	uint64_t n_transfer; /* free, in the transfer cache */
	uint64_t n_central;  /* free, in spans */
	uint64_t n_refills;  /* up to now, as above */
	uint64_t n_refilled;
	uint64_t n_transfer_hits;
	uint64_t n_transferred;
	uint64_t n_flushes;
	uint64_t n_flushed;
};

/*
 * Fills in the first n_bytes, sizeof(*stats), of the struct; a later library
 * may know more, and an older one clears what it does not know.  0, or -1 and
 * ENOTSUP where the library was configured with --disable-stats.
 */
int rtmalloc_stats(struct rtmalloc_stats *stats, size_t n_bytes);

/*
 * Fills in at most n classes, smallest first, and returns how many there are;
 * classes may be NULL if n is 0.
 */
size_t rtmalloc_stats_classes(struct rtmalloc_class_stats *classes, size_t n);

/*
 * Writes all of it to a file descriptor, for people or, RTMALLOC_STATS_JSON,
 * for programs: one object whose "schema" is "rtmalloc-stats" and whose
 * "version" is RTMALLOC_STATS_VERSION.  0, or -1 and errno: what write(2)
 * sets, EINVAL for another format, ENOTSUP as above.
 */
enum rtmalloc_stats_format {
	RTMALLOC_STATS_TEXT,
	RTMALLOC_STATS_JSON,
};

int rtmalloc_stats_print(int fd, enum rtmalloc_stats_format format);

/* -------------------------------------------------------------- family
 *
 * malloc and its family once more, under names that are in nobody's way: in
 * the ordinary library the same functions as malloc and so on.  A library
 * that was configured with --disable-compat has only these, to be used beside
 * the system's malloc; blocks of the one must not be handed to the other.
 *
 * Where it was configured with --with-prefix=PREFIX, the names begin so, and
 * rtmalloc.pc defines RTMALLOC_PREFIX; all other names stay as they are.
 */
#ifndef RTMALLOC_PREFIX
#define RTMALLOC_PREFIX rtmalloc_
#endif
#define RTMALLOC_NAME(name) RTMALLOC_JOIN(RTMALLOC_PREFIX, name)
#define RTMALLOC_JOIN(prefix, name) RTMALLOC_JOINED(prefix, name)
#define RTMALLOC_JOINED(prefix, name) prefix##name

void *RTMALLOC_NAME(malloc)(size_t n_bytes);
void *RTMALLOC_NAME(calloc)(size_t n, size_t n_bytes);
void *RTMALLOC_NAME(realloc)(void *block, size_t n_bytes);
void RTMALLOC_NAME(free)(void *block);
void RTMALLOC_NAME(cfree)(void *block);
void RTMALLOC_NAME(free_sized)(void *block, size_t n_bytes);
void RTMALLOC_NAME(free_aligned_sized)(
    void *block, size_t alignment, size_t n_bytes);
void *RTMALLOC_NAME(aligned_alloc)(size_t alignment, size_t n_bytes);
void *RTMALLOC_NAME(memalign)(size_t alignment, size_t n_bytes);
int RTMALLOC_NAME(posix_memalign)(
    void **block, size_t alignment, size_t n_bytes);
void *RTMALLOC_NAME(valloc)(size_t n_bytes);
void *RTMALLOC_NAME(pvalloc)(size_t n_bytes);
size_t RTMALLOC_NAME(malloc_usable_size)(void *block);

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
