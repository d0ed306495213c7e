/*
 * rseq_x86_64.h - the sections of rseq.h for x86-64
 *
 * Labels: 1 start, 2 end, 3 where all ways meet again, 4 abort, 5 the
 * descriptor, 6 nothing done, 7 a loop, that moves two objects at a time, 8
 * behind it.  The descriptor's address is stored by the instruction in front
 * of the start: a signal before the store comes too early to harm, and one
 * after it restarts us.
 *
 * Where the commit takes one away, or adds one, a single instruction reads and
 * writes: it is executed, or it is not.
 *
 * 4 and 6 lie among cold code.  The signature in front of 4 is the end of an
 * instruction that nobody executes (ud1), so that a disassembler keeps step.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_FRONT_RSEQ_X86_64_H
#define RTM_FRONT_RSEQ_X86_64_H

#include "front/cpu_view.h"

#if RTM_HAVE_PERCPU && RTM_CPU_X86

/* clang-format off */
#define RTM_RSEQ_TEXT(x) #x
#define RTM_RSEQ_STRING(x) RTM_RSEQ_TEXT(x)

/*
 * The descriptor is relocated once, then read-only.  The slab is not what is
 * found, but what is compared: all that follows needs not wait for the number.
 */
#define RTM_RSEQ_BEGIN(any, elsewhere)                                      \
	"	.pushsection .data.rel.ro.rtm_rseq, \"aw\", @progbits\n"    \
	"	.balign 32\n"                                               \
	"5:	.long 0, 0\n"                                               \
	"	.quad 1f, 2f - 1f, 4f\n"                                    \
	"	.popsection\n"                                              \
	"	leaq 5b(%%rip), %%rax\n"                                    \
	"	movq %%rax, %[section]\n"                                   \
	"1:	movslq %[cpu_id], %%rax\n"                                  \
	"	leaq %[view], " any "\n"                                    \
	"	cmpq %[slab], %c[slabs](" any ",%%rax,8)\n"                 \
	"	jne " elsewhere "\n"

#define RTM_RSEQ_ABORT                                                      \
	"2:\n"                                                              \
	"3:\n"                                                              \
	"	.pushsection .text.unlikely.rtm_rseq, \"ax\", @progbits\n"  \
	"	.byte 0x0f, 0xb9, 0x3d\n"                                   \
	"	.long " RTM_RSEQ_STRING(RTM_RSEQ_SIGNATURE) "\n"            \
	"4:\n"

#define RTM_RSEQ_END(when_aborted, when_nothing)                            \
	RTM_RSEQ_ABORT when_aborted                                         \
	"	jmp 3b\n"                                                   \
	"6:\n" when_nothing                                                 \
	"	jmp 3b\n"                                                   \
	"	.popsection\n"

/* The two that every call goes through jump to where the caller goes on. */
#define RTM_RSEQ_END_GOTO                                                   \
	RTM_RSEQ_ABORT                                                      \
	"	jmp %l[aborted]\n"                                          \
	"	.popsection\n"

#define RTM_RSEQ_OPERANDS                                                   \
	[slab] "r"(slab), [class] "r"(size_class),                          \
	    [cpu_id] "m"(area->cpu_id), [view] "m"(*view),                  \
	    [slabs] "i"(offsetof(struct rtm_cpu_view, slabs))

RTM_INLINE void *
rtm_rseq_pop(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, bool *is_aborted)
{
	void *object;

	__asm__ goto(
		RTM_RSEQ_BEGIN("%%rcx", "%l[aborted]")
		"	movzwl (%[slab],%[class],4), %%edx\n"
		"	movq (%[slab],%%rdx,8), %%rax\n"
		"	testq %%rax, %%rax\n"
		"	jz %l[nothing]\n"
		"	decw (%[slab],%[class],4)\n"
		RTM_RSEQ_END_GOTO
		: "=&a"(object),
		  [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS
		: "rcx", "rdx", "memory", "cc"
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
		RTM_RSEQ_BEGIN("%%rcx", "%l[aborted]")
		"	movzwl (%[slab],%[class],4), %%eax\n"
		"	cmpw 2(%[slab],%[class],4), %%ax\n"
		"	jae %l[nothing]\n"
		"	movq %[object], 8(%[slab],%%rax,8)\n"
		"	incw (%[slab],%[class],4)\n"
		RTM_RSEQ_END_GOTO
		: [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [object] "r"(object)
		: "rax", "rcx", "memory", "cc"
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
	uintptr_t cur, from, one;
	size_t n_taken;

	__asm__ volatile(
		RTM_RSEQ_BEGIN("%[from]", "4f")
		"	movzwl (%[slab],%[class],4), %k[cur]\n"
		"	movl %k[cur], %%eax\n"
		"	subl %k[base], %%eax\n"
		"	jbe 6f\n"
		"	cmpq %[n], %%rax\n"
		"	cmovaq %[n], %%rax\n"
		"	subl %%eax, %k[cur]\n"
		"	leaq 8(%[slab],%[cur],8), %[from]\n"
		"	movq %%rax, %[n_taken]\n"
		"	testb $1, %%al\n"
		"	jz 7f\n"
		"	movq -8(%[from],%%rax,8), %[one]\n"
		"	movq %[one], -8(%[objects],%%rax,8)\n"
		"	subq $1, %%rax\n"
		"	jz 8f\n"
		"7:	movups -16(%[from],%%rax,8), %%xmm0\n"
		"	movups %%xmm0, -16(%[objects],%%rax,8)\n"
		"	subq $2, %%rax\n"
		"	jnz 7b\n"
		"8:	movw %w[cur], (%[slab],%[class],4)\n"
		RTM_RSEQ_END(
		"	movq $-1, %[n_taken]\n",
		"	xorl %k[n_taken], %k[n_taken]\n")
		: [n_taken] "=&r"(n_taken), [cur] "=&r"(cur),
		  [from] "=&r"(from), [one] "=&r"(one),
		  [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [base] "r"(base), [objects] "r"(objects),
		  [n] "r"(n)
		: "rax", "xmm0", "memory", "cc");
	return n_taken;
}

/* Up to n of the last objects. */
RTM_INLINE size_t
rtm_rseq_give(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, void *const *objects,
    size_t n)
{
	void *const *behind = objects + n;
	uintptr_t cur, to, one;
	size_t n_given;

	__asm__ volatile(
		RTM_RSEQ_BEGIN("%[to]", "4f")
		"	movzwl (%[slab],%[class],4), %k[cur]\n"
		"	movzwl 2(%[slab],%[class],4), %%eax\n"
		"	subl %k[cur], %%eax\n"
		"	jbe 6f\n"
		"	cmpq %[n], %%rax\n"
		"	cmovaq %[n], %%rax\n"
		"	movq %%rax, %[n_given]\n"
		"	addl %%eax, %k[cur]\n"
		"	leaq 8(%[slab],%[cur],8), %[to]\n"
		"	negq %%rax\n"
		"	testb $1, %%al\n"
		"	jz 7f\n"
		"	movq (%[behind],%%rax,8), %[one]\n"
		"	movq %[one], (%[to],%%rax,8)\n"
		"	addq $1, %%rax\n"
		"	jz 8f\n"
		"7:	movups (%[behind],%%rax,8), %%xmm0\n"
		"	movups %%xmm0, (%[to],%%rax,8)\n"
		"	addq $2, %%rax\n"
		"	jnz 7b\n"
		"8:	movw %w[cur], (%[slab],%[class],4)\n"
		RTM_RSEQ_END(
		"	movq $-1, %[n_given]\n",
		"	xorl %k[n_given], %k[n_given]\n")
		: [n_given] "=&r"(n_given), [cur] "=&r"(cur),
		  [to] "=&r"(to), [one] "=&r"(one),
		  [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [behind] "r"(behind), [n] "r"(n)
		: "rax", "xmm0", "memory", "cc");
	return n_given;
}

/* Moves the end of a bin, from one slot to another, of this slab only. */
RTM_INLINE enum rtm_rseq_result
rtm_rseq_resize(struct rtm_rseq *area, const struct rtm_cpu_view *view,
    struct rtm_cpu_slab *slab, size_t size_class, size_t end, size_t new_end)
{
	unsigned result;

	__asm__ volatile(
		RTM_RSEQ_BEGIN("%%rcx", "6f")
		"	cmpw %w[end], 2(%[slab],%[class],4)\n"
		"	jne 6f\n"
		"	cmpw %w[new_end], (%[slab],%[class],4)\n"
		"	ja 6f\n"
		"	movl %[done], %%eax\n"
		"	movw %w[new_end], 2(%[slab],%[class],4)\n"
		RTM_RSEQ_END(
		"	movl %[aborted], %%eax\n",
		"	movl %[full], %%eax\n")
		: "=&a"(result), [section] "=m"(area->section)
		: RTM_RSEQ_OPERANDS, [end] "r"(end), [new_end] "r"(new_end),
		  [done] "i"(RTM_RSEQ_DONE), [full] "i"(RTM_RSEQ_FULL),
		  [aborted] "i"(RTM_RSEQ_ABORTED)
		: "rcx", "memory", "cc");
	return (enum rtm_rseq_result)result;
}
/* clang-format on */

#endif
#endif
