/*
 * settings.h - the configuration that this process runs with
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_SETTINGS_H
#define RTM_API_SETTINGS_H

#include "conf/conf.h"

/*
 * What RTMALLOC_CONF names (a file, or a line such as
 * "thread_cache_size=16M,classes=16:32:48"), else the built-in
 * configuration.  What cannot be used is said in one line on stderr, and the
 * built-in one is taken; with RTMALLOC_CONF_STRICT=1 the process dies
 * instead.  Called once, at start; allocates nothing.
 */
const struct rtm_conf *rtm_settings_load(void);

#endif
