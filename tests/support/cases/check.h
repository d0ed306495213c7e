/*
 * check.h - what the suites use of libcheck, where libcheck is not there
 *
 * Debian has libcheck for one C library and one processor at a time.  For the
 * others (musl, 32-bit x86, a simulated aarch64) this header stands in for
 * <check.h>, and cases.c runs the cases: the same macros, each case in a
 * process of its own, the same lines of result.  Nothing here calls malloc.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_CASES_CHECK_H
#define TESTS_SUPPORT_CASES_CHECK_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct TTest {
	const char *name;
	void (*run)(void);
	const char *file;
	int line;
} TTest;

#define START_TEST(case_name)                                                \
	static void case_name##_run(void);                                   \
	static const TTest case_name##_case = { #case_name, case_name##_run, \
		__FILE__, __LINE__ };                                        \
	static const TTest *const case_name = &case_name##_case;             \
	static void case_name##_run(void)
#define END_TEST

/* Says where and why, and ends the process with a status of failure. */
_Noreturn void test_case_fail(const char *file, int line, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#define ck_abort_msg(...) test_case_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ck_assert_msg(cond, ...) \
	((cond) ? (void)0 : test_case_fail(__FILE__, __LINE__, __VA_ARGS__))
#define ck_assert(cond) ck_assert_msg(cond, "not so: %s", #cond)

/* Each side is computed once, as by libcheck. */
#define TEST_CASE_COMPARE(type, format, left, op, right)                    \
	do {                                                                \
		const type left_ = (left);                                  \
		const type right_ = (right);                                \
		ck_assert_msg(left_ op right_,                              \
		    "not so: %s " #op " %s, with %" format " and %" format, \
		    #left, #right, left_, right_);                          \
	} while (0)

#define ck_assert_int_eq(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, ==, b)
#define ck_assert_int_ne(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, !=, b)
#define ck_assert_int_ge(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, >=, b)
#define ck_assert_int_gt(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, >, b)
#define ck_assert_int_le(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, <=, b)
#define ck_assert_int_lt(a, b) TEST_CASE_COMPARE(intmax_t, PRIdMAX, a, <, b)
#define ck_assert_uint_eq(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, ==, b)
#define ck_assert_uint_ne(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, !=, b)
#define ck_assert_uint_ge(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, >=, b)
#define ck_assert_uint_gt(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, >, b)
#define ck_assert_uint_le(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, <=, b)
#define ck_assert_uint_lt(a, b) TEST_CASE_COMPARE(uintmax_t, PRIuMAX, a, <, b)
#define ck_assert_ptr_eq(a, b) TEST_CASE_COMPARE(void *, "p", a, ==, b)
#define ck_assert_ptr_ne(a, b) TEST_CASE_COMPARE(void *, "p", a, !=, b)
#define ck_assert_ptr_null(a) ck_assert_ptr_eq(a, NULL)
#define ck_assert_ptr_nonnull(a) ck_assert_ptr_ne(a, NULL)
#define ck_assert_double_eq(a, b) TEST_CASE_COMPARE(double, "f", a, ==, b)
#define ck_assert_double_eq_tol(a, b, tolerance)                         \
	do {                                                             \
		const double off_ = (a) - (b);                           \
		ck_assert_msg(off_ < (tolerance) && -off_ < (tolerance), \
		    "%s is %f off %s", #a, off_, #b);                    \
	} while (0)
#define ck_assert_str_eq(a, b)                                      \
	do {                                                        \
		const char *left_ = (a);                            \
		const char *right_ = (b);                           \
		ck_assert_msg(strcmp(left_, right_) == 0,           \
		    "%s is \"%s\", not \"%s\"", #a, left_, right_); \
	} while (0)
#define ck_assert_mem_eq(a, b, n_bytes) \
	ck_assert_msg(memcmp(a, b, n_bytes) == 0, "%s is not %s", #a, #b)

#endif /* TESTS_SUPPORT_CASES_CHECK_H */
