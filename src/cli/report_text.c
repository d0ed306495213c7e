/*
 * report_text.c - a profile for a person
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/report.h"

#include "conf/report.h"

static void
write_file(void *context, const char *text, size_t n_bytes)
{
	fwrite(text, 1, n_bytes, context);
}

static void
print_use(FILE *file, const char *title, const struct rtm_class_use *use)
{
	fprintf(file, "%-18s %7u  %12.0f  %12.0f   %5.2f %%\n", title,
	    use->n_classes, use->all.given, use->all.given - use->all.asked,
	    100 * rtm_class_use_waste(&use->all));
}

void
rtm_cli_report_text(const struct rtm_cli_report *report, FILE *file)
{
	const struct rtm_report_sink sink = { write_file, file };
	const struct rtm_profile *profile = report->profile;

	fprintf(file, "%s; %u profile%s\n",
	    profile->programs != NULL ? profile->programs : "(no program)",
	    profile->n_files, profile->n_files == 1 ? "" : "s");
	rtm_report_text(&profile->histogram, report->suggested, &sink);
	fprintf(file,
	    "\nat the heap's peak: %.0f bytes asked for, in %.0f blocks\n"
	    "%-18s %7s  %12s  %12s  %8s\n",
	    report->current_use.all.asked, report->current_use.all.n_live, "",
	    "classes", "bytes given", "bytes wasted", "of given");
	print_use(file, report->current_name, &report->current_use);
	print_use(file, "suggested", &report->suggested_use);
	if (profile->n_unknown > 0)
		fprintf(file, "frees of blocks from before: %.0f\n",
		    profile->n_unknown);
}
