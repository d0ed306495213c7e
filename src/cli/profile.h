/*
 * profile.h - read the profiles that programs wrote, and merge them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_PROFILE_H
#define RTM_CLI_PROFILE_H

#include "conf/histogram.h"

/* The sum of some profiles. */
struct rtm_profile {
	struct rtm_histogram histogram;
	unsigned n_files;
	double n_unknown; /* frees of blocks older than the recording */
	char *programs;   /* their names, separated by ", "; NULL: none */
};

/* Weights of a file lie between these, inclusive. */
#define RTM_PROFILE_WEIGHT_MIN 0.001
#define RTM_PROFILE_WEIGHT_MAX 1000.0

/*
 * Adds weight times what the file counted to *profile, which begins as all
 * zeros; "-" is standard input.  Returns 0, or tells in one line what is wrong
 * and returns 1, and *profile is as it was.
 */
int rtm_profile_add(
    struct rtm_profile *profile, const char *name, double weight);

/*
 * The profiles that a verb's words name: files, and before them -w and their
 * weight, kept in order.  Tells on a terminal how far it is when there are
 * many.
 */
struct rtm_profile_list {
	unsigned n;
	struct rtm_profile_word {
		const char *name;
		double weight;
	} * words;     /* room for as many as there are arguments */
	double weight; /* of the files that follow */
};

/* A list for argc words; exits if there is no memory. */
struct rtm_profile_list rtm_profile_list(int argc);
void rtm_profile_list_add(struct rtm_profile_list *list, const char *name);

/* What --weight says.  Returns 0, or tells what is wrong and returns 2. */
int rtm_profile_list_weight(
    struct rtm_profile_list *list, const char *verb, const char *text);

/* Returns 0, or tells what is wrong and returns the status to exit with. */
int rtm_profile_list_read(const struct rtm_profile_list *list, const char *verb,
    struct rtm_profile *profile);

#endif
