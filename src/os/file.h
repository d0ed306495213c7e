/*
 * file.h - reading and writing files with bare system calls
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_FILE_H
#define RTM_OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A descriptor for reading, or -errno.  Keeps errno. */
int rtm_file_open(const char *name);

/* At most n_bytes into the buffer: how many, 0 at the end, or -errno. */
long rtm_file_read(int file, char *buffer, size_t n_bytes);

void rtm_file_close(int file);

/* A descriptor for writing a file anew, or -errno.  Keeps errno. */
int rtm_file_create(const char *name);

/*
 * A file that somebody has open, to be written to later.  Programs close and
 * reuse descriptors as they like, ours too: so there are two, and each is
 * looked at before it is used.
 */
struct rtm_file_kept {
	int theirs;
	int copy; /* of ours; negative: none */
	uint64_t device, inode;
};

/* False if there is no such descriptor.  Keeps errno. */
bool rtm_file_keep(int file, struct rtm_file_kept *kept);

/* One that leads to that file still, or -1.  Keeps errno. */
int rtm_file_kept(const struct rtm_file_kept *kept);

/* All of the bytes: 0, or -errno.  Keeps errno. */
int rtm_file_write(int file, const char *bytes, size_t n_bytes);

/*
 * The name with the working directory before it, if it is not absolute yet;
 * false, and the name as it is, if that does not fit or is not known.
 */
bool rtm_file_absolute(const char *name, char *path, size_t n_bytes);

/* The last part of the program's file name; "unknown" if it is not known. */
void rtm_file_own_name(char *name, size_t n_bytes);

#endif
