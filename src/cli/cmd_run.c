/*
 * cmd_run.c - rtmalloc run: run a program on rtmalloc
 *
 * The command becomes the program by execve, so that its exit status, its
 * signals and its process number are the program's without any doing.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/verb.h"

#include "cli/library.h"
#include "cli/message.h"
#include "cli/program.h"

#include <getopt.h>
#include <limits.h>
#include <stddef.h>

static const char help_text[] =
    "Usage: rtmalloc run [OPTION] [--] PROGRAM [ARGUMENT]...\n"
    "Run PROGRAM on rtmalloc instead of the system's malloc.\n"
    "\n"
    "  -h, --help  show this help and exit\n"
    "\n"
    "PROGRAM is looked for along PATH.  Programs that it starts run on\n"
    "rtmalloc, too.  A program that the system does not preload libraries\n"
    "into is refused: statically linked, setuid, setgid, or with file\n"
    "capabilities.\n"
    "\n"
    "Environment:\n"
    "  LD_PRELOAD        kept, with the library put first\n"
    "  RTMALLOC_LIBRARY  file to preload instead of this command's library\n"
    "\n"
    "Exit status:\n"
    "  2    wrong usage of this command\n"
    "  125  this command failed\n"
    "  126  PROGRAM was found but cannot be run on rtmalloc\n"
    "  127  PROGRAM was not found\n"
    "  else that of PROGRAM\n";

static int
run_program(char **argv)
{
	char program[PATH_MAX];
	char library[PATH_MAX];
	int status;

	status = rtm_program_find(argv[0], program);
	if (status == 0)
		status = rtm_program_check(program);
	if (status == 0)
		status = rtm_library_find(library);
	if (status == 0)
		status = rtm_library_preload(library);
	if (status == 0)
		status = rtm_program_exec(program, argv);
	return status;
}

int
rtm_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};

	switch (getopt_long(argc, argv, "+h", options, NULL)) {
	case -1:
		break;
	case 'h':
		return rtm_message_print(help_text);
	default:
		return rtm_message_usage("run", NULL);
	}
	if (optind == argc)
		return rtm_message_usage("run", "missing program");
	return run_program(argv + optind);
}
