/*
 * give_back.c - how long memory stays after it was freed
 *
 * 256 MiB of blocks of all sizes are made and freed.  Then the program does
 * nothing (VALUE 0), or a little work each hundredth of a second (VALUE 1), and
 * sees what is resident: at once, after one second, after three, and when it
 * falls below an eighth of the peak.  Later than the limit counts as the limit.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>
#include <unistd.h>

enum { TICK_US = 10 * 1000, LIMIT_S = 4, N_LITTLE = 100 };

/* Bytes, not rounds: those that are alive at the same time. */
const size_t workload_rounds = 256 * MIB;

static void
work_a_little(struct worker *worker)
{
	void *blocks[N_LITTLE];
	size_t i;

	for (i = 0; i < N_LITTLE; i++)
		blocks[i] = block_make(16 + i);
	for (i = 0; i < N_LITTLE; i++)
		block_end(worker, blocks[i]);
}

static void
fill_and_free(struct worker *worker)
{
	size_t n_bytes = 0, n_blocks = 0, max_blocks = worker->n_rounds / 64;
	void **blocks = must(malloc(max_blocks * sizeof(*blocks)));
	size_t i, k;

	while (n_bytes < worker->n_rounds && n_blocks < max_blocks) {
		size_t size = random_wide_size(&worker->random);

		blocks[n_blocks] = block_make(size);
		for (k = 4 * KIB; k < size - 1; k += 4 * KIB)
			((volatile char *)blocks[n_blocks])[k] = 1;
		n_bytes += size;
		n_blocks++;
	}
	report("rss_peak", "MiB", resident_mib());
	for (i = 0; i < n_blocks; i++)
		block_end(worker, blocks[i]);
	free(blocks);
}

static void
watch(struct worker *worker, double low_mib)
{
	static const double times[] = { 1, 3 };
	static const char *const names[] = { "rss_after_1_s", "rss_after_3_s" };
	double start = now_s(), low_ms = 0, elapsed;
	size_t i_time = 0;

	for (elapsed = 0; elapsed < LIMIT_S; elapsed = now_s() - start) {
		double mib = resident_mib();

		if (mib < low_mib && low_ms == 0)
			low_ms = elapsed * 1000;
		if (i_time < 2 && elapsed >= times[i_time])
			report(names[i_time++], "MiB", mib);
		if (i_time == 2 && low_ms > 0)
			break;
		usleep(TICK_US);
		if (worker->value)
			work_a_little(worker);
	}
	report("ms_to_an_eighth", "ms", low_ms > 0 ? low_ms : LIMIT_S * 1000.0);
}

void
workload_run(struct worker *worker)
{
	double peak;

	fill_and_free(worker);
	peak = (double)worker->n_rounds / (double)MIB;
	report("rss_at_once", "MiB", resident_mib());
	watch(worker, peak / 8);
	/* How many times it worked depends on the clock. */
	if (worker->value)
		worker->sum = 0;
}
