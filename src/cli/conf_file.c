/*
 * conf_file.c - read the configuration that a user names
 *
 * The library's own reader does the work, so that the command finds right
 * and wrong what a program will.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/conf_file.h"

#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct open_file {
	int fd;
	int error; /* errno of the read that failed, 0: none did */
};

static long
read_some(void *context, char *buffer, size_t n_bytes)
{
	struct open_file *file = context;
	ssize_t n;

	do
		n = read(file->fd, buffer, n_bytes);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		file->error = errno;
	return n < 0 ? -file->error : (long)n;
}

static int
read_open_file(int fd, const char *name, struct rtm_conf *conf,
    struct rtm_conf_origin *origin, int status)
{
	struct open_file file = { .fd = fd };
	const struct rtm_conf_source source = { read_some, &file };
	struct rtm_conf_error error;

	if (rtm_conf_read(conf, origin, &source, name, &error))
		return 0;
	if (file.error != 0)
		return rtm_message_error(
		    status, "%s: %s", name, strerror(file.error));
	return rtm_message_error(status, "%s", error.text);
}

int
rtm_conf_file_read(const char *name, const char *label, struct rtm_conf *conf,
    struct rtm_conf_origin *origin, int status)
{
	struct rtm_conf_error error;
	int fd, result;

	if (strcmp(name, "-") == 0)
		return read_open_file(
		    STDIN_FILENO, "standard input", conf, origin, status);
	if (rtm_conf_is_line(name)) {
		if (rtm_conf_read_line(conf, origin, name, label, &error))
			return 0;
		return rtm_message_error(status, "%s", error.text);
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return rtm_message_error(
		    status, "%s: %s", name, strerror(errno));
	result = read_open_file(fd, name, conf, origin, status);
	close(fd);
	return result;
}
