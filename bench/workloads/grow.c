/*
 * grow.c - arrays grow by realloc, half as large again each time
 *
 * Sixteen grow at once, to 16 KiB, 1 MiB or 64 MiB, so that they stand in each
 * other's way.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <stdlib.h>
#include <string.h>

enum { N_ARRAYS = 16 };

struct array {
	unsigned char *bytes;
	size_t n_bytes, end;
};

const size_t workload_rounds = 20 * 1000;

static size_t
pick_end(uint64_t *random)
{
	size_t kind = random_below(random, 100);

	return kind < 90 ? 16 * KIB : kind < 99 ? 1 * MIB : 64 * MIB;
}

static void
grow(struct array *array)
{
	size_t n_bytes = array->n_bytes + array->n_bytes / 2 + 16;

	array->bytes = must(realloc(array->bytes, n_bytes));
	memset(array->bytes + array->n_bytes, (int)(n_bytes & 255),
	    n_bytes - array->n_bytes);
	array->n_bytes = n_bytes;
}

void
workload_run(struct worker *worker)
{
	struct array arrays[N_ARRAYS] = { { NULL, 0, 0 } };
	size_t i;

	for (i = 0; i < worker->n_rounds; i++) {
		struct array *array = &arrays[i % N_ARRAYS];

		if (array->n_bytes >= array->end) {
			free(array->bytes);
			*array = (struct array){ NULL, 0,
				pick_end(&worker->random) };
		}
		grow(array);
		worker->sum += array->bytes[array->n_bytes / 2];
	}
	for (i = 0; i < N_ARRAYS; i++)
		free(arrays[i].bytes);
}
