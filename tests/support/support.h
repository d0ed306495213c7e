/*
 * support.h - what the tests share: failure, chance, patterns, memory in use
 *
 * None of these functions calls malloc: a test that counts pages or has run
 * out of memory measures the allocator and not its own helpers.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_SUPPORT_SUPPORT_H
#define TESTS_SUPPORT_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((size_t)(n) << 30)
#define TEST_SIZE_BITS (sizeof(size_t) * 8)
/* 2 to the n, or the largest power of two that a size_t holds. */
#define TEST_POWER(n) \
	((size_t)1 << ((n) < TEST_SIZE_BITS ? (n) : TEST_SIZE_BITS - 1))
/* Bytes, whole pages of any size, that no address space has. */
#define TEST_TOO_MUCH \
	(TEST_SIZE_BITS > 32 ? TEST_POWER(60) : SIZE_MAX - (KIB(64) - 1))
#define TEST_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ends the process with status 1 and a line on stderr unless cond holds. */
#define test_require(cond) \
	((cond) ? (void)0 : test_fail(__FILE__, __LINE__, "not so: %s", #cond))

/* The same, with words of its own. */
#define test_require_msg(cond, ...) \
	((cond) ? (void)0 : test_fail(__FILE__, __LINE__, __VA_ARGS__))

_Noreturn void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes up to 499 bytes at once. */
void test_say(int fd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ends the process with status 77, which Automake counts as skipped. */
_Noreturn void test_skip(const char *reason);

/* Chance (xorshift64*), the same numbers from the same seed everywhere. */
struct test_rng {
	uint64_t state; /* never 0 */
};

/*
 * The seed of this run: TEST_SEED of the environment, or the clock.  It is
 * printed, so that a failure can be repeated.
 */
uint64_t test_seed(void);
void test_rng_init(struct test_rng *rng, uint64_t seed);
uint64_t test_rng_next(struct test_rng *rng);
/* A number in 0 .. bound-1; bound is not 0. */
size_t test_rng_below(struct test_rng *rng, size_t bound);
/* A size in 1 .. max, small ones as likely as large ones (log-uniform). */
size_t test_rng_size(struct test_rng *rng, size_t max);

/*
 * A pattern made of the block's address and size: a block handed out twice,
 * cut short or written by someone else does not show it any more.  Blocks
 * above 4 KiB carry it at both ends and once in each page.
 */
void test_fill(void *ptr, size_t n_bytes);
/* Fails unless the block carries its pattern. */
void test_verify(const void *ptr, size_t n_bytes);
/* The same after a realloc: the pattern is that of another address and size,
 * of which the first n_kept bytes have to be there. */
void test_verify_moved(
    const void *ptr, size_t n_kept, uintptr_t old_address, size_t old_n_bytes);
/* True if all n_bytes are zero. */
bool test_is_zero(const void *ptr, size_t n_bytes);

/* Resident memory of this process in bytes, counted page by page. */
size_t test_rss(void);
/*
 * Fails unless resident memory is at most `growth` bytes above `before`.  It
 * has wait_ms to come down to that, in which nobody calls malloc.  Not asked
 * where test_is_slow(): the tool's own memory would count; nor in a debug
 * build, which keeps records of all objects.
 */
void test_rss_expect(size_t before, size_t growth, unsigned int wait_ms);

/* Memory for a test's own tables, straight from the system, zero. */
void *test_map(size_t n_bytes);
void test_unmap(void *ptr, size_t n_bytes);

void test_sleep_ms(unsigned int ms);
/* Milliseconds on a clock that only goes forward. */
uint64_t test_clock_ms(void);
/* The number in an environment variable, or fallback. */
unsigned long test_env(const char *name, unsigned long fallback);
/* True in an instrumented build and under valgrind (TEST_SLOW is set). */
bool test_is_slow(void);
/* True on an emulator of another processor, which TEST_EMULATOR names. */
bool test_is_emulated(void);
/*
 * Becomes this program anew, with these arguments, on the same emulator if
 * there is one.  Returns only if that cannot be done.
 */
void test_start_anew(char *const argv[]);
/*
 * How often to do what is otherwise done n times: less often if slow, and a
 * fourth of it with TEST_SHARE=4, for one more build of the same sources.  So
 * it is with bytes and with milliseconds, of which TEST_MS may ask for more.
 */
size_t test_rounds(size_t n);
size_t test_amount(size_t n_bytes);
unsigned int test_duration_ms(unsigned int ms);

#endif /* TESTS_SUPPORT_SUPPORT_H */
