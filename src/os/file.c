/*
 * file.c - reading and writing files with bare system calls
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

int
rtm_file_create(const char *name)
{
	int saved_errno = errno;
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int result = file >= 0 ? file : -errno;

	errno = saved_errno;
	return result;
}

static bool
identify(int file, uint64_t *device, uint64_t *inode)
{
	struct stat status;
	int saved_errno = errno;
	bool is_open = fstat(file, &status) == 0;

	errno = saved_errno;
	if (is_open) {
		*device = status.st_dev;
		*inode = status.st_ino;
	}
	return is_open;
}

bool
rtm_file_keep(int file, struct rtm_file_kept *kept)
{
	/* Out of the way: programs count on the low ones. */
	enum { COPY_FROM = 200, LOWEST = 3 };
	int saved_errno = errno;

	if (!identify(file, &kept->device, &kept->inode))
		return false;
	kept->theirs = file;
	kept->copy = fcntl(file, F_DUPFD_CLOEXEC, COPY_FROM);
	if (kept->copy < 0)
		kept->copy = fcntl(file, F_DUPFD_CLOEXEC, LOWEST);
	errno = saved_errno;
	return true;
}

int
rtm_file_kept(const struct rtm_file_kept *kept)
{
	const int files[] = { kept->copy, kept->theirs };
	uint64_t device, inode;

	for (int i = 0; i < 2; i++)
		if (files[i] >= 0 && identify(files[i], &device, &inode) &&
		    device == kept->device && inode == kept->inode)
			return files[i];
	return -1;
}

int
rtm_file_write(int file, const char *bytes, size_t n_bytes)
{
	int saved_errno = errno;
	int result = 0;

	while (n_bytes != 0 && result == 0) {
		ssize_t n_written = write(file, bytes, n_bytes);

		if (n_written >= 0) {
			bytes += n_written;
			n_bytes -= (size_t)n_written;
		} else if (errno != EINTR) {
			result = -errno;
		}
	}
	errno = saved_errno;
	return result;
}

bool
rtm_file_absolute(const char *name, char *path, size_t n_bytes)
{
	int saved_errno = errno;
	size_t length = 0;
	/* The system call, which says the length; libc's may allocate. */
	long n = name[0] == '/' ? 0 : syscall(SYS_getcwd, path, n_bytes);

	errno = saved_errno;
	if (n > 1) {
		length = (size_t)n - 1;
		if (path[length - 1] != '/')
			path[length++] = '/';
	}
	if (n < 0 || strlen(name) >= n_bytes - length)
		return false;
	memcpy(path + length, name, strlen(name) + 1);
	return true;
}

void
rtm_file_own_name(char *name, size_t n_bytes)
{
	char path[4096];
	int saved_errno = errno;
	long n = syscall(
	    SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof(path) - 1);

	errno = saved_errno;

	const char *last = "unknown";

	if (n > 0) {
		path[n] = '\0';
		last =
		    strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	}

	size_t length = strlen(last);

	if (length >= n_bytes)
		length = n_bytes - 1;
	memcpy(name, last, length);
	name[length] = '\0';
}
