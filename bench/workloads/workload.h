/*
 * workload.h - what the workloads have in common
 *
 *     WORKLOAD [THREADS [PERCENT [VALUE [OPTION]]]]
 *
 * A workload is a file that says how many rounds it has and what one thread
 * does.  Each block is written when it is made and read when it is freed, so
 * that no call can be left out, and the sum over what was read is printed: it
 * depends on the arguments alone, never on the allocator.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BENCH_WORKLOAD_H
#define RTM_BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

struct worker {
	unsigned int id; /* 0 .. n_workers - 1 */
	unsigned int n_workers;
	size_t n_rounds; /* this worker's share */
	size_t value;    /* the third argument, 0 if not given */
	size_t option;   /* the fourth */
	uint64_t random; /* state of random_next; differs by worker */
	uint64_t sum;    /* of all that was read back */
};

/* Defined by the workload: */
extern const size_t workload_rounds;      /* of all workers, at 100 percent */
void workload_run(struct worker *worker); /* in a thread each */

/* Defined by workload.c: */

/* Ends the program, if there is no memory. */
void *must(void *block);

static inline uint64_t
random_next(uint64_t *state) /* xorshift64* */
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dull;
}

/* A number below n, which is less than 2^32. */
static inline size_t
random_below(uint64_t *state, size_t n)
{
	return (size_t)(((random_next(state) >> 32) * n) >> 32);
}

/*
 * Sizes as programs ask for them: two thirds of 16 to 128 bytes, a quarter
 * up to 1 KiB, few up to 8 KiB, one in fifty up to 64 KiB.
 */
size_t random_size(uint64_t *state);

/* The sizes of random_size, and one in a thousand of 64 KiB to 4 MiB. */
size_t random_wide_size(uint64_t *state);

/*
 * A figure that the workload found itself.  It goes as a line of name, unit
 * and value, parted by tabs, to the file that WORKLOAD_FIGURES names, else to
 * stderr.  Units: MiB, ms, us, ns, percent.  Less is better.
 */
void report(const char *name, const char *unit, double value);

/* What of this process is in memory now; allocates nothing. */
double resident_mib(void);

/* Seconds since some moment. */
double now_s(void);

/*
 * A block begins with a word that tells its size, and has a mark in its last
 * byte.  n_bytes is at least 16.
 */
static inline void *
block_write(void *block, size_t n_bytes)
{
	*(size_t *)must(block) = n_bytes;
	((volatile unsigned char *)block)[n_bytes - 1] =
	    (unsigned char)(n_bytes * 7);
	return block;
}

/* What was written; take it along before the block is freed. */
static inline uint64_t
block_read(const void *block)
{
	size_t n_bytes = *(const volatile size_t *)block;

	return n_bytes + ((const volatile unsigned char *)block)[n_bytes - 1];
}

void *block_make(size_t n_bytes);
void block_end(struct worker *worker, void *block);

#ifdef __cplusplus
}
#endif

#endif
