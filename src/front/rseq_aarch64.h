/*
 * rseq_aarch64.h - the sections of rseq.h for aarch64
 *
 * Labels as in rseq_x86_64.h.  The signature is a whole instruction (brk).
 *
 * The slab's place is read with acquire order: another processor may have
 * just made it, and a thread that moved there must see its bins.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_RSEQ_AARCH64_H
#define RTM_FRONT_RSEQ_AARCH64_H

#include "front/cpu_view.h"

#if RTM_HAVE_PERCPU && !RTM_CPU_X86

/* clang-format off */
#define RTM_RSEQ_TEXT(x) #x
#define RTM_RSEQ_STRING(x) RTM_RSEQ_TEXT(x)

/* The address of the class's bin is left in x10. */
#define RTM_RSEQ_BEGIN(elsewhere)                                           \
	"	.pushsection .data.rel.ro.rtm_rseq, \"aw\", @progbits\n"    \
	"	.balign 32\n"                                               \
	"5:	.word 0, 0\n"                                               \
	"	.xword 1f, 2f - 1f, 4f\n"                                   \
	"	.popsection\n"                                              \
	"	adrp x9, 5b\n"                                              \
	"	add x9, x9, :lo12:5b\n"                                     \
	"	str x9, %[section]\n"                                       \
	"1:	ldrsw x9, %[cpu_id]\n"                                      \
	"	add x10, %[view], %[slabs]\n"                               \
	"	add x10, x10, x9, lsl #3\n"                                 \
	"	ldar x9, [x10]\n"                                           \
	"	cmp x9, %[slab]\n"                                          \
	"	b.ne " elsewhere "\n"                                       \
	"	add x10, %[slab], %[class], lsl #2\n"

#define RTM_RSEQ_ABORT                                                      \
	"2:\n"                                                              \
	"3:\n"                                                              \
	"	.pushsection .text.unlikely.rtm_rseq, \"ax\", @progbits\n"  \
	"	.inst " RTM_RSEQ_STRING(RTM_RSEQ_SIGNATURE) "\n"          \
	"4:\n"

#define RTM_RSEQ_END(when_aborted, when_nothing)                            \
	RTM_RSEQ_ABORT when_aborted                                         \
	"	b 3b\n"                                                     \
	"6:\n" when_nothing                                                 \
	"	b 3b\n"                                                     \
	"	.popsection\n"

#define RTM_RSEQ_END_GOTO                                                   \
	RTM_RSEQ_ABORT                                                      \
	"	b %l[aborted]\n"                                            \
	"	.popsection\n"

#define RTM_RSEQ_OPERANDS                                                   \
	[slab] "r"(slab), [class] "r"((uint64_t)size_class),                \
	    [cpu_id] "m"(area->cpu_id), [view] "r"(view),                   \
	    [slabs] "i"(offsetof(struct rtm_cpu_view, slabs))

RTM_INLINE void *
rtm_rseq_pop(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, bool *is_aborted)
{
	void *object;

	__asm__ goto(
		RTM_RSEQ_BEGIN("%l[aborted]")
		"	ldrh w11, [x10]\n"
		"	ldr %[object], [%[slab], x11, lsl #3]\n"
		"	cbz %[object], %l[nothing]\n"
		"	sub w11, w11, #1\n"
		"	strh w11, [x10]\n"
		RTM_RSEQ_END_GOTO
		: [object] "=&r"(object), [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS
		: "x9", "x10", "x11", "memory", "cc"
		: nothing, aborted);
	if (object == NULL)
		__builtin_unreachable(); /* spares the caller its test */
	return object;
aborted:
	*is_aborted = true;
nothing:
	return NULL;
}

RTM_INLINE enum rtm_rseq_result
rtm_rseq_push(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, void *object)
{
	__asm__ goto(
		RTM_RSEQ_BEGIN("%l[aborted]")
		"	ldrh w11, [x10]\n"
		"	ldrh w12, [x10, #2]\n"
		"	cmp w11, w12\n"
		"	b.hs %l[nothing]\n"
		"	add w11, w11, #1\n"
		"	str %[object], [%[slab], x11, lsl #3]\n"
		"	strh w11, [x10]\n"
		RTM_RSEQ_END_GOTO
		: [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [object] "r"(object)
		: "x9", "x10", "x11", "x12", "memory", "cc"
		: nothing, aborted);
	return RTM_RSEQ_DONE;
nothing:
	return RTM_RSEQ_FULL;
aborted:
	return RTM_RSEQ_ABORTED;
}

/* Up to n objects above the slot base, the top one last. */
RTM_INLINE size_t
rtm_rseq_take(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, size_t base, void **objects,
    size_t n)
{
	size_t n_taken;

	__asm__ volatile(
		RTM_RSEQ_BEGIN("4f")
		"	ldrh w11, [x10]\n"
		"	subs x12, x11, %[base]\n"
		"	b.ls 6f\n"
		"	cmp x12, %[n]\n"
		"	csel x12, x12, %[n], ls\n"
		"	sub x11, x11, x12\n"
		"	add x9, %[slab], x11, lsl #3\n"
		"	mov %[n_taken], x12\n"
		"	tbz x12, #0, 7f\n"
		"	ldr x13, [x9, x12, lsl #3]\n"
		"	sub x12, x12, #1\n"
		"	str x13, [%[objects], x12, lsl #3]\n"
		"	cbz x12, 8f\n"
		"7:	sub x12, x12, #2\n"
		"	add x14, x9, x12, lsl #3\n"
		"	ldp x13, x15, [x14, #8]\n"
		"	add x14, %[objects], x12, lsl #3\n"
		"	stp x13, x15, [x14]\n"
		"	cbnz x12, 7b\n"
		"8:	strh w11, [x10]\n"
		RTM_RSEQ_END(
		"	mov %[n_taken], #-1\n",
		"	mov %[n_taken], #0\n")
		: [n_taken] "=&r"(n_taken), [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [base] "r"(base), [objects] "r"(objects),
		  [n] "r"(n)
		: "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory",
		  "cc");
	return n_taken;
}

/* Up to n of the last objects. */
RTM_INLINE size_t
rtm_rseq_give(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, void *const *objects,
    size_t n)
{
	void *const *behind = objects + n;
	size_t n_given;

	__asm__ volatile(
		RTM_RSEQ_BEGIN("4f")
		"	ldrh w11, [x10]\n"
		"	ldrh w12, [x10, #2]\n"
		"	subs x12, x12, x11\n"
		"	b.ls 6f\n"
		"	cmp x12, %[n]\n"
		"	csel x12, x12, %[n], ls\n"
		"	mov %[n_given], x12\n"
		"	add x11, x11, x12\n"
		"	add x9, %[slab], x11, lsl #3\n"
		"	add x9, x9, #8\n"
		"	neg x12, x12\n"
		"	tbz x12, #0, 7f\n"
		"	ldr x13, [%[behind], x12, lsl #3]\n"
		"	str x13, [x9, x12, lsl #3]\n"
		"	add x12, x12, #1\n"
		"	cbz x12, 8f\n"
		"7:	add x14, %[behind], x12, lsl #3\n"
		"	ldp x13, x15, [x14]\n"
		"	add x14, x9, x12, lsl #3\n"
		"	stp x13, x15, [x14]\n"
		"	add x12, x12, #2\n"
		"	cbnz x12, 7b\n"
		"8:	strh w11, [x10]\n"
		RTM_RSEQ_END(
		"	mov %[n_given], #-1\n",
		"	mov %[n_given], #0\n")
		: [n_given] "=&r"(n_given), [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [behind] "r"(behind), [n] "r"(n)
		: "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory",
		  "cc");
	return n_given;
}

/* Moves the end of a bin, from one slot to another, of this slab only. */
RTM_INLINE enum rtm_rseq_result
rtm_rseq_resize(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, size_t end, size_t new_end)
{
	__asm__ goto(
		RTM_RSEQ_BEGIN("%l[nothing]")
		"	ldrh w11, [x10, #2]\n"
		"	cmp x11, %[end]\n"
		"	b.ne %l[nothing]\n"
		"	ldrh w11, [x10]\n"
		"	cmp x11, %[new_end]\n"
		"	b.hi %l[nothing]\n"
		"	strh %w[new_end], [x10, #2]\n"
		RTM_RSEQ_END_GOTO
		: [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [end] "r"(end), [new_end] "r"(new_end)
		: "x9", "x10", "x11", "memory", "cc"
		: nothing, aborted);
	return RTM_RSEQ_DONE;
nothing:
	return RTM_RSEQ_FULL;
aborted:
	return RTM_RSEQ_ABORTED;
}
/* clang-format on */

#endif
#endif
