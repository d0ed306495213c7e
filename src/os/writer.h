/*
 * writer.h - text into a file, where stdio cannot be used
 *
 * Collects, and writes with bare system calls.  No allocation, no locks.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_WRITER_H
#define RTM_OS_WRITER_H

#include "base/format.h"

struct rtm_writer {
	int file;
	int error; /* 0, or -errno of the first write that failed */
	struct rtm_text text;
	char buffer[4096];
};

/* The file is a descriptor; it stays open. */
void rtm_writer_init(struct rtm_writer *writer, int file);

void rtm_writer_add(struct rtm_writer *writer, const char *string);
void rtm_writer_add_number(struct rtm_writer *writer, uint64_t number);

/* With blanks before it, so that it ends in the column. */
void rtm_writer_add_right(
    struct rtm_writer *writer, uint64_t number, unsigned width);

/* Writes what is left: 0, or -errno if anything could not be written. */
int rtm_writer_finish(struct rtm_writer *writer);

#endif
