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

int
main(void)
{
	size_t n_blocks = 20000;
	void **blocks = test_map(n_blocks * sizeof(*blocks));
	size_t before, n_sum = 0;
	struct test_rng rng;

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
