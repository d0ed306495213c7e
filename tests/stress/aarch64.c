/*
 * aarch64.c - the sections for aarch64, as a simulator runs them
 *
 * With an area that no kernel knows, so that nothing is aborted; the
 * descriptor has to be as the kernel asks.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/cpu_view.h"
#include "front/rseq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS = 3, CPU = 5, BASE = 100, ROOM = 8, N_SLOTS = 128 };

#define REQUIRE(what)                                  \
	do {                                           \
		if (!(what)) {                         \
			printf("not so: %s\n", #what); \
			exit(1);                       \
		}                                      \
	} while (0)

static struct rtm_cpu_view view;
static struct rtm_rseq area = { .cpu_id = CPU };
static union {
	struct rtm_bin bins[RTM_N_CLASSES];
	void *slots[N_SLOTS];
} slab;

static void
check_descriptor(void)
{
	struct {
		uint32_t version, flags;
		uint64_t start, length, abort;
	} section;
	uint32_t signature;

	REQUIRE(area.section % 32 == 0);
	memcpy(&section, (void *)(uintptr_t)area.section, sizeof(section));
	memcpy(&signature, (void *)(uintptr_t)(section.abort - 4), 4);
	REQUIRE(section.version == 0 && section.flags == 0);
	REQUIRE(section.abort - section.start >= section.length);
	REQUIRE(signature == RTM_RSEQ_SIGNATURE);
}

int
main(void)
{
	void *in[4] = { (void *)16, (void *)32, (void *)48, (void *)64 };
	void *out[ROOM];
	bool is_aborted = false;
	struct rtm_cpu_slab *mine = (struct rtm_cpu_slab *)(void *)&slab;

	view.slabs[CPU] = mine;
	slab.bins[CLASS].cur = BASE;
	slab.bins[CLASS].end = BASE + ROOM;
	REQUIRE(rtm_rseq_pop(&area, &view, mine, CLASS, &is_aborted) == NULL);
	check_descriptor();
	REQUIRE(rtm_rseq_give(&area, &view, mine, CLASS, in, 4) == 4);
	check_descriptor();
	REQUIRE(slab.bins[CLASS].cur == BASE + 4);
	REQUIRE(memcmp(&slab.slots[BASE + 1], in, sizeof(in)) == 0);
	REQUIRE(rtm_rseq_push(&area, &view, mine, CLASS, in) == RTM_RSEQ_DONE);
	check_descriptor();
	REQUIRE(rtm_rseq_pop(&area, &view, mine, CLASS, &is_aborted) == in);
	REQUIRE(
	    rtm_rseq_take(&area, &view, mine, CLASS, BASE + 1, out, ROOM) == 3);
	check_descriptor();
	REQUIRE(memcmp(out, in + 1, 3 * sizeof(*in)) == 0);
	REQUIRE(rtm_rseq_give(&area, &view, mine, CLASS, in, 3) == 3);
	REQUIRE(memcmp(&slab.slots[BASE + 2], in, 3 * sizeof(*in)) == 0);
	REQUIRE(
	    rtm_rseq_take(&area, &view, mine, CLASS, BASE + 3, out, 1) == 1);
	REQUIRE(out[0] == in[2]);
	REQUIRE(
	    rtm_rseq_take(&area, &view, mine, CLASS, BASE + 1, out, ROOM) == 2);
	REQUIRE(memcmp(out, in, 2 * sizeof(*in)) == 0);
	REQUIRE(rtm_rseq_resize(&area, &view, mine, CLASS, BASE + ROOM,
		    BASE + 1) == RTM_RSEQ_DONE);
	check_descriptor();
	REQUIRE(rtm_rseq_push(&area, &view, mine, CLASS, in) == RTM_RSEQ_FULL);
	REQUIRE(rtm_rseq_give(&area, &view, mine, CLASS, in, 4) == 0);
	REQUIRE(rtm_rseq_resize(&area, &view, mine, CLASS, BASE + 1, BASE) ==
	    RTM_RSEQ_FULL);
	/* Whoever is not on the slab's processor has done nothing. */
	area.cpu_id = (uint32_t)-1;
	REQUIRE(rtm_rseq_pop(&area, &view, mine, CLASS, &is_aborted) == NULL);
	REQUIRE(is_aborted);
	area.cpu_id = (uint32_t)-2;
	REQUIRE(
	    rtm_rseq_push(&area, &view, mine, CLASS, in) == RTM_RSEQ_ABORTED);
	area.cpu_id = CPU + 1;
	REQUIRE(rtm_rseq_take(&area, &view, mine, CLASS, BASE, out, ROOM) ==
	    RTM_RSEQ_NO_NUMBER);
	REQUIRE(rtm_rseq_give(&area, &view, mine, CLASS, in, 4) ==
	    RTM_RSEQ_NO_NUMBER);
	REQUIRE(rtm_rseq_resize(&area, &view, mine, CLASS, BASE + 1,
		    BASE + 3) == RTM_RSEQ_FULL);
	REQUIRE(slab.bins[CLASS].cur == BASE + 1);
	REQUIRE(slab.bins[CLASS].end == BASE + 1);
	return 0;
}
