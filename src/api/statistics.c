/*
 * statistics.c - what all rooms hold and have done, in one place
 *
 * Hits of the fast ways are counted nowhere: what a class has in use follows
 * from its spans and from what is free in them and in the caches.
 *
 * All rooms are held still meanwhile, as for a fork, in the order of their
 * ranks.  What goes on all the same is what needs no lock: fast ways, and
 * objects that a slow way has just taken out of a room and not yet put down.
 * These count as in use.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/statistics.h"
#include "api/boot.h"
#include "back/meta.h"
#include "back/page_heap.h"
#include "front/cpu_cache.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "os/memory.h"

#include <errno.h>
#include <string.h>

/* Threads go on meanwhile: what cannot be is none. */
static uint64_t
less(uint64_t from, uint64_t n)
{
	return from > n ? from - n : 0;
}

static void
take_class(sclass_t class, size_t n_thread, struct rtmalloc_class_stats *stats)
{
	const struct rtm_size_class *kind = &rtm_size_classes[class];
	struct rtm_transfer_stats transfer;
	struct rtm_central_stats central;

	rtm_transfer_cache_stats_locked(class, &transfer);
	rtm_central_list_stats_locked(class, &central);

	uint64_t n_gone = less((uint64_t)central.n_spans * kind->n_objects,
	    transfer.n_objects + central.n_free_objects);

	*stats = (struct rtmalloc_class_stats){
		.size = kind->size,
		.span_bytes = kind->n_pages << RTM_PAGE_SHIFT,
		.n_spans = central.n_spans,
		.n_thread = rtm_min(n_thread, n_gone),
		.n_transfer = transfer.n_objects,
		.n_central = central.n_free_objects,
		.n_refills = transfer.n_takes + central.n_fresh,
		.n_refilled = transfer.n_taken + central.n_taken,
		.n_transfer_hits = transfer.n_hits,
		.n_transferred = transfer.n_taken,
		.n_flushes = transfer.n_gives,
		.n_flushed = transfer.n_given,
	};
	stats->n_used = n_gone - stats->n_thread;
}

/* A class's part in the sums. */
static void
add_class(struct rtmalloc_stats *all, const struct rtmalloc_class_stats *class)
{
	uint64_t n_objects = class->span_bytes / class->size;

	all->small_blocks += class->n_used;
	all->small_bytes += class->n_used * class->size;
	all->thread_cache_bytes += class->n_thread * class->size;
	all->transfer_cache_bytes += class->n_transfer * class->size;
	all->central_bytes += class->n_central * class->size;
	all->tail_bytes +=
	    class->n_spans * (class->span_bytes - n_objects * class->size);
	all->n_refills += class->n_refills;
	all->n_refilled += class->n_refilled;
	all->n_transfer_hits += class->n_transfer_hits;
	all->n_transferred += class->n_transferred;
	all->n_flushes += class->n_flushes;
	all->n_flushed += class->n_flushed;
}

static uint64_t
bytes_of(uint64_t n_pages)
{
	return n_pages << RTM_PAGE_SHIFT;
}

/* After the classes: spans that none of them has are on their way. */
static void
take_pages(struct rtmalloc_stats *all)
{
	uint64_t n_in_spans = all->small_bytes + all->thread_cache_bytes +
	    all->transfer_cache_bytes + all->central_bytes + all->tail_bytes;
	struct rtm_page_heap_stats heap;

	rtm_page_heap_stats_locked(&heap);
	all->moving_bytes =
	    less(bytes_of(heap.used_pages - heap.large_pages), n_in_spans);
	all->large_blocks = heap.n_large;
	all->large_bytes = bytes_of(heap.large_pages);
	all->dirty_bytes = bytes_of(heap.dirty_pages);
	all->clean_bytes = bytes_of(heap.clean_pages);
	all->heap_bytes =
	    bytes_of(heap.used_pages + heap.dirty_pages + heap.clean_pages);
	all->peak_bytes = bytes_of(heap.peak_pages);
	all->peak_large_blocks = heap.peak_large;
	all->peak_large_bytes = bytes_of(heap.peak_large_pages);
	all->n_free_runs = heap.n_free_runs;
	all->n_page_requests = heap.n_takes;
	all->n_spans_made = less(heap.n_takes, heap.n_large_takes);
	all->n_purges = heap.n_purges;
	all->purged_bytes = bytes_of(heap.n_purged_pages);
}

static void
take_system_calls(struct rtmalloc_stats *all)
{
	struct rtm_mem_calls calls;

	rtm_mem_count_calls(&calls);
	all->n_mmap = calls.n_mmap;
	all->n_munmap = calls.n_munmap;
	all->n_mprotect = calls.n_mprotect;
	all->n_mremap = calls.n_mremap;
	all->n_madvise = calls.n_madvise;
	all->mapped_bytes = calls.open_bytes;
}

#if RTM_HAVE_PERCPU
static void
take_processors(struct rtmalloc_stats *all, size_t *n_objects)
{
	struct rtm_cpu_cache_stats stats;

	rtm_cpu_cache_stats(&stats);
	all->n_cpu_caches = rtm_cpu_slab_count_locked(n_objects);
	all->rseq = stats.kind;
	if (stats.kind != RTM_RSEQ_KIND_NONE)
		all->cpu_cache_limit = stats.limit_bytes;
	if (all->n_cpu_caches != 0)
		all->front_end = RTMALLOC_FRONT_END_CPU;
}
#endif

static void
take_locked(struct rtm_statistics *statistics)
{
	struct rtmalloc_stats *all = &statistics->all;
	struct rtm_thread_cache_stats threads;
	size_t n_thread[RTM_N_CLASSES];

	rtm_thread_cache_stats_locked(&threads);
	rtm_thread_cache_count_locked(n_thread);
#if RTM_HAVE_PERCPU
	take_processors(all, n_thread);
#endif
	all->version = RTMALLOC_STATS_VERSION;
	all->n_threads = (uint32_t)threads.n_threads;
	all->cache_limit_bytes = threads.limit_bytes;
	statistics->n_classes = rtm_size_class_last;
	for (unsigned c = 1; c <= rtm_size_class_last; c++) {
		struct rtmalloc_class_stats *class =
		    &statistics->classes[c - 1];

		take_class((sclass_t)c, n_thread[c], class);
		add_class(all, class);
	}
	take_pages(all);
	take_system_calls(all);
	all->metadata_bytes = rtm_meta_used_bytes();
}

void
rtm_statistics_take(struct rtm_statistics *statistics)
{
	memset(statistics, 0, sizeof(*statistics));
	rtm_boot_hold_rooms();
	take_locked(statistics);
	rtm_boot_let_rooms_go();
}

/* ---------------------------------------------------------- for programs */

static int
refuse(int error)
{
	errno = error;
	return -1;
}

RTM_EXPORT int
rtmalloc_stats(struct rtmalloc_stats *stats, size_t n_bytes)
{
	struct rtm_statistics statistics;

	if (!RTM_STATS)
		return refuse(ENOTSUP);
	rtm_statistics_take(&statistics);
	memset(stats, 0, n_bytes);
	memcpy(stats, &statistics.all, rtm_min(n_bytes, sizeof(*stats)));
	return 0;
}

RTM_EXPORT size_t
rtmalloc_stats_classes(struct rtmalloc_class_stats *classes, size_t n)
{
	struct rtm_statistics statistics;

	if (!RTM_STATS)
		return 0;
	rtm_statistics_take(&statistics);
	for (size_t i = 0; i < rtm_min(n, statistics.n_classes); i++)
		classes[i] = statistics.classes[i];
	return statistics.n_classes;
}

RTM_EXPORT int
rtmalloc_stats_print(int fd, enum rtmalloc_stats_format format)
{
	struct rtm_statistics statistics;
	int error;

	if (!RTM_STATS)
		return refuse(ENOTSUP);
	if (format != RTMALLOC_STATS_TEXT && format != RTMALLOC_STATS_JSON)
		return refuse(EINVAL);
	rtm_statistics_take(&statistics);
	error = rtm_statistics_write(
	    &statistics, fd, format == RTMALLOC_STATS_JSON);
	return error == 0 ? 0 : refuse(-error);
}
