/*
 * report_svg.c - a profile as a picture
 *
 * Three panels over one axis of sizes, each doubling as wide as the next:
 * requests, bytes alive when the heap was largest, and what of these a table
 * of classes wastes, the current one beside the suggested one.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/report.h"

#include <math.h>
#include <string.h>

enum {
	WIDTH = 960,
	LEFT = 90, /* of the plots */
	RIGHT = 930,
	TOP = 70, /* of the first panel */
	PANEL = 190,
	PLOT = 130, /* of a panel is plot */
	HEIGHT = TOP + 3 * PANEL + 10,
};

#define COLOUR_CURRENT "#d9822b"
#define COLOUR_SUGGESTED "#1f77b4"

struct axis {
	double low, high; /* log2 of the sizes at its ends */
};

static double
x_of(const struct axis *axis, double size)
{
	double part = (log2(size) - axis->low) / (axis->high - axis->low);

	if (part < 0)
		part = 0;
	return LEFT + part * (RIGHT - LEFT);
}

/* Text of the user's: no byte of it may end what it stands in. */
static void
put_text(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			putc('?', file);
		else if (c > 0x7f || strchr("<>&\"'", c) != NULL)
			fprintf(file, "&#%u;", c);
		else
			putc(c, file);
	}
}

/* 65536 as 64K, 1500000 as 1.4M. */
static const char *
short_number(double number, int base, char text[16])
{
	static const char suffixes[] = " KMGTPE";
	unsigned n = 0;

	while (number >= base && n < strlen(suffixes) - 1) {
		number /= base;
		n++;
	}
	snprintf(text, 16,
	    number < 10 && number != floor(number) ? "%.1f%.*s" : "%.0f%.*s",
	    number, n > 0, &suffixes[n]);
	return text;
}

static int
panel_top(int panel)
{
	return TOP + panel * PANEL;
}

static int
panel_bottom(int panel)
{
	return panel_top(panel) + PLOT;
}

static void
put_axes(FILE *file, const struct axis *axis, int panel, const char *title,
    double most, const char *unit, int base)
{
	int bottom = panel_bottom(panel);
	char text[16];

	fprintf(file, "<text x=\"%d\" y=\"%d\" class=\"title\">%s</text>\n",
	    LEFT, panel_top(panel) - 8, title);
	for (int i = 0; i <= 2; i++)
		fprintf(file,
		    "<text x=\"%d\" y=\"%d\" class=\"left\">%s%s</text>\n"
		    "<path class=\"grid\" d=\"M%d %dH%d\"/>\n",
		    LEFT - 6, bottom - i * PLOT / 2 + 4,
		    short_number(most * i / 2, base, text), unit, LEFT,
		    bottom - i * PLOT / 2, RIGHT);
	for (int log = (int)ceil(axis->low); log <= axis->high; log++) {
		int x = (int)x_of(axis, ldexp(1, log));

		/* Labels need 30 pixels. */
		if (log % (axis->high - axis->low > 26 ? 2 : 1) == 0)
			fprintf(file,
			    "<text x=\"%d\" y=\"%d\" "
			    "class=\"below\">%s</text>\n",
			    x, bottom + 15,
			    short_number(ldexp(1, log), 1024, text));
		fprintf(file, "<path class=\"grid\" d=\"M%d %dV%d\"/>\n", x,
		    bottom, bottom + 4);
	}
}

/* A bar over the sizes above from up to to; what it is stands in its tip. */
static void
put_bar(FILE *file, const struct axis *axis, int panel, double from, double to,
    double part, const char *style)
{
	double left = x_of(axis, from), right = x_of(axis, to);
	double height = part * PLOT;

	fprintf(file,
	    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
	    "%s>",
	    left, panel_bottom(panel) - height, fmax(right - left, 1), height,
	    style);
}

/* ------------------------------------------------------------ the panels */

static double
live_bytes(const struct rtm_histogram_bucket *b)
{
	return b->n_requests == 0 ? 0
				  : (double)b->n_live_peak *
		(double)b->n_bytes / (double)b->n_requests;
}

static double
requests(const struct rtm_histogram_bucket *b)
{
	return (double)b->n_requests;
}

/* So many bars to a doubling: a bucket alone would be too thin to see. */
enum { BARS_PER_DOUBLING = 8, N_BARS = 48 * BARS_PER_DOUBLING };

static unsigned
bar_of(double size)
{
	double bar = ceil(log2(size) * BARS_PER_DOUBLING - 1e-9);

	return bar < 1 ? 0 : (unsigned)bar - 1;
}

static void
put_histogram(FILE *file, const struct axis *axis, int panel, const char *title,
    const char *unit, int base, const struct rtm_histogram *histogram,
    double (*value)(const struct rtm_histogram_bucket *b))
{
	double bars[N_BARS] = { 0 };
	double most = 0;
	char text[16];

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		unsigned bar = bar_of((double)rtm_histogram_upper(i));

		bars[bar] += value(&histogram->buckets[i]);
		most = fmax(most, bars[bar]);
	}
	put_axes(file, axis, panel, title, most, unit, base);
	for (unsigned i = 0; i < N_BARS; i++) {
		double from = exp2((double)i / BARS_PER_DOUBLING);
		double to = exp2((double)(i + 1) / BARS_PER_DOUBLING);

		if (bars[i] == 0)
			continue;
		put_bar(file, axis, panel, from, to, bars[i] / most,
		    "class=\"bar\"");
		fprintf(file,
		    "<title>%.0f to %.0f bytes: %s%s</title></rect>\n",
		    floor(from) + 1, floor(to + 1e-6),
		    short_number(bars[i], base, text), unit);
	}
}

static double
most_waste(const struct rtm_class_use *use)
{
	double most = 0;

	for (unsigned i = 0; i < use->n_classes; i++)
		most =
		    fmax(most, use->classes[i].given - use->classes[i].asked);
	return most;
}

static void
put_waste(FILE *file, const struct axis *axis, const struct rtm_class_use *use,
    double most, const char *style)
{
	char text[16];

	for (unsigned i = 0; i < use->n_classes; i++) {
		double waste = use->classes[i].given - use->classes[i].asked;

		if (waste <= 0)
			continue;
		put_bar(file, axis, 2, i > 0 ? use->sizes[i - 1] : 1,
		    use->sizes[i], waste / most, style);
		fprintf(file,
		    "<title>class %u: %.0f live, %s wasted (%.1f "
		    "%%)</title></rect>\n",
		    use->sizes[i], use->classes[i].n_live,
		    short_number(waste, 1024, text),
		    100 * rtm_class_use_waste(&use->classes[i]));
	}
}

static void
put_key(FILE *file, int x, const char *style, const char *name,
    const struct rtm_class_use *use)
{
	int y = panel_top(2) - 18;

	fprintf(file,
	    "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" %s/>\n"
	    "<text x=\"%d\" y=\"%d\">",
	    x, y, style, x + 18, y + 10);
	put_text(file, name);
	fprintf(file, ": %u classes, %.1f %% of what is given</text>\n",
	    use->n_classes, 100 * rtm_class_use_waste(&use->all));
}

static void
put_wastes(
    FILE *file, const struct axis *axis, const struct rtm_cli_report *report)
{
	static const char current[] =
	    "fill=\"" COLOUR_CURRENT "\" fill-opacity=\"0.55\"";
	static const char suggested[] =
	    "fill=\"" COLOUR_SUGGESTED "\" fill-opacity=\"0.75\"";
	double most = fmax(most_waste(&report->current_use),
	    most_waste(&report->suggested_use));

	put_axes(file, axis, 2, "Waste at the peak, by class", most, "B", 1024);
	put_key(file, 310, current, report->current_name, &report->current_use);
	put_key(file, 640, suggested, "suggested", &report->suggested_use);
	if (most <= 0)
		return;
	put_waste(file, axis, &report->current_use, most, current);
	put_waste(file, axis, &report->suggested_use, most, suggested);
}

static struct axis
find_axis(const struct rtm_cli_report *report)
{
	const struct rtm_histogram *histogram = &report->profile->histogram;
	struct axis axis = { 2, 4 };

	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		if (histogram->buckets[i].n_requests != 0)
			axis.high = fmax(axis.high,
			    ceil(log2((double)rtm_histogram_upper(i))));
	return axis;
}

void
rtm_cli_report_svg(const struct rtm_cli_report *report, FILE *file)
{
	const struct axis axis = find_axis(report);
	const struct rtm_profile *profile = report->profile;
	char n_requests[16], asked[16];

	fprintf(file,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n"
	    "<style>text{font:12px sans-serif;fill:#222}"
	    ".head{font-size:17px;font-weight:bold}"
	    ".title{font-weight:bold}.left{text-anchor:end}"
	    ".below{text-anchor:middle}"
	    ".grid{stroke:#ccc;fill:none}.bar{fill:#4a6fa5}</style>\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
	    "<text x=\"%d\" y=\"26\" class=\"head\">",
	    WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
	put_text(file,
	    profile->programs != NULL ? profile->programs : "(no program)");
	fprintf(file, ": %s requests, %sB asked for at the peak</text>\n",
	    short_number(report->current_use.all.n_requests, 1000, n_requests),
	    short_number(report->current_use.all.asked, 1024, asked));
	put_histogram(file, &axis, 0, "Requests, by size in bytes", "", 1000,
	    &profile->histogram, requests);
	put_histogram(file, &axis, 1,
	    "Bytes alive when the heap was largest, by size", "B", 1024,
	    &profile->histogram, live_bytes);
	put_wastes(file, &axis, report);
	fputs("</svg>\n", file);
}
