/*
 * message.h - what the command says, in the habit of GNU tools
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_MESSAGE_H
#define RTM_CLI_MESSAGE_H

/*
 * Exit statuses of the command's own; those from 125 up mean what they mean
 * to env(1), so that a caller can tell them from the program's.
 */
enum {
	RTM_EXIT_USAGE = 2,        /* unknown option or verb, missing word */
	RTM_EXIT_FAILURE = 125,    /* the command itself failed */
	RTM_EXIT_CANNOT_RUN = 126, /* the program is there, but cannot run */
	RTM_EXIT_NOT_FOUND = 127,  /* there is no such program */
};

#define RTM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/*
 * Writes "rtmalloc: ", the text and a newline to stderr.  Returns status, so
 * that a caller can end with "return rtm_message_error(...)".
 */
int rtm_message_error(int status, const char *format, ...) RTM_PRINTF(2, 3);

/*
 * The caller used the command wrongly: as above, with the hint to --help in a
 * second line.  verb is the verb that was used, NULL for none.  A format of
 * NULL writes the hint alone, for when getopt has told the fault already.
 * Returns RTM_EXIT_USAGE.
 */
int rtm_message_usage(const char *verb, const char *format, ...)
    RTM_PRINTF(2, 3);

/*
 * Writes text to stdout, as --help and --version do.  Returns the status to
 * exit with: 0, or 1 if the text could not be written.
 */
int rtm_message_print(const char *text);

#endif
