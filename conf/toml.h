/*
 * toml.h - reads a configuration: a TOML file, or one line of the environment
 *
 * Serves the library at its start, the command and the generator.  Nothing is
 * allocated, no stdio is entered, and less than 4 KiB of stack are used.  What
 * a file does not name stays as it was in *conf; on failure *conf and *origin
 * are left as they were, and the error says in one line what is wrong.
 * No state is kept: any number of threads may read at the same time.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_TOML_H
#define RTM_CONF_TOML_H

#include "conf/conf.h"
#include "conf/error.h"
#include "conf/option.h"

#include <stdbool.h>

/* Where the values come from. */
struct rtm_conf_origin {
	/* A line of the file, or one of these: */
#define RTM_ORIGIN_BUILT_IN 0
#define RTM_ORIGIN_ENVIRONMENT UINT32_MAX
	uint32_t options[RTM_N_OPTIONS];
	uint32_t classes; /* for [[class]]: the first one's line */
};

/*
 * Bytes to read.  read() fills at most n_bytes and returns how many, 0 at the
 * end, or a negative number (such as -errno) if it cannot.
 */
struct rtm_conf_source {
	long (*read)(void *context, char *buffer, size_t n_bytes);
	void *context;
};

/* file_name stands in messages only.  origin may be NULL. */
bool rtm_conf_read(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const struct rtm_conf_source *source, const char *file_name,
    struct rtm_conf_error *error);

/* The same from memory; text need not end in a NUL. */
bool rtm_conf_read_text(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const char *text, size_t n_bytes, const char *file_name,
    struct rtm_conf_error *error);

/*
 * "thread_cache_size=16M,classes=16:32:48"; in messages variable_name stands
 * for the file.
 */
bool rtm_conf_read_line(struct rtm_conf *conf, struct rtm_conf_origin *origin,
    const char *line, const char *variable_name, struct rtm_conf_error *error);

/*
 * Whether a variable's value is such a line and not the name of a file: it
 * begins with letters, digits or _, and then a =.  (A file of such a name can
 * be given as ./a=b.)
 */
bool rtm_conf_is_line(const char *value);

#endif
