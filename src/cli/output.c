/*
 * output.c - where a verb writes: standard output, or a file that is whole
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/output.h"

#include "cli/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A device or a pipe has no content that could be half written. */
static bool
is_written_straight(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 && !S_ISREG(status.st_mode);
}

static int
fail(struct rtm_output *output)
{
	int error = errno;

	if (output->draft != NULL)
		unlink(output->draft);
	free(output->draft);
	return rtm_message_error(1, "%s: %s",
	    output->name != NULL ? output->name : "standard output",
	    strerror(error));
}

/* As open(2) would have made it, not as mkstemp(3) does. */
static void
set_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

int
rtm_output_open(struct rtm_output *output, const char *name)
{
	int fd;

	memset(output, 0, sizeof(*output));
	if (name == NULL || strcmp(name, "-") == 0) {
		output->file = stdout;
		return 0;
	}
	output->name = name;
	if (is_written_straight(name)) {
		output->file = fopen(name, "we");
		return output->file != NULL ? 0 : fail(output);
	}
	if (asprintf(&output->draft, "%s.XXXXXX", name) < 0) {
		output->draft = NULL;
		return fail(output);
	}
	fd = mkstemp(output->draft);
	if (fd < 0) {
		free(output->draft);
		output->draft = NULL;
		return fail(output);
	}
	set_mode(fd);
	output->file = fdopen(fd, "w");
	return output->file != NULL ? 0 : fail(output);
}

int
rtm_output_close(struct rtm_output *output)
{
	bool is_bad = ferror(output->file) != 0;

	if (output->name == NULL)
		return is_bad ? fail(output) : rtm_message_print("");
	if (fclose(output->file) != 0 || is_bad)
		return fail(output);
	if (output->draft != NULL && rename(output->draft, output->name) != 0)
		return fail(output);
	free(output->draft);
	return 0;
}
