/*
 * report.h - a histogram as text that a person reads
 *
 * Whole numbers and fixed points only, so that the library can write a report
 * without stdio.  No state, no allocation, no locks; does not fail.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_REPORT_H
#define RTM_CONF_REPORT_H

#include "conf/layout.h"

/* Takes the text, piece by piece; each piece is whole lines. */
struct rtm_report_sink {
	void (*write)(void *context, const char *text, size_t n_bytes);
	void *context;
};

/*
 * Total requests and those above 1 MiB, which no class serves; a line for
 * each bucket with its upper bound, requests, percent and the percent of all
 * up to there; the layout, what it wastes, and the line for a TOML file.
 */
void rtm_report_text(const struct rtm_histogram *histogram,
    const struct rtm_layout *layout, const struct rtm_report_sink *sink);

/* "classes = [16, 32, 48]" and a newline, as every version reads it. */
void rtm_report_toml(
    const struct rtm_layout *layout, const struct rtm_report_sink *sink);

/*
 * The whole table: the line above, or, where a class has other pages than it
 * would get by itself, a [[class]] for each.
 */
void rtm_report_table(const struct rtm_layout *layout, size_t page_size,
    const struct rtm_report_sink *sink);

/* What the layout wastes by the count of requests that it serves. */
struct rtm_layout_waste rtm_report_waste(
    const struct rtm_histogram *histogram, const struct rtm_layout *layout);

/*
 * The largest size that has to be served so that this part (0 to 1) of all
 * requests is, but at most RTM_CLASS_SIZE_MAX; 0 if there are none.
 */
uint32_t rtm_report_covering(
    const struct rtm_histogram *histogram, double coverage);

#endif
