/*
 * library.h - find librtmalloc, and have the loader preload it
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_LIBRARY_H
#define RTM_CLI_LIBRARY_H

#include <limits.h>

/*
 * Finds the library that belongs to this command: what RTMALLOC_LIBRARY
 * names, else the one in the build tree that the command is started from,
 * else the installed one.  Returns 0 with its absolute name in path, or tells
 * what is wrong and returns the status to exit with.
 */
int rtm_library_find(char path[PATH_MAX]);

/*
 * Puts the library at path first in LD_PRELOAD, before what is there; unless
 * it is there already.  Returns 0, or tells what is wrong and returns the
 * status to exit with.
 */
int rtm_library_preload(const char *path);

#endif
