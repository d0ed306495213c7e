/*
 * warm.c - makes sure that the machine has memory at hand
 *
 *     warm MIB
 *
 * In a virtual machine whose host takes back what has been free for some
 * seconds, the first touch of such a page waits for the host: 20 times as long
 * as for the kernel alone, and only in runs that happen to be handed these
 * pages.  Touching memory and giving it back, just before a run, puts it first
 * in line for the run.  Where there is no such host this does no harm.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

int
main(int argc, char **argv)
{
	size_t n_bytes = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	char *memory;
	size_t i;

	if (n_bytes == 0) {
		fputs("usage: warm MIB\n", stderr);
		return 2;
	}
	memory = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("warm");
		return 1;
	}
	madvise(memory, n_bytes, MADV_HUGEPAGE);
	for (i = 0; i < n_bytes; i += PAGE)
		((volatile char *)memory)[i] = 1;
	return 0;
}
