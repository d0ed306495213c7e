/*
 * report.h - a profile, and what size classes make of it, in three forms
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_REPORT_H
#define RTM_CLI_REPORT_H

#include "cli/class_use.h"
#include "cli/profile.h"

#include <stdio.h>

struct rtm_cli_report {
	const struct rtm_profile *profile;
	const struct rtm_layout *suggested;
	const char *current_name; /* where the current table comes from */
	struct rtm_class_use current_use;
	struct rtm_class_use suggested_use;
};

/* For a person: buckets, the suggested classes, the line for a file. */
void rtm_cli_report_text(const struct rtm_cli_report *report, FILE *file);

/* For a program: everything, as one JSON object of schema 1. */
void rtm_cli_report_json(const struct rtm_cli_report *report, FILE *file);

/* A picture: requests, live bytes at the peak, and waste, by size. */
void rtm_cli_report_svg(const struct rtm_cli_report *report, FILE *file);

#endif
