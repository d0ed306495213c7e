/*
 * program.h - find the program to run, and say why it cannot be
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_PROGRAM_H
#define RTM_CLI_PROGRAM_H

#include <limits.h>

/*
 * Finds the program as execvp(3) does: along PATH, unless the name has a
 * slash.  Returns 0 with the file's name in path, or tells what is wrong and
 * returns the status to exit with.
 */
int rtm_program_find(const char *name, char path[PATH_MAX]);

/*
 * Looks whether the system's loader would preload a library into the program
 * at path, following a script to its interpreter.  Returns 0, or tells why
 * not and returns the status to exit with.
 */
int rtm_program_check(const char *path);

/*
 * Replaces this process by the program.  Returns only on failure, which it
 * tells, with the status to exit with.
 */
int rtm_program_exec(const char *path, char **argv);

/* Sets a variable for the program.  Returns as above. */
int rtm_program_setenv(const char *name, const char *value);

/* All of it: finds, checks, preloads the library, and becomes the program. */
int rtm_program_run(char **argv);

#endif
