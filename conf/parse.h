/*
 * parse.h - what the reader of lines and the reader of values share
 *
 * Private to lines.c, names.c, classes.c and toml.c.  One struct rtm_parse
 * lives on the caller's stack for the time of one file; it is the stack's
 * largest part, and stays below 2 KiB.
 *
 *	bytes --read--> lines.c --clean lines--> inih --name, value--> toml.c
 *
 * inih takes lines of up to 200 bytes, knows no # after a value, no arrays
 * and no second opening of a table.  lines.c therefore hands it lines of one
 * shape only: "[table]", "name=value", and for an array one "name=value" per
 * element, between two lines "name=" that open and close it.  parse->kind says
 * which of these the line is.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_PARSE_H
#define RTM_CONF_PARSE_H

#include "conf/error.h"
#include "conf/option.h"
#include "conf/toml.h"

#include <stdbool.h>

/* Lines handed to inih stay below its limit: a name, '=', a value. */
enum { RTM_TOKEN_MAX = 64 };

enum rtm_value_kind {
	RTM_KIND_BARE,    /* 8192, 64K, true */
	RTM_KIND_STRING,  /* "64K", without the quotes */
	RTM_KIND_OPEN,    /* [ */
	RTM_KIND_ELEMENT, /* one value of an array, quoted or not */
	RTM_KIND_CLOSE,   /* ] */
};

enum rtm_class_form { RTM_CLASSES_NONE, RTM_CLASSES_ARRAY, RTM_CLASSES_TABLES };

/* The [[class]] that is being read; a line of 0: name not seen yet. */
struct rtm_open_class {
	uint32_t header_line; /* 0: no [[class]] is open */
	uint32_t lines[3];    /* by name id, from RTM_NAME_size on */
	struct rtm_class_spec spec;
};

struct rtm_parse {
	/* the bytes */
	const struct rtm_conf_source *source;
	const char *file_name;
	bool is_one_line; /* name=value,name=value of the environment */
	bool at_end;      /* the source has no more */
	unsigned short pos, n_bytes; /* of buffer: next byte, filled */
	uint32_t line; /* of the next byte, from 1; 0: not begun */

	/* the line that inih has */
	enum rtm_value_kind kind;
	bool in_array, after_element;
	uint32_t array_line;
	char array_name[RTM_NAME_MAX + 1];

	/* what has been read so far */
	struct rtm_conf conf;
	struct rtm_conf_origin origin; /* of this file alone */
	uint32_t config_line;          /* of [config], 0 if not seen */
	enum rtm_class_form class_form;
	struct rtm_open_class open;

	struct rtm_conf_error *error;
	bool failed;

	char buffer[512];
};

/* inih's reader: writes the next clean line, or returns NULL at the end. */
char *rtm_lines_next(char *line, int n_bytes, void *parse);

/* The names beside the options; they follow them in numbering. */
enum {
	RTM_NAME_classes = RTM_N_OPTIONS,
	RTM_NAME_size,
	RTM_NAME_pages,
	RTM_NAME_batch_size,
	RTM_N_NAMES
};

/* Where a name may stand. */
enum rtm_place { RTM_PLACE_TOP, RTM_PLACE_CONFIG, RTM_PLACE_CLASS };

/*
 * The name's number, if it is known and may stand here; else RTM_N_NAMES, and
 * the parse has failed.
 */
unsigned rtm_name_find(
    struct rtm_parse *parse, enum rtm_place here, const char *name);

const char *rtm_name_text(unsigned id);

/* A table opens: [name] or, with is_array, [[name]]. */
void rtm_table_open(struct rtm_parse *parse, const char *name, bool is_array);

/* A piece of classes = [...]; the value of a name of [[class]]. */
bool rtm_class_read_array(struct rtm_parse *parse, const char *value);
bool rtm_class_read_key(
    struct rtm_parse *parse, unsigned id, const char *value);

/* [[class]] opens; the one that is open, if any, is complete. */
bool rtm_class_open(struct rtm_parse *parse);
bool rtm_class_close(struct rtm_parse *parse);

/* The number in value; min and max bound it.  is_size: K, M, G may follow. */
bool rtm_parse_number(struct rtm_parse *parse, const char *name,
    const char *value, bool is_size, uint64_t min, uint64_t max,
    uint64_t *number);

/* A name stands for the second time. */
bool rtm_parse_fail_twice(
    struct rtm_parse *parse, const char *name, uint32_t first_line);

/* Keeps the first message; always returns false.  See conf/error.h. */
bool rtm_parse_fail(
    struct rtm_parse *parse, uint32_t line, const char *format, ...);

#endif
