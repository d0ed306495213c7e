/*
 * mistakes_foreign.c - pointers that nobody got from malloc
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/misuse/mistakes.h"
#include "tests/support/family.h"
#include "tests/support/support.h"

static int static_data[64];

static void
free_stack(void)
{
	int on_stack[64] = { 0 };

	free(tell(&on_stack[8]));
}

static void
free_static(void)
{
	free(tell(static_data));
}

static void
free_code(void)
{
	free(tell((void *)(uintptr_t)free_static));
}

static void
free_mapped(void)
{
	free(tell(test_map(MIB(1))));
}

static void
free_tiny_number(void)
{
	free(tell((void *)(uintptr_t)1));
}

static void
free_first_page(void)
{
	free(tell((void *)(uintptr_t)4096));
}

static void
free_minus_one(void)
{
	free(tell((void *)UINTPTR_MAX));
}

static void
free_kernel_address(void)
{
	free(tell((void *)(uintptr_t)0xffffffff81000000));
}

static void
free_non_canonical(void)
{
	free(tell((void *)TEST_POWER(63)));
}

static void
free_end_of_addresses(void)
{
	free(tell((void *)TEST_POWER(47)));
}

static void
free_far_behind_the_heap(void)
{
	char *block = malloc(100);

	free(tell(block + (TEST_SIZE_BITS > 32 ? GIB(64) : GIB(1))));
}

static void
realloc_stack(void)
{
	int on_stack[64] = { 0 };

	test_require(realloc(tell(&on_stack[8]), 100) == NULL);
}

static void
realloc_static_to_0(void)
{
	test_require(realloc(tell(static_data), hide_size(0)) == NULL);
}

static void
realloc_static_to_too_much(void)
{
	test_require(realloc(tell(static_data), hide_size(MIB(1))) == NULL);
}

static void
cfree_static(void)
{
	cfree(tell(static_data));
}

static void
free_sized_static(void)
{
	free_sized(tell(static_data), sizeof(static_data));
}

static void
free_aligned_sized_static(void)
{
	free_aligned_sized(tell(static_data), 64, sizeof(static_data));
}

static void
usable_size_static(void)
{
	test_require(malloc_usable_size(tell(static_data)) == 1);
}

const struct mistake mistakes_foreign[] = {
	MISTAKE(free_stack, "free", FOREIGN),
	MISTAKE(free_static, "free", FOREIGN),
	MISTAKE(free_code, "free", FOREIGN),
	MISTAKE(free_mapped, "free", FOREIGN),
	MISTAKE(free_tiny_number, "free", FOREIGN),
	MISTAKE(free_first_page, "free", FOREIGN),
	MISTAKE(free_minus_one, "free", FOREIGN),
	MISTAKE(free_kernel_address, "free", FOREIGN),
	MISTAKE(free_non_canonical, "free", FOREIGN),
	MISTAKE(free_end_of_addresses, "free", FOREIGN),
	MISTAKE(free_far_behind_the_heap, "free", FOREIGN),
	MISTAKE(realloc_stack, "realloc", FOREIGN),
	MISTAKE(realloc_static_to_0, "realloc", FOREIGN),
	MISTAKE(realloc_static_to_too_much, "realloc", FOREIGN),
	MISTAKE(cfree_static, "cfree", FOREIGN),
	MISTAKE(free_sized_static, "free_sized", FOREIGN),
	MISTAKE(free_aligned_sized_static, "free_aligned_sized", FOREIGN),
	MISTAKE(usable_size_static, "malloc_usable_size", FOREIGN),
	MISTAKES_END,
};
