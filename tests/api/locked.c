/*
 * locked.c - a program that locks all its memory does not pay for addresses
 *
 * After mlockall(MCL_CURRENT | MCL_FUTURE) the kernel fills whatever becomes
 * readable.  Address space that is only reserved must not be filled, neither
 * what is there at the call nor what is opened later.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/support.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Most kernels show the one page of zeros where nothing was written yet.  One
 * that does not fills any address space that can be read.
 */
static bool
has_page_of_zeros(void)
{
	const size_t n_bytes = MIB(4);
	const volatile char *pages =
	    mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before = test_rss();
	int sum = 0;

	test_require(pages != MAP_FAILED);
	for (size_t i = 0; i < n_bytes; i += KIB(4))
		sum += pages[i];
	test_require(sum == 0);

	bool is_there = test_rss() < before + n_bytes / 2;

	munmap((void *)(uintptr_t)pages, n_bytes);
	return is_there;
}

int
main(void)
{
	size_t n_blocks = 20000;
	void **blocks = test_map(n_blocks * sizeof(*blocks));
	size_t before, n_sum = 0;
	struct test_rng rng;

	if (!has_page_of_zeros())
		test_skip("this kernel gives memory to what is only read");
	test_rng_init(&rng, test_seed());
	free(malloc(100));
	before = test_rss();
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		test_skip("mlockall is not allowed here");
	test_rss_expect(before, MIB(24), 0);
	for (size_t i = 0; i < n_blocks; i++) {
		size_t n_bytes = test_rng_size(&rng, KIB(64));

		blocks[i] = malloc(n_bytes);
		if (blocks[i] == NULL) {
			test_require(errno == ENOMEM);
			test_skip("too little memory may be locked here");
		}
		memset(blocks[i], 1, n_bytes);
		n_sum += n_bytes;
	}
	test_rss_expect(before, n_sum + n_sum / 2 + MIB(32), 0);
	for (size_t i = 0; i < n_blocks; i++)
		free(blocks[i]);
	/* Freed memory is not lost because it cannot be given back. */
	for (size_t round = 0; round < 200; round++) {
		void *block = malloc(MIB(8));

		test_require(block != NULL);
		memset(block, 1, MIB(8));
		free(block);
	}
	test_rss_expect(before, n_sum + n_sum / 2 + MIB(64), 0);
	return 0;
}
