/*
 * suite.h - runs the cases of one libcheck suite, each in its own process
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>
#include <stddef.h>

/* Returns what main should: 0 if all n_tests cases passed. */
int test_suite_run(const char *name, const TTest *const *tests, size_t n_tests);

#endif /* TESTS_SUPPORT_SUITE_H */
