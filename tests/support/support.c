/*
 * support.c - what the tests share: failure, chance, memory in use
 *
 * Invariant: no function here calls malloc, directly or through libc.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/support/support.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* dprintf would allocate. */
static void
say_to(int fd, const char *text)
{
	ssize_t n_written = write(fd, text, strlen(text));

	(void)n_written;
}

void
test_say(int fd, const char *format, ...)
{
	char text[500];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say_to(fd, text);
}

void
test_fail(const char *file, int line, const char *format, ...)
{
	char text[500];
	va_list args;
	int n = snprintf(text, sizeof(text), "%s:%d: ", file, line);
	size_t length = n < 0 ? 0 : (size_t)n;

	va_start(args, format);
	vsnprintf(text + length, sizeof(text) - length - 1, format, args);
	va_end(args);
	length = strlen(text);
	text[length++] = '\n';
	text[length] = '\0';
	say_to(STDERR_FILENO, text);
	_exit(1);
}

void
test_skip(const char *reason)
{
	test_say(STDERR_FILENO, "skipped: %s\n", reason);
	_exit(77);
}

unsigned long
test_env(const char *name, unsigned long fallback)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? strtoul(text, NULL, 0)
					     : fallback;
}

bool
test_is_slow(void)
{
	return test_env("TEST_SLOW", 0) != 0;
}

bool
test_is_emulated(void)
{
	const char *emulator = getenv("TEST_EMULATOR");

	return emulator != NULL && *emulator != '\0';
}

/* The shell takes the emulator's command apart. */
void
test_start_anew(char *const argv[])
{
	static char self[4096], script[] = "exec $TEST_EMULATOR \"$@\"",
				sh[] = "sh", dash_c[] = "-c";
	char *all[16] = { sh, dash_c, script, sh, self };
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!test_is_emulated()) {
		execv("/proc/self/exe", argv);
		return;
	}
	if (length <= 0)
		return;
	for (size_t i = 1; argv[i] != NULL; i++) {
		test_require(i + 5 < TEST_COUNT(all));
		all[i + 4] = argv[i];
	}
	execv("/bin/sh", all);
}

static unsigned int
divisor(void)
{
	unsigned int n = (unsigned int)test_env("TEST_SHARE", 1);

	return n > 0 ? n : 1;
}

size_t
test_rounds(size_t n)
{
	size_t n_rounds = test_is_slow() ? n / 32 + 1 : n;

	return (n_rounds + divisor() - 1) / divisor();
}

unsigned int
test_duration_ms(unsigned int ms)
{
	return (unsigned int)test_env("TEST_MS", ms / divisor());
}

size_t
test_amount(size_t n_bytes)
{
	return n_bytes / divisor();
}

uint64_t
test_seed(void)
{
	struct timespec now;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = ((uint64_t)now.tv_sec << 20) ^ (uint64_t)now.tv_nsec;
	seed = test_env("TEST_SEED", seed & 0xffffffff);
	test_say(STDERR_FILENO, "TEST_SEED=%lu\n", (unsigned long)seed);
	return seed;
}

void
test_rng_init(struct test_rng *rng, uint64_t seed)
{
	rng->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (rng->state == 0)
		rng->state = 1;
	test_rng_next(rng);
}

uint64_t
test_rng_next(struct test_rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * UINT64_C(0x2545f4914f6cdd1d);
}

size_t
test_rng_below(struct test_rng *rng, size_t bound)
{
	return (size_t)((test_rng_next(rng) >> 16) % bound);
}

size_t
test_rng_size(struct test_rng *rng, size_t max)
{
	size_t bits = 1;

	while (bits < 63 && max >> bits != 0)
		bits++;
	for (;;) {
		size_t top = (size_t)1 << test_rng_below(rng, bits);
		size_t n_bytes = top + test_rng_below(rng, top);

		if (n_bytes <= max)
			return n_bytes;
	}
}

/* The number behind "Rss:" in /proc/self/smaps_rollup, in bytes.  It is
 * exact; the counters in statm lag behind by some pages for each CPU. */
size_t
test_rss(void)
{
	char text[2048];
	size_t n_read = 0;
	const char *line;
	int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);

	test_require_msg(fd >= 0, "smaps_rollup: %s", strerror(errno));
	while (n_read < sizeof(text) - 1) {
		ssize_t n = read(fd, text + n_read, sizeof(text) - 1 - n_read);

		if (n <= 0)
			break;
		n_read += (size_t)n;
	}
	close(fd);
	text[n_read] = '\0';
	line = strstr(text, "\nRss:");
	test_require_msg(line != NULL, "smaps_rollup names no Rss");
	return KIB(strtoul(line + 5, NULL, 10));
}

void
test_rss_expect(size_t before, size_t growth, unsigned int wait_ms)
{
	uint64_t start = test_clock_ms();
	size_t rss = test_rss();

	while (rss > before + growth && test_clock_ms() - start < wait_ms) {
		test_sleep_ms(25);
		rss = test_rss();
	}
	test_require_msg(rss <= before + growth || test_is_slow() || RTM_DEBUG,
	    "resident: %zu KiB at first, %zu KiB now, after %d ms",
	    before / 1024, rss / 1024, (int)(test_clock_ms() - start));
}

void *
test_map(size_t n_bytes)
{
	void *ptr = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	test_require_msg(ptr != MAP_FAILED, "mmap: %s", strerror(errno));
	return ptr;
}

void
test_unmap(void *ptr, size_t n_bytes)
{
	test_require(munmap(ptr, n_bytes) == 0);
}

void
test_sleep_ms(unsigned int ms)
{
	struct timespec left = {
		.tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0)
		test_require(errno == EINTR);
}

uint64_t
test_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
