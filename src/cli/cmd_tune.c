/*
 * cmd_tune.c - rtmalloc tune: the size classes that fit a program best
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "config.h"

#include "cli/verb.h"

#include "cli/class_use.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/profile.h"
#include "cli/suggest.h"
#include "conf/report.h"

#include <stdbool.h>
#include <stdlib.h>

static const char help_head[] =
    "Usage: rtmalloc tune [OPTION]... PROFILE...\n"
    "Make the size classes that fit best what programs asked for, as rtmalloc\n"
    "record wrote it, and write them as a file for rtmalloc run --config or\n"
    "RTMALLOC_CONF.  Several profiles, from several runs or machines, are\n"
    "summed up.\n"
    "\n"
    "  -o, --output=FILE      write to FILE instead of standard output\n"
    "  -w, --weight=NUMBER    counts of the profiles after this one times\n"
    "                         NUMBER, 0.001 to 1000\n";

static const char help_tail[] =
    "  -h, --help             show this help and exit\n"
    "\n"
    "PROFILE may be '-' for standard input.  Sizes that no profile has are\n"
    "served, too, by classes that are filled in between and above.\n"
    "\n"
    "Exit status:\n"
    "  0  all is right\n"
    "  1  a file is wrong, or cannot be read or written\n"
    "  2  wrong usage of this command\n";

struct wish {
	struct rtm_profile_list list;
	struct rtm_suggestion suggestion;
	const char *output;
};

static int
read_words(int argc, char **argv, struct wish *wish)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "output", required_argument, NULL, 'o' },
		{ "weight", required_argument, NULL, 'w' },
		RTM_SUGGEST_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	/* In order: a weight is for the files behind it. */
	while (status == 0 &&
	    (option = getopt_long(argc, argv, "-ho:w:", options, NULL)) != -1) {
		switch (option) {
		case 1:
			rtm_profile_list_add(&wish->list, optarg);
			break;
		case 'h':
			exit(rtm_suggest_print_help(help_head, help_tail));
		case 'o':
			wish->output = optarg;
			break;
		case 'w':
			status = rtm_profile_list_weight(
			    &wish->list, "tune", optarg);
			break;
		case '?':
			return rtm_message_usage("tune", NULL);
		default:
			status = rtm_suggest_option(
			    &wish->suggestion, "tune", option, optarg);
		}
	}
	for (; status == 0 && optind < argc; optind++)
		rtm_profile_list_add(&wish->list, argv[optind]);
	return status;
}

static void
write_file(void *context, const char *text, size_t n_bytes)
{
	fwrite(text, 1, n_bytes, context);
}

/* The name goes into a comment, of one line. */
static void
print_name(const char *name, FILE *file)
{
	for (; name != NULL && *name != '\0'; name++)
		putc(*name >= 0x20 && *name < 0x7f ? *name : '?', file);
}

static void
print_toml(const struct wish *wish, const struct rtm_profile *profile,
    const struct rtm_layout *layout, const struct rtm_class_use *before,
    const struct rtm_class_use *after, FILE *file)
{
	const struct rtm_report_sink sink = { write_file, file };

	fputs("# Size classes for ", file);
	print_name(profile->programs, file);
	fprintf(file,
	    "\n# made by rtmalloc %s from %u profile%s, --objective=%s "
	    "--optimizer=%s\n"
	    "#\n"
	    "# Of %.0f requests, %.0f blocks with %.0f bytes were alive at the "
	    "peak.\n"
	    "# Of what such blocks are given, is wasted\n"
	    "#	by the built-in table of %u classes  %5.2f %%\n"
	    "#	by this table of %u classes          %5.2f %%\n"
	    "#\n"
	    "# Use it: rtmalloc run --config=THIS_FILE PROGRAM\n",
	    PACKAGE_VERSION, profile->n_files, profile->n_files == 1 ? "" : "s",
	    rtm_suggest_objective_name(&wish->suggestion),
	    rtm_suggest_optimizer_name(&wish->suggestion),
	    before->all.n_requests, before->all.n_live, before->all.asked,
	    before->n_classes, 100 * rtm_class_use_waste(&before->all),
	    after->n_classes, 100 * rtm_class_use_waste(&after->all));
	rtm_report_table(layout, RTM_PAGE_SIZE, &sink);
}

int
rtm_cmd_tune(int argc, char **argv)
{
	static struct rtm_profile profile;
	static struct rtm_class_use before, after;
	struct wish wish = {
		.list = rtm_profile_list(argc),
		.suggestion = rtm_suggestion_default,
	};
	struct rtm_conf tuned;
	struct rtm_layout layout;
	struct rtm_output output;
	bool is_new;
	int status = read_words(argc, argv, &wish);

	if (status == 0)
		status = rtm_profile_list_read(&wish.list, "tune", &profile);
	if (status != 0)
		return status;
	is_new = rtm_suggest(&wish.suggestion, &profile.histogram, &layout);
	rtm_class_use_table(&layout, &tuned);
	rtm_class_use(&profile.histogram, &rtm_conf_default, &before);
	rtm_class_use(&profile.histogram, &tuned, &after);
	status = rtm_output_open(&output, wish.output);
	if (status != 0)
		return status;
	print_toml(&wish, &profile, &layout, &before, &after, output.file);
	status = rtm_output_close(&output);
	if (status == 0 && output.name != NULL) {
		printf("%s: %u classes; waste at the peak %.2f %%, before "
		       "%.2f %%%s\n",
		    output.name, layout.n_classes,
		    100 * rtm_class_use_waste(&after.all),
		    100 * rtm_class_use_waste(&before.all),
		    is_new ? "" : ": the built-in classes fit");
		status = rtm_message_print("");
	}
	return status;
}
