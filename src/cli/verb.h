/*
 * verb.h - the verbs of the command, one file each
 *
 * A new verb is a file cmd_<verb>.c, its prototype here, and a row in the
 * table of main.c.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_VERB_H
#define RTM_CLI_VERB_H

struct verb {
	const char *name;
	const char *synopsis; /* what follows the name, for --help */
	const char *summary;  /* one line, for --help */

	/*
	 * argv[0] is "rtmalloc", the verb's own words follow; argv[argc] is
	 * NULL.  getopt is ready for them.  Returns the exit status.
	 */
	int (*run)(int argc, char **argv);
};

int rtm_cmd_config(int argc, char **argv);
int rtm_cmd_record(int argc, char **argv);
int rtm_cmd_report(int argc, char **argv);
int rtm_cmd_run(int argc, char **argv);
int rtm_cmd_tune(int argc, char **argv);

#endif
