/*
 * fuzz_toml.c - any bytes at all go into the reader
 *
 * For libFuzzer.  The first byte picks the form (file or one line) and how
 * many bytes the source gives at a time.  Aborts if what was read breaks a
 * promise: a table in order, spans that hold their class, numbers in their
 * bounds; or, if it was refused, nothing changed and one printable line.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "conf/toml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

struct input {
	const uint8_t *next;
	size_t n_left, n_step;
};

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static long
read_input(void *context, char *buffer, size_t n_bytes)
{
	struct input *input = context;
	size_t n = input->n_step < n_bytes ? input->n_step : n_bytes;

	if (n > input->n_left)
		n = input->n_left;
	memcpy(buffer, input->next, n);
	input->next += n;
	input->n_left -= n;
	return (long)n;
}

static void
check_conf(const struct rtm_conf *conf)
{
	uint32_t before = 0;

	for (unsigned id = 0; id < RTM_N_OPTIONS; id++) {
		size_t value = rtm_option_get(conf, (enum rtm_option_id)id);

		require(value >= rtm_option_table[id].min);
		require(value <= rtm_option_table[id].max);
	}
	require(conf->page_size == RTM_PAGE_SIZE);
	require(conf->thread_cache_size >= conf->min_per_thread_cache);
	require(conf->n_classes >= 1 && conf->n_classes <= RTM_CLASSES_MAX);
	for (unsigned i = 0; i < conf->n_classes; i++) {
		const struct rtm_class_spec *spec = &conf->classes[i];
		size_t n_span = spec->n_pages * RTM_PAGE_SIZE;

		require(spec->size > before && spec->size % 8 == 0);
		require(spec->size <= RTM_CLASS_SIZE_MAX);
		require(spec->n_pages <= RTM_SPAN_PAGES_MAX);
		require(n_span >= spec->size);
		require(n_span / spec->size <= RTM_SPAN_OBJECTS_MAX);
		require(spec->batch >= 1 && spec->batch <= RTM_BATCH_MAX);
		before = spec->size;
	}
}

static void
check_refusal(const struct rtm_conf *conf, const struct rtm_conf_error *error)
{
	require(memcmp(conf, &rtm_conf_default, sizeof(*conf)) == 0);
	require(memchr(error->text, '\0', sizeof(error->text)) != NULL);
	require(strlen(error->text) > 3);
	for (const char *c = error->text; *c != '\0'; c++)
		require(*c >= ' ' && *c <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	struct rtm_conf conf = rtm_conf_default;
	struct rtm_conf_origin origin = { .classes = 0 };
	struct rtm_conf_error error;
	bool is_read;

	if (n_bytes == 0)
		return 0;
	memset(&error, 0xff, sizeof(error));
	if ((data[0] & 1) != 0) {
		char *line = calloc(n_bytes, 1);

		require(line != NULL);
		memcpy(line, data + 1, n_bytes - 1);
		is_read = rtm_conf_read_line(&conf, &origin, line, "V", &error);
		free(line);
	} else {
		struct input input = { data + 1, n_bytes - 1, data[0] + 1u };
		struct rtm_conf_source source = { read_input, &input };

		is_read = rtm_conf_read(&conf, &origin, &source, "f", &error);
	}
	if (is_read)
		check_conf(&conf);
	else
		check_refusal(&conf, &error);
	return 0;
}
