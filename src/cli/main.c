/*
 * main.c - the command rtmalloc: its own options, and the way to a verb
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "config.h"

#include "cli/message.h"
#include "cli/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb verbs[] = {
	{ "config", "check FILE... | show [FILE]",
	    "look at a file of options and size classes", rtm_cmd_config },
	{ "record", "[OPTION]... [--] PROGRAM [ARGUMENT]...",
	    "run a program, and record what it asks for in a profile",
	    rtm_cmd_record },
	{ "report", "[OPTION]... PROFILE...",
	    "show what a profile has, as text, JSON or a picture",
	    rtm_cmd_report },
	{ "run", "[OPTION]... [--] PROGRAM [ARGUMENT]...",
	    "run a program on rtmalloc instead of the system's malloc",
	    rtm_cmd_run },
	{ "tune", "[OPTION]... PROFILE...",
	    "make the size classes that fit a profile best", rtm_cmd_tune },
};

enum { N_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

/* what argv[0] becomes: getopt puts it before what it says */
static char own_name[] = "rtmalloc";

static const char version_text[] =
    "rtmalloc " PACKAGE_VERSION "\n"
    "License: MIT or Apache-2.0, as you prefer.\n"
    "There is NO WARRANTY, to the extent permitted by law.\n";

static const char help_head[] =
    "Usage: rtmalloc [OPTION]\n"
    "  or:  rtmalloc VERB [OPTION]... [ARGUMENT]...\n"
    "Run programs on rtmalloc, a fast and compact malloc.\n"
    "\n"
    "Verbs:\n";

static const char help_tail[] =
    "\n"
    "Options:\n"
    "  -h, --help     show this help and exit\n"
    "  -V, --version  show the version and exit\n"
    "\n"
    "'rtmalloc VERB --help' tells more of a verb.\n";

static int
print_help(void)
{
	size_t i;

	fputs(help_head, stdout);
	for (i = 0; i < N_VERBS; i++)
		printf("  %s %s\n      %s\n", verbs[i].name, verbs[i].synopsis,
		    verbs[i].summary);
	return rtm_message_print(help_tail);
}

static int
run_verb(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < N_VERBS; i++) {
		if (strcmp(argv[0], verbs[i].name) != 0)
			continue;
		argv[0] = own_name;
		optind = 0; /* the verb's words are a new list to getopt */
		return verbs[i].run(argc, argv);
	}
	return rtm_message_usage(NULL, "unknown verb '%s'", argv[0]);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	if (argc < 1)
		return rtm_message_usage(NULL, "missing verb");
	argv[0] = own_name;

	switch (getopt_long(argc, argv, "+hV", options, NULL)) {
	case -1:
		break;
	case 'h':
		return print_help();
	case 'V':
		return rtm_message_print(version_text);
	default:
		return rtm_message_usage(NULL, NULL);
	}
	if (optind == argc)
		return rtm_message_usage(NULL, "missing verb");
	return run_verb(argc - optind, argv + optind);
}
