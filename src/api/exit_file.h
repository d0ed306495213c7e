/*
 * exit_file.h - the name of a file that each process writes at its end
 *
 * A variable of the environment names it.  In it %p becomes the process, %e
 * the program's name, %% a %.  Processes of one environment must not write
 * over each other's: where the name has no %p, the number of a process that
 * was forked, and of a program other than the one that VARIABLE_MAIN names, is
 * put behind it.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_EXIT_FILE_H
#define RTM_API_EXIT_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct rtm_exit_file {
	char pattern[4096]; /* as an absolute name; empty: none */
	bool is_main;       /* the name is this process's, without %p */
};

/*
 * The name with everything that follows a % put in; false if that is
 * something else, or too long.
 */
bool rtm_exit_file_expand(const char *pattern, char *path, size_t n_bytes);

/*
 * What the variable says, as the working directory is now.  False, and said
 * in a line on stderr, if that is no name.
 */
bool rtm_exit_file_init(struct rtm_exit_file *file, const char *variable,
    const char *main_variable);

/* The name for this process; false if it is too long. */
bool rtm_exit_file_path(
    const struct rtm_exit_file *file, char *path, size_t n_bytes);

/* "name: what", in a line on stderr. */
void rtm_exit_file_complain(const char *name, const char *what);

#endif
