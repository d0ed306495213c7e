/*
 * conf_file.h - read the configuration that a user names
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_CONF_FILE_H
#define RTM_CLI_CONF_FILE_H

#include "conf/toml.h"

/*
 * Reads name on top of *conf, which keeps what name does not set; origin may
 * be NULL.  name is a file, "-" for standard input, or one line as the
 * environment takes it, for which messages say label.  Returns 0, or tells in
 * one line what is wrong and returns status.
 */
int rtm_conf_file_read(const char *name, const char *label,
    struct rtm_conf *conf, struct rtm_conf_origin *origin, int status);

#endif
