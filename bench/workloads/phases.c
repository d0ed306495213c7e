/*
 * phases.c - a program whose sizes change over time
 *
 * Each phase fills the table with blocks of sizes of its own, then frees all
 * but every twentieth: what stays lies scattered when the next phase comes.
 * A thread alone also reports what is resident after the phases of the last
 * time round, and at the very end.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

enum { N_BLOCKS = 50 * 1000, KEEP = 20, N_PHASES = 8 };

const size_t workload_rounds = 16;

static void
report_round(const struct worker *worker, size_t round, size_t n_rounds)
{
	char name[32];

	if (worker->n_workers > 1 || round + N_PHASES < n_rounds)
		return;
	snprintf(name, sizeof(name), "rss_after_%zu-byte_phase",
	    (size_t)16 << round % N_PHASES);
	report(name, "MiB", resident_mib());
}

void
workload_run(struct worker *worker)
{
	/* A worker has its share of the blocks, and all of the rounds. */
	size_t n_rounds = worker->n_rounds * worker->n_workers;
	size_t n_blocks = N_BLOCKS / worker->n_workers;
	void **blocks = must(calloc(n_blocks, sizeof(*blocks)));
	size_t round, i;

	for (round = 0; round < n_rounds; round++) {
		size_t base = (size_t)16 << round % N_PHASES;

		for (i = 0; i < n_blocks; i++) {
			if (!blocks[i])
				blocks[i] = block_make(
				    base + random_below(&worker->random, base));
		}
		for (i = 0; i < n_blocks; i++) {
			if (random_below(&worker->random, KEEP) == 0)
				continue;
			block_end(worker, blocks[i]);
			blocks[i] = NULL;
		}
		report_round(worker, round, n_rounds);
	}
	for (i = 0; i < n_blocks; i++)
		block_end(worker, blocks[i]);
	free(blocks);
	if (worker->n_workers == 1)
		report("rss_at_the_end", "MiB", resident_mib());
}
