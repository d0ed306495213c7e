/*
 * gen_default.c - makes default_conf.c, the built-in configuration
 *
 *	gen_default DEFAULT_TOML [FILE]  >default_conf.c
 *
 * Runs while the library is built, on the machine that builds.  Reads
 * conf/default.toml, and FILE on top of it: what FILE does not name stays.
 * Exits 1 with the reader's message if either is not right.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/toml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long
read_stdio(void *context, char *buffer, size_t n_bytes)
{
	FILE *file = context;
	size_t n = fread(buffer, 1, n_bytes, file);

	return ferror(file) ? -errno : (long)n;
}

static void
read_file(struct rtm_conf *conf, const char *name)
{
	struct rtm_conf_error error;
	struct rtm_conf_source source = { .read = read_stdio };
	FILE *file = fopen(name, "r");

	if (file == NULL) {
		fprintf(stderr, "gen_default: %s: %s\n", name, strerror(errno));
		exit(EXIT_FAILURE);
	}
	source.context = file;
	if (!rtm_conf_read(conf, NULL, &source, name, &error)) {
		fprintf(stderr, "gen_default: %s\n", error.text);
		exit(EXIT_FAILURE);
	}
	fclose(file);
}

static void
write_conf(const struct rtm_conf *conf)
{
	printf("/* default_conf.c - made by gen_default; edit the TOML file "
	       "instead */\n"
	       "#include \"conf/conf.h\"\n\n"
	       "_Static_assert(RTM_PAGE_SIZE == %zu,\n"
	       "    \"made for another size of page\");\n\n"
	       "const struct rtm_conf rtm_conf_default = {\n",
	    conf->page_size);
	for (unsigned id = 0; id < RTM_N_OPTIONS; id++)
		printf("\t.%s = %zu,\n", rtm_option_table[id].name,
		    rtm_option_get(conf, (enum rtm_option_id)id));
	printf("\t.n_classes = %u,\n\t.classes = {\n", conf->n_classes);
	for (unsigned i = 0; i < conf->n_classes; i++)
		printf("\t\t{ %" PRIu32 ", %" PRIu32 ", %" PRIu32 " },\n",
		    conf->classes[i].size, conf->classes[i].n_pages,
		    conf->classes[i].batch);
	printf("\t},\n};\n");
}

int
main(int argc, char **argv)
{
	static struct rtm_conf conf = {
#define RTM_OPTION(name, type, unit, value, min, max, doc) .name = value,
#include "conf/options.def"
#undef RTM_OPTION
	};

	if (argc < 2 || argc > 3) {
		fputs("usage: gen_default DEFAULT_TOML [FILE]\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		read_file(&conf, argv[i]);
	if (conf.n_classes == 0) {
		fprintf(
		    stderr, "gen_default: %s: has no size classes\n", argv[1]);
		return EXIT_FAILURE;
	}
	write_conf(&conf);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("gen_default: standard output");
		return EXIT_FAILURE;
	}
	return 0;
}
