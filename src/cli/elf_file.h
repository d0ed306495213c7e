/*
 * elf_file.h - what an ELF file's headers tell about it
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_ELF_FILE_H
#define RTM_CLI_ELF_FILE_H

#include <limits.h>
#include <stdbool.h>

enum elf_kind {
	ELF_NONE,    /* not an ELF file */
	ELF_FOREIGN, /* of another machine, word size or byte order */
	ELF_BROKEN,  /* cut off, or its headers contradict themselves */
	ELF_NATIVE,
};

struct elf_file {
	enum elf_kind kind;
	bool is_shared;        /* ET_DYN: a library, or a PIE */
	char interp[PATH_MAX]; /* the loader it names, "" for none */
};

/*
 * Reads the headers from fd, whose offset stays where it is.  A field after
 * kind means something only for ELF_NATIVE.
 */
void rtm_elf_file_read(int fd, struct elf_file *elf);

#endif
