/*
 * exit_file.c - the name of a file that each process writes at its end
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/exit_file.h"
#include "base/format.h"
#include "base/panic.h"
#include "os/environment.h"
#include "os/file.h"
#include "os/thread.h"

#include <string.h>

/* A name may become so much longer by a number. */
enum { NUMBER_BYTES = 32 };

static bool
has_number(const char *pattern)
{
	for (const char *c = pattern; *c != '\0'; c++)
		if (*c == '%' && *++c == 'p')
			return true;
	return false;
}

static bool
add_part(struct rtm_text *text, char letter)
{
	char name[256];

	switch (letter) {
	case '%':
		rtm_text_add(text, "%");
		return true;
	case 'p':
		rtm_text_add_number(text, rtm_thread_process());
		return true;
	case 'e':
		rtm_file_own_name(name, sizeof(name));
		rtm_text_add(text, name);
		return true;
	default:
		return false;
	}
}

bool
rtm_exit_file_expand(const char *pattern, char *path, size_t n_bytes)
{
	struct rtm_text text;

	rtm_text_init(&text, path, n_bytes);
	for (const char *c = pattern; *c != '\0'; c++) {
		if (*c != '%')
			rtm_text_add_bytes(&text, c, 1);
		else if (!add_part(&text, *++c))
			return false;
	}
	return !text.is_cut;
}

bool
rtm_exit_file_path(const struct rtm_exit_file *file, char *path, size_t n_bytes)
{
	size_t length;
	struct rtm_text number;

	if (!rtm_exit_file_expand(file->pattern, path, n_bytes))
		return false;
	if (file->is_main || has_number(file->pattern))
		return true;
	length = strlen(path);
	rtm_text_init(&number, path + length, n_bytes - length);
	rtm_text_add(&number, ".");
	rtm_text_add_number(&number, rtm_thread_process());
	return !number.is_cut;
}

static bool
is_main_process(const char *variable)
{
	const char *number = rtm_env_get(variable);
	char own[24];
	struct rtm_text text;

	if (number == NULL)
		return true;
	rtm_text_init(&text, own, sizeof(own));
	rtm_text_add_number(&text, rtm_thread_process());
	return strcmp(number, own) == 0;
}

void
rtm_exit_file_complain(const char *name, const char *what)
{
	char buffer[4096 + 200];
	struct rtm_text text;

	rtm_text_init(&text, buffer, sizeof(buffer) - 1);
	rtm_text_add(&text, name);
	rtm_text_add(&text, ": ");
	rtm_text_add(&text, what);
	rtm_panic_not(buffer);
}

bool
rtm_exit_file_init(
    struct rtm_exit_file *file, const char *variable, const char *main_variable)
{
	const char *pattern = rtm_env_get(variable);
	char path[sizeof(file->pattern)];

	if (pattern == NULL || pattern[0] == '\0')
		return false;
	if (!rtm_exit_file_expand(pattern, path, sizeof(path) - NUMBER_BYTES)) {
		rtm_exit_file_complain(variable,
		    "this is no file name; %p (process), %e (program) and %% "
		    "are what may follow a %");
		return false;
	}
	rtm_file_absolute(
	    pattern, file->pattern, sizeof(file->pattern) - NUMBER_BYTES);
	file->is_main = is_main_process(main_variable);
	return true;
}
