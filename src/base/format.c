/*
 * format.c - text into a fixed buffer, where stdio cannot be used
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/format.h"

#include <string.h>

void
rtm_text_init(struct rtm_text *text, char *buffer, size_t n_bytes)
{
	text->buffer = buffer;
	text->n_bytes = n_bytes;
	text->length = 0;
	text->is_cut = false;
	buffer[0] = '\0';
}

void
rtm_text_add_bytes(struct rtm_text *text, const char *bytes, size_t n)
{
	size_t room = text->n_bytes - text->length - 1;

	if (n > room) {
		n = room;
		text->is_cut = true;
	}
	memcpy(text->buffer + text->length, bytes, n);
	text->length += n;
	text->buffer[text->length] = '\0';
}

void
rtm_text_add(struct rtm_text *text, const char *string)
{
	rtm_text_add_bytes(text, string, strlen(string));
}

static void
add_in_base(struct rtm_text *text, uint64_t number, unsigned base)
{
	char digits[20]; /* UINT64_MAX has 20 in base 10 */
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number != 0);
	rtm_text_add_bytes(text, digits + at, sizeof(digits) - at);
}

void
rtm_text_add_number(struct rtm_text *text, uint64_t number)
{
	add_in_base(text, number, 10);
}

void
rtm_text_add_pointer(struct rtm_text *text, const void *pointer)
{
	rtm_text_add(text, "0x");
	add_in_base(text, (uintptr_t)pointer, 16);
}
