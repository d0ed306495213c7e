/*
 * profile.c - read the profiles that programs wrote, and merge them
 *
 * A profile is what src/api/profile_file.c writes: lines of a word and
 * numbers, the last of which says how many buckets there were, so that a file
 * that was cut short is seen.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/profile.h"

#include "cli/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "rtmalloc-profile "
#define VERSION "1"

enum { N_BUCKET_NUMBERS = 5 };

/* What a process can at most have asked for, and have alive. */
#define REQUESTS_MAX (UINT64_C(1) << 48)
#define LIVE_BYTES_MAX (UINT64_C(1) << 48)

struct reader {
	FILE *file;
	const char *name;
	unsigned n_lines;
	char *line; /* without its newline */
	size_t room;
	char program[256];
	uint64_t n_unknown;
	uint64_t n_live_bytes;
	unsigned n_buckets;
	unsigned next_bucket; /* those before it have been read */
	bool has_end;
	struct rtm_histogram histogram;
};

static bool
refuse(const struct reader *reader, const char *what)
{
	rtm_message_error(1, "%s:%u: %s", reader->name, reader->n_lines, what);
	return false;
}

/* The next line; false at the end, which errno is 0 for. */
static bool
read_line(struct reader *reader)
{
	ssize_t n;

	errno = 0;
	n = getline(&reader->line, &reader->room, reader->file);
	if (n < 0)
		return false;
	reader->n_lines++;
	if (n > 0 && reader->line[n - 1] == '\n')
		reader->line[--n] = '\0';
	if (n > 0 && reader->line[n - 1] == '\r')
		reader->line[--n] = '\0';
	return true;
}

/* One number and the blank before it; false if there is none. */
static bool
take_number(const char **text, uint64_t *number)
{
	char *end;

	if ((*text)[0] != ' ' || (*text)[1] < '0' || (*text)[1] > '9')
		return false;
	errno = 0;
	*number = strtoull(*text + 1, &end, 10);
	*text = end;
	return errno == 0;
}

static bool
take_numbers(
    const struct reader *reader, const char *text, uint64_t *numbers, int n)
{
	for (int i = 0; i < n; i++)
		if (!take_number(&text, &numbers[i]))
			return refuse(reader,
			    n == 1 ? "a number must follow the word"
				   : "five numbers must follow: the bucket's "
				     "largest size, requests, frees, bytes, "
				     "objects live at the peak");
	if (*text != '\0')
		return refuse(reader, "there is more than belongs here");
	return true;
}

static bool
take_bucket(struct reader *reader, const char *text)
{
	uint64_t numbers[N_BUCKET_NUMBERS];
	unsigned index;

	if (!take_numbers(reader, text, numbers, N_BUCKET_NUMBERS))
		return false;
	if (numbers[0] == 0)
		return refuse(reader, "no bucket ends at 0");
	index = rtm_histogram_index(numbers[0]);
	if (rtm_histogram_upper(index) != numbers[0])
		return refuse(reader, "no bucket ends at this size");
	if (index < reader->next_bucket)
		return refuse(reader, "buckets must come in order of size");
	if (numbers[1] > REQUESTS_MAX || numbers[2] > REQUESTS_MAX ||
	    numbers[4] > LIVE_BYTES_MAX / numbers[0])
		return refuse(reader, "that is more than a process can do");
	reader->n_live_bytes += numbers[4] * numbers[0];
	if (reader->n_live_bytes > LIVE_BYTES_MAX)
		return refuse(reader, "that is more than a process can have");
	reader->next_bucket = index + 1;
	reader->n_buckets++;
	reader->histogram.buckets[index] = (struct rtm_histogram_bucket){
		.n_requests = numbers[1],
		.n_frees = numbers[2],
		.n_bytes = numbers[3],
		.n_live_peak = numbers[4],
	};
	return true;
}

static bool
take_end(struct reader *reader, const char *text)
{
	uint64_t n;

	if (!take_numbers(reader, text, &n, 1))
		return false;
	if (n != reader->n_buckets)
		return refuse(reader,
		    "the number is not that of the buckets: some are missing");
	reader->has_end = true;
	return true;
}

static bool
take_program(struct reader *reader, const char *text)
{
	snprintf(reader->program, sizeof(reader->program), "%s",
	    *text == ' ' ? text + 1 : text);
	return true;
}

/* What is not needed here, or can be told from the buckets. */
static bool
pass_number(struct reader *reader, const char *text)
{
	uint64_t number;

	return take_numbers(reader, text, &number, 1);
}

static bool
take_unknown(struct reader *reader, const char *text)
{
	return take_numbers(reader, text, &reader->n_unknown, 1);
}

static bool
take_line(struct reader *reader)
{
	static const struct {
		const char *word;
		bool (*take)(struct reader *reader, const char *text);
	} kinds[] = {
		{ "program", take_program },
		{ "process", pass_number },
		{ "live_bytes", pass_number },
		{ "peak_bytes", pass_number },
		{ "unknown_frees", take_unknown },
		{ "bucket", take_bucket },
		{ "end", take_end },
	};
	size_t n_word = strcspn(reader->line, " ");

	if (reader->has_end)
		return refuse(reader, "nothing may follow the end");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].word) == n_word &&
		    memcmp(kinds[i].word, reader->line, n_word) == 0)
			return kinds[i].take(reader, reader->line + n_word);
	return refuse(reader, "unknown word; a bucket or the end must be here");
}

static bool
take_first_line(struct reader *reader)
{
	size_t n = strlen(FIRST_LINE);

	if (!read_line(reader)) {
		if (errno == 0)
			rtm_message_error(1,
			    "%s: the file is empty: its program has not ended "
			    "yet, or not by exit",
			    reader->name);
		else
			rtm_message_error(
			    1, "%s: %s", reader->name, strerror(errno));
		return false;
	}
	if (strncmp(reader->line, FIRST_LINE, n) != 0)
		return refuse(reader,
		    "this is no profile; its first line would be '" FIRST_LINE
			VERSION "'");
	if (strcmp(reader->line + n, VERSION) != 0)
		return refuse(reader,
		    "a profile of another version; this command "
		    "reads version " VERSION);
	return true;
}

static bool
read_profile(struct reader *reader)
{
	if (!take_first_line(reader))
		return false;
	while (read_line(reader))
		if (!take_line(reader))
			return false;
	if (errno != 0) {
		rtm_message_error(1, "%s: %s", reader->name, strerror(errno));
		return false;
	}
	return reader->has_end ||
	    refuse(reader,
		"the file is cut short: its last line would be 'end' and the "
		"number of buckets");
}

/* --------------------------------------------------------------- merging */

static uint64_t
weighted(uint64_t n, double weight)
{
	return (uint64_t)((double)n * weight + 0.5);
}

static void
add_histogram(
    struct rtm_histogram *sum, const struct rtm_histogram *part, double weight)
{
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++) {
		const struct rtm_histogram_bucket *from = &part->buckets[i];
		struct rtm_histogram_bucket *to = &sum->buckets[i];

		to->n_requests += weighted(from->n_requests, weight);
		to->n_frees += weighted(from->n_frees, weight);
		to->n_bytes += weighted(from->n_bytes, weight);
		to->n_live_peak += weighted(from->n_live_peak, weight);
	}
}

/* Whether the list, "a, b, c", has the name. */
static bool
is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; at != NULL;
	     at = strstr(at, ", "), at = at != NULL ? at + 2 : NULL)
		if (strncmp(at, name, n) == 0 &&
		    (at[n] == '\0' || strncmp(at + n, ", ", 2) == 0))
			return true;
	return false;
}

static bool
add_program(struct rtm_profile *profile, const char *name)
{
	char *list;

	if (is_listed(profile->programs, name))
		return true;
	if (asprintf(&list, "%s%s%s",
		profile->programs != NULL ? profile->programs : "",
		profile->programs != NULL ? ", " : "", name) < 0)
		return false;
	free(profile->programs);
	profile->programs = list;
	return true;
}

static int
add_read(
    struct rtm_profile *profile, const struct reader *reader, double weight)
{
	if (reader->program[0] != '\0' &&
	    !add_program(profile, reader->program))
		return rtm_message_error(1, "%s", strerror(ENOMEM));
	add_histogram(&profile->histogram, &reader->histogram, weight);
	profile->n_unknown += (double)reader->n_unknown * weight;
	profile->n_files++;
	return 0;
}

int
rtm_profile_add(struct rtm_profile *profile, const char *name, double weight)
{
	static struct reader reader;
	bool is_input = strcmp(name, "-") == 0;
	int status = 1;

	memset(&reader, 0, sizeof(reader));
	reader.name = is_input ? "standard input" : name;
	reader.file = is_input ? stdin : fopen(name, "re");
	if (reader.file == NULL)
		return rtm_message_error(1, "%s: %s", name, strerror(errno));
	if (read_profile(&reader))
		status = add_read(profile, &reader, weight);
	free(reader.line);
	if (!is_input)
		fclose(reader.file);
	return status;
}

/* --------------------------------------------------------------- the words */

struct rtm_profile_list
rtm_profile_list(int argc)
{
	struct rtm_profile_list list = { .weight = 1 };

	list.words = calloc((size_t)argc + 1, sizeof(*list.words));
	if (list.words == NULL)
		exit(rtm_message_error(1, "%s", strerror(errno)));
	return list;
}

void
rtm_profile_list_add(struct rtm_profile_list *list, const char *name)
{
	list->words[list->n].name = name;
	list->words[list->n].weight = list->weight;
	list->n++;
}

int
rtm_profile_list_weight(
    struct rtm_profile_list *list, const char *verb, const char *text)
{
	char *end;
	double weight = strtod(text, &end);

	if (end == text || *end != '\0' ||
	    !(weight >= RTM_PROFILE_WEIGHT_MIN &&
		weight <= RTM_PROFILE_WEIGHT_MAX))
		return rtm_message_usage(verb,
		    "--weight: '%s' is not a number from 0.001 to 1000", text);
	list->weight = weight;
	return 0;
}

/* So many files that somebody may wait for them. */
enum { MANY_FILES = 20 };

int
rtm_profile_list_read(const struct rtm_profile_list *list, const char *verb,
    struct rtm_profile *profile)
{
	bool is_shown = list->n >= MANY_FILES && isatty(STDERR_FILENO);
	int status = 0;

	if (list->n == 0)
		return rtm_message_usage(verb, "missing profile");
	memset(profile, 0, sizeof(*profile));
	for (unsigned i = 0; i < list->n && status == 0; i++) {
		if (is_shown)
			fprintf(stderr, "\rreading profile %u of %u", i + 1,
			    list->n);
		status = rtm_profile_add(
		    profile, list->words[i].name, list->words[i].weight);
	}
	if (is_shown)
		fputs("\r\033[K", stderr);
	if (status != 0)
		return status;
	for (unsigned i = 0; i < RTM_HISTOGRAM_BUCKETS; i++)
		if (profile->histogram.buckets[i].n_requests != 0)
			return 0;
	return rtm_message_error(1,
	    "%s: the profile%s no requests: was the program run on "
	    "rtmalloc?",
	    list->words[0].name,
	    list->n == 1 ? " has" : "s from this one on have");
}
