/*
 * elf_file.c - what an ELF file's headers tell about it
 *
 * Only headers of this machine's own kind are read any further: a library
 * can be preloaded into no other.  The layout is elf(5)'s.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/elf_file.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static bool
read_all(int fd, void *buf, size_t n_bytes, off_t offset)
{
	return pread(fd, buf, n_bytes, offset) == (ssize_t)n_bytes;
}

typedef ElfW(Ehdr) elf_head;
typedef ElfW(Phdr) elf_segment;

/* This very program's header, from the linker: it is of the machine's kind. */
extern const elf_head __ehdr_start __attribute__((visibility("hidden")));

static bool
is_native(const elf_head *head)
{
	return head->e_ident[EI_CLASS] == __ehdr_start.e_ident[EI_CLASS] &&
	    head->e_ident[EI_DATA] == __ehdr_start.e_ident[EI_DATA] &&
	    head->e_machine == __ehdr_start.e_machine;
}

/* Puts the loader's path into elf; false if the headers make no sense. */
static bool
read_interp(int fd, const elf_segment *segment, struct elf_file *elf)
{
	size_t n_bytes = segment->p_filesz;

	if (n_bytes < 2 || n_bytes > sizeof(elf->interp))
		return false;
	return read_all(fd, elf->interp, n_bytes, (off_t)segment->p_offset) &&
	    elf->interp[n_bytes - 1] == '\0';
}

static bool
read_segments(int fd, const elf_head *head, struct elf_file *elf)
{
	elf_segment segment;
	unsigned int i;

	if (head->e_phentsize != sizeof(segment))
		return false;
	for (i = 0; i < head->e_phnum; i++) {
		if (!read_all(fd, &segment, sizeof(segment),
			(off_t)(head->e_phoff + i * sizeof(segment))))
			return false;
		if (segment.p_type == PT_INTERP)
			return read_interp(fd, &segment, elf);
	}
	return true;
}

void
rtm_elf_file_read(int fd, struct elf_file *elf)
{
	elf_head head;

	memset(elf, 0, sizeof(*elf));
	if (!read_all(fd, head.e_ident, SELFMAG, 0) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) {
		elf->kind = ELF_NONE;
		return;
	}
	elf->kind = ELF_BROKEN;
	if (!read_all(fd, &head, sizeof(head), 0))
		return;
	if (!is_native(&head)) {
		elf->kind = ELF_FOREIGN;
		return;
	}
	if (head.e_type != ET_EXEC && head.e_type != ET_DYN)
		return;
	elf->is_shared = head.e_type == ET_DYN;
	if (read_segments(fd, &head, elf))
		elf->kind = ELF_NATIVE;
}
