/*
 * test_toml_refused.c - what the reader refuses, and its exact words
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/conf/read.h"
#include "tests/support/suite.h"

#include <stdio.h>

#define TEST_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct refusal bad_values[] = {
	{ "[config]\npage_size = 5000\n",
	    "f.toml:2: page_size = 5000: must be a power of two" },
	{ "[config]\npage_size = 2048\n",
	    "f.toml:2: page_size = 2048: must be 4K to 256K" },
	{ "[config]\npage_size = 16384\n",
	    "f.toml:2: page_size = 16384: this rtmalloc has pages of 8192, "
	    "fixed when it was built; leave the line out" },
	{ "[config]\nmax_pages = 0\n",
	    "f.toml:2: max_pages = 0: must be 1 to 65535" },
	{ "[config]\nmax_pages = -3\n",
	    "f.toml:2: max_pages = -3: must be 1 to 65535" },
	{ "[config]\nmax_pages = 1.5\n",
	    "f.toml:2: max_pages = 1.5: not an integer; must be 1 to 65535" },
	{ "[config]\nmax_pages = 010\n",
	    "f.toml:2: max_pages = 010: not an integer; must be 1 to 65535" },
	{ "[config]\nmax_pages = 1__0\n",
	    "f.toml:2: max_pages = 1__0: not an integer; must be 1 to 65535" },
	{ "[config]\nmax_pages = 1_\n",
	    "f.toml:2: max_pages = 1_: not an integer; must be 1 to 65535" },
	{ "[config]\nmax_pages = 4K\n",
	    "f.toml:2: max_pages = 4K: not an integer; must be 1 to 65535" },
	{ "[config]\nmax_pages = \"3\"\n",
	    "f.toml:2: max_pages = \"3\": not an integer; must be 1 to "
	    "65535" },
	{ "[config]\nmax_pages = 99999999999999999999999\n",
	    "f.toml:2: max_pages = 99999999999999999999999: must be 1 to "
	    "65535" },
	{ "[config]\nmax_pages = [3]\n",
	    "f.toml:2: max_pages: an array; must be a single value" },
	{ "[config]\nidle_release = [1]\n",
	    "f.toml:2: idle_release: an array; must be a single value" },
	{ "[config]\nsteal_amount = 64X\n",
	    "f.toml:2: steal_amount = 64X: not a size such as 65536, 64K or "
	    "\"64K\"; must be 4K to 1G" },
	{ "[config]\nsteal_amount = \"64KB\"\n",
	    "f.toml:2: steal_amount = \"64KB\": not a size such as 65536, 64K "
	    "or \"64K\"; must be 4K to 1G" },
	{ "[config]\nsteal_amount = \"\"\n",
	    "f.toml:2: steal_amount = \"\": not a size such as 65536, 64K or "
	    "\"64K\"; must be 4K to 1G" },
	{ "[config]\nsteal_amount = 2G\n",
	    "f.toml:2: steal_amount = 2G: must be 4K to 1G" },
	{ "[config]\nsteal_amount = 99999999999999999999G\n",
	    "f.toml:2: steal_amount = 99999999999999999999G: must be 4K to "
	    "1G" },
	{ "[config]\nthread_cache_size = 0\n",
	    "f.toml:2: thread_cache_size = 0: must be 64K to " AMOUNT_MAX },
	{ "[config]\nmin_per_thread_cache = 0\n",
	    "f.toml:2: min_per_thread_cache = 0: must be 4K to " AMOUNT_MAX },
	{ "[config]\nsteal_amount = 0\n",
	    "f.toml:2: steal_amount = 0: must be 4K to 1G" },
	{ "[config]\nfrontend = cpu\n",
	    "f.toml:2: frontend = cpu: must be \"thread\", \"cpu\" or "
	    "\"auto\"" },
	{ "[config]\nfrontend = \"process\"\n",
	    "f.toml:2: frontend = \"process\": must be \"thread\", \"cpu\" or "
	    "\"auto\"" },
	{ "[config]\nfrontend = 1\n",
	    "f.toml:2: frontend = 1: must be \"thread\", \"cpu\" or "
	    "\"auto\"" },
	{ "[config]\nmax_free_list_length = 0\n",
	    "f.toml:2: max_free_list_length = 0: must be 1 to 65535" },
	{ "[config]\nmax_overages = 0\n",
	    "f.toml:2: max_overages = 0: must be 1 to 65535" },
	{ "[config]\nmax_transfer_slots = 0\n",
	    "f.toml:2: max_transfer_slots = 0: must be 1 to 4096" },
	{ "[config]\nidle_delay_ms = 3600001\n",
	    "f.toml:2: idle_delay_ms = 3600001: must be 10 to 3600000" },
	{ "[config]\npurge_slack_percent = 1001\n",
	    "f.toml:2: purge_slack_percent = 1001: must be 0 to 1000" },
	{ "[config]\nhuge_pages = 2\n",
	    "f.toml:2: huge_pages = 2: must be 0 or 1, false or true" },
	{ "[config]\nhuge_pages = \"true\"\n",
	    "f.toml:2: huge_pages = \"true\": must be 0 or 1, false or true" },
	{ "[config]\nthread_cache_size = 1M\n\nmin_per_thread_cache = 2M\n",
	    "f.toml:4: thread_cache_size is 1M, less than "
	    "min_per_thread_cache, which is 2M; must be as large or larger" },
	{ "[config]\nthread_cache_size = 256K\n",
	    "f.toml:2: thread_cache_size is 256K, less than "
	    "min_per_thread_cache, which is 512K; must be as large or "
	    "larger" },
};

static const struct refusal bad_classes[] = {
	{ "classes = []\n",
	    "f.toml:1: classes is empty; must hold 1 to 63 sizes" },
	{ "classes = 16\n",
	    "f.toml:1: classes = 16: not an array; must be like [16, 32, "
	    "48]" },
	{ "classes = [0, 16]\n", "f.toml:1: class size = 0: must be 8 to 1M" },
	{ "classes = [8, 12]\n",
	    "f.toml:1: class size 12: must be a multiple of 8, such as 16" },
	{ "classes = [8,\n 16,\n 16]\n",
	    "f.toml:3: class size 16: must be larger than the class before, "
	    "16" },
	{ "classes = [32, 16]\n",
	    "f.toml:1: class size 16: must be larger than the class before, "
	    "32" },
	{ "classes = [8, 2M]\n", "f.toml:1: class size = 2M: must be 8 to 1M" },
	{ "classes = [8, many]\n",
	    "f.toml:1: class size = many: not a size such as 65536, 64K or "
	    "\"64K\"; must be 8 to 1M" },
	{ "classes = [8]\nclasses = [16]\n",
	    "f.toml:2: classes: given twice, first in line 1" },
	{ "classes = [8]\n[[class]]\nsize = 8\n",
	    "f.toml:2: classes and [[class]] in one file, first in line 1; "
	    "keep one of the two" },
	{ "[[class]]\n",
	    "f.toml:1: [[class]] has no size; size = BYTES must follow" },
	{ "[[class]]\npages = 1\n[[class]]\nsize = 8\n",
	    "f.toml:1: [[class]] has no size; size = BYTES must follow" },
	{ "[[class]]\nsize = 0\n", "f.toml:2: size = 0: must be 8 to 1M" },
	{ "[[class]]\nsize = 20\n",
	    "f.toml:2: class size 20: must be a multiple of 8, such as 24" },
	{ "[[class]]\nsize = 16\n[[class]]\npages = 1\nsize = 8\n",
	    "f.toml:5: class size 8: must be larger than the class before, "
	    "16" },
	{ "[[class]]\nsize = 8\npages = 0\n",
	    "f.toml:3: pages = 0: must be 1 to 256" },
	{ "[[class]]\nsize = 8\nbatch_size = 0\n",
	    "f.toml:3: batch_size = 0: must be 1 to 512" },
	{ "[[class]]\nsize = 16384\npages = 1\n",
	    "f.toml:3: pages = 1: class size 16384 does not fit 8192 bytes; "
	    "must be 2 or more" },
	{ "[[class]]\npages = 64\nsize = 8\n",
	    "f.toml:2: pages = 64: a span would hold 65536 objects of class "
	    "size 8; must be 32 or less" },
	{ "[[class]]\nsize = 8\nsize = 16\n",
	    "f.toml:3: size: given twice, first in line 2" },
	{ "[[class]]\nsize = [8]\n",
	    "f.toml:2: size: an array; must be a single value" },
};

static const struct refusal bad_names[] = {
	{ "[config]\nmax_page = 3\n",
	    "f.toml:2: max_page: unknown name; the nearest known one is "
	    "max_pages, under [config]" },
	{ "[config]\nthread_cash_size = 3\n",
	    "f.toml:2: thread_cash_size: unknown name; the nearest known one "
	    "is thread_cache_size, under [config]" },
	{ "[[class]]\nbatch = 3\n",
	    "f.toml:2: batch: unknown name; the nearest known one is "
	    "batch_size, under [[class]]" },
	{ "clases = [8]\n",
	    "f.toml:1: clases: unknown name; the nearest known one is "
	    "classes, above the first [table]" },
	{ "max_pages = 3\n", "f.toml:1: max_pages: belongs under [config]" },
	{ "size = 3\n", "f.toml:1: size: belongs under [[class]]" },
	{ "[[class]]\nsize = 8\nmax_pages = 3\n",
	    "f.toml:3: max_pages: belongs under [config]" },
	{ "[config]\nclasses = [8]\n",
	    "f.toml:2: classes: TOML puts it inside [config] here; move it "
	    "above the first [table]" },
	{ "[[class]]\nsize = 8\nclasses = [8]\n",
	    "f.toml:3: classes: TOML puts it inside [[class]] here; move it "
	    "above the first [table]" },
	{ "[config]\nmax_pages = 3\n\nmax_pages = 4\n",
	    "f.toml:4: max_pages: given twice, first in line 2" },
	{ "[config]\n[config]\n",
	    "f.toml:2: [config]: given twice, first in line 1" },
	{ "[conf]\n",
	    "f.toml:1: [conf]: unknown table; the nearest known one is "
	    "[config]" },
	{ "[[clas]]\n",
	    "f.toml:1: [[clas]]: unknown table; the nearest known one is "
	    "[[class]]" },
	{ "[class]\n",
	    "f.toml:1: [class]: must be [[class]], once for each class" },
	{ "[[config]]\n", "f.toml:1: [[config]]: must be [config]" },
};

static const struct refusal bad_syntax[] = {
	{ "[config\n", "f.toml:1: [config: no closing ] of the table's name" },
	{ "[[class]\nsize = 8\n",
	    "f.toml:1: [class: no closing ] of the table's name" },
	{ "[config] max_pages = 3\n",
	    "f.toml:1: unexpected 'm' after the table's name" },
	{ "[config]\nmax_pages\n",
	    "f.toml:2: max_pages: no = behind the name; must be max_pages = "
	    "VALUE" },
	{ "[config]\nmax_pages =\n", "f.toml:2: max_pages has no value" },
	{ "[config]\nmax_pages = # three\n",
	    "f.toml:2: max_pages has no value" },
	{ "[config]\nmax_pages = 3 4\n",
	    "f.toml:2: unexpected '4' after max_pages" },
	{ "[config]\nmax_pages = 3;\n",
	    "f.toml:2: unexpected ';' after max_pages" },
	{ "[config]\nsteal_amount = \"64K\n",
	    "f.toml:2: steal_amount: the string has no closing quote" },
	{ "[config]\nsteal_amount = \"64 K\"\n",
	    "f.toml:2: unexpected ' ' in the string of steal_amount" },
	{ "[config]\nmax_pages = {a = 1}\n",
	    "f.toml:2: max_pages: inline tables are not read; write [config] "
	    "or [[class]] and a line for each value" },
	{ "[config]\nmax_pages = *\n",
	    "f.toml:2: unexpected '*' in the value of max_pages" },
	{ "config.max_pages = 3\n",
	    "f.toml:1: config.: dotted names are not read; write [config] or "
	    "[[class]] and NAME = VALUE below it" },
	{ "\"classes\" = [8]\n",
	    "f.toml:1: names are not quoted here; write the name bare" },
	{ "= 3\n", "f.toml:1: unexpected '=' where a name should begin" },
	{ "; a comment of INI\n",
	    "f.toml:1: unexpected ';' where a name should begin" },
	{ "\n\a\n",
	    "f.toml:2: unexpected byte 0x07 where a name should "
	    "begin" },
	{ "\xef\xbb"
	  "classes = [8]\n",
	    "f.toml:1: not UTF-8 text" },
	{ "classes = [8, 16\n\n",
	    "f.toml:3: classes: the array that opens in line 1 has no closing "
	    "]" },
	{ "classes = [8 16]\n",
	    "f.toml:1: unexpected '1' between the elements of classes" },
	{ "classes = [8,, 16]\n",
	    "f.toml:1: unexpected ',' in the value of classes" },
	{ "classes = [[8]]\n",
	    "f.toml:1: unexpected '[' in the value of classes" },
	{ "classes = [8] 9\n", "f.toml:1: unexpected '9' after classes" },
};

static const struct refusal bad_variables[] = {
	{ "thread_cache_size=16Q",
	    "RTMALLOC_CONF: thread_cache_size = 16Q: not a size such as "
	    "65536, 64K or \"64K\"; must be 64K to " AMOUNT_MAX },
	{ "max_page=3",
	    "RTMALLOC_CONF: max_page: unknown name; the nearest known one is "
	    "max_pages" },
	{ "max_pages=3,max_pages=4", "RTMALLOC_CONF: max_pages: given twice" },
	{ "classes=8,classes=16", "RTMALLOC_CONF: classes: given twice" },
	{ "classes=", "RTMALLOC_CONF: classes has no value" },
	{ "classes=8:", "RTMALLOC_CONF: classes has no value" },
	{ "classes=8;16",
	    "RTMALLOC_CONF: unexpected ';' between the sizes of classes" },
	{ "classes=16:8",
	    "RTMALLOC_CONF: class size 8: must be larger than the class "
	    "before, 16" },
	{ "pages=3",
	    "RTMALLOC_CONF: pages: only a file can hold it, under "
	    "[[class]]" },
	{ "huge_pages=2",
	    "RTMALLOC_CONF: huge_pages = 2: must be 0 or 1, false or true" },
	{ "max_pages=3 4", "RTMALLOC_CONF: unexpected '4' after max_pages" },
	{ "max_pages=3,huge_pages",
	    "RTMALLOC_CONF: huge_pages: no = behind the name; must be "
	    "huge_pages = VALUE" },
	{ "thread_cache_size=128K",
	    "RTMALLOC_CONF: thread_cache_size is 128K, less than "
	    "min_per_thread_cache, which is 512K; must be as large or "
	    "larger" },
};

static void
refuse_all(const struct refusal *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++)
		must_refuse(read_text(rows[i].text), &rows[i]);
}

START_TEST(a_wrong_value_is_refused)
{
	refuse_all(bad_values, TEST_ROWS(bad_values));
}
END_TEST

START_TEST(a_wrong_class_is_refused)
{
	refuse_all(bad_classes, TEST_ROWS(bad_classes));
}
END_TEST

START_TEST(a_wrong_name_is_refused_with_the_nearest)
{
	refuse_all(bad_names, TEST_ROWS(bad_names));
}
END_TEST

START_TEST(wrong_syntax_is_refused)
{
	refuse_all(bad_syntax, TEST_ROWS(bad_syntax));
}
END_TEST

START_TEST(a_wrong_line_of_the_environment_is_refused)
{
	for (size_t i = 0; i < TEST_ROWS(bad_variables); i++)
		must_refuse(
		    read_variable(bad_variables[i].text), &bad_variables[i]);
}
END_TEST

START_TEST(a_64th_class_is_refused_in_its_line)
{
	char text[2000] = "classes = [\n";
	const struct refusal want = { "64 classes",
		"f.toml:65: class size 512: is one class too many; at most "
		"63" };

	for (int i = 1; i <= 64; i++)
		snprintf(text + strlen(text), 20, "%d,\n", 8 * i);
	strcat(text, "]\n");
	must_refuse(read_text(text), &want);
}
END_TEST

/* Nothing is cut silently: neither by us nor by inih. */
START_TEST(a_name_or_value_that_is_too_long_is_refused)
{
	char digits[400], text[1000];
	struct reading r;

	memset(digits, '1', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	snprintf(text, sizeof(text), "[config]\nmax_pages = %s\n", digits);
	r = read_text(text);
	ck_assert(!r.is_ok);
	ck_assert_str_eq(
	    r.error.text, "f.toml:2: max_pages: value is too long");
	snprintf(text, sizeof(text), "[config]\nsteal_amount = '%s'\n", digits);
	r = read_text(text);
	ck_assert(!r.is_ok);
	ck_assert_str_eq(
	    r.error.text, "f.toml:2: steal_amount: value is too long");
	memset(digits, 'n', sizeof(digits) - 1);
	snprintf(text, sizeof(text), "[config]\n%s = 1\n", digits);
	r = read_text(text);
	ck_assert(!r.is_ok);
	ck_assert_ptr_nonnull(strstr(r.error.text, "n...: name is too long"));
}
END_TEST

START_TEST(a_long_file_name_keeps_its_end)
{
	char name[300];
	struct rtm_conf conf = base_conf;
	struct rtm_conf_error error;

	memset(name, 'd', sizeof(name));
	strcpy(name + 280, "/app.toml");
	ck_assert(!rtm_conf_read_text(&conf, NULL, "x", 1, name, &error));
	ck_assert_uint_eq(error.line, 1);
	ck_assert_int_eq(strncmp(error.text, "...ddd", 6), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "d/app.toml:1: x: no = "));
}
END_TEST

static long
fail_to_read(void *context, char *buffer, size_t n_bytes)
{
	(void)context;
	(void)buffer;
	(void)n_bytes;
	return -21;
}

START_TEST(a_file_that_cannot_be_read_is_refused)
{
	const struct rtm_conf_source source = { fail_to_read, NULL };
	struct rtm_conf conf = base_conf;
	struct rtm_conf_error error;

	ck_assert(!rtm_conf_read(&conf, NULL, &source, "dir", &error));
	ck_assert_str_eq(error.text, "dir: cannot be read (error 21)");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_wrong_value_is_refused,
		a_wrong_class_is_refused,
		a_wrong_name_is_refused_with_the_nearest,
		wrong_syntax_is_refused,
		a_wrong_line_of_the_environment_is_refused,
		a_64th_class_is_refused_in_its_line,
		a_name_or_value_that_is_too_long_is_refused,
		a_long_file_name_keeps_its_end,
		a_file_that_cannot_be_read_is_refused,
	};

	return test_suite_run("toml_refused", tests, TEST_ROWS(tests));
}
