/*
 * cmd_run.c - rtmalloc run: run a program on rtmalloc
 *
 * The command becomes the program by execve, so that its exit status, its
 * signals and its process number are the program's without any doing.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/verb.h"

#include "cli/conf_file.h"
#include "cli/message.h"
#include "cli/program.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_STATS = 256 };

static const char help_text[] =
    "Usage: rtmalloc run [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
    "Run PROGRAM on rtmalloc instead of the system's malloc.\n"
    "\n"
    "  -c, --config=FILE  use the options and size classes of FILE, or a line\n"
    "                     such as thread_cache_size=16M,classes=16:32:48\n"
    "      --stats        show what rtmalloc did when PROGRAM ends\n"
    "  -h, --help         show this help and exit\n"
    "\n"
    "PROGRAM is looked for along PATH.  Programs that it starts run on\n"
    "rtmalloc, too.  A program that the system does not preload libraries\n"
    "into is refused: statically linked, setuid, setgid, or with file\n"
    "capabilities.\n"
    "\n"
    "Environment:\n"
    "  LD_PRELOAD        kept, with the library put first\n"
    "  RTMALLOC_CONF     what --config sets\n"
    "  RTMALLOC_LIBRARY  file to preload instead of this command's library\n"
    "\n"
    "Exit status:\n"
    "  2    wrong usage of this command\n"
    "  125  this command failed\n"
    "  126  PROGRAM was found but cannot be run on rtmalloc\n"
    "  127  PROGRAM was not found\n"
    "  else that of PROGRAM\n";

/* The program may change its folder: the file gets its full name. */
static int
use_config(const char *name)
{
	struct rtm_conf conf = rtm_conf_default;
	char path[PATH_MAX];
	int status;

	if (strcmp(name, "-") == 0)
		return rtm_message_error(RTM_EXIT_FAILURE,
		    "--config: must be a file or a line; standard input is "
		    "the program's");
	status =
	    rtm_conf_file_read(name, "--config", &conf, NULL, RTM_EXIT_FAILURE);
	if (status != 0)
		return status;
	if (!rtm_conf_is_line(name)) {
		if (realpath(name, path) == NULL)
			return rtm_message_error(
			    RTM_EXIT_FAILURE, "%s: %s", name, strerror(errno));
		name = path;
	}
	return rtm_program_setenv("RTMALLOC_CONF", name);
}

int
rtm_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "stats", no_argument, NULL, OPTION_STATS },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	int status = 0;

	while (status == 0 &&
	    (option = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			status = use_config(optarg);
			break;
		case OPTION_STATS:
			status = rtm_program_setenv("RTMALLOC_STATS", "-");
			break;
		case 'h':
			return rtm_message_print(help_text);
		default:
			return rtm_message_usage("run", NULL);
		}
	}
	if (status != 0)
		return status;
	if (optind == argc)
		return rtm_message_usage("run", "missing program");
	return rtm_program_run(argv + optind);
}
