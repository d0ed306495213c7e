/*
 * value.c - numbers as people write them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/value.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* a * b + c, or UINT64_MAX */
static uint64_t
multiply_add(uint64_t a, uint64_t b, uint64_t c)
{
	if (__builtin_mul_overflow(a, b, &a) ||
	    __builtin_add_overflow(a, c, &a))
		return UINT64_MAX;
	return a;
}

static unsigned
suffix_shift(char c)
{
	switch (c) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return 0;
	}
}

enum rtm_value_result
rtm_value_parse(const char *text, bool is_size, uint64_t *number)
{
	bool negative = *text == '-';
	uint64_t sum = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (!is_digit(*text) || (*text == '0' && is_digit(text[1])))
		return RTM_VALUE_NONE;
	while (is_digit(*text)) {
		sum = multiply_add(sum, 10, (uint64_t)(*text++ - '0'));
		if (*text == '_' && is_digit(text[1]))
			text++;
	}
	if (is_size && suffix_shift(*text) != 0)
		sum =
		    multiply_add(sum, UINT64_C(1) << suffix_shift(*text++), 0);
	if (*text != '\0')
		return RTM_VALUE_NONE;
	*number = sum;
	return negative && sum != 0 ? RTM_VALUE_NEGATIVE : RTM_VALUE_OK;
}
