/*
 * test_sample.c - the table of options, the sample file and the manual page
 *
 * options.def is the source; conf/default.toml and doc/rtmalloc.toml.5 are
 * written for people, and must say the same.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/conf/read.h"
#include "tests/support/suite.h"

#include <ctype.h>
#include <stdio.h>

enum { TEXT_MAX = 64 << 10 };

static const char *
file_text(const char *name)
{
	static char text[TEXT_MAX];
	char path[4096];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", TEST_SRCDIR, name);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "cannot open %s", path);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	ck_assert_uint_lt(n, sizeof(text) - 1);
	text[n] = '\0';
	return text;
}

/* 65536 is "64K" here, as in messages; a plain count is left alone. */
static void
put_value(
    char *out, size_t n_bytes, const struct rtm_option *option, size_t value)
{
	const char *suffix = "";

	if (option->unit == RTM_UNIT_choice) {
		snprintf(out, n_bytes, "\"%s\"", rtm_option_choices[value]);
		return;
	}
	if (option->unit == RTM_UNIT_bytes && value != 0)
		for (const char *s = "KMG"; *s && value % 1024 == 0; s++) {
			value /= 1024;
			suffix = s;
		}
	snprintf(out, n_bytes, "%zu%.1s", value, suffix);
}

/* The lines of text in one, so that a phrase may be broken anywhere. */
static void
join_lines(char *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '#')
			continue;
		if (isspace((unsigned char)*text)) {
			while (
			    isspace((unsigned char)text[1]) || text[1] == '#')
				text++;
			*out++ = ' ';
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

START_TEST(the_sample_names_every_option_with_its_default)
{
	struct reading r = read_text(file_text("conf/default.toml"));

	must_read(r);
	ck_assert_uint_gt(r.origin.classes, 0);
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		enum rtm_option_id option = (enum rtm_option_id)id;

		ck_assert_msg(r.origin.options[id] != 0, "%s is missing",
		    rtm_option_table[id].name);
		ck_assert_uint_eq(rtm_option_get(&r.conf, option),
		    rtm_option_get(&base_conf, option));
	}
}
END_TEST

START_TEST(the_sample_explains_every_option)
{
	static char joined[TEXT_MAX], doc[1024];

	join_lines(joined, file_text("conf/default.toml"));
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		const struct rtm_option *option = &rtm_option_table[id];

		if (id == RTM_OPTION_page_size)
			continue; /* told in more words */
		snprintf(doc, sizeof(doc), "%s", option->doc + 1);
		ck_assert_msg(strstr(joined, doc) != NULL,
		    "%s: not explained as \"%s\"", option->name, option->doc);
	}
}
END_TEST

START_TEST(the_manual_has_every_option_with_bounds_and_default)
{
	static char joined[TEXT_MAX], want[1024];
	char min[32], max[32], value[32];

	join_lines(joined, file_text("doc/rtmalloc.toml.5"));
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		const struct rtm_option *option = &rtm_option_table[id];
		const char *entry;

		snprintf(want, sizeof(want), ".It Cm %s ", option->name);
		entry = strstr(joined, want);
		ck_assert_msg(entry != NULL, "%s is missing", option->name);
		if (id == RTM_OPTION_page_size)
			continue; /* has no default to leave out */
		put_value(min, sizeof(min), option, option->min);
		put_value(max, sizeof(max), option, option->max);
		if (option->max == RTM_AMOUNT_MAX) /* told of 64 bits */
			strcpy(max, "1024G");
		put_value(value, sizeof(value), option,
		    rtm_option_get(&base_conf, (enum rtm_option_id)id));
		snprintf(want, sizeof(want),
		    option->unit == RTM_UNIT_flag ? "%s or %s" : "%s to %s",
		    min, max);
		if (option->unit == RTM_UNIT_choice) /* names them all */
			snprintf(want, sizeof(want), ".Ql \\&%s", max);
		ck_assert_ptr_nonnull(strstr(entry, want));
		ck_assert_msg(strstr(entry, want) - entry < 80,
		    "%s: the bounds %s are missing", option->name, want);
		snprintf(want, sizeof(want), "%s if left out: ", value);
		ck_assert_msg(strstr(entry, want) != NULL &&
			strstr(entry, want) - entry < 120,
		    "%s: not said to be %s if left out", option->name, value);
		ck_assert_msg(strstr(entry, option->doc) != NULL,
		    "%s: not explained as \"%s\"", option->name, option->doc);
	}
}
END_TEST

START_TEST(names_are_as_far_as_their_letters)
{
	ck_assert_uint_eq(rtm_option_name_distance("class", "class"), 0);
	ck_assert_uint_eq(rtm_option_name_distance("clas", "class"), 1);
	ck_assert_uint_eq(rtm_option_name_distance("batch", "batch_size"), 1);
	ck_assert_uint_eq(rtm_option_name_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(rtm_option_name_distance("", "size"), 4);
	ck_assert_uint_eq(rtm_option_find("huge_pages"), RTM_OPTION_huge_pages);
	ck_assert_uint_eq(rtm_option_find("huge_page"), RTM_N_OPTIONS);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		the_sample_names_every_option_with_its_default,
		the_sample_explains_every_option,
		the_manual_has_every_option_with_bounds_and_default,
		names_are_as_far_as_their_letters,
	};

	return test_suite_run(
	    "sample", tests, sizeof(tests) / sizeof(tests[0]));
}
