/*
 * report.c - a histogram as text that a person reads
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/report.h"
#include "base/format.h"

static void
flush(const struct rtm_report_sink *sink, struct rtm_text *line)
{
	sink->write(sink->context, line->buffer, line->length);
	rtm_text_init(line, line->buffer, line->n_bytes);
}

/* The number, with blanks before it to the width. */
static void
add_right(struct rtm_text *line, uint64_t number, unsigned width)
{
	unsigned n_digits = 1;

	for (uint64_t rest = number; rest > 9; rest /= 10)
		n_digits++;
	for (; n_digits < width; width--)
		rtm_text_add(line, " ");
	rtm_text_add_number(line, number);
}

/* A part of the whole in percent, with two decimals. */
static void
add_percent(struct rtm_text *line, double part, double whole)
{
	uint64_t hundredths =
	    whole > 0 ? (uint64_t)(part / whole * 10000 + 0.5) : 0;

	add_right(line, hundredths / 100, 5);
	rtm_text_add(line, hundredths % 100 < 10 ? ".0" : ".");
	rtm_text_add_number(line, hundredths % 100);
	rtm_text_add(line, " %");
}

static uint64_t
count_requests(const struct rtm_histogram *histogram, uint64_t above)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		if (rtm_histogram_lower(i) >= above)
			n += histogram->buckets[i].n_requests;
	return n;
}

struct rtm_layout_waste
rtm_report_waste(
    const struct rtm_histogram *histogram, const struct rtm_layout *layout)
{
	struct rtm_layout_waste waste = { 0, 0 };
	double n_requests = 0, given = 0, asked = 0;
	unsigned k = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket *b = &histogram->buckets[i];

		while (k < layout->n_classes &&
		    layout->sizes[k] < rtm_histogram_upper(i))
			k++;
		if (k == layout->n_classes)
			break;
		n_requests += (double)b->n_requests;
		asked += (double)b->n_bytes;
		given += (double)b->n_requests * layout->sizes[k];
	}
	if (given > 0) {
		waste.average = (given - asked) / n_requests;
		waste.fragmentation = (given - asked) / given;
	}
	return waste;
}

uint32_t
rtm_report_covering(const struct rtm_histogram *histogram, double coverage)
{
	double wanted = coverage * (double)count_requests(histogram, 0);
	double n = 0;
	uint64_t upper = 0;

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS &&
	     rtm_histogram_upper(i) <= RTM_CLASS_SIZE_MAX;
	     i++) {
		if (histogram->buckets[i].n_requests == 0)
			continue;
		if (n >= wanted)
			break;
		n += (double)histogram->buckets[i].n_requests;
		upper = rtm_histogram_upper(i);
	}
	return (uint32_t)upper;
}

void
rtm_report_toml(
    const struct rtm_layout *layout, const struct rtm_report_sink *sink)
{
	char buffer[16 * RTM_CLASSES_MAX];
	struct rtm_text line;

	rtm_text_init(&line, buffer, sizeof(buffer));
	rtm_text_add(&line, "classes = [");
	for (unsigned k = 0; k < layout->n_classes; k++) {
		rtm_text_add(&line, k != 0 ? ", " : "");
		rtm_text_add_number(&line, layout->sizes[k]);
	}
	rtm_text_add(&line, "]\n");
	flush(sink, &line);
}

/* Pages that are not those which the class gets by itself; 0: it does. */
static uint32_t
own_pages(const struct rtm_layout *layout, unsigned k, size_t page_size)
{
	uint32_t n_pages = layout->n_pages[k];

	return n_pages != rtm_conf_own_pages(layout->sizes[k], page_size)
	    ? n_pages
	    : 0;
}

void
rtm_report_table(const struct rtm_layout *layout, size_t page_size,
    const struct rtm_report_sink *sink)
{
	char buffer[64];
	struct rtm_text line;
	uint32_t n_own = 0;

	for (unsigned k = 0; k < layout->n_classes; k++)
		n_own |= own_pages(layout, k, page_size);
	if (n_own == 0) {
		rtm_report_toml(layout, sink);
		return;
	}
	rtm_text_init(&line, buffer, sizeof(buffer));
	for (unsigned k = 0; k < layout->n_classes; k++) {
		uint32_t n_pages = own_pages(layout, k, page_size);

		rtm_text_add(&line, "\n[[class]]\nsize = ");
		rtm_text_add_number(&line, layout->sizes[k]);
		if (n_pages != 0) {
			rtm_text_add(&line, "\npages = ");
			rtm_text_add_number(&line, n_pages);
		}
		rtm_text_add(&line, "\n");
		flush(sink, &line);
	}
}

static void
write_buckets(const struct rtm_histogram *histogram,
    const struct rtm_report_sink *sink, struct rtm_text *line, uint64_t n_all)
{
	uint64_t n = 0;

	rtm_text_add(
	    line, "      up to      requests    percent  cumulative\n");
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		uint64_t n_here = histogram->buckets[i].n_requests;

		if (n_here == 0)
			continue;
		n += n_here;
		add_right(line, rtm_histogram_upper(i), 11);
		add_right(line, n_here, 14);
		rtm_text_add(line, "  ");
		add_percent(line, (double)n_here, (double)n_all);
		rtm_text_add(line, "  ");
		add_percent(line, (double)n, (double)n_all);
		rtm_text_add(line, "\n");
		flush(sink, line);
	}
}

static void
write_layout(const struct rtm_histogram *histogram,
    const struct rtm_layout *layout, const struct rtm_report_sink *sink,
    struct rtm_text *line)
{
	struct rtm_layout_waste waste = rtm_report_waste(histogram, layout);
	uint64_t tenths = (uint64_t)(waste.average * 10 + 0.5);

	rtm_text_add(line, "\nsuggested classes: ");
	rtm_text_add_number(line, layout->n_classes);
	rtm_text_add(line, "\naverage waste:     ");
	rtm_text_add_number(line, tenths / 10);
	rtm_text_add(line, ".");
	rtm_text_add_number(line, tenths % 10);
	rtm_text_add(line, " bytes per request\nfragmentation: ");
	add_percent(line, waste.fragmentation, 1);
	rtm_text_add(line, "\n\n");
	flush(sink, line);
	rtm_report_toml(layout, sink);
}

void
rtm_report_text(const struct rtm_histogram *histogram,
    const struct rtm_layout *layout, const struct rtm_report_sink *sink)
{
	char buffer[256];
	struct rtm_text line;
	uint64_t n_all = count_requests(histogram, 0);

	rtm_text_init(&line, buffer, sizeof(buffer));
	rtm_text_add(&line, "total requests: ");
	rtm_text_add_number(&line, n_all);
	rtm_text_add(&line, "\nabove 1 MiB:    ");
	rtm_text_add_number(
	    &line, count_requests(histogram, RTM_CLASS_SIZE_MAX));
	rtm_text_add(&line, "\n\n");
	flush(sink, &line);
	write_buckets(histogram, sink, &line, n_all);
	write_layout(histogram, layout, sink, &line);
}
