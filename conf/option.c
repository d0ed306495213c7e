/*
 * option.c - search and access by name in the table of options
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/option.h"

#include <string.h>

_Static_assert(RTM_PAGE_SHIFT >= 12 && RTM_PAGE_SHIFT <= 18,
    "a page has 4 KiB to 256 KiB");

const struct rtm_option rtm_option_table[RTM_N_OPTIONS] = {
#define RTM_OPTION(name, type, unit, value, min, max, doc)                   \
	{ #name, RTM_UNIT_##unit, offsetof(struct rtm_conf, name), min, max, \
		doc },
#include "conf/options.def"
#undef RTM_OPTION
};

/* There is one such option, frontend. */
const char rtm_option_choices[][8] = { "thread", "cpu", "auto" };

enum rtm_option_id
rtm_option_find(const char *name)
{
	unsigned id = 0;

	while (id < RTM_N_OPTIONS && strcmp(rtm_option_table[id].name, name))
		id++;
	return (enum rtm_option_id)id;
}

size_t
rtm_option_get(const struct rtm_conf *conf, enum rtm_option_id id)
{
	size_t value;

	memcpy(&value, (const char *)conf + rtm_option_table[id].offset,
	    sizeof(value));
	return value;
}

void
rtm_option_set(struct rtm_conf *conf, enum rtm_option_id id, size_t value)
{
	memcpy(
	    (char *)conf + rtm_option_table[id].offset, &value, sizeof(value));
}

/*
 * Wagner and Fischer, "The String-to-String Correction Problem" (1974), with
 * one row of the table kept.
 */
static unsigned
edit_distance(const char *a, const char *b)
{
	unsigned char row[RTM_NAME_MAX + 1];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned char)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned char)(i + 1);
		for (size_t j = 0; j < n; j++) {
			unsigned best = diagonal + (a[i] != b[j]);

			if (best > row[j] + 1u)
				best = row[j] + 1u;
			if (best > row[j + 1] + 1u)
				best = row[j + 1] + 1u;
			diagonal = row[j + 1];
			row[j + 1] = (unsigned char)best;
		}
	}
	return row[n];
}

unsigned
rtm_option_name_distance(const char *wrong, const char *right)
{
	size_t n_wrong = strlen(wrong);
	size_t n_right = strlen(right);
	size_t n_common = n_wrong < n_right ? n_wrong : n_right;

	if (n_wrong > RTM_NAME_MAX || n_right > RTM_NAME_MAX)
		return RTM_NAME_MAX;
	if (n_common >= 3 && n_wrong != n_right &&
	    strncmp(wrong, right, n_common) == 0)
		return 1;
	return edit_distance(wrong, right);
}
