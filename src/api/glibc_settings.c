/*
 * glibc_settings.c - the settings of glibc's malloc that mean something here
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/glibc_settings.h"
#include "api/perturb.h"
#include "back/page_heap.h"
#include "base/bits.h"
#include "os/environment.h"

#include <stdatomic.h>
#include <string.h>

#define TUNABLES "GLIBC_TUNABLES"

static const struct name {
	const char *variable;
	const char *tunable;
	size_t value_max;
	enum rtm_glibc_setting setting;
} names[] = {
	{ "MALLOC_TRIM_THRESHOLD_", "glibc.malloc.trim_threshold", SIZE_MAX,
	    RTM_GLIBC_TRIM_THRESHOLD },
	{ "MALLOC_TOP_PAD_", "glibc.malloc.top_pad", SIZE_MAX,
	    RTM_GLIBC_TOP_PAD },
	{ "MALLOC_PERTURB_", "glibc.malloc.perturb", 0xff, RTM_GLIBC_PERTURB },
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

/* What glibc keeps if nobody says otherwise. */
static _Atomic size_t top_pad = RTM_KIB(128);
static _Atomic size_t trim_threshold;
static _Atomic bool has_threshold;

/* Without a threshold the rule of back/purge.h holds, which has no pad. */
static void
apply_threshold(void)
{
	size_t n_bytes = trim_threshold;

	if (has_threshold)
		rtm_page_heap_set_threshold(n_bytes > PTRDIFF_MAX
			? SIZE_MAX
			: n_bytes >> RTM_PAGE_SHIFT,
		    top_pad >> RTM_PAGE_SHIFT);
}

void
rtm_glibc_set(enum rtm_glibc_setting setting, size_t value)
{
	switch (setting) {
	case RTM_GLIBC_TRIM_THRESHOLD:
		trim_threshold = value;
		has_threshold = true;
		apply_threshold();
		break;
	case RTM_GLIBC_TOP_PAD:
		top_pad = value;
		apply_threshold();
		break;
	case RTM_GLIBC_PERTURB:
		rtm_perturb_set((uint8_t)value);
		break;
	}
}

/* ------------------------------------------------------------ environment */

/* The value of a digit, or more than any base. */
static unsigned
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/*
 * A number as in C, decimal, octal or hexadecimal, with or without a sign; it
 * ends with the text or with a colon.  Too large a one is SIZE_MAX.
 */
static bool
read_number(const char *text, size_t *number)
{
	bool is_negative = *text == '-';
	unsigned base = 10;
	size_t sum = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	} else if (*text == '0') {
		base = 8;
	}
	if (digit_of(*text) >= base)
		return false;
	for (; digit_of(*text) < base; text++)
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit_of(*text), &sum))
			sum = SIZE_MAX;
	if (*text != '\0' && *text != ':')
		return false;
	*number = is_negative ? -sum : sum;
	return true;
}

/* The value of a tunable in "name=value:name=value", the last; or NULL. */
static const char *
find_tunable(const char *tunables, const char *name)
{
	size_t length = strlen(name);
	const char *found = NULL;

	while (tunables != NULL) {
		if (strncmp(tunables, name, length) == 0 &&
		    tunables[length] == '=')
			found = tunables + length + 1;
		tunables = strchr(tunables, ':');
		if (tunables != NULL)
			tunables++;
	}
	return found;
}

void
rtm_glibc_settings_load(void)
{
	const char *tunables = rtm_env_get(TUNABLES);

	for (int i = 0; i < N_NAMES; i++) {
		const char *text = find_tunable(tunables, names[i].tunable);
		size_t value;

		if (text == NULL)
			text = rtm_env_get(names[i].variable);
		if (text != NULL && read_number(text, &value) &&
		    value <= names[i].value_max)
			rtm_glibc_set(names[i].setting, value);
	}
}
