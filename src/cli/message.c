/*
 * message.c - what the command says, in the habit of GNU tools
 *
 * One place for the form of a message, so that every verb speaks alike:
 * what was asked for goes to stdout, all else to stderr behind "rtmalloc: ".
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_error(const char *format, va_list args) RTM_PRINTF(1, 0);

static void
write_error(const char *format, va_list args)
{
	fputs("rtmalloc: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int
rtm_message_error(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_error(format, args);
	va_end(args);
	return status;
}

int
rtm_message_usage(const char *verb, const char *format, ...)
{
	va_list args;

	if (format) {
		va_start(args, format);
		write_error(format, args);
		va_end(args);
	}
	fprintf(stderr, "Try 'rtmalloc%s%s --help' for more information.\n",
	    verb ? " " : "", verb ? verb : "");
	return RTM_EXIT_USAGE;
}

int
rtm_message_print(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return rtm_message_error(
		    EXIT_FAILURE, "write error: %s", strerror(errno));
	return EXIT_SUCCESS;
}
