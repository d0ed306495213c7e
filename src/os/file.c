/*
 * file.c - reading a file with bare system calls
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
rtm_file_open(const char *name)
{
	int saved_errno = errno;
	int file = open(name, O_RDONLY | O_CLOEXEC);
	int result = file >= 0 ? file : -errno;

	errno = saved_errno;
	return result;
}

long
rtm_file_read(int file, char *buffer, size_t n_bytes)
{
	int saved_errno = errno;
	ssize_t n_read;

	do
		n_read = read(file, buffer, n_bytes);
	while (n_read < 0 && errno == EINTR);

	long result = n_read >= 0 ? (long)n_read : -errno;

	errno = saved_errno;
	return result;
}

void
rtm_file_close(int file)
{
	int saved_errno = errno;

	close(file);
	errno = saved_errno;
}
