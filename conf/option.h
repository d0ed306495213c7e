/*
 * option.h - the rows of options.def as a table that a program can search
 *
 * Constant data and pure functions; no allocation, no locks, no failure.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_OPTION_H
#define RTM_CONF_OPTION_H

#include "conf/conf.h"

enum rtm_option_id {
#define RTM_OPTION(name, type, unit, value, min, max, doc) RTM_OPTION_##name,
#include "conf/options.def"
#undef RTM_OPTION
	RTM_N_OPTIONS
};

enum rtm_unit {
	RTM_UNIT_bytes, /* may be written with K, M, G */
	RTM_UNIT_count,
	RTM_UNIT_flag, /* 0 or 1; may be written false or true */
	RTM_UNIT_ms,
	RTM_UNIT_percent,
	RTM_UNIT_choice, /* the number of a word, see below */
};

struct rtm_option {
	char name[24];
	enum rtm_unit unit;
	unsigned offset; /* bytes, of the field in struct rtm_conf */
	size_t min, max; /* inclusive */
	const char *doc; /* what it does, half a sentence */
};

extern const struct rtm_option rtm_option_table[RTM_N_OPTIONS];

/* The words of an option that is a choice, from 0 to max. */
extern const char rtm_option_choices[][8];

/* The option's id, or RTM_N_OPTIONS if no option has this name. */
enum rtm_option_id rtm_option_find(const char *name);

size_t rtm_option_get(const struct rtm_conf *conf, enum rtm_option_id id);
void rtm_option_set(struct rtm_conf *conf, enum rtm_option_id id, size_t value);

/*
 * How far a wrong name is from a right one: the number of letters to insert,
 * delete or replace; 1 if one begins with the other.  Names of more than
 * RTM_NAME_MAX bytes are far from everything.
 */
enum { RTM_NAME_MAX = 48 };
unsigned rtm_option_name_distance(const char *wrong, const char *right);

#endif
