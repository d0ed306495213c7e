/*
 * test_limits.c - sizes that nobody can give: NULL, ENOMEM, and no harm done
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/family.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <errno.h>

/* 2 GiB can be had of 4: there it is all of them that is asked for. */
#define ABOVE_SPACE(n_bytes) (TEST_SIZE_BITS > 32 ? (n_bytes) : SIZE_MAX)

/* The last is no larger than PTRDIFF_MAX, but than the address space. */
static const size_t impossible[] = {
	SIZE_MAX,
	SIZE_MAX - 1,
	SIZE_MAX - 15,
	SIZE_MAX - 4095,
	SIZE_MAX - 8192,
	(size_t)PTRDIFF_MAX + 4096,
	(size_t)PTRDIFF_MAX + 1,
	ABOVE_SPACE(PTRDIFF_MAX),
	ABOVE_SPACE(PTRDIFF_MAX - 4096),
	TEST_POWER(62),
	TEST_POWER(50),
	TEST_POWER(47) + 1,
	TEST_POWER(47),
};

/* Not inline: compilers think that they know which functions set errno. */
static __attribute__((noinline)) void
expect_enomem(const char *call, const void *result, size_t n_bytes)
{
	int seen = errno;

	test_require_msg(
	    result == NULL, "%s of %zu bytes gives %p", call, n_bytes, result);
	test_require_msg(seen == ENOMEM, "%s of %zu bytes sets errno %d", call,
	    n_bytes, seen);
	errno = 0;
}

START_TEST(no_call_gives_an_impossible_size)
{
	errno = 0;
	for (size_t i = 0; i < TEST_COUNT(impossible); i++) {
		size_t n = hide_size(impossible[i]);

		expect_enomem("malloc", malloc(n), n);
		expect_enomem("calloc 1 *", calloc(1, n), n);
		expect_enomem("calloc * 1", calloc(n, 1), n);
		expect_enomem("realloc NULL", realloc(NULL, n), n);
		expect_enomem("memalign 16", memalign(16, n), n);
		expect_enomem("memalign 64", memalign(64, n), n);
		expect_enomem("memalign 1 MiB", memalign(MIB(1), n), n);
		expect_enomem("aligned_alloc 8", aligned_alloc(8, n), n);
		expect_enomem("aligned_alloc 4096", aligned_alloc(4096, n), n);
		expect_enomem("valloc", valloc(n), n);
		expect_enomem("pvalloc", pvalloc(n), n);
	}
}
END_TEST

START_TEST(posix_memalign_of_an_impossible_size_touches_nothing)
{
	for (size_t i = 0; i < TEST_COUNT(impossible); i++) {
		for (size_t align = 8; align <= MIB(2); align *= 2) {
			void *ptr = &ptr;

			errno = EDOM;
			test_require(posix_memalign(&ptr, align,
					 hide_size(impossible[i])) == ENOMEM);
			test_require(ptr == &ptr);
			test_require(errno == EDOM);
		}
	}
}
END_TEST

START_TEST(a_realloc_that_fails_leaves_the_block_as_it_was)
{
	static const size_t sizes[] = { 1, 16, 1000, KIB(40), MIB(1), MIB(9) };

	for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
		void *block = malloc(sizes[i]);

		test_fill(block, sizes[i]);
		for (size_t j = 0; j < TEST_COUNT(impossible); j++) {
			size_t n = hide_size(impossible[j]);

			errno = 0;
			expect_enomem("realloc", realloc(block, n), n);
			test_verify(block, sizes[i]);
		}
		test_require(malloc_usable_size(block) >= sizes[i]);
		free(block);
	}
}
END_TEST

/* The smallest number whose square is no size_t. */
#define HALF TEST_POWER(TEST_SIZE_BITS / 2)

START_TEST(a_calloc_whose_product_overflows_fails)
{
	static const size_t pairs[][2] = {
		{ SIZE_MAX, 2 },
		{ 2, SIZE_MAX },
		{ SIZE_MAX, SIZE_MAX },
		{ SIZE_MAX / 2 + 1, 2 },
		{ 2, SIZE_MAX / 2 + 1 },
		/* These products are 0, 16 and 64 where size_t ends. */
		{ HALF, HALF },
		{ SIZE_MAX / 16 + 2, 16 },
		{ 64, SIZE_MAX / 64 + 2 },
		{ SIZE_MAX / 2 + 1, 2 },
		{ SIZE_MAX / 3 + 1, 3 },
		/* These do not overflow, but are above PTRDIFF_MAX. */
		{ HALF, HALF / 2 },
		{ 3, SIZE_MAX / 4 + 1 },
	};

	errno = 0;
	for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
		size_t count = hide_size(pairs[i][0]);
		size_t size = hide_size(pairs[i][1]);

		expect_enomem("calloc", calloc(count, size), count);
	}
}
END_TEST

START_TEST(an_impossible_alignment_fails)
{
	for (size_t align = TEST_POWER(47); align != 0; align *= 2) {
		void *ptr = &ptr;

		errno = 0;
		expect_enomem(
		    "aligned_alloc", aligned_alloc(hide_size(align), 1), 1);
		expect_enomem("memalign", memalign(hide_size(align), 1), 1);
		expect_enomem("memalign",
		    memalign(hide_size(align), hide_size(SIZE_MAX)), SIZE_MAX);
		test_require(
		    posix_memalign(&ptr, hide_size(align), 1) == ENOMEM);
		test_require(ptr == &ptr);
	}
	/* No power of two is as large as this. */
	errno = 0;
	test_require(memalign(hide_size(SIZE_MAX), 1) == NULL);
	test_require(errno == ENOMEM || errno == EINVAL);
}
END_TEST

START_TEST(after_impossible_requests_the_heap_works)
{
	size_t before = test_rss();

	for (size_t round = 0; round < test_rounds(100000); round++) {
		size_t i = round % TEST_COUNT(impossible);

		test_require(malloc(hide_size(impossible[i])) == NULL);
	}
	for (size_t n_bytes = 1; n_bytes <= MIB(16); n_bytes *= 2) {
		void *block = malloc(n_bytes);

		test_require(block != NULL);
		test_fill(block, n_bytes);
		test_verify(block, n_bytes);
		free(block);
	}
	test_rss_expect(before, MIB(8), 3000);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = {
		no_call_gives_an_impossible_size,
		posix_memalign_of_an_impossible_size_touches_nothing,
		a_realloc_that_fails_leaves_the_block_as_it_was,
		a_calloc_whose_product_overflows_fails,
		an_impossible_alignment_fails,
		after_impossible_requests_the_heap_works,
	};

	return test_suite_run("limits", tests, TEST_COUNT(tests));
}
