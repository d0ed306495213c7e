/*
 * lines.c - cuts, cleans and joins the lines of a file for inih
 *
 * Comments, blank lines, a BOM, CRLF, quotes, and arrays over several lines
 * end here; see parse.h for what comes out.  A token is never cut: one that is
 * too long is refused.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/parse.h"

#include "base/format.h"

#include <string.h>

enum { END = -1 };

/* The next byte, 0 .. 255, or END. */
static int
peek(struct rtm_parse *p)
{
	long n;

	if (p->pos < p->n_bytes)
		return (unsigned char)p->buffer[p->pos];
	if (p->at_end || p->failed)
		return END;
	n = p->source->read(p->source->context, p->buffer, sizeof(p->buffer));
	p->pos = 0;
	p->n_bytes = n > 0 ? (unsigned short)n : 0;
	p->at_end = n <= 0;
	if (n < 0)
		rtm_parse_fail(p, 0, "cannot be read (error %u)", (uint64_t)-n);
	return n > 0 ? (unsigned char)p->buffer[0] : END;
}

static bool
take_if(struct rtm_parse *p, int c)
{
	if (peek(p) != c)
		return false;
	p->pos++;
	return true;
}

static void
skip_blanks(struct rtm_parse *p)
{
	while (take_if(p, ' ') || take_if(p, '\t') || take_if(p, '\r'))
		;
}

static void
skip_blanks_and_comment(struct rtm_parse *p)
{
	skip_blanks(p);
	if (peek(p) == '#')
		while (peek(p) != '\n' && peek(p) != END)
			p->pos++;
}

/* To the next byte that means something, over any number of lines. */
static void
skip_to_content(struct rtm_parse *p)
{
	for (;;) {
		skip_blanks_and_comment(p);
		if (!take_if(p, '\n'))
			return;
		p->line++;
	}
}

static bool
is_name_byte(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool
is_value_byte(int c)
{
	return is_name_byte(c) || c == '+' || c == '.';
}

/* Takes bytes while is_ours says so; false if there are more than n_max. */
static bool
take_token(struct rtm_parse *p, bool (*is_ours)(int), char *token, size_t n_max)
{
	size_t n = 0;

	while (is_ours(peek(p)) && n < n_max)
		token[n++] = p->buffer[p->pos++];
	token[n] = '\0';
	return !is_ours(peek(p));
}

/* What stands here is not what the grammar wants; where says where. */
static bool
refuse_byte(struct rtm_parse *p, const char *where, const char *name)
{
	return rtm_parse_fail(
	    p, p->line, "unexpected %c %s %s", peek(p), where, name);
}

static bool
end_line(struct rtm_parse *p, const char *name)
{
	skip_blanks_and_comment(p);
	if (peek(p) == '\n' || peek(p) == END)
		return true;
	return refuse_byte(p, "after", name);
}

static bool
take_string(struct rtm_parse *p, const char *name, char *value)
{
	int quote = peek(p);

	p->pos++;
	if (!take_token(p, is_value_byte, value, RTM_TOKEN_MAX))
		return rtm_parse_fail(
		    p, p->line, "%s: value is too long", name);
	if (take_if(p, quote))
		return true;
	if (peek(p) == '\n' || peek(p) == END)
		return rtm_parse_fail(
		    p, p->line, "%s: the string has no closing quote", name);
	return refuse_byte(p, "in the string of", name);
}

static bool
take_value(struct rtm_parse *p, const char *name, char *value)
{
	if (peek(p) == '"' || peek(p) == '\'') {
		p->kind = RTM_KIND_STRING;
		return take_string(p, name, value);
	}
	p->kind = RTM_KIND_BARE;
	if (!take_token(p, is_value_byte, value, RTM_TOKEN_MAX))
		return rtm_parse_fail(
		    p, p->line, "%s: value is too long", name);
	if (value[0] != '\0')
		return true;
	if (peek(p) == '{')
		return rtm_parse_fail(p, p->line,
		    "%s: inline tables are not read; write [config] or "
		    "[[class]] and a line for each value",
		    name);
	if (peek(p) == '\n' || peek(p) == END || peek(p) == '#')
		return rtm_parse_fail(p, p->line, "%s has no value", name);
	return refuse_byte(p, "in the value of", name);
}

static bool
take_name(struct rtm_parse *p, char *name)
{
	int c;

	if (!take_token(p, is_name_byte, name, RTM_NAME_MAX))
		return rtm_parse_fail(
		    p, p->line, "%s...: name is too long", name);
	c = peek(p);
	if (c == '"' || c == '\'')
		return rtm_parse_fail(p, p->line,
		    "names are not quoted here; write the name bare");
	if (c == '.')
		return rtm_parse_fail(p, p->line,
		    "%s.: dotted names are not read; write [config] or "
		    "[[class]] and NAME = VALUE below it",
		    name);
	return true;
}

/* name =, up to the value */
static bool
take_name_and_equals(struct rtm_parse *p, char *name)
{
	if (!take_name(p, name))
		return false;
	if (name[0] == '\0')
		return rtm_parse_fail(p, p->line,
		    "unexpected %c where a name should begin", peek(p));
	skip_blanks(p);
	if (!take_if(p, '='))
		return rtm_parse_fail(p, p->line,
		    "%s: no = behind the name; must be %s = VALUE", name, name);
	skip_blanks(p);
	return true;
}

static bool
write_pair(struct rtm_parse *p, struct rtm_text *out, const char *name,
    const char *value)
{
	rtm_text_add(out, name);
	rtm_text_add(out, "=");
	rtm_text_add(out, value);
	return !out->is_cut ||
	    rtm_parse_fail(p, p->line, "%s: line is too long", name);
}

/* [name] or [[name]] */
static bool
next_header(struct rtm_parse *p, struct rtm_text *out)
{
	char name[RTM_NAME_MAX + 1];
	bool is_array = take_if(p, '[') && take_if(p, '[');

	skip_blanks(p);
	if (!take_name(p, name))
		return false;
	skip_blanks(p);
	if (!take_if(p, ']') || (is_array && !take_if(p, ']')))
		return rtm_parse_fail(
		    p, p->line, "[%s: no closing ] of the table's name", name);
	if (!end_line(p, "the table's name"))
		return false;
	rtm_table_open(p, name, is_array);
	rtm_text_add(out, "[");
	rtm_text_add(out, name);
	rtm_text_add(out, "]");
	return true;
}

static bool
open_array(struct rtm_parse *p, struct rtm_text *out, const char *name)
{
	p->kind = RTM_KIND_OPEN;
	p->in_array = true;
	p->after_element = false;
	p->array_line = p->line;
	memcpy(p->array_name, name, sizeof(p->array_name));
	return write_pair(p, out, name, "");
}

static bool
close_array(struct rtm_parse *p, struct rtm_text *out)
{
	p->kind = RTM_KIND_CLOSE;
	p->in_array = false;
	return write_pair(p, out, p->array_name, "");
}

static bool
next_element(struct rtm_parse *p, struct rtm_text *out)
{
	char value[RTM_TOKEN_MAX + 1];

	if (!take_value(p, p->array_name, value))
		return false;
	p->kind = RTM_KIND_ELEMENT;
	p->after_element = true;
	return write_pair(p, out, p->array_name, value);
}

/* An element of [8, 16,\n 32], or its end. */
static bool
next_in_array(struct rtm_parse *p, struct rtm_text *out)
{
	skip_to_content(p);
	if (p->after_element && take_if(p, ','))
		skip_to_content(p);
	else if (p->after_element && peek(p) != ']' && peek(p) != END)
		return refuse_byte(p, "between the elements of", p->array_name);
	if (peek(p) == END)
		return rtm_parse_fail(p, p->line,
		    "%s: the array that opens in line %u has no closing ]",
		    p->array_name, (uint64_t)p->array_line);
	if (take_if(p, ']'))
		return end_line(p, p->array_name) && close_array(p, out);
	return next_element(p, out);
}

static bool
next_in_file(struct rtm_parse *p, struct rtm_text *out)
{
	char name[RTM_NAME_MAX + 1];
	char value[RTM_TOKEN_MAX + 1];

	if (p->in_array)
		return next_in_array(p, out);
	skip_to_content(p);
	if (peek(p) == END)
		return false;
	if (peek(p) == '[')
		return next_header(p, out);
	if (!take_name_and_equals(p, name))
		return false;
	if (take_if(p, '['))
		return open_array(p, out, name);
	return take_value(p, name, value) && end_line(p, name) &&
	    write_pair(p, out, name, value);
}

/* name=value,name=16:32:48 */
static bool
next_in_one_line(struct rtm_parse *p, struct rtm_text *out)
{
	char name[RTM_NAME_MAX + 1];
	char value[RTM_TOKEN_MAX + 1];

	skip_blanks(p);
	if (p->in_array) {
		if (!p->after_element || take_if(p, ':')) {
			skip_blanks(p);
			return next_element(p, out);
		}
		if (peek(p) != ',' && peek(p) != END)
			return refuse_byte(
			    p, "between the sizes of", p->array_name);
		return close_array(p, out);
	}
	while (take_if(p, ','))
		skip_blanks(p);
	if (peek(p) == END || !take_name_and_equals(p, name))
		return false;
	if (strcmp(name, "classes") == 0)
		return open_array(p, out, name);
	if (!take_value(p, name, value))
		return false;
	skip_blanks(p);
	if (peek(p) != ',' && peek(p) != END)
		return refuse_byte(p, "after", name);
	return write_pair(p, out, name, value);
}

static void
skip_byte_order_mark(struct rtm_parse *p)
{
	if (take_if(p, 0xef) && (!take_if(p, 0xbb) || !take_if(p, 0xbf)))
		rtm_parse_fail(p, 1, "not UTF-8 text");
}

char *
rtm_lines_next(char *line, int n_bytes, void *parse)
{
	struct rtm_parse *p = parse;
	struct rtm_text out;
	bool has_line = false;

	if (p->line == 0) {
		p->line = 1;
		skip_byte_order_mark(p);
	}
	rtm_text_init(&out, line, (size_t)n_bytes);
	if (!p->failed)
		has_line = p->is_one_line ? next_in_one_line(p, &out)
					  : next_in_file(p, &out);
	return has_line && !p->failed ? line : NULL;
}
