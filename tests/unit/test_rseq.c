/*
 * test_rseq.c - front/rseq: each section, aborted at each of its instructions
 *
 * On x86-64 the processor's trap flag stops the thread before every single
 * instruction.  With an area that the kernel does not know, the handler plays
 * the kernel: at the k-th instruction inside of a section it goes on at the
 * abort label.  With the area of libc it is the kernel itself that aborts
 * what was stopped.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "front/rseq.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#if RTM_HAVE_PERCPU && defined(__x86_64__)

enum {
	CLASS = 3,
	CPU = 5,
	BASE = 100, /* the bin's NULL slot */
	ROOM = 8,
	N_SLOTS = 128,
	TRAP_FLAG = 0x100,
	STEPS_MAX = 200,
};

/* What a section's descriptor is, as the kernel has it. */
struct descriptor {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

static struct rtm_cpu_view view;
static struct rtm_rseq fake = { .cpu_id = CPU };

static union slab {
	struct rtm_bin bins[RTM_N_CLASSES];
	void *slots[N_SLOTS];
} slab, other, before;

static struct rtm_cpu_slab *const mine = (struct rtm_cpu_slab *)(void *)&slab;

static void *moved[ROOM];

/* ------------------------------------------------------ the injector */

static volatile sig_atomic_t is_stepping;
static volatile size_t n_steps;  /* inside of the section */
static volatile size_t abort_at; /* 0: never */
static volatile bool is_injected;

static void
check_descriptor(const struct descriptor *section)
{
	uint32_t signature;

	test_require((uintptr_t)section % 32 == 0);
	test_require(section->version == 0 && section->flags == 0);
	test_require(section->abort - section->start >= section->length);
	memcpy(&signature, (const char *)section->abort - 4, 4);
	test_require(signature == RTM_RSEQ_SIGNATURE);
}

static void
on_trap(int signal_no, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	const struct descriptor *section =
	    (const struct descriptor *)(uintptr_t)fake.section;
	uint64_t ip = (uint64_t)registers[REG_RIP];

	(void)signal_no, (void)info;
	if (!is_stepping) {
		registers[REG_EFL] &= ~TRAP_FLAG;
		return;
	}
	registers[REG_EFL] |= TRAP_FLAG;
	if (section == NULL || ip - section->start >= section->length)
		return;
	check_descriptor(section);
	if (++n_steps != abort_at)
		return;
	fake.section = 0;
	registers[REG_RIP] = (greg_t)section->abort;
	registers[REG_EFL] &= ~TRAP_FLAG;
	is_injected = true;
}

static void
step(size_t target)
{
	struct sigaction action = { .sa_sigaction = on_trap,
		.sa_flags = SA_SIGINFO };

	sigaction(SIGTRAP, &action, NULL);
	fake.section = 0;
	n_steps = 0;
	abort_at = target;
	is_injected = false;
	is_stepping = true;
	raise(SIGTRAP); /* from here on each instruction traps */
}

static void
stop(void)
{
	is_stepping = false;
	__asm__ volatile("nop\n nop\n" ::: "memory");
}

/* ------------------------------------------------------- the sections */

static void
fill_bin(size_t n)
{
	memset(&slab, 0, sizeof(slab));
	slab.bins[CLASS].cur = (uint16_t)(BASE + n);
	slab.bins[CLASS].end = BASE + ROOM;
	for (size_t i = 1; i <= n; i++)
		slab.slots[BASE + i] = (void *)(0x1000 * i);
	memset(moved, 0, sizeof(moved));
	memcpy(&before, &slab, sizeof(slab));
}

static bool
do_pop(struct rtm_rseq *area)
{
	bool is_aborted = false;
	void *object = rtm_rseq_pop(area, &view, mine, CLASS, &is_aborted);

	test_require(is_aborted ? object == NULL : object == (void *)0x4000);
	return !is_aborted;
}

static bool
do_push(struct rtm_rseq *area)
{
	enum rtm_rseq_result result =
	    rtm_rseq_push(area, &view, mine, CLASS, (void *)0x9000);

	test_require(result != RTM_RSEQ_FULL);
	return result == RTM_RSEQ_DONE;
}

static bool
do_take(struct rtm_rseq *area)
{
	size_t n = rtm_rseq_take(area, &view, mine, CLASS, BASE, moved, 3);

	test_require(n == 3 || n == RTM_RSEQ_NO_NUMBER);
	return n == 3;
}

static bool
do_give(struct rtm_rseq *area)
{
	static void *const objects[3] = { (void *)0xa000, (void *)0xb000,
		(void *)0xc000 };
	size_t n = rtm_rseq_give(area, &view, mine, CLASS, objects, 3);

	test_require(n == 3 || n == RTM_RSEQ_NO_NUMBER);
	return n == 3;
}

static bool
do_resize(struct rtm_rseq *area)
{
	enum rtm_rseq_result result =
	    rtm_rseq_resize(area, &view, mine, CLASS, BASE + ROOM, BASE + 5);

	test_require(result != RTM_RSEQ_FULL);
	return result == RTM_RSEQ_DONE;
}

static const struct section {
	bool (*run)(struct rtm_rseq *area);
	size_t n_before, n_after;
	void *top; /* afterwards */
} sections[] = {
	{ do_pop, 4, 3, (void *)0x3000 },
	{ do_push, 4, 5, (void *)0x9000 },
	{ do_take, 4, 1, (void *)0x1000 },
	{ do_give, 4, 7, (void *)0xc000 },
	{ do_resize, 4, 4, (void *)0x4000 },
};

/* Nothing that anybody can see has happened. */
static void
check_untouched(void)
{
	ck_assert_mem_eq(slab.bins, before.bins, sizeof(slab.bins));
	for (size_t i = BASE; i <= slab.bins[CLASS].cur; i++)
		ck_assert_ptr_eq(slab.slots[i], before.slots[i]);
}

static void
check_done(const struct section *section)
{
	size_t cur = slab.bins[CLASS].cur;
	bool is_resize = section->run == do_resize;

	ck_assert_uint_eq(cur, BASE + section->n_after);
	ck_assert_uint_eq(slab.bins[CLASS].end, BASE + (is_resize ? 5 : ROOM));
	ck_assert_ptr_eq(slab.slots[cur], section->top);
	ck_assert_ptr_null(slab.slots[BASE]);
	for (size_t i = 1; i <= cur - BASE && i <= section->n_before; i++)
		ck_assert_ptr_eq(slab.slots[BASE + i], (void *)(0x1000 * i));
	if (section->run == do_take)
		for (size_t i = 0; i < 3; i++)
			ck_assert_ptr_eq(moved[i], (void *)(0x1000 * (i + 2)));
}

static void
start(void)
{
	if (test_is_slow())
		test_skip("no trap flag here");
	view.slabs[CPU] = mine;
}

START_TEST(a_section_aborted_anywhere_has_done_nothing)
{
	start();
	for (size_t i = 0; i < TEST_COUNT(sections); i++) {
		size_t k = 1;

		for (;; k++) {
			bool is_done;

			fill_bin(sections[i].n_before);
			step(k);
			is_done = sections[i].run(&fake);
			stop();
			if (!is_injected) {
				ck_assert(is_done);
				check_done(&sections[i]);
				break;
			}
			ck_assert(!is_done);
			check_untouched();
			/* And a second try does it. */
			ck_assert(sections[i].run(&fake));
			check_done(&sections[i]);
			ck_assert_uint_lt(k, STEPS_MAX);
		}
		ck_assert_uint_ge(k, 8);
	}
}
END_TEST

START_TEST(the_kernel_aborts_what_is_stepped_through)
{
	static struct rtm_rseq own; /* where libc has none: musl */
	struct rtm_rseq *area = rtm_rseq_libc_area();

	start();
	if (area == NULL && rtm_rseq_register(&own))
		area = &own;
	if (area == NULL)
		test_skip("no restartable sequences here");
	for (unsigned i = 0; i < RTM_CPUS_MAX; i++)
		view.slabs[i] = mine;
	for (size_t i = 0; i < TEST_COUNT(sections); i++) {
		bool is_done;

		fill_bin(sections[i].n_before);
		step(0);
		is_done = sections[i].run(area);
		stop();
		ck_assert(!is_done);
		check_untouched();
		/* A preemption may come now and then. */
		for (int n = 0; n < 1000 && !is_done; n++)
			is_done = sections[i].run(area);
		ck_assert(is_done);
		check_done(&sections[i]);
	}
}
END_TEST

START_TEST(empty_and_full_are_not_aborted)
{
	bool is_aborted = false;

	start();
	fill_bin(0);
	ck_assert_ptr_null(
	    rtm_rseq_pop(&fake, &view, mine, CLASS, &is_aborted));
	ck_assert(!is_aborted);
	ck_assert_uint_eq(
	    rtm_rseq_take(&fake, &view, mine, CLASS, BASE, moved, 3), 0);
	check_untouched();
	fill_bin(ROOM);
	ck_assert_int_eq(
	    rtm_rseq_push(&fake, &view, mine, CLASS, &slab), RTM_RSEQ_FULL);
	ck_assert_uint_eq(
	    rtm_rseq_give(&fake, &view, mine, CLASS, moved, 1), 0);
	check_untouched();
}
END_TEST

START_TEST(batches_are_cut_to_what_there_is)
{
	static void *const objects[4] = { (void *)0xa000, (void *)0xb000,
		(void *)0xc000, (void *)0xd000 };

	start();
	fill_bin(2);
	ck_assert_uint_eq(
	    rtm_rseq_take(&fake, &view, mine, CLASS, BASE, moved, ROOM), 2);
	ck_assert_ptr_eq(moved[0], (void *)0x1000);
	ck_assert_ptr_eq(moved[1], (void *)0x2000);
	ck_assert_uint_eq(slab.bins[CLASS].cur, BASE);
	fill_bin(ROOM - 1);
	ck_assert_uint_eq(
	    rtm_rseq_give(&fake, &view, mine, CLASS, objects, 4), 1);
	ck_assert_ptr_eq(slab.slots[BASE + ROOM], (void *)0xd000);
	/* Only what lies above a slot. */
	fill_bin(4);
	ck_assert_uint_eq(
	    rtm_rseq_take(&fake, &view, mine, CLASS, BASE + 3, moved, ROOM), 1);
	ck_assert_ptr_eq(moved[0], (void *)0x4000);
}
END_TEST

START_TEST(batches_of_any_length_keep_their_order)
{
	void *objects[ROOM];

	start();
	for (size_t i = 0; i < ROOM; i++)
		objects[i] = (void *)(0x1000 * (i + 1));
	for (size_t n = 1; n <= ROOM; n++) {
		fill_bin(0);
		ck_assert_uint_eq(
		    rtm_rseq_give(&fake, &view, mine, CLASS, objects, n), n);
		ck_assert_uint_eq(slab.bins[CLASS].cur, BASE + n);
		ck_assert_mem_eq(
		    slab.slots + BASE + 1, objects, n * sizeof(*objects));
		ck_assert_ptr_null(slab.slots[BASE]);
		ck_assert_ptr_null(slab.slots[BASE + n + 1]);
		memset(moved, 0, sizeof(moved));
		ck_assert_uint_eq(
		    rtm_rseq_take(&fake, &view, mine, CLASS, BASE, moved, ROOM),
		    n);
		ck_assert_uint_eq(slab.bins[CLASS].cur, BASE);
		ck_assert_mem_eq(moved, objects, n * sizeof(*objects));
		ck_assert(n == ROOM || moved[n] == NULL);
	}
}
END_TEST

START_TEST(a_bin_is_resized_only_if_it_is_the_one_that_was_meant)
{
	struct rtm_cpu_slab *not_mine = (struct rtm_cpu_slab *)(void *)&other;

	start();
	fill_bin(4);
	ck_assert_int_eq(rtm_rseq_resize(&fake, &view, not_mine, CLASS,
			     BASE + ROOM, BASE + 5),
	    RTM_RSEQ_FULL);
	ck_assert_int_eq(rtm_rseq_resize(&fake, &view, mine, CLASS,
			     BASE + ROOM - 1, BASE + 5),
	    RTM_RSEQ_FULL);
	ck_assert_int_eq(
	    rtm_rseq_resize(&fake, &view, mine, CLASS, BASE + ROOM, BASE + 3),
	    RTM_RSEQ_FULL);
	check_untouched();
}
END_TEST

START_TEST(whoever_is_not_on_the_slabs_processor_has_done_nothing)
{
	static const uint32_t cpus[] = { CPU + 1, CPU + 2, RTM_CPUS_MAX - 1,
		-1u, -2u };

	start();
	view.slabs[CPU + 2] = (struct rtm_cpu_slab *)(void *)&other;
	fill_bin(4);
	for (size_t i = 0; i < TEST_COUNT(cpus); i++) {
		struct rtm_rseq area = { .cpu_id = cpus[i] };
		bool is_aborted = false;

		ck_assert_ptr_null(
		    rtm_rseq_pop(&area, &view, mine, CLASS, &is_aborted));
		ck_assert(is_aborted);
		ck_assert_int_eq(
		    rtm_rseq_push(&area, &view, mine, CLASS, &slab),
		    RTM_RSEQ_ABORTED);
		ck_assert_uint_eq(
		    rtm_rseq_take(&area, &view, mine, CLASS, BASE, moved, 3),
		    RTM_RSEQ_NO_NUMBER);
		ck_assert_uint_eq(
		    rtm_rseq_give(&area, &view, mine, CLASS, moved, 3),
		    RTM_RSEQ_NO_NUMBER);
		ck_assert_int_eq(rtm_rseq_resize(&area, &view, mine, CLASS,
				     BASE + ROOM, BASE + 5),
		    RTM_RSEQ_FULL);
	}
	check_untouched();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_section_aborted_anywhere_has_done_nothing,
		the_kernel_aborts_what_is_stepped_through,
		empty_and_full_are_not_aborted,
		batches_are_cut_to_what_there_is,
		batches_of_any_length_keep_their_order,
		a_bin_is_resized_only_if_it_is_the_one_that_was_meant,
		whoever_is_not_on_the_slabs_processor_has_done_nothing,
	};

	return test_suite_run("rseq", tests, TEST_COUNT(tests));
}

#else

int
main(void)
{
	test_skip("the injector knows x86-64 only");
}

#endif
