/*
 * cmd_config.c - rtmalloc config: look at a configuration
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/verb.h"

#include "cli/conf_file.h"
#include "cli/message.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "RTMALLOC_CONF"

static const char help_text[] =
    "Usage: rtmalloc config check FILE...\n"
    "  or:  rtmalloc config show [FILE]\n"
    "Look at a configuration file; see rtmalloc.toml(5).\n"
    "\n"
    "check says whether each FILE is right, and what would be if it is not.\n"
    "show prints every option with its value and where that comes from, and\n"
    "the size classes: those of FILE, or else of " VARIABLE ", on top of what "
    "was\n"
    "built in.  FILE may be '-' for standard input, or a line such as\n"
    "thread_cache_size=16M,classes=16:32:48.\n"
    "\n"
    "  -h, --help  show this help and exit\n"
    "\n"
    "Environment:\n"
    "  " VARIABLE "  what show looks at without a FILE\n"
    "\n"
    "Exit status:\n"
    "  0  all is right\n"
    "  1  a FILE is wrong or cannot be read\n"
    "  2  wrong usage of this command\n";

/* A number of bytes as a file would have it, 65536 as 64K. */
static void
put_size(char *text, size_t n_bytes, size_t value)
{
	static const char suffixes[] = "KMG";
	unsigned n_times = 0;

	while (n_times < 3 && value != 0 && value % 1024 == 0) {
		value /= 1024;
		n_times++;
	}
	snprintf(text, n_bytes, "%zu%.*s", value, n_times > 0,
	    n_times > 0 ? &suffixes[n_times - 1] : "");
}

/* file is NULL if only the environment could set anything. */
static void
put_origin(char *text, size_t n_bytes, uint32_t origin, const char *file)
{
	if (origin == RTM_ORIGIN_BUILT_IN)
		snprintf(text, n_bytes, "built in");
	else if (origin == RTM_ORIGIN_ENVIRONMENT)
		snprintf(text, n_bytes, "%s", file);
	else
		snprintf(text, n_bytes, "%s:%u", file, origin);
}

static void
print_options(const struct rtm_conf *conf, const struct rtm_conf_origin *origin,
    const char *file)
{
	char value[32], from[4352];

	printf("%-20s  %8s  %s\n", "option", "value", "from");
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		size_t number = rtm_option_get(conf, (enum rtm_option_id)id);

		if (rtm_option_table[id].unit == RTM_UNIT_bytes)
			put_size(value, sizeof(value), number);
		else if (rtm_option_table[id].unit == RTM_UNIT_choice)
			snprintf(value, sizeof(value), "%s",
			    rtm_option_choices[number]);
		else
			snprintf(value, sizeof(value), "%zu", number);
		put_origin(from, sizeof(from), origin->options[id], file);
		printf(
		    "%-20s  %8s  %s\n", rtm_option_table[id].name, value, from);
	}
}

/* Objects of 16 bytes and more are 16-aligned: who would use this class? */
static bool
is_idle_class(uint32_t size)
{
	return size > 8 && size % 16 != 0;
}

static void
print_classes(const struct rtm_conf *conf, const struct rtm_conf_origin *origin,
    const char *file)
{
	char from[4352];

	put_origin(from, sizeof(from), origin->classes, file);
	printf("\n%u size classes, %s\n", conf->n_classes, from);
	printf("%8s %6s %8s %11s %6s\n", "size", "pages", "objects",
	    "tail waste", "batch");
	for (unsigned i = 0; i < conf->n_classes; i++) {
		const struct rtm_class_spec *spec = &conf->classes[i];
		size_t n_span = spec->n_pages * conf->page_size;
		size_t tail = n_span % spec->size;

		printf("%8u %6u %8zu %5zu %4.1f%% %6u%s\n", spec->size,
		    spec->n_pages, n_span / spec->size, tail,
		    100.0 * (double)tail / (double)n_span, spec->batch,
		    is_idle_class(spec->size) ? "  (serves no request)" : "");
	}
}

static int
show(const char *name)
{
	struct rtm_conf conf = rtm_conf_default;
	struct rtm_conf_origin origin = { .classes = RTM_ORIGIN_BUILT_IN };
	const char *label = name != NULL ? "command line" : VARIABLE;

	if (name == NULL)
		name = getenv(VARIABLE);
	if (name != NULL && name[0] != '\0') {
		int status = rtm_conf_file_read(
		    name, label, &conf, &origin, EXIT_FAILURE);

		if (status != 0)
			return status;
		if (strcmp(name, "-") == 0)
			label = "standard input";
		else if (!rtm_conf_is_line(name))
			label = name;
	}
	print_options(&conf, &origin, label);
	print_classes(&conf, &origin, label);
	return rtm_message_print("");
}

static void
print_check(const char *name, const struct rtm_conf *conf,
    const struct rtm_conf_origin *origin)
{
	unsigned n_options = 0;

	for (unsigned id = 0; id < RTM_N_OPTIONS; id++)
		n_options += origin->options[id] != RTM_ORIGIN_BUILT_IN;
	printf("%s: right; sets %u option%s and ", name, n_options,
	    n_options == 1 ? "" : "s");
	if (origin->classes == RTM_ORIGIN_BUILT_IN)
		puts("no size classes");
	else
		printf("%u size class%s\n", conf->n_classes,
		    conf->n_classes == 1 ? "" : "es");
	if (origin->classes == RTM_ORIGIN_BUILT_IN)
		return;
	for (unsigned i = 0; i < conf->n_classes; i++)
		if (is_idle_class(conf->classes[i].size))
			printf("%s: note: class %u serves no request; above 8 "
			       "only multiples of 16 do\n",
			    name, conf->classes[i].size);
}

static int
check(char **names)
{
	int result = 0;

	for (; *names != NULL; names++) {
		struct rtm_conf conf = rtm_conf_default;
		struct rtm_conf_origin origin = { .classes =
						      RTM_ORIGIN_BUILT_IN };
		int status = rtm_conf_file_read(
		    *names, "command line", &conf, &origin, EXIT_FAILURE);

		if (status == 0)
			print_check(*names, &conf, &origin);
		else
			result = status;
	}
	if (rtm_message_print("") != 0)
		return EXIT_FAILURE;
	return result;
}

static int
run_word(int argc, char **argv)
{
	const char *word = argv[0];

	if (strcmp(word, "check") == 0) {
		if (argc == 1)
			return rtm_message_usage("config", "missing file");
		return check(argv + 1);
	}
	if (strcmp(word, "show") == 0) {
		if (argc > 2)
			return rtm_message_usage(
			    "config", "extra word '%s'", argv[2]);
		return show(argv[1]);
	}
	return rtm_message_usage(
	    "config", "unknown word '%s'; it is check or show", word);
}

int
rtm_cmd_config(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};

	switch (getopt_long(argc, argv, "h", options, NULL)) {
	case -1:
		break;
	case 'h':
		return rtm_message_print(help_text);
	default:
		return rtm_message_usage("config", NULL);
	}
	if (optind == argc)
		return rtm_message_usage(
		    "config", "missing word: check or show");
	return run_word(argc - optind, argv + optind);
}
