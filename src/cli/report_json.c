/*
 * report_json.c - a profile for a program
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/report.h"

#include <string.h>

/* A name may hold any byte: what is not plain ASCII is written as its code. */
static void
put_string(FILE *file, const char *text, size_t n)
{
	putc('"', file);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(file, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(file, "\\u%04x", c);
		else
			putc(c, file);
	}
	putc('"', file);
}

static void
put_programs(FILE *file, const char *programs)
{
	const char *comma = "";

	fputs("  \"programs\": [", file);
	while (programs != NULL) {
		const char *end = strstr(programs, ", ");

		fputs(comma, file);
		put_string(file, programs,
		    end != NULL ? (size_t)(end - programs) : strlen(programs));
		comma = ", ";
		programs = end != NULL ? end + 2 : NULL;
	}
	fputs("],\n", file);
}

static void
put_buckets(FILE *file, const struct rtm_histogram *histogram)
{
	const char *comma = "";

	fputs("  \"buckets\": [\n", file);
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket *b = &histogram->buckets[i];

		if (b->n_requests == 0)
			continue;
		fprintf(file,
		    "%s    {\"up_to\": %ju, \"requests\": %ju, \"frees\": "
		    "%ju, \"bytes\": %ju, \"live_at_peak\": %ju}",
		    comma, (uintmax_t)rtm_histogram_upper(i),
		    (uintmax_t)b->n_requests, (uintmax_t)b->n_frees,
		    (uintmax_t)b->n_bytes, (uintmax_t)b->n_live_peak);
		comma = ",\n";
	}
	fputs("\n  ],\n", file);
}

static void
put_use(FILE *file, const struct rtm_use *use)
{
	fprintf(file,
	    "\"requests\": %.0f, \"live_at_peak\": %.0f, "
	    "\"bytes_asked_at_peak\": %.0f, \"bytes_given_at_peak\": %.0f, "
	    "\"waste\": %.6f",
	    use->n_requests, use->n_live, use->asked, use->given,
	    rtm_class_use_waste(use));
}

static void
put_table(FILE *file, const char *key, const char *name,
    const struct rtm_class_use *use)
{
	fprintf(file, "  \"%s\": {\n    \"name\": ", key);
	put_string(file, name, strlen(name));
	fputs(",\n    \"all\": {", file);
	put_use(file, &use->all);
	fputs("},\n    \"large\": {", file);
	put_use(file, &use->large);
	fputs("},\n    \"classes\": [\n", file);
	for (unsigned i = 0; i < use->n_classes; i++) {
		fprintf(file, "      {\"size\": %u, ", use->sizes[i]);
		put_use(file, &use->classes[i]);
		fputs(i + 1 < use->n_classes ? "},\n" : "}\n", file);
	}
	fputs("    ]\n  }", file);
}

void
rtm_cli_report_json(const struct rtm_cli_report *report, FILE *file)
{
	const struct rtm_profile *profile = report->profile;

	fputs(
	    "{\n  \"schema\": \"rtmalloc-report\",\n  \"version\": 1,\n", file);
	put_programs(file, profile->programs);
	fprintf(file,
	    "  \"profiles\": %u,\n  \"frees_of_unknown\": %.0f,\n"
	    "  \"total_requests\": %.0f,\n",
	    profile->n_files, profile->n_unknown,
	    report->current_use.all.n_requests);
	put_buckets(file, &profile->histogram);
	put_table(file, "current", report->current_name, &report->current_use);
	fputs(",\n", file);
	put_table(file, "suggested", "suggested", &report->suggested_use);
	fputs("\n}\n", file);
}
