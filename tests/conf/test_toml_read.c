/*
 * test_toml_read.c - what the reader takes, and what it makes of it
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/conf/read.h"
#include "tests/support/suite.h"

#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#if RTM_HAVE_VALGRIND
#include <valgrind/memcheck.h>
#endif

#define TEST_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(an_empty_file_changes_nothing)
{
	static const char *const texts[] = { "", "\n", "# only this", " \t\r\n",
		"\xef\xbb\xbf", "[config]", "\xef\xbb\xbf# x\n[config]\n" };

	for (size_t i = 0; i < TEST_ROWS(texts); i++) {
		struct reading r = read_text(texts[i]);

		must_read(r);
		ck_assert_mem_eq(&r.conf, &base_conf, sizeof(r.conf));
	}
}
END_TEST

START_TEST(every_option_is_set_and_remembers_its_line)
{
	struct reading r = read_text("[config]\n"
				     "page_size = 8_192\n"
				     "thread_cache_size = \"16M\"\n"
				     "min_per_thread_cache = 256K\n"
				     "steal_amount = '128k'\n"
				     "frontend = \"cpu\"\n"
				     "cpu_cache_size = 3M\n"
				     "max_free_list_length = 8192\n"
				     "max_overages = +4\n"
				     "max_transfer_slots = 64\n"
				     "max_pages = 1_28\n"
				     "idle_release = false\n"
				     "idle_delay_ms = 3600000\n"
				     "huge_pages = 0\n"
				     "purge_slack_percent = 0");
	static const size_t want[RTM_N_OPTIONS] = { 8192, 16 << 20, 256 << 10,
		128 << 10, 1, 3 << 20, 8192, 4, 64, 128, 0, 3600000, 0, 0 };

	must_read(r);
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		ck_assert_uint_eq(
		    rtm_option_get(&r.conf, (enum rtm_option_id)id), want[id]);
		ck_assert_uint_eq(r.origin.options[id], id + 2);
	}
	ck_assert_uint_eq(r.origin.classes, RTM_ORIGIN_BUILT_IN);
	ck_assert_uint_eq(r.conf.n_classes, base_conf.n_classes);
}
END_TEST

START_TEST(people_write_toml_in_many_ways)
{
	static const uint32_t want[] = { 8, 16, 1024, 2048, 4096 };
	struct reading r = read_text("\xef\xbb\xbf# a BOM\r\n"
				     "classes=[ # eight, and more\r\n"
				     "\t8 ,16,\r\n"
				     "\r\n"
				     "\t# between them, a ] and a \"\r\n"
				     "\t\"1K\", 2k ,'4_096'\r\n"
				     "\t,\r\n"
				     "] # done\r\n"
				     " [ config ]# here\r\n"
				     "\tmax_pages\t=\t7\t# ; \"x\r\n"
				     "max_overages=9");

	must_read(r);
	ck_assert_uint_eq(r.conf.n_classes, TEST_ROWS(want));
	for (size_t i = 0; i < TEST_ROWS(want); i++)
		ck_assert_uint_eq(r.conf.classes[i].size, want[i]);
	ck_assert_uint_eq(r.conf.max_pages, 7);
	ck_assert_uint_eq(r.conf.max_overages, 9);
	ck_assert_uint_eq(r.origin.classes, 2);
	ck_assert_uint_eq(r.origin.options[RTM_OPTION_max_pages], 10);
}
END_TEST

START_TEST(a_class_table_gives_pages_and_batch_or_has_them_derived)
{
	struct reading r =
	    read_text("[[class]]\nsize = 24\n"
		      "[[class]]\nbatch_size = 3\npages = 5\nsize = 3K\n"
		      "[config]\nmax_pages = 3\n"
		      "[[class]]\nsize = 1M\n");
	static const struct rtm_class_spec want[] = { { 24, 2, 341 },
		{ 3072, 5, 3 }, { 1 << 20, 128, 1 } };

	must_read(r);
	ck_assert_uint_eq(r.conf.n_classes, TEST_ROWS(want));
	ck_assert_mem_eq(r.conf.classes, want, sizeof(want));
	ck_assert_uint_eq(r.origin.classes, 1);
}
END_TEST

/* A sixteenth or an eighth of a span is tail at most; counted by hand. */
START_TEST(pages_and_batches_are_derived)
{
	static const struct rtm_class_spec want[] = { { 8, 1, 512 },
		{ 16, 1, 512 }, { 48, 1, 170 }, { 1792, 2, 4 }, { 2560, 1, 3 },
		{ 3072, 2, 2 }, { 5120, 2, 1 }, { 6144, 3, 1 }, { 7168, 7, 1 },
		{ 8192, 1, 1 }, { 8200, 8, 1 }, { 10240, 4, 1 },
		{ 262144, 32, 1 }, { 1048568, 128, 1 } };

	for (size_t i = 0; i < TEST_ROWS(want); i++) {
		ck_assert_uint_eq(
		    rtm_conf_derive_pages(want[i].size, 8192), want[i].n_pages);
		ck_assert_uint_eq(
		    rtm_conf_derive_batch(want[i].size), want[i].batch);
	}
	for (size_t page = 4096; page <= 262144; page *= 2)
		for (uint32_t size = 8; size <= RTM_CLASS_SIZE_MAX; size += 8) {
			uint32_t n = rtm_conf_derive_pages(size, page);

			/* An assertion takes as long as a hundred of these. */
			bool is_right = n <= RTM_SPAN_PAGES_MAX &&
			    n * page / size <= RTM_SPAN_OBJECTS_MAX &&
			    n * page % size <= n * page / 8;

			if (n * page % size > n * page / 16)
				for (uint32_t k = n; k <= 8; k++)
					is_right = is_right &&
					    k * page % size > k * page / 16;
			if (!is_right)
				ck_assert_msg(
				    false, "%u pages for %u bytes", n, size);
		}
}
END_TEST

/* Twice the fewest, where a span of little objects, or few, would be short. */
START_TEST(classes_that_nobody_chose_pages_for_have_own_pages)
{
	static const struct {
		size_t page_size;
		uint32_t size, n_pages;
	} want[] = { { 8192, 8, 2 }, { 8192, 256, 2 }, { 8192, 320, 1 },
		{ 8192, 768, 1 }, { 8192, 896, 2 }, { 8192, 1024, 2 },
		{ 8192, 1280, 1 }, { 8192, 1792, 2 }, { 4096, 16, 4 },
		{ 4096, 320, 1 }, { 4096, 512, 4 }, { 16384, 16, 1 },
		{ 262144, 8, 1 }, { 262144, 1024, 1 } };

	for (size_t i = 0; i < TEST_ROWS(want); i++)
		ck_assert_uint_eq(
		    rtm_conf_own_pages(want[i].size, want[i].page_size),
		    want[i].n_pages);
	for (size_t page = 4096; page <= 262144; page *= 2)
		for (uint32_t size = 8; size <= RTM_CLASS_SIZE_MAX; size += 8) {
			uint32_t least = rtm_conf_derive_pages(size, page);
			uint32_t n = rtm_conf_own_pages(size, page);

			if (n < least || n > RTM_SPAN_PAGES_MAX ||
			    n % least != 0 ||
			    n * page / size > RTM_SPAN_OBJECTS_MAX ||
			    (n != least && n * page > 16384))
				ck_assert_msg(
				    false, "%u pages for %u bytes", n, size);
		}
}
END_TEST

/* 63 classes of seven digits in one line of more than 1000 bytes. */
START_TEST(a_line_may_be_long)
{
	char text[4000] = "classes = [";
	struct reading r;

	for (int i = 1; i <= 63; i++)
		snprintf(text + strlen(text), 32, "            %d, ",
		    100000 + i * 8);
	strcat(text, "]  # ");
	memset(text + strlen(text), '#', 1500);
	r = read_text(text);
	must_read(r);
	ck_assert_uint_eq(r.conf.n_classes, 63);
	ck_assert_uint_eq(r.conf.classes[62].size, 100504);
}
END_TEST

/* What the Rust version of old came with. */
START_TEST(the_old_default_file_reads_unchanged)
{
	static const uint32_t sizes[] = { 8, 16, 24, 32, 40, 48, 56, 64, 80, 96,
		112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896,
		1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120,
		6144, 7168, 8192, 10240, 12288, 16384, 20480, 32768, 40960,
		65536, 131072, 262144 };
	char text[8000] = "[config]\npage_size = 8192\n"
			  "thread_cache_size = 33554432\n"
			  "min_per_thread_cache = 524288\n"
			  "steal_amount = 65536\nmax_free_list_length = 8192\n"
			  "max_overages = 3\nmax_transfer_slots = 64\n"
			  "max_pages = 128\n\n";
	struct reading r;

	for (size_t i = 0; i < TEST_ROWS(sizes); i++)
		snprintf(text + strlen(text), 64,
		    "[[class]]\nsize = %u\npages = %u\nbatch_size = %u\n",
		    sizes[i], sizes[i] <= 4096 ? 4 : 32, sizes[i] % 31 + 2);
	r = read_text(text);
	must_read(r);
	ck_assert_uint_eq(r.conf.n_classes, TEST_ROWS(sizes));
	for (size_t i = 0; i < TEST_ROWS(sizes); i++) {
		ck_assert_uint_eq(r.conf.classes[i].size, sizes[i]);
		ck_assert_uint_eq(r.conf.classes[i].batch, sizes[i] % 31 + 2);
	}
}
END_TEST

START_TEST(the_environment_takes_one_line)
{
	struct reading r =
	    read_variable("thread_cache_size=16M,classes=16:32:48");
	struct reading spaced =
	    read_variable(" classes = 1K:2K , max_pages = 5 ,, huge_pages=0,");

	must_read(r);
	ck_assert_uint_eq(r.conf.thread_cache_size, 16 << 20);
	ck_assert_uint_eq(r.conf.n_classes, 3);
	ck_assert_uint_eq(r.conf.classes[2].size, 48);
	ck_assert_uint_eq(r.conf.classes[2].batch, 170);
	ck_assert_uint_eq(r.origin.classes, RTM_ORIGIN_ENVIRONMENT);
	must_read(spaced);
	ck_assert_uint_eq(spaced.conf.n_classes, 2);
	ck_assert_uint_eq(spaced.conf.max_pages, 5);
	ck_assert_uint_eq(spaced.conf.huge_pages, 0);
}
END_TEST

START_TEST(a_line_is_told_from_a_file_name)
{
	ck_assert(rtm_conf_is_line("thread_cache_size=16M"));
	ck_assert(rtm_conf_is_line("classes = 8"));
	ck_assert(!rtm_conf_is_line("/etc/app.toml"));
	ck_assert(!rtm_conf_is_line("./a=b.toml"));
	ck_assert(!rtm_conf_is_line("app.toml"));
	ck_assert(!rtm_conf_is_line(""));
	ck_assert(!rtm_conf_is_line("=8"));
}
END_TEST

START_TEST(one_reading_goes_on_top_of_another)
{
	struct reading r = read_text("classes = [16]\n[config]\nmax_pages=5\n");
	const char *line = "max_pages=6,huge_pages=0";

	must_read(r);
	ck_assert(rtm_conf_read_line(&r.conf, &r.origin, line, "V", &r.error));
	ck_assert_uint_eq(r.conf.n_classes, 1);
	ck_assert_uint_eq(r.conf.max_pages, 6);
	ck_assert_uint_eq(r.origin.classes, 1);
	ck_assert_uint_eq(
	    r.origin.options[RTM_OPTION_max_pages], RTM_ORIGIN_ENVIRONMENT);
}
END_TEST

/* A source that gives one byte at a time, as a pipe may. */
static long
read_one(void *context, char *buffer, size_t n_bytes)
{
	const char **next = context;

	if (n_bytes == 0 || **next == '\0')
		return 0;
	*buffer = *(*next)++;
	return 1;
}

START_TEST(a_source_may_give_little_at_a_time)
{
	const char *text = "\xef\xbb\xbf[config]\nmax_pages = 77\n"
			   "[[class]]\nsize = 4096";
	const struct rtm_conf_source source = { read_one, &text };
	struct reading r = { .conf = base_conf };

	r.is_ok = rtm_conf_read(&r.conf, &r.origin, &source, "f", &r.error);
	must_read(r);
	ck_assert_uint_eq(r.conf.max_pages, 77);
	ck_assert_uint_eq(r.conf.n_classes, 1);
}
END_TEST

enum { STACK_BYTES = 256 << 10, STACK_MARK = 0x5a };

static void *
read_wrong_and_right(void *unused)
{
	struct rtm_conf_error *error = unused;
	static struct rtm_conf conf;
	static const char wrong[] = "[config]\nmax_page_ = 9\n";
	static const char right[] = "classes = [8, 16]\n[config]\n"
				    "thread_cache_size = '16M'\n";

	conf = base_conf;
	rtm_conf_read_text(&conf, NULL, wrong, sizeof(wrong) - 1, "f", error);
	rtm_conf_read_text(&conf, NULL, right, sizeof(right) - 1, "f", error);
	return NULL;
}

static void *
return_at_once(void *unused)
{
	return unused;
}

/* Bytes of a marked stack that a thread running body has written to. */
static size_t
stack_use(void *(*body)(void *))
{
	static struct rtm_conf_error error;
	unsigned char *stack = NULL;
	pthread_attr_t attr;
	pthread_t thread;
	size_t n_clean = 0;

	ck_assert_int_eq(posix_memalign((void **)&stack, 4096, STACK_BYTES), 0);
	memset(stack, STACK_MARK, STACK_BYTES);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, STACK_BYTES);
	ck_assert_int_eq(pthread_create(&thread, &attr, body, &error), 0);
	pthread_join(thread, NULL);
#if RTM_HAVE_VALGRIND
	/* To memcheck a stack that was left has no contents. */
	(void)VALGRIND_MAKE_MEM_DEFINED(stack, STACK_BYTES);
#endif
	while (n_clean < STACK_BYTES && stack[n_clean] == STACK_MARK)
		n_clean++;
	free(stack);
	return STACK_BYTES - n_clean;
}

/* The library reads at the start of a program, on whatever stack it is on. */
START_TEST(reading_takes_less_than_4_kib_of_stack)
{
	size_t n_bare = stack_use(return_at_once);
	struct rtm_conf_error error;
	size_t n_reading;

	/* The library is bound at once; calls of this program are bound here. */
	read_wrong_and_right(&error);
	n_reading = stack_use(read_wrong_and_right);

	ck_assert_uint_gt(n_reading, n_bare);
	ck_assert_uint_lt(n_reading - n_bare, 4096);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		an_empty_file_changes_nothing,
		every_option_is_set_and_remembers_its_line,
		people_write_toml_in_many_ways,
		a_class_table_gives_pages_and_batch_or_has_them_derived,
		pages_and_batches_are_derived,
		classes_that_nobody_chose_pages_for_have_own_pages,
		a_line_may_be_long,
		the_old_default_file_reads_unchanged,
		the_environment_takes_one_line,
		a_line_is_told_from_a_file_name,
		one_reading_goes_on_top_of_another,
		a_source_may_give_little_at_a_time,
		reading_takes_less_than_4_kib_of_stack,
	};

	return test_suite_run("toml_read", tests, TEST_ROWS(tests));
}
