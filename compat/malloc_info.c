/*
 * malloc_info.c - glibc's ways to ask what the heap holds
 *
 * glibc's words for what we have: its "fast" chunks are the objects in
 * threads' caches, "the rest" is what else is free, "mmapped" are the large
 * blocks, and the heap is all pages that are, or may be, resident.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/boot.h"
#include "api/statistics.h"
#include "base/compiler.h"
#include "os/writer.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>

/* glibc's, and not in every libc's headers. */
struct glibc_mallinfo {
	int arena, ordblks, smblks, hblks, hblkhd;
	int usmblks, fsmblks, uordblks, fordblks, keepcost;
};
struct glibc_mallinfo2 {
	size_t arena, ordblks, smblks, hblks, hblkhd;
	size_t usmblks, fsmblks, uordblks, fordblks, keepcost;
};

#ifdef __GLIBC__
_Static_assert(sizeof(struct glibc_mallinfo) == sizeof(struct mallinfo),
    "the caller's struct");
#endif

/* Other names, that no header's declarations stand in the way. */
RTM_EXPORT struct glibc_mallinfo2 rtm_mallinfo2(void) __asm__("mallinfo2");
RTM_EXPORT struct glibc_mallinfo rtm_mallinfo(void) __asm__("mallinfo");
RTM_EXPORT void rtm_malloc_stats(void) __asm__("malloc_stats");
RTM_EXPORT int rtm_malloc_info(int options, FILE *file) __asm__("malloc_info");

/* Nothing has been allocated yet, perhaps. */
static void
take_statistics(struct rtm_statistics *statistics)
{
	rtm_boot_thread();
	rtm_statistics_take(statistics);
}

/* Free objects of a class that no thread keeps for itself. */
static uint64_t
shared_objects(const struct rtmalloc_class_stats *class)
{
	return class->n_transfer + class->n_central;
}

static struct glibc_mallinfo2
take_mallinfo2(void)
{
	struct rtm_statistics statistics;
	const struct rtmalloc_stats *all = &statistics.all;
	struct glibc_mallinfo2 info = { 0 };

	take_statistics(&statistics);
	info.arena = all->heap_bytes - all->large_bytes - all->clean_bytes;
	info.hblks = all->large_blocks;
	info.hblkhd = all->large_bytes;
	info.fsmblks = all->thread_cache_bytes;
	info.uordblks = all->small_bytes;
	info.fordblks = info.arena - info.uordblks;
	info.keepcost = all->dirty_bytes;
	info.ordblks = all->n_free_runs;
	for (size_t c = 0; c < statistics.n_classes; c++) {
		info.smblks += statistics.classes[c].n_thread;
		info.ordblks += shared_objects(&statistics.classes[c]);
	}
	return info;
}

struct glibc_mallinfo2
rtm_mallinfo2(void)
{
	return take_mallinfo2();
}

static int
saturated(size_t number)
{
	return number > INT_MAX ? INT_MAX : (int)number;
}

struct glibc_mallinfo
rtm_mallinfo(void)
{
	struct glibc_mallinfo2 info = take_mallinfo2();

	return (struct glibc_mallinfo){
		.arena = saturated(info.arena),
		.ordblks = saturated(info.ordblks),
		.smblks = saturated(info.smblks),
		.hblks = saturated(info.hblks),
		.hblkhd = saturated(info.hblkhd),
		.fsmblks = saturated(info.fsmblks),
		.uordblks = saturated(info.uordblks),
		.fordblks = saturated(info.fordblks),
		.keepcost = saturated(info.keepcost),
	};
}

/* ----------------------------------------------------------- malloc_stats */

static void
write_line(struct rtm_writer *writer, const char *name, uint64_t number)
{
	rtm_writer_add(writer, name);
	rtm_writer_add_right(writer, number, 10);
	rtm_writer_add(writer, "\n");
}

/* glibc's lines, which scripts read, and then our own if we keep any. */
void
rtm_malloc_stats(void)
{
	struct rtm_statistics statistics;
	const struct rtmalloc_stats *all = &statistics.all;
	struct rtm_writer writer;
	uint64_t n_heap;

	take_statistics(&statistics);
	n_heap = all->heap_bytes - all->large_bytes - all->clean_bytes;
	rtm_writer_init(&writer, 2);
	rtm_writer_add(&writer, "Arena 0:\n");
	write_line(&writer, "system bytes     = ", n_heap);
	write_line(&writer, "in use bytes     = ", all->small_bytes);
	rtm_writer_add(&writer, "Total (incl. mmap):\n");
	write_line(&writer, "system bytes     = ", n_heap + all->large_bytes);
	write_line(&writer,
	    "in use bytes     = ", all->small_bytes + all->large_bytes);
	write_line(&writer, "max mmap regions = ", all->peak_large_blocks);
	write_line(&writer, "max mmap bytes   = ", all->peak_large_bytes);
	rtm_writer_finish(&writer);
	rtm_statistics_write(&statistics, 2, false);
}

/* ------------------------------------------------------------ malloc_info */

/* An element with two attributes more. */
static void
put_total(FILE *file, const char *type, uint64_t n, uint64_t n_bytes)
{
	fprintf(file, "<total type=\"%s\" count=\"%ju\" size=\"%ju\"/>\n", type,
	    (uintmax_t)n, (uintmax_t)n_bytes);
}

static void
put_sizes(FILE *file, const struct rtm_statistics *statistics)
{
	uint32_t from = 1;

	fputs("<sizes>\n", file);
	for (size_t c = 0; c < statistics->n_classes; c++) {
		const struct rtmalloc_class_stats *class =
		    &statistics->classes[c];
		uint64_t n = shared_objects(class);

		if (n != 0)
			fprintf(file,
			    "  <size from=\"%u\" to=\"%u\" total=\"%ju\" "
			    "count=\"%ju\"/>\n",
			    from, class->size, (uintmax_t)(n * class->size),
			    (uintmax_t)n);
		from = class->size + 1;
	}
	fputs("</sizes>\n", file);
}

/* What the heap, and all of it, come to: in glibc these are an arena's. */
static void
put_sums(FILE *file, const struct rtm_statistics *statistics)
{
	const struct rtmalloc_stats *all = &statistics->all;
	uint64_t n_fast = 0, n_rest = all->n_free_runs;

	for (size_t c = 0; c < statistics->n_classes; c++) {
		n_fast += statistics->classes[c].n_thread;
		n_rest += shared_objects(&statistics->classes[c]);
	}
	put_total(file, "fast", n_fast, all->thread_cache_bytes);
	put_total(file, "rest", n_rest,
	    all->transfer_cache_bytes + all->central_bytes + all->moving_bytes +
		all->dirty_bytes);
}

static void
put_system(FILE *file, uint64_t now, uint64_t most, uint64_t space)
{
	fprintf(file,
	    "<system type=\"current\" size=\"%ju\"/>\n"
	    "<system type=\"max\" size=\"%ju\"/>\n"
	    "<aspace type=\"total\" size=\"%ju\"/>\n"
	    "<aspace type=\"mprotect\" size=\"%ju\"/>\n",
	    (uintmax_t)now, (uintmax_t)most, (uintmax_t)space,
	    (uintmax_t)space);
}

int
rtm_malloc_info(int options, FILE *file)
{
	struct rtm_statistics statistics;
	const struct rtmalloc_stats *all = &statistics.all;
	uint64_t n_heap;

	if (options != 0)
		return EINVAL;
	/* Before the stream's buffer is allocated. */
	take_statistics(&statistics);
	n_heap = all->heap_bytes - all->large_bytes - all->clean_bytes;
	fputs("<malloc version=\"1\">\n<heap nr=\"0\">\n", file);
	put_sizes(file, &statistics);
	put_sums(file, &statistics);
	put_system(file, n_heap, all->peak_bytes, n_heap);
	fputs("</heap>\n", file);
	put_sums(file, &statistics);
	put_total(file, "mmap", all->large_blocks, all->large_bytes);
	put_system(
	    file, n_heap + all->large_bytes, all->peak_bytes, all->heap_bytes);
	fputs("</malloc>\n", file);
	return 0;
}

/* --------------------------------------------------- libc's second names */

extern RTM_EXPORT __typeof__(rtm_mallinfo) rtm_libc_mallinfo __asm__(
    "__libc_mallinfo") __attribute__((alias("mallinfo")));
extern RTM_EXPORT __typeof__(rtm_mallinfo2) rtm_libc_mallinfo2 __asm__(
    "__libc_mallinfo2") __attribute__((alias("mallinfo2")));

/* Only libc.a has these; see compat/malloc.c. */
extern RTM_HIDDEN __typeof__(rtm_mallinfo) rtm_hidden_mallinfo __asm__(
    "__mallinfo") __attribute__((alias("mallinfo")));
extern RTM_HIDDEN __typeof__(rtm_mallinfo2) rtm_hidden_mallinfo2 __asm__(
    "__mallinfo2") __attribute__((alias("mallinfo2")));
extern RTM_HIDDEN __typeof__(rtm_malloc_stats) rtm_hidden_malloc_stats __asm__(
    "__malloc_stats") __attribute__((alias("malloc_stats")));
extern RTM_HIDDEN __typeof__(rtm_malloc_info) rtm_hidden_malloc_info __asm__(
    "__malloc_info") __attribute__((alias("malloc_info")));
