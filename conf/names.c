/*
 * names.c - which names and tables a configuration may have, and where
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/parse.h"

#include <string.h>

static const char place_hint[][24] = {
	[RTM_PLACE_TOP] = "above the first [table]",
	[RTM_PLACE_CONFIG] = "under [config]",
	[RTM_PLACE_CLASS] = "under [[class]]",
};

static const struct {
	char name[12];
	enum rtm_place place;
} other_names[] = {
	{ "classes", RTM_PLACE_TOP },
	{ "size", RTM_PLACE_CLASS },
	{ "pages", RTM_PLACE_CLASS },
	{ "batch_size", RTM_PLACE_CLASS },
};

const char *
rtm_name_text(unsigned id)
{
	return id < RTM_N_OPTIONS ? rtm_option_table[id].name
				  : other_names[id - RTM_N_OPTIONS].name;
}

static enum rtm_place
name_place(unsigned id)
{
	return id < RTM_N_OPTIONS ? RTM_PLACE_CONFIG
				  : other_names[id - RTM_N_OPTIONS].place;
}

/* Of two that are as near, the one that may stand here. */
static unsigned
nearest_name(enum rtm_place here, const char *name)
{
	unsigned nearest = 0;
	unsigned least = UINT32_MAX;

	for (unsigned id = 0; id < RTM_N_NAMES; id++) {
		unsigned distance =
		    2 * rtm_option_name_distance(name, rtm_name_text(id)) +
		    (name_place(id) != here);

		if (distance < least) {
			least = distance;
			nearest = id;
		}
	}
	return nearest;
}

static void
refuse_unknown(struct rtm_parse *p, enum rtm_place here, const char *name)
{
	unsigned nearest = nearest_name(here, name);

	if (p->is_one_line)
		rtm_parse_fail(p, 0,
		    "%s: unknown name; the nearest known one is %s", name,
		    rtm_name_text(nearest));
	else
		rtm_parse_fail(p, p->line,
		    "%s: unknown name; the nearest known one is %s, %s", name,
		    rtm_name_text(nearest), place_hint[name_place(nearest)]);
}

static void
refuse_place(struct rtm_parse *p, enum rtm_place here, unsigned id)
{
	const char *name = rtm_name_text(id);
	const char *hint = place_hint[name_place(id)];

	if (p->is_one_line)
		rtm_parse_fail(
		    p, 0, "%s: only a file can hold it, %s", name, hint);
	else if (id == RTM_NAME_classes)
		rtm_parse_fail(p, p->line,
		    "classes: TOML puts it inside %s here; move it above the "
		    "first [table]",
		    here == RTM_PLACE_CONFIG ? "[config]" : "[[class]]");
	else
		rtm_parse_fail(p, p->line, "%s: belongs %s", name, hint);
}

unsigned
rtm_name_find(struct rtm_parse *p, enum rtm_place here, const char *name)
{
	unsigned id = 0;

	while (id < RTM_N_NAMES && strcmp(name, rtm_name_text(id)) != 0)
		id++;
	/* In one line there are no tables. */
	if (p->is_one_line)
		here =
		    id == RTM_NAME_classes ? RTM_PLACE_TOP : RTM_PLACE_CONFIG;
	if (id < RTM_N_NAMES && name_place(id) == here)
		return id;
	if (id < RTM_N_NAMES)
		refuse_place(p, here, id);
	else
		refuse_unknown(p, here, name);
	return RTM_N_NAMES;
}

static void
open_config(struct rtm_parse *p)
{
	if (p->config_line != 0)
		rtm_parse_fail_twice(p, "[config]", p->config_line);
	p->config_line = p->line;
}

static void
refuse_table(struct rtm_parse *p, const char *name, bool is_array)
{
	unsigned to_config = rtm_option_name_distance(name, "config");
	unsigned to_class = rtm_option_name_distance(name, "class");

	if (to_class == 0)
		rtm_parse_fail(p, p->line,
		    "[class]: must be [[class]], once for each class");
	else if (to_config == 0)
		rtm_parse_fail(p, p->line, "[[config]]: must be [config]");
	else
		rtm_parse_fail(p, p->line,
		    "%s%s%s: unknown table; the nearest known one is %s",
		    is_array ? "[[" : "[", name, is_array ? "]]" : "]",
		    to_class < to_config ? "[[class]]" : "[config]");
}

void
rtm_table_open(struct rtm_parse *p, const char *name, bool is_array)
{
	if (!rtm_class_close(p))
		return;
	if (is_array && strcmp(name, "class") == 0)
		rtm_class_open(p);
	else if (!is_array && strcmp(name, "config") == 0)
		open_config(p);
	else
		refuse_table(p, name, is_array);
}
