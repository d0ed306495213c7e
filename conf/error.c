/*
 * error.c - one line that says what is wrong with a configuration
 *
 * A small formatter of our own: the line may be needed before malloc works,
 * which is no time to enter stdio.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/error.h"

#include "base/format.h"

#include <string.h>

enum { FILE_NAME_SHOWN = 100 };

static void
add_size(struct rtm_text *text, uint64_t size)
{
	const char *suffix = "KMG";
	unsigned n_times = 0;

	while (n_times < 3 && size != 0 && size % 1024 == 0) {
		size /= 1024;
		n_times++;
	}
	rtm_text_add_number(text, size);
	if (n_times > 0)
		rtm_text_add_bytes(text, &suffix[n_times - 1], 1);
}

static void
add_byte(struct rtm_text *text, int byte)
{
	char quoted[] = { '\'', (char)byte, '\'', '\0' };
	char hex[] = "byte 0x00";

	if (byte >= ' ' && byte <= '~') {
		rtm_text_add(text, quoted);
		return;
	}
	hex[7] = "0123456789abcdef"[byte >> 4 & 15];
	hex[8] = "0123456789abcdef"[byte & 15];
	rtm_text_add(text, hex);
}

static void
add_place(struct rtm_text *text, const char *file_name, uint32_t line)
{
	size_t n = strlen(file_name);

	if (n > FILE_NAME_SHOWN) {
		rtm_text_add(text, "...");
		file_name += n - FILE_NAME_SHOWN;
	}
	rtm_text_add(text, file_name);
	if (line != 0) {
		rtm_text_add(text, ":");
		rtm_text_add_number(text, line);
	}
	rtm_text_add(text, ": ");
}

static void
add_argument(struct rtm_text *text, char kind, va_list *args)
{
	switch (kind) {
	case 's':
		rtm_text_add(text, va_arg(*args, const char *));
		break;
	case 'u':
		rtm_text_add_number(text, va_arg(*args, uint64_t));
		break;
	case 'z':
		add_size(text, va_arg(*args, uint64_t));
		break;
	default:
		add_byte(text, va_arg(*args, int));
		break;
	}
}

void
rtm_conf_error_set(struct rtm_conf_error *error, const char *file_name,
    uint32_t line, const char *format, va_list args)
{
	struct rtm_text text;
	va_list copy;

	error->line = line;
	rtm_text_init(&text, error->text, sizeof(error->text));
	add_place(&text, file_name, line);
	va_copy(copy, args);
	while (*format != '\0') {
		size_t n = strcspn(format, "%");

		rtm_text_add_bytes(&text, format, n);
		format += n;
		if (*format == '%') {
			add_argument(&text, format[1], &copy);
			format += 2;
		}
	}
	va_end(copy);
	for (char *c = error->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}
