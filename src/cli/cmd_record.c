/*
 * cmd_record.c - rtmalloc record: run a program, and record what it asks for
 *
 * As with run, the command becomes the program; the library in it writes the
 * profile when the program exits.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/verb.h"

#include "cli/message.h"
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_NAME "rtmalloc.profile"
#define FIRST_WORD "rtmalloc-profile"

static const char help_text[] =
    "Usage: rtmalloc record [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
    "Run PROGRAM on rtmalloc, record what sizes it asks for, and write that "
    "as a\n"
    "profile when it exits.\n"
    "\n"
    "  -o, --output=FILE  the profile [" DEFAULT_NAME "]; in its name %p "
    "becomes\n"
    "                     the process, %e the program's name, and %% a %\n"
    "  -s, --signal=NAME  write it also when PROGRAM gets this signal, such "
    "as\n"
    "                     USR2: what was recorded until then\n"
    "  -h, --help         show this help and exit\n"
    "\n"
    "Other processes that PROGRAM starts record, too: unless the name has %p,\n"
    "each of them writes to FILE with a dot and its number behind it.  A\n"
    "process that ends by _exit or by a signal writes nothing.\n"
    "\n"
    "Exit status: as of rtmalloc run.\n";

/* Whether a file that exists is one of these, or empty. */
static bool
is_profile(int fd)
{
	char head[sizeof(FIRST_WORD) - 1];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n == 0 ||
	    (n == (ssize_t)sizeof(head) && memcmp(head, FIRST_WORD, n) == 0);
}

/*
 * Makes the file, empty: so that one of an earlier run is not taken for this
 * run's, and a name that is no good is refused now, not when all is done.
 */
static int
prepare_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat status;
	bool is_good;

	if (fd < 0 || fstat(fd, &status) != 0)
		return rtm_message_error(
		    RTM_EXIT_FAILURE, "%s: %s", name, strerror(errno));
	is_good = !S_ISREG(status.st_mode) || is_profile(fd);
	if (is_good && S_ISREG(status.st_mode) && ftruncate(fd, 0) != 0)
		return rtm_message_error(
		    RTM_EXIT_FAILURE, "%s: %s", name, strerror(errno));
	close(fd);
	return is_good ? 0
		       : rtm_message_error(RTM_EXIT_FAILURE,
			     "%s: this file is no profile; it is not written "
			     "over",
			     name);
}

/* Every % must be one that the library knows. */
static int
check_pattern(const char *name)
{
	for (const char *at = strchr(name, '%'); at != NULL;
	     at = strchr(at + 2, '%'))
		if (at[1] == '\0' || strchr("pe%", at[1]) == NULL)
			return rtm_message_usage("record",
			    "--output: '%s': %%p (process), %%e (program) and "
			    "%%%% are what may follow a %%",
			    name);
	return 0;
}

/* This process becomes the program, and keeps its number. */
static int
set_variables(const char *output, const char *signal)
{
	char number[16];
	int status = rtm_program_setenv("RTMALLOC_PROFILE", output);

	snprintf(number, sizeof(number), "%d", (int)getpid());
	if (status == 0)
		status = rtm_program_setenv("RTMALLOC_PROFILE_MAIN", number);
	if (status == 0 && signal != NULL)
		status = rtm_program_setenv("RTMALLOC_PROFILE_SIGNAL", signal);
	return status;
}

static int
record(const char *output, const char *signal, char **argv)
{
	char path[PATH_MAX];
	int status = rtm_program_find(argv[0], path);

	/* Before the file is touched. */
	if (status == 0)
		status = rtm_program_check(path);
	if (status == 0 && strchr(output, '%') == NULL)
		status = prepare_file(output);
	if (status == 0)
		status = set_variables(output, signal);
	return status != 0 ? status : rtm_program_run(argv);
}

int
rtm_cmd_record(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "output", required_argument, NULL, 'o' },
		{ "signal", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	const char *output = DEFAULT_NAME;
	const char *signal = NULL;
	int option, status;

	while (
	    (option = getopt_long(argc, argv, "+ho:s:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return rtm_message_print(help_text);
		case 'o':
			output = optarg;
			break;
		case 's':
			signal = optarg;
			break;
		default:
			return rtm_message_usage("record", NULL);
		}
	}
	if (output[0] == '\0')
		return rtm_message_usage(
		    "record", "--output: the name is empty");
	status = check_pattern(output);
	if (status != 0)
		return status;
	if (optind == argc)
		return rtm_message_usage("record", "missing program");
	return record(output, signal, argv + optind);
}
