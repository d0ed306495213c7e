/*
 * cmd_report.c - rtmalloc report: what a profile says
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/verb.h"

#include "cli/conf_file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/suggest.h"

#include <stdlib.h>

enum { OPTION_JSON = 256, OPTION_SVG };

static const char help_head[] =
    "Usage: rtmalloc report [OPTION]... PROFILE...\n"
    "Show what programs asked for, as rtmalloc record wrote it, and the size\n"
    "classes that would fit it best.  Several profiles are summed up.\n"
    "\n"
    "      --json             as JSON, with all figures\n"
    "      --svg              as a picture: requests, live bytes and waste\n"
    "  -o, --output=FILE      write to FILE instead of standard output\n"
    "  -c, --config=FILE      compare with the size classes of FILE, or of a\n"
    "                         line such as classes=16:32:48, instead of the\n"
    "                         built-in ones\n"
    "  -w, --weight=NUMBER    counts of the profiles after this one times\n"
    "                         NUMBER, 0.001 to 1000\n";

static const char help_tail[] =
    "  -h, --help             show this help and exit\n"
    "\n"
    "PROFILE may be '-' for standard input.\n"
    "\n"
    "Exit status:\n"
    "  0  all is right\n"
    "  1  a file is wrong, or cannot be read or written\n"
    "  2  wrong usage of this command\n";

struct wish {
	struct rtm_profile_list list;
	struct rtm_suggestion suggestion;
	void (*print)(const struct rtm_cli_report *report, FILE *file);
	const char *output;
	const char *config;
};

static int
read_words(int argc, char **argv, struct wish *wish)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "output", required_argument, NULL, 'o' },
		{ "svg", no_argument, NULL, OPTION_SVG },
		{ "weight", required_argument, NULL, 'w' },
		RTM_SUGGEST_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	/* In order: a weight is for the files behind it. */
	while (status == 0 &&
	    (option = getopt_long(argc, argv, "-c:ho:w:", options, NULL)) !=
		-1) {
		switch (option) {
		case 1:
			rtm_profile_list_add(&wish->list, optarg);
			break;
		case 'c':
			wish->config = optarg;
			break;
		case 'h':
			exit(rtm_suggest_print_help(help_head, help_tail));
		case 'o':
			wish->output = optarg;
			break;
		case 'w':
			status = rtm_profile_list_weight(
			    &wish->list, "report", optarg);
			break;
		case OPTION_JSON:
			wish->print = rtm_cli_report_json;
			break;
		case OPTION_SVG:
			wish->print = rtm_cli_report_svg;
			break;
		case '?':
			return rtm_message_usage("report", NULL);
		default:
			status = rtm_suggest_option(
			    &wish->suggestion, "report", option, optarg);
		}
	}
	for (; status == 0 && optind < argc; optind++)
		rtm_profile_list_add(&wish->list, argv[optind]);
	return status;
}

int
rtm_cmd_report(int argc, char **argv)
{
	static struct rtm_profile profile;
	static struct rtm_cli_report report;
	struct wish wish = {
		.list = rtm_profile_list(argc),
		.suggestion = rtm_suggestion_default,
		.print = rtm_cli_report_text,
	};
	struct rtm_conf current = rtm_conf_default, suggested;
	struct rtm_layout layout;
	struct rtm_output output;
	int status = read_words(argc, argv, &wish);

	if (status == 0)
		status = rtm_profile_list_read(&wish.list, "report", &profile);
	if (status == 0 && wish.config != NULL)
		status = rtm_conf_file_read(
		    wish.config, "--config", &current, NULL, EXIT_FAILURE);
	if (status == 0)
		status = rtm_output_open(&output, wish.output);
	if (status != 0)
		return status;
	rtm_suggest(&wish.suggestion, &profile.histogram, &layout);
	rtm_class_use_table(&layout, &suggested);
	report.profile = &profile;
	report.suggested = &layout;
	report.current_name = wish.config != NULL ? wish.config : "built in";
	rtm_class_use(&profile.histogram, &current, &report.current_use);
	rtm_class_use(&profile.histogram, &suggested, &report.suggested_use);
	wish.print(&report, output.file);
	return rtm_output_close(&output);
}
