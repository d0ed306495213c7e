/*
 * read.h - reads a text as a configuration, for the tests of conf/
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_TESTS_CONF_READ_H
#define RTM_TESTS_CONF_READ_H

#include "conf/toml.h"

#include <check.h>
#include <string.h>

/* How RTM_AMOUNT_MAX is written. */
#if SIZE_MAX > UINT32_MAX
#define AMOUNT_MAX "1024G"
#else
#define AMOUNT_MAX "2G"
#endif

/* What a read leaves; starts from base_conf. */
struct reading {
	struct rtm_conf conf;
	struct rtm_conf_origin origin;
	struct rtm_conf_error error;
	bool is_ok;
};

/* The options of options.def, whatever was built in, and some classes. */
static const struct rtm_conf base_conf = {
#define RTM_OPTION(name, type, unit, value, min, max, doc) .name = value,
#include "conf/options.def"
#undef RTM_OPTION
	.n_classes = 3,
	.classes = { { 16, 1, 512 }, { 64, 1, 128 }, { 8192, 1, 1 } },
};

static inline struct reading
read_text(const char *text)
{
	struct reading r = { .conf = base_conf };

	r.is_ok = rtm_conf_read_text(
	    &r.conf, &r.origin, text, strlen(text), "f.toml", &r.error);
	return r;
}

static inline struct reading
read_variable(const char *line)
{
	struct reading r = { .conf = base_conf };

	r.is_ok = rtm_conf_read_line(
	    &r.conf, &r.origin, line, "RTMALLOC_CONF", &r.error);
	return r;
}

#define must_read(r) ck_assert_msg((r).is_ok, "refused: %s", (r).error.text)

/* The text, the whole message; the line is in it. */
struct refusal {
	const char *text;
	const char *message;
};

static inline void
must_refuse(struct reading r, const struct refusal *want)
{
	ck_assert_msg(!r.is_ok, "read, but should not: %s", want->text);
	ck_assert_str_eq(r.error.text, want->message);
	/* What was there before is as it was. */
	ck_assert_mem_eq(&r.conf, &base_conf, sizeof(r.conf));
}

#endif
