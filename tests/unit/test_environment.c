/*
 * test_environment.c - os/environment: variables, before libc knows them too
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/environment.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(a_variable_has_its_value)
{
	setenv("RTM_UNIT_A", "one=1", 1);
	setenv("RTM_UNIT_EMPTY", "", 1);
	ck_assert_str_eq(rtm_env_get("RTM_UNIT_A"), "one=1");
	ck_assert_str_eq(rtm_env_get("RTM_UNIT_EMPTY"), "");
	ck_assert_ptr_null(rtm_env_get("RTM_UNIT_NONE"));
}
END_TEST

START_TEST(a_name_that_only_begins_the_same_is_another)
{
	setenv("RTM_UNIT_LONGER", "1", 1);
	ck_assert_ptr_null(rtm_env_get("RTM_UNIT_LONG"));
	ck_assert_ptr_null(rtm_env_get("RTM_UNIT_LONGER1"));
	ck_assert_ptr_null(rtm_env_get(""));
}
END_TEST

START_TEST(without_libc_it_is_read_from_the_stack)
{
	char *first = environ[0];
	size_t n = strcspn(first, "=");
	char name[256];

#ifndef __GLIBC__
	test_skip("this C library does not say where the stack ends");
#endif
	ck_assert_uint_lt(n, sizeof(name));
	memcpy(name, first, n);
	name[n] = '\0';
	environ = NULL;
	ck_assert_str_eq(rtm_env_get(name), first + n + 1);
	ck_assert_ptr_null(rtm_env_get("RTM_UNIT_NONE"));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_variable_has_its_value,
		a_name_that_only_begins_the_same_is_another,
		without_libc_it_is_read_from_the_stack,
	};

	return test_suite_run("environment", tests, TEST_COUNT(tests));
}
