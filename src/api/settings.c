/*
 * settings.c - the configuration that this process runs with
 *
 * Runs before the first object is served: system calls and static memory
 * only.  The environment is not listened to when the program runs with more
 * rights than its caller (os/environment.h).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/settings.h"
#include "base/format.h"
#include "base/panic.h"
#include "conf/toml.h"
#include "os/environment.h"
#include "os/file.h"

#include <errno.h>
#include <string.h>

#define VARIABLE "RTMALLOC_CONF"

static struct rtm_conf settings;

static long
read_file(void *context, char *buffer, size_t n_bytes)
{
	return rtm_file_read(*(const int *)context, buffer, n_bytes);
}

static const char *
why_not(int error)
{
	switch (error) {
	case ENOENT:
		return "there is no such file";
	case EACCES:
		return "it may not be read";
	default:
		return "it cannot be read";
	}
}

static bool
load_file(const char *name, struct rtm_conf_error *error)
{
	int file = rtm_file_open(name);

	if (file < 0) {
		struct rtm_text text;

		rtm_text_init(&text, error->text, sizeof(error->text));
		rtm_text_add(&text, name);
		rtm_text_add(&text, ": ");
		rtm_text_add(&text, why_not(-file));
		rtm_text_add(&text, "; " VARIABLE " names a TOML file");
		return false;
	}

	const struct rtm_conf_source source = { read_file, &file };
	bool is_good = rtm_conf_read(&settings, NULL, &source, name, error);

	rtm_file_close(file);
	return is_good;
}

static bool
is_strict(void)
{
	const char *value = rtm_env_get(VARIABLE "_STRICT");

	return value != NULL && strcmp(value, "1") == 0;
}

const struct rtm_conf *
rtm_settings_load(void)
{
	const char *value = rtm_env_get(VARIABLE);
	struct rtm_conf_error error;

	if (value == NULL || value[0] == '\0')
		return &rtm_conf_default;
	settings = rtm_conf_default;
	if (rtm_conf_is_line(value)
		? rtm_conf_read_line(&settings, NULL, value, VARIABLE, &error)
		: load_file(value, &error))
		return &settings;
	if (is_strict())
		rtm_panic(error.text);
	rtm_panic_not(error.text);
	return &rtm_conf_default;
}
