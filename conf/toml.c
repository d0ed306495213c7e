/*
 * toml.c - what the lines of a configuration mean
 *
 * Calls inih with lines.c as its reader and takes the names and values that
 * come back, in the order of the file.  All is collected in a struct rtm_parse
 * and handed out at the end, if nothing failed.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/toml.h"

#include "conf/parse.h"
#include "conf/value.h"

#include <ini.h>
#include <string.h>

bool
rtm_parse_fail(struct rtm_parse *p, uint32_t line, const char *format, ...)
{
	va_list args;

	if (p->failed)
		return false;
	p->failed = true;
	va_start(args, format);
	rtm_conf_error_set(
	    p->error, p->file_name, p->is_one_line ? 0 : line, format, args);
	va_end(args);
	return false;
}

bool
rtm_parse_fail_twice(struct rtm_parse *p, const char *name, uint32_t first_line)
{
	if (p->is_one_line)
		return rtm_parse_fail(p, 0, "%s: given twice", name);
	return rtm_parse_fail(p, p->line, "%s: given twice, first in line %u",
	    name, (uint64_t)first_line);
}

bool
rtm_parse_number(struct rtm_parse *p, const char *name, const char *value,
    bool is_size, uint64_t min, uint64_t max, uint64_t *number)
{
	const char *quote = p->kind == RTM_KIND_STRING ? "\"" : "";
	const char *what = "";

	if (p->kind == RTM_KIND_OPEN)
		return rtm_parse_fail(
		    p, p->line, "%s: an array; must be a single value", name);
	switch (rtm_value_parse(value, is_size, number)) {
	case RTM_VALUE_OK:
		if (!is_size && p->kind == RTM_KIND_STRING)
			what = "not an integer; ";
		else if (*number >= min && *number <= max)
			return true;
		break;
	case RTM_VALUE_NEGATIVE:
		break;
	case RTM_VALUE_NONE:
		what = is_size ? "not a size such as 65536, 64K or \"64K\"; "
			       : "not an integer; ";
		break;
	}
	return rtm_parse_fail(p, p->line,
	    is_size ? "%s = %s%s%s: %smust be %z to %z"
		    : "%s = %s%s%s: %smust be %u to %u",
	    name, quote, value, quote, what, min, max);
}

static bool
read_flag(
    struct rtm_parse *p, const char *name, const char *value, uint64_t *number)
{
	static const char texts[][6] = { "0", "1", "false", "true" };
	const char *quote = p->kind == RTM_KIND_STRING ? "\"" : "";

	for (unsigned i = 0; i < 4 && p->kind == RTM_KIND_BARE; i++)
		if (strcmp(value, texts[i]) == 0) {
			*number = i & 1;
			return true;
		}
	return rtm_parse_fail(p, p->line,
	    "%s = %s%s%s: must be 0 or 1, false or true", name, quote, value,
	    quote);
}

/* In a file a word has quotes; in the environment it needs none. */
static bool
read_choice(struct rtm_parse *p, const struct rtm_option *option,
    const char *value, uint64_t *number)
{
	const char *quote = p->kind == RTM_KIND_STRING ? "\"" : "";

	for (unsigned i = 0; i <= option->max; i++)
		if ((p->kind == RTM_KIND_STRING || p->is_one_line) &&
		    strcmp(value, rtm_option_choices[i]) == 0) {
			*number = i;
			return true;
		}
	return rtm_parse_fail(p, p->line,
	    "%s = %s%s%s: must be \"%s\", \"%s\" or \"%s\"", option->name,
	    quote, value, quote, rtm_option_choices[0], rtm_option_choices[1],
	    rtm_option_choices[2]);
}

static bool
check_page_size(struct rtm_parse *p, uint64_t number)
{
	if ((number & (number - 1)) != 0)
		return rtm_parse_fail(p, p->line,
		    "page_size = %u: must be a power of two", number);
	if (number != RTM_PAGE_SIZE)
		return rtm_parse_fail(p, p->line,
		    "page_size = %u: this rtmalloc has pages of %u, fixed when "
		    "it was built; leave the line out",
		    number, (uint64_t)RTM_PAGE_SIZE);
	return true;
}

static bool
read_option(struct rtm_parse *p, unsigned id, const char *value)
{
	const struct rtm_option *option = &rtm_option_table[id];
	uint32_t *origin = &p->origin.options[id];
	uint64_t number = 0;

	if (*origin != RTM_ORIGIN_BUILT_IN)
		return rtm_parse_fail_twice(p, option->name, *origin);
	if (option->unit == RTM_UNIT_flag && p->kind != RTM_KIND_OPEN) {
		if (!read_flag(p, option->name, value, &number))
			return false;
	} else if (option->unit == RTM_UNIT_choice &&
	    p->kind != RTM_KIND_OPEN) {
		if (!read_choice(p, option, value, &number))
			return false;
	} else if (!rtm_parse_number(p, option->name, value,
		       option->unit == RTM_UNIT_bytes, option->min, option->max,
		       &number)) {
		return false;
	}
	if (id == RTM_OPTION_page_size && !check_page_size(p, number))
		return false;
	rtm_option_set(&p->conf, (enum rtm_option_id)id, (size_t)number);
	*origin = p->is_one_line ? RTM_ORIGIN_ENVIRONMENT : p->line;
	return true;
}

/* lines.c lets only these two sections through. */
static enum rtm_place
section_place(const char *section)
{
	if (section[0] == '\0')
		return RTM_PLACE_TOP;
	return strcmp(section, "config") == 0 ? RTM_PLACE_CONFIG
					      : RTM_PLACE_CLASS;
}

static bool
take_pair(struct rtm_parse *p, const char *section, const char *name,
    const char *value)
{
	unsigned id = rtm_name_find(p, section_place(section), name);

	if (id == RTM_N_NAMES)
		return false;
	if (id < RTM_N_OPTIONS)
		return read_option(p, id, value);
	return id == RTM_NAME_classes ? rtm_class_read_array(p, value)
				      : rtm_class_read_key(p, id, value);
}

/* inih's type of handler depends on how it was configured. */
#if INI_HANDLER_LINENO
#define INIH_LINE_ARGUMENT , int inih_line
#else
#define INIH_LINE_ARGUMENT
#endif

static int
inih_handler(void *parse, const char *section, const char *name,
    const char *value INIH_LINE_ARGUMENT)
{
	return take_pair(parse, section, name, value);
}

/* What two options have to do with each other. */
static bool
check_budget(struct rtm_parse *p)
{
	const uint32_t *lines = p->origin.options;
	uint32_t of_total = lines[RTM_OPTION_thread_cache_size];
	uint32_t of_thread = lines[RTM_OPTION_min_per_thread_cache];

	if (p->conf.thread_cache_size >= p->conf.min_per_thread_cache)
		return true;
	return rtm_parse_fail(p, of_total > of_thread ? of_total : of_thread,
	    "thread_cache_size is %z, less than min_per_thread_cache, which "
	    "is %z; must be as large or larger",
	    (uint64_t)p->conf.thread_cache_size,
	    (uint64_t)p->conf.min_per_thread_cache);
}

static void
hand_out(
    struct rtm_parse *p, struct rtm_conf *conf, struct rtm_conf_origin *origin)
{
	rtm_conf_complete(&p->conf);
	*conf = p->conf;
	if (origin == NULL)
		return;
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++)
		if (p->origin.options[id] != RTM_ORIGIN_BUILT_IN)
			origin->options[id] = p->origin.options[id];
	if (p->origin.classes != RTM_ORIGIN_BUILT_IN)
		origin->classes = p->origin.classes;
}

static bool
run(struct rtm_parse *p, struct rtm_conf *conf, struct rtm_conf_origin *origin)
{
	int inih_says;

	p->conf = *conf;
	inih_says = ini_parse_stream(rtm_lines_next, p, inih_handler, p);
	if (p->failed || !rtm_class_close(p) || !check_budget(p))
		return false;
	/* A line that lines.c should not have let through. */
	if (inih_says != 0)
		return rtm_parse_fail(p, p->line, "cannot be understood");
	hand_out(p, conf, origin);
	return true;
}

bool
rtm_conf_read(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const struct rtm_conf_source *source, const char *file_name,
    struct rtm_conf_error *error)
{
	struct rtm_parse parse = {
		.source = source,
		.file_name = file_name,
		.error = error,
	};

	return run(&parse, conf, origin);
}

struct memory {
	const char *next;
	size_t n_left;
};

static long
read_memory(void *context, char *buffer, size_t n_bytes)
{
	struct memory *memory = context;

	if (n_bytes > memory->n_left)
		n_bytes = memory->n_left;
	memcpy(buffer, memory->next, n_bytes);
	memory->next += n_bytes;
	memory->n_left -= n_bytes;
	return (long)n_bytes;
}

bool
rtm_conf_read_text(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const char *text, size_t n_bytes, const char *file_name,
    struct rtm_conf_error *error)
{
	struct memory memory = { text, n_bytes };
	struct rtm_conf_source source = { read_memory, &memory };

	return rtm_conf_read(conf, origin, &source, file_name, error);
}

bool
rtm_conf_read_line(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const char *line, const char *variable_name, struct rtm_conf_error *error)
{
	struct memory memory = { line, strlen(line) };
	struct rtm_conf_source source = { read_memory, &memory };
	struct rtm_parse parse = {
		.source = &source,
		.file_name = variable_name,
		.error = error,
		.is_one_line = true,
	};

	return run(&parse, conf, origin);
}

bool
rtm_conf_is_line(const char *value)
{
	size_t n = strspn(value,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && value[n + strspn(value + n, " ")] == '=';
}
