/*
 * statistics_file.c - the statistics as text and as JSON, and at exit
 *
 * RTMALLOC_STATS names the file, "-" for standard error; it is written when
 * the program exits, as JSON if the name ends in .json.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/exit_file.h"
#include "api/statistics.h"
#include "base/bits.h"
#include "os/environment.h"
#include "os/file.h"
#include "os/signal.h"
#include "os/thread.h"
#include "os/writer.h"

#include <errno.h>
#include <string.h>

#define VARIABLE "RTMALLOC_STATS"

/* One table for both forms, so that none knows more than the other. */
static const struct field {
	const char *key; /* in JSON, and as rtmalloc.h has it */
	const char *text;
	size_t offset;
	enum { BYTES, NUMBER } unit;
} fields[] = {
#define FIELD(name, text, unit)                                          \
	{                                                                \
#name, text, offsetof(struct rtmalloc_stats, name), unit \
	}
	FIELD(heap_bytes, "heap", BYTES),
	FIELD(small_bytes, "  in use: objects of size classes", BYTES),
	FIELD(large_bytes, "  in use: large blocks", BYTES),
	FIELD(thread_cache_bytes, "  free: in threads' and processors' caches",
	    BYTES),
	FIELD(transfer_cache_bytes, "  free: between threads", BYTES),
	FIELD(central_bytes, "  free: in spans of size classes", BYTES),
	FIELD(tail_bytes, "  ends of spans", BYTES),
	FIELD(moving_bytes, "  spans just made or given back", BYTES),
	FIELD(dirty_bytes, "  free pages, resident", BYTES),
	FIELD(clean_bytes, "  free pages, not resident", BYTES),
	FIELD(peak_bytes, "most in blocks and spans", BYTES),
	FIELD(peak_large_bytes, "most in large blocks", BYTES),
	FIELD(metadata_bytes, "the allocator's own", BYTES),
	FIELD(mapped_bytes, "mapped for reading and writing", BYTES),
	FIELD(cache_limit_bytes, "threads' caches may keep", BYTES),
	FIELD(small_blocks, "objects in use", NUMBER),
	FIELD(large_blocks, "large blocks in use", NUMBER),
	FIELD(peak_large_blocks, "most large blocks", NUMBER),
	FIELD(n_free_runs, "runs of free pages", NUMBER),
	FIELD(n_refills, "refills of threads' caches", NUMBER),
	FIELD(n_refilled, "  objects", NUMBER),
	FIELD(n_transfer_hits, "  by transfer caches", NUMBER),
	FIELD(n_transferred, "  objects from there", NUMBER),
	FIELD(n_flushes, "flushes of threads' caches", NUMBER),
	FIELD(n_flushed, "  objects", NUMBER),
	FIELD(n_page_requests, "requests for pages", NUMBER),
	FIELD(n_spans_made, "  for size classes", NUMBER),
	FIELD(n_purges, "times that memory went back", NUMBER),
	FIELD(purged_bytes, "  memory", BYTES),
	FIELD(n_mmap, "calls of mmap", NUMBER),
	FIELD(n_munmap, "calls of munmap", NUMBER),
	FIELD(n_mprotect, "calls of mprotect", NUMBER),
	FIELD(n_mremap, "calls of mremap", NUMBER),
	FIELD(n_madvise, "calls of madvise", NUMBER),
	FIELD(n_cpu_caches, "processors that have a cache", NUMBER),
	FIELD(cpu_cache_limit, "  each may keep", BYTES),
	FIELD(rseq, "  rseq: 0 no, 1 libc's, 2 own", NUMBER),
#undef FIELD
};

enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

static const struct class_field {
	const char *key;
	const char *head; /* 10 characters and more */
	size_t offset;
} class_fields[] = {
#define FIELD(name, head)                                                \
	{                                                                \
#name, head, offsetof(struct rtmalloc_class_stats, name) \
	}
	FIELD(n_spans, "     spans"),
	FIELD(n_used, "    in use"),
	FIELD(n_thread, "in threads"),
	FIELD(n_transfer, "   between"),
	FIELD(n_central, "  in spans"),
	FIELD(n_refills, "   refills"),
	FIELD(n_refilled, "    objects"),
	FIELD(n_transfer_hits, "by transfer"),
	FIELD(n_transferred, "    objects"),
	FIELD(n_flushes, "   flushes"),
	FIELD(n_flushed, "    objects"),
#undef FIELD
};

enum { N_CLASS_FIELDS = sizeof(class_fields) / sizeof(class_fields[0]) };

static uint64_t
value_of(const void *stats, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)stats + offset, sizeof(value));
	return value;
}

/* A class that nobody used says nothing. */
static bool
is_idle(const struct rtmalloc_class_stats *class)
{
	return class->n_refills + class->n_refilled + class->n_flushed == 0;
}

/* ------------------------------------------------------------------- text */

static void
add_program(struct rtm_writer *writer)
{
	char name[256];

	rtm_file_own_name(name, sizeof(name));
	rtm_writer_add(writer, name);
}

static const char *
front_end_of(const struct rtmalloc_stats *all)
{
	return all->front_end == RTMALLOC_FRONT_END_CPU ? "cpu" : "thread";
}

static void
write_field(struct rtm_writer *writer, const struct field *field,
    const struct rtmalloc_stats *all)
{
	uint64_t value = value_of(all, field->offset);

	rtm_writer_add(writer, field->text);
	for (size_t n = strlen(field->text); n < 36; n++)
		rtm_writer_add(writer, " ");
	rtm_writer_add_right(
	    writer, field->unit == BYTES ? (value + 1023) / 1024 : value, 12);
	rtm_writer_add(writer, field->unit == BYTES ? " KiB\n" : "\n");
}

static void
write_class_line(
    struct rtm_writer *writer, const struct rtmalloc_class_stats *class)
{
	rtm_writer_add_right(writer, class->size, 8);
	for (unsigned i = 0; i < N_CLASS_FIELDS; i++)
		rtm_writer_add_right(writer,
		    value_of(class, class_fields[i].offset),
		    (unsigned)strlen(class_fields[i].head) + 1);
	rtm_writer_add(writer, "\n");
}

static void
write_text(struct rtm_writer *writer, const struct rtm_statistics *statistics)
{
	rtm_writer_add(writer, "rtmalloc in ");
	add_program(writer);
	rtm_writer_add(writer, ", process ");
	rtm_writer_add_number(writer, rtm_thread_process());
	rtm_writer_add(writer, ", ");
	rtm_writer_add_number(writer, statistics->all.n_threads);
	rtm_writer_add(writer, " threads with a cache, front end ");
	rtm_writer_add(writer, front_end_of(&statistics->all));
	rtm_writer_add(writer, "\n");
	for (unsigned i = 0; i < N_FIELDS; i++)
		write_field(writer, &fields[i], &statistics->all);
	rtm_writer_add(writer, "\n   class");
	for (unsigned i = 0; i < N_CLASS_FIELDS; i++) {
		rtm_writer_add(writer, " ");
		rtm_writer_add(writer, class_fields[i].head);
	}
	rtm_writer_add(writer, "\n");
	for (size_t c = 0; c < statistics->n_classes; c++)
		if (!is_idle(&statistics->classes[c]))
			write_class_line(writer, &statistics->classes[c]);
}

/* ------------------------------------------------------------------- JSON */

static void
write_pair(struct rtm_writer *writer, const char *key, uint64_t value)
{
	rtm_writer_add(writer, "\"");
	rtm_writer_add(writer, key);
	rtm_writer_add(writer, "\": ");
	rtm_writer_add_number(writer, value);
}

/* The program's name may hold any byte but a slash. */
static void
write_string(struct rtm_writer *writer, const char *string)
{
	static const char digits[] = "0123456789abcdef";

	rtm_writer_add(writer, "\"");
	for (; *string != '\0'; string++) {
		unsigned char c = (unsigned char)*string;
		char plain[2] = { *string, '\0' };
		char coded[7] = { '\\', 'u', '0', '0', digits[c >> 4],
			digits[c & 15], '\0' };
		bool is_plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

		rtm_writer_add(writer, is_plain ? plain : coded);
	}
	rtm_writer_add(writer, "\"");
}

static void
write_json_class(
    struct rtm_writer *writer, const struct rtmalloc_class_stats *class)
{
	rtm_writer_add(writer, "    {");
	write_pair(writer, "size", class->size);
	rtm_writer_add(writer, ", ");
	write_pair(writer, "span_bytes", class->span_bytes);
	for (unsigned i = 0; i < N_CLASS_FIELDS; i++) {
		rtm_writer_add(writer, ", ");
		write_pair(writer, class_fields[i].key,
		    value_of(class, class_fields[i].offset));
	}
	rtm_writer_add(writer, "}");
}

static void
write_json(struct rtm_writer *writer, const struct rtm_statistics *statistics)
{
	char name[256];

	rtm_file_own_name(name, sizeof(name));
	rtm_writer_add(writer, "{\n  \"schema\": \"rtmalloc-stats\",\n  ");
	write_pair(writer, "version", statistics->all.version);
	rtm_writer_add(writer, ",\n  \"program\": ");
	write_string(writer, name);
	rtm_writer_add(writer, ",\n  ");
	write_pair(writer, "process", rtm_thread_process());
	rtm_writer_add(writer, ",\n  \"front_end\": ");
	write_string(writer, front_end_of(&statistics->all));
	rtm_writer_add(writer, ",\n  ");
	write_pair(writer, "n_threads", statistics->all.n_threads);
	for (unsigned i = 0; i < N_FIELDS; i++) {
		rtm_writer_add(writer, ",\n  ");
		write_pair(writer, fields[i].key,
		    value_of(&statistics->all, fields[i].offset));
	}
	rtm_writer_add(writer, ",\n  \"classes\": [\n");
	for (size_t c = 0; c < statistics->n_classes; c++) {
		write_json_class(writer, &statistics->classes[c]);
		rtm_writer_add(
		    writer, c + 1 < statistics->n_classes ? ",\n" : "\n");
	}
	rtm_writer_add(writer, "  ]\n}\n");
}

int
rtm_statistics_write(
    const struct rtm_statistics *statistics, int file, bool is_json)
{
	struct rtm_writer writer;

	if (!RTM_STATS)
		return -ENOTSUP;
	rtm_writer_init(&writer, file);
	if (is_json)
		write_json(&writer, statistics);
	else
		write_text(&writer, statistics);
	return rtm_writer_finish(&writer);
}

/* ----------------------------------------------------------------- at exit */

static struct rtm_exit_file exit_file;
static struct rtm_file_kept exit_stderr; /* where "-" goes to */
static bool has_stderr;

/* As it was given: what is put behind a child's name changes nothing. */
static bool
is_json_name(const char *name)
{
	size_t n = strlen(name);

	return n >= 5 && strcmp(name + n - 5, ".json") == 0;
}

static int
write_exit_file(const struct rtm_statistics *statistics)
{
	char path[sizeof(exit_file.pattern)];

	if (!rtm_exit_file_path(&exit_file, path, sizeof(path)))
		return 0;

	int file = rtm_file_create(path);
	int error = file < 0 ? file
			     : rtm_statistics_write(statistics, file,
				   is_json_name(exit_file.pattern));

	if (file >= 0)
		rtm_file_close(file);
	if (error != 0)
		rtm_exit_file_complain(
		    path, "the statistics cannot be written there");
	return error;
}

static int
write_now(void)
{
	struct rtm_statistics statistics;
	int file = has_stderr ? rtm_file_kept(&exit_stderr) : -1;

	rtm_statistics_take(&statistics);
	if (!has_stderr)
		return write_exit_file(&statistics);
	return file >= 0 ? rtm_statistics_write(&statistics, file, false) : 0;
}

/* Late: the destructors of the program and of other libraries have run. */
static void __attribute__((destructor)) write_at_exit(void)
{
	/* Who listened is gone, perhaps: the program has done its work. */
	if (RTM_STATS && (has_stderr || exit_file.pattern[0] != '\0'))
		rtm_signal_without_pipe(write_now);
}

/*
 * Many programs close standard error before they end, to learn whether it
 * could be written: so a copy is kept.
 */
void
rtm_statistics_init(void)
{
	const char *name = rtm_env_get(VARIABLE);

	if (name == NULL || name[0] == '\0')
		return;
	if (!RTM_STATS)
		rtm_exit_file_complain(VARIABLE,
		    "this library was configured with --disable-stats");
	else if (strcmp(name, "-") == 0)
		has_stderr = rtm_file_keep(2, &exit_stderr);
	else
		rtm_exit_file_init(&exit_file, VARIABLE, VARIABLE "_MAIN");
}

void
rtm_statistics_fork_child(void)
{
	exit_file.is_main = false;
}
