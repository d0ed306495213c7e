/*
 * suggest.h - the classes that fit a profile, as a user's options want them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_SUGGEST_H
#define RTM_CLI_SUGGEST_H

#include "conf/layout.h"

#include <getopt.h>
#include <stdbool.h>

enum rtm_optimizer {
	RTM_OPTIMIZER_EXACT,
	RTM_OPTIMIZER_GREEDY,
};

struct rtm_suggestion {
	enum rtm_optimizer optimizer;
	enum rtm_objective objective;
	unsigned max_classes;
	double coverage;  /* part of the requests that classes must serve */
	double max_waste; /* greedy's */
	double min_gain;  /* less waste than by the built-in classes */
};

extern const struct rtm_suggestion rtm_suggestion_default;

/* Rows of getopt's table for the options; they end before 'z' + 256. */
enum {
	RTM_SUGGEST_OBJECTIVE = 512,
	RTM_SUGGEST_OPTIMIZER,
	RTM_SUGGEST_MAX_CLASSES,
	RTM_SUGGEST_COVERAGE,
	RTM_SUGGEST_MAX_WASTE,
	RTM_SUGGEST_MIN_GAIN,
};
/* clang-format off */
#define RTM_SUGGEST_OPTIONS \
	{ "objective", required_argument, NULL, RTM_SUGGEST_OBJECTIVE }, \
	{ "optimizer", required_argument, NULL, RTM_SUGGEST_OPTIMIZER }, \
	{ "max-classes", required_argument, NULL, RTM_SUGGEST_MAX_CLASSES }, \
	{ "coverage", required_argument, NULL, RTM_SUGGEST_COVERAGE }, \
	{ "max-waste", required_argument, NULL, RTM_SUGGEST_MAX_WASTE }, \
	{ "min-gain", required_argument, NULL, RTM_SUGGEST_MIN_GAIN }
/* clang-format on */

/* Writes a verb's help to stdout, the options above between two texts. */
int rtm_suggest_print_help(const char *before, const char *after);

/*
 * Takes one of the options.  Returns 0, or tells what is wrong and returns the
 * status to exit with.
 */
int rtm_suggest_option(struct rtm_suggestion *suggestion, const char *verb,
    int option, const char *text);

/* "memory", "greedy": as the options name them. */
const char *rtm_suggest_objective_name(const struct rtm_suggestion *suggestion);
const char *rtm_suggest_optimizer_name(const struct rtm_suggestion *suggestion);

/*
 * The classes for the profile; those it does not need are filled in.  False:
 * there is too little to gain, and they are the built-in ones.
 */
bool rtm_suggest(const struct rtm_suggestion *suggestion,
    const struct rtm_histogram *histogram, struct rtm_layout *layout);

#endif
