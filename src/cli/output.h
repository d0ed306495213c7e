/*
 * output.h - where a verb writes: standard output, or a file that is whole
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_OUTPUT_H
#define RTM_CLI_OUTPUT_H

#include <stdio.h>

/* A file is written under another name, and gets its own at the end. */
struct rtm_output {
	FILE *file;
	const char *name; /* NULL: standard output */
	char *draft;
};

/* Returns 0, or tells what is wrong and returns 1. */
int rtm_output_open(struct rtm_output *output, const char *name);
int rtm_output_close(struct rtm_output *output);

#endif
