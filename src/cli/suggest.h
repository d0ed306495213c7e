/*
 * suggest.h - the classes that fit a profile, as a user's options want them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_SUGGEST_H
#define RTM_CLI_SUGGEST_H

#include "conf/layout.h"

#include <getopt.h>

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
};

extern const struct rtm_suggestion rtm_suggestion_default;

/* Rows of getopt's table for the options; they end before 'z' + 256. */
enum {
	RTM_SUGGEST_OBJECTIVE = 512,
	RTM_SUGGEST_OPTIMIZER,
	RTM_SUGGEST_MAX_CLASSES,
	RTM_SUGGEST_COVERAGE,
	RTM_SUGGEST_MAX_WASTE,
};
#define RTM_SUGGEST_OPTIONS                                                  \
	{ "objective", required_argument, NULL, RTM_SUGGEST_OBJECTIVE },     \
	    { "optimizer", required_argument, NULL, RTM_SUGGEST_OPTIMIZER }, \
	    { "max-classes", required_argument, NULL,                        \
		    RTM_SUGGEST_MAX_CLASSES },                               \
	    { "coverage", required_argument, NULL, RTM_SUGGEST_COVERAGE },   \
	{                                                                    \
		"max-waste", required_argument, NULL, RTM_SUGGEST_MAX_WASTE  \
	}

#define RTM_SUGGEST_HELP                                                      \
	"      --objective=WHAT   what the classes shall spare: memory "      \
	"(bytes "                                                             \
	"alive\n"                                                             \
	"                         at the peak), speed (fewer classes, bytes " \
	"of all\n"                                                            \
	"                         requests) or balanced [memory]\n"           \
	"      --max-classes=N    at most N classes, 1 to 63 [63]\n"          \
	"      --coverage=PART    make classes for that part of the "         \
	"requests, 0 to\n"                                                    \
	"                         1, smallest first; the others get the "     \
	"classes that\n"                                                      \
	"                         any program gets [1]\n"                     \
	"      --optimizer=NAME   exact, the least waste there is, or "       \
	"greedy, as\n"                                                        \
	"                         older versions did it [exact]\n"            \
	"      --max-waste=PART   greedy's: joins no classes that waste "     \
	"more [0.125]\n"

/*
 * Takes one of the options.  Returns 0, or tells what is wrong and returns the
 * status to exit with.
 */
int rtm_suggest_option(struct rtm_suggestion *suggestion, const char *verb,
    int option, const char *text);

/* "memory", "greedy": as the options name them. */
const char *rtm_suggest_objective_name(const struct rtm_suggestion *suggestion);
const char *rtm_suggest_optimizer_name(const struct rtm_suggestion *suggestion);

/* The classes for the profile; those it does not need are filled in. */
void rtm_suggest(const struct rtm_suggestion *suggestion,
    const struct rtm_histogram *histogram, struct rtm_layout *layout);

#endif
