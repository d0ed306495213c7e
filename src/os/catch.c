/*
 * catch.c - a call that C++ exceptions do not leave
 *
 * The table is that of a try block with catch (...) around one call, in the
 * format that "Exception Handling Tables" of the Itanium C++ ABI describes.
 * All references are to places relative to their own, or weak.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/catch.h"

void *__cxa_begin_catch(void *exception) __attribute__((weak));
void __cxa_end_catch(void) __attribute__((weak));
int __gxx_personality_v0(void) __attribute__((weak));

#if RTM_HAVE_CATCH

/* Called by the landing pad. */
void *rtm_catch_end(void *exception);

void *
rtm_catch_end(void *exception)
{
	__cxa_begin_catch(exception);
	__cxa_end_catch();
	return NULL;
}

#if defined(__x86_64__)
#define POINTER ".quad"
#define TYPE "@function"
#define CALL               \
	"mov %rdi, %rax\n" \
	"mov %rsi, %rdi\n" \
	"mov %rdx, %rsi\n" \
	"sub $8, %rsp\n"   \
	".cfi_adjust_cfa_offset 8\n"
#define CALL_IT "call *%rax\n"
#define RETURN                        \
	"add $8, %rsp\n"              \
	".cfi_remember_state\n"       \
	".cfi_adjust_cfa_offset -8\n" \
	"ret\n"                       \
	".cfi_restore_state\n"
#define LAND               \
	"mov %rax, %rdi\n" \
	"call rtm_catch_end\n"
#elif defined(__i386__)
#define POINTER ".long"
#define TYPE "@function"
#define CALL                          \
	"mov 4(%esp), %eax\n"         \
	"mov 8(%esp), %ecx\n"         \
	"mov 12(%esp), %edx\n"        \
	"sub $12, %esp\n"             \
	".cfi_adjust_cfa_offset 12\n" \
	"mov %edx, 4(%esp)\n"         \
	"mov %ecx, (%esp)\n"
#define CALL_IT "call *%eax\n"
#define RETURN                         \
	"add $12, %esp\n"              \
	".cfi_remember_state\n"        \
	".cfi_adjust_cfa_offset -12\n" \
	"ret\n"                        \
	".cfi_restore_state\n"
#define LAND                 \
	"mov %eax, (%esp)\n" \
	"call rtm_catch_end\n"
#elif defined(__aarch64__)
#define POINTER ".xword"
#define TYPE "%function"
#define CALL                         \
	"stp x29, x30, [sp, -16]!\n" \
	".cfi_def_cfa_offset 16\n"   \
	".cfi_offset 29, -16\n"      \
	".cfi_offset 30, -8\n"       \
	"mov x3, x0\n"               \
	"mov x0, x1\n"               \
	"mov x1, x2\n"
#define CALL_IT "blr x3\n"
#define RETURN                     \
	"ldp x29, x30, [sp], 16\n" \
	".cfi_remember_state\n"    \
	".cfi_restore 30\n"        \
	".cfi_restore 29\n"        \
	".cfi_def_cfa_offset 0\n"  \
	"ret\n"                    \
	".cfi_restore_state\n"
#define LAND "bl rtm_catch_end\n"
#endif

__asm__(".pushsection .data.rel.local, \"aw\"\n"
	".balign 8\n"
	".Lpersonality:\n" POINTER " __gxx_personality_v0\n"
	".popsection\n"
	".pushsection .text\n"
	".globl rtm_catch_call\n"
	".hidden rtm_catch_call\n"
	".hidden rtm_catch_end\n"
	".type rtm_catch_call, " TYPE "\n"
	"rtm_catch_call:\n"
	".cfi_startproc\n"
	".cfi_personality 0x9b, .Lpersonality\n"
	".cfi_lsda 0x1b, .Ltable\n" CALL ".Ltry:\n" CALL_IT ".Ltried:\n" RETURN
	".Lland:\n" LAND RETURN ".Lend:\n"
	".cfi_endproc\n"
	".size rtm_catch_call, . - rtm_catch_call\n"
	".popsection\n"
	".pushsection .gcc_except_table, \"a\"\n"
	".balign 4\n"
	".Ltable:\n"
	".byte 0xff\n"                      /* pads count from the function */
	".byte 0x9b\n"                      /* types: relative, indirect */
	".uleb128 .Ltypes - .Lcalls_size\n" /* behind this number */
	".Lcalls_size:\n"
	".byte 0x01\n" /* the numbers below are uleb128 */
	".uleb128 .Lactions - .Lcalls\n"
	".Lcalls:\n"
	".uleb128 .Ltry - rtm_catch_call\n"
	".uleb128 .Ltried - .Ltry\n"
	".uleb128 .Lland - rtm_catch_call\n"
	".uleb128 1\n" /* the first action */
	".uleb128 .Ltried - rtm_catch_call\n"
	".uleb128 .Lend - .Ltried\n"
	".uleb128 0\n"
	".uleb128 0\n"
	".Lactions:\n"
	".byte 1\n" /* catches the first type, */
	".byte 0\n" /* and that is all */
	".balign 4\n"
	".long 0\n" /* which is any */
	".Ltypes:\n"
	".popsection\n");

bool
rtm_catch_is_possible(void)
{
	return &__gxx_personality_v0 != NULL && &__cxa_begin_catch != NULL &&
	    &__cxa_end_catch != NULL;
}

#else

bool
rtm_catch_is_possible(void)
{
	return false;
}

void *
rtm_catch_call(
    void *(*function)(size_t first, size_t second), size_t first, size_t second)
{
	return function(first, second);
}

#endif
