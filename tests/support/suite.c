/*
 * suite.c - runs the cases of one libcheck suite, each in its own process
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/suite.h"

/* Seconds; a case that takes longer hangs.  CK_TIMEOUT_MULTIPLIER stretches
 * it where programs are slow (valgrind). */
#define CASE_TIMEOUT 60

int
test_suite_run(const char *name, const TTest *const *tests, size_t n_tests)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(tcase, CASE_TIMEOUT);
	for (size_t i = 0; i < n_tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_VERBOSE);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
