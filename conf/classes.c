/*
 * classes.c - the size classes of a configuration, in either form
 *
 * "classes = [8, 16]" or a [[class]] for each.  The first class that is read
 * replaces the table that was there before.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/parse.h"

static bool
begin_classes(struct rtm_parse *p, enum rtm_class_form form)
{
	if (p->class_form == RTM_CLASSES_NONE) {
		p->class_form = form;
		p->conf.n_classes = 0;
		p->origin.classes =
		    p->is_one_line ? RTM_ORIGIN_ENVIRONMENT : p->line;
		return true;
	}
	if (p->class_form != form)
		return rtm_parse_fail(p, p->line,
		    "classes and [[class]] in one file, first in line %u; "
		    "keep one of the two",
		    (uint64_t)p->origin.classes);
	return form == RTM_CLASSES_TABLES ||
	    rtm_parse_fail_twice(p, "classes", p->origin.classes);
}

static bool
add_class(struct rtm_parse *p, const struct rtm_class_spec *spec, uint32_t line)
{
	unsigned n = p->conf.n_classes;
	uint64_t size = spec->size;
	uint64_t before = n > 0 ? p->conf.classes[n - 1].size : 0;

	if (n == RTM_CLASSES_MAX)
		return rtm_parse_fail(p, line,
		    "class size %u: is one class too many; at most %u", size,
		    (uint64_t)RTM_CLASSES_MAX);
	if (size % 8 != 0)
		return rtm_parse_fail(p, line,
		    "class size %u: must be a multiple of 8, such as %u", size,
		    (size | 7) + 1);
	if (size <= before)
		return rtm_parse_fail(p, line,
		    "class size %u: must be larger than the class before, %u",
		    size, before);
	p->conf.classes[n] = *spec;
	p->conf.n_classes++;
	return true;
}

static bool
read_size(struct rtm_parse *p, const char *name, const char *value,
    struct rtm_class_spec *spec)
{
	uint64_t size = 0;

	if (!rtm_parse_number(
		p, name, value, true, 8, RTM_CLASS_SIZE_MAX, &size))
		return false;
	spec->size = (uint32_t)size;
	return true;
}

bool
rtm_class_read_array(struct rtm_parse *p, const char *value)
{
	struct rtm_class_spec spec = { 0 };

	switch (p->kind) {
	case RTM_KIND_OPEN:
		return begin_classes(p, RTM_CLASSES_ARRAY);
	case RTM_KIND_ELEMENT:
		return read_size(p, "class size", value, &spec) &&
		    add_class(p, &spec, p->line);
	case RTM_KIND_CLOSE:
		return p->conf.n_classes > 0 ||
		    rtm_parse_fail(p, p->line,
			"classes is empty; must hold 1 to %u sizes",
			(uint64_t)RTM_CLASSES_MAX);
	default:
		return rtm_parse_fail(p, p->line,
		    "classes = %s: not an array; must be like [16, 32, 48]",
		    value);
	}
}

static bool
read_count(struct rtm_parse *p, const char *name, const char *value,
    uint32_t max, uint32_t *count)
{
	uint64_t number = 0;

	if (!rtm_parse_number(p, name, value, false, 1, max, &number))
		return false;
	*count = (uint32_t)number;
	return true;
}

bool
rtm_class_read_key(struct rtm_parse *p, unsigned id, const char *value)
{
	struct rtm_open_class *open = &p->open;
	uint32_t *line = &open->lines[id - RTM_NAME_size];
	const char *name = rtm_name_text(id);

	if (*line != 0)
		return rtm_parse_fail_twice(p, name, *line);
	*line = p->line;
	if (id == RTM_NAME_size)
		return read_size(p, name, value, &open->spec);
	if (id == RTM_NAME_pages)
		return read_count(
		    p, name, value, RTM_SPAN_PAGES_MAX, &open->spec.n_pages);
	return read_count(p, name, value, RTM_BATCH_MAX, &open->spec.batch);
}

static bool
check_span(
    struct rtm_parse *p, const struct rtm_class_spec *spec, uint32_t line)
{
	uint64_t page_size = RTM_PAGE_SIZE;
	uint64_t size = spec->size;
	uint64_t n_bytes = spec->n_pages * page_size;

	if (spec->n_pages == 0)
		return true;
	if (size > n_bytes)
		return rtm_parse_fail(p, line,
		    "pages = %u: class size %u does not fit %u bytes; must be "
		    "%u or more",
		    (uint64_t)spec->n_pages, size, n_bytes,
		    (size + page_size - 1) / page_size);
	if (n_bytes / size > RTM_SPAN_OBJECTS_MAX)
		return rtm_parse_fail(p, line,
		    "pages = %u: a span would hold %u objects of class size "
		    "%u; must be %u or less",
		    (uint64_t)spec->n_pages, n_bytes / size, size,
		    RTM_SPAN_OBJECTS_MAX * size / page_size);
	return true;
}

bool
rtm_class_open(struct rtm_parse *p)
{
	if (!begin_classes(p, RTM_CLASSES_TABLES))
		return false;
	p->open = (struct rtm_open_class){ .header_line = p->line };
	return true;
}

bool
rtm_class_close(struct rtm_parse *p)
{
	struct rtm_open_class open = p->open;

	p->open = (struct rtm_open_class){ 0 };
	if (open.header_line == 0 || p->failed)
		return !p->failed;
	if (open.lines[0] == 0)
		return rtm_parse_fail(p, open.header_line,
		    "[[class]] has no size; size = BYTES must follow");
	return add_class(p, &open.spec, open.lines[0]) &&
	    check_span(
		p, &open.spec, open.lines[RTM_NAME_pages - RTM_NAME_size]);
}
