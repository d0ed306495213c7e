/*
 * suggest.c - the classes that fit a profile, as a user's options want them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/suggest.h"

#include "cli/class_use.h"
#include "cli/message.h"
#include "conf/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const objectives[] = {
	[RTM_OBJECTIVE_MEMORY] = "memory",
	[RTM_OBJECTIVE_SPEED] = "speed",
	[RTM_OBJECTIVE_BALANCED] = "balanced",
};
static const char *const optimizers[] = {
	[RTM_OPTIMIZER_EXACT] = "exact",
	[RTM_OPTIMIZER_GREEDY] = "greedy",
};

const struct rtm_suggestion rtm_suggestion_default = {
	.optimizer = RTM_OPTIMIZER_EXACT,
	.objective = RTM_OBJECTIVE_MEMORY,
	.max_classes = RTM_CLASSES_MAX,
	.coverage = 1,
	.max_waste = 0.125,
	.min_gain = 0.01,
};

static const char help_text[] =
    "      --objective=WHAT   what the classes shall spare: memory (bytes "
    "that are\n"
    "                         alive at the peak), speed (bytes of all "
    "requests, with\n"
    "                         fewer classes) or balanced [memory]\n"
    "      --max-classes=N    at most N classes, 1 to 63 [63]\n"
    "      --coverage=PART    make classes for that part of the requests, 0 "
    "to 1,\n"
    "                         smallest first; the others get the classes "
    "that any\n"
    "                         program gets [1]\n"
    "      --min-gain=PART    keep the built-in classes, unless new ones "
    "waste less\n"
    "                         by that part of what blocks are given [0.01]\n"
    "      --optimizer=NAME   exact, the least waste there is, or greedy, as "
    "older\n"
    "                         versions did it [exact]\n"
    "      --max-waste=PART   greedy's: joins no classes that waste more "
    "[0.125]\n";

int
rtm_suggest_print_help(const char *before, const char *after)
{
	printf("%s%s", before, help_text);
	return rtm_message_print(after);
}

const char *
rtm_suggest_objective_name(const struct rtm_suggestion *suggestion)
{
	return objectives[suggestion->objective];
}

const char *
rtm_suggest_optimizer_name(const struct rtm_suggestion *suggestion)
{
	return optimizers[suggestion->optimizer];
}

/* The index of the text among the names; n if it is none of them. */
static unsigned
find_name(const char *const *names, unsigned n, const char *text)
{
	unsigned i = 0;

	while (i < n && strcmp(names[i], text) != 0)
		i++;
	return i;
}

static int
take_part(const char *verb, const char *option, const char *text, double *part)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !(number >= 0 && number <= 1))
		return rtm_message_usage(verb,
		    "--%s: '%s' is not a number from 0 to 1", option, text);
	*part = number;
	return 0;
}

static int
take_max_classes(const char *verb, const char *text, unsigned *n)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end != '\0' || number < 1 ||
	    number > RTM_CLASSES_MAX)
		return rtm_message_usage(verb,
		    "--max-classes: '%s' is not a number from 1 to %d", text,
		    RTM_CLASSES_MAX);
	*n = (unsigned)number;
	return 0;
}

int
rtm_suggest_option(struct rtm_suggestion *suggestion, const char *verb,
    int option, const char *text)
{
	unsigned i;

	switch (option) {
	case RTM_SUGGEST_OBJECTIVE:
		i = find_name(objectives, 3, text);
		if (i == 3)
			return rtm_message_usage(verb,
			    "--objective: '%s' is not memory, speed or "
			    "balanced",
			    text);
		suggestion->objective = (enum rtm_objective)i;
		return 0;
	case RTM_SUGGEST_OPTIMIZER:
		i = find_name(optimizers, 2, text);
		if (i == 2)
			return rtm_message_usage(verb,
			    "--optimizer: '%s' is not exact or greedy", text);
		suggestion->optimizer = (enum rtm_optimizer)i;
		return 0;
	case RTM_SUGGEST_MAX_CLASSES:
		return take_max_classes(verb, text, &suggestion->max_classes);
	case RTM_SUGGEST_COVERAGE:
		return take_part(verb, "coverage", text, &suggestion->coverage);
	case RTM_SUGGEST_MIN_GAIN:
		return take_part(verb, "min-gain", text, &suggestion->min_gain);
	default:
		return take_part(
		    verb, "max-waste", text, &suggestion->max_waste);
	}
}

/* Above it a block is as well off with pages of its own. */
static uint32_t
largest_class(void)
{
	return rtm_conf_default.classes[rtm_conf_default.n_classes - 1].size;
}

static void
suggest_greedy(const struct rtm_suggestion *suggestion,
    const struct rtm_histogram *histogram, uint32_t largest,
    struct rtm_layout *layout)
{
	static union rtm_layout_scratch scratch;
	unsigned max_classes = suggestion->max_classes;

	/* As the exact one does it: fewer, until the others have room. */
	do {
		rtm_layout_greedy(histogram, max_classes--,
		    suggestion->max_waste, largest, &scratch, layout);
		rtm_layout_round(layout);
	} while (!rtm_layout_fill(histogram, largest_class(), layout));
}

static void
take_built_in(struct rtm_layout *layout)
{
	layout->n_classes = rtm_conf_default.n_classes;
	for (unsigned i = 0; i < layout->n_classes; i++) {
		layout->sizes[i] = rtm_conf_default.classes[i].size;
		layout->n_pages[i] = rtm_conf_default.classes[i].n_pages;
	}
}

/* What a table wastes of what it gives: at the peak, or over all requests. */
static double
waste_of(const struct rtm_suggestion *suggestion,
    const struct rtm_histogram *histogram, const struct rtm_layout *layout)
{
	static struct rtm_class_use use;
	struct rtm_conf conf;

	if (suggestion->objective == RTM_OBJECTIVE_SPEED)
		return rtm_report_waste(histogram, layout).fragmentation;
	rtm_class_use_table(layout, &conf);
	rtm_class_use(histogram, &conf, &use);
	return rtm_class_use_waste(&use.all);
}

bool
rtm_suggest(const struct rtm_suggestion *suggestion,
    const struct rtm_histogram *histogram, struct rtm_layout *layout)
{
	static union rtm_layout_scratch scratch;
	struct rtm_layout built_in;
	uint32_t covering =
	    rtm_report_covering(histogram, suggestion->coverage);
	const struct rtm_layout_goal goal = {
		.objective = suggestion->objective,
		.max_classes = suggestion->max_classes,
		.largest =
		    covering < largest_class() ? covering : largest_class(),
		.page_size = RTM_PAGE_SIZE,
	};

	if (suggestion->optimizer == RTM_OPTIMIZER_GREEDY)
		suggest_greedy(suggestion, histogram, goal.largest, layout);
	else
		rtm_layout_finish(
		    histogram, &goal, largest_class(), &scratch, layout);
	take_built_in(&built_in);
	if (suggestion->min_gain == 0 ||
	    waste_of(suggestion, histogram, layout) + suggestion->min_gain <=
		waste_of(suggestion, histogram, &built_in))
		return true;
	*layout = built_in;
	return false;
}
