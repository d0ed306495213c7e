/*
 * file.h - reading a file with bare system calls
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_FILE_H
#define RTM_OS_FILE_H

#include <stddef.h>

/* A descriptor for reading, or -errno.  Keeps errno. */
int rtm_file_open(const char *name);

/* At most n_bytes into the buffer: how many, 0 at the end, or -errno. */
long rtm_file_read(int file, char *buffer, size_t n_bytes);

void rtm_file_close(int file);

#endif
