/*
 * secure_probe.c - tells whether the environment reached the allocator
 *
 * Prints 1 if it runs with more rights than its caller (AT_SECURE), else 0,
 * and the size of its address space in MiB.  RTMALLOC_PAGE_MAP=tree makes
 * the allocator do without its map of 16 GiB, which shows in that size.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

static unsigned long
address_space_mib(void)
{
	char text[200];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n_read;

	test_require(fd >= 0);
	n_read = read(fd, text, sizeof(text) - 1);
	test_require(n_read > 0);
	close(fd);
	text[n_read] = '\0';
	return strtoul(text, NULL, 10) * (unsigned long)sysconf(_SC_PAGESIZE) /
	    MIB(1);
}

int
main(void)
{
	for (size_t n = 1; n < MIB(64); n *= 2)
		free(malloc(n));
	test_say(STDOUT_FILENO, "%d %lu\n", getauxval(AT_SECURE) != 0,
	    address_space_mib());
	return 0;
}
