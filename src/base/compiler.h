/*
 * compiler.h - what we ask of the compiler, in words that say why
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_COMPILER_H
#define RTM_BASE_COMPILER_H

#include "config.h"

#include <stddef.h>
#include <stdint.h>

#define RTM_LIKELY(x) __builtin_expect(!!(x), 1)
#define RTM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The cold half of a hot function: out of line and far away. */
#define RTM_COLD __attribute__((cold, noinline))
#define RTM_NOINLINE __attribute__((noinline))
#define RTM_INLINE static inline __attribute__((always_inline))
#define RTM_NORETURN __attribute__((noreturn))

/* Leaves the library; everything else is hidden (-fvisibility=hidden). */
#define RTM_EXPORT __attribute__((visibility("default")))

/*
 * On the declaration of data that hot code reads: the compiler then knows,
 * as the linker does, that its address needs no look into a table.
 */
#define RTM_HIDDEN __attribute__((visibility("hidden")))

/*
 * Hides from the compiler what it knows about a variable: it then changes
 * the register that holds it, where it would have made a copy early on.
 */
#define RTM_IN_PLACE(variable) __asm__("" : "+r"(variable))

/* A second name for what the same file defines; as pure as the first. */
#if defined(__has_attribute)
#if __has_attribute(copy)
#define RTM_ALIAS(target) __attribute__((alias(#target), copy(target)))
#endif
#endif
#ifndef RTM_ALIAS
#define RTM_ALIAS(target) __attribute__((alias(#target)))
#endif

/* One instruction to the thread's data: no call to __tls_get_addr. */
#define RTM_TLS _Thread_local __attribute__((tls_model("initial-exec")))

/* Two processors that write to one line wait for each other. */
#define RTM_CACHE_LINE 64
#define RTM_LINE_ALIGNED __attribute__((aligned(RTM_CACHE_LINE)))

/* Objects of this size and more are aligned to it, as max_align_t asks. */
#define RTM_ALIGN_MIN ((size_t)16)

/* Where the addresses of a process end, unless it asks for higher ones. */
#if UINTPTR_MAX == UINT32_MAX
#define RTM_ADDRESS_BITS 32
#elif defined(__aarch64__)
#define RTM_ADDRESS_BITS 48
#else
#define RTM_ADDRESS_BITS 47
#endif

/* What the system and the processor have; 0 or 1. */
#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#define RTM_HAVE_SINGLE_THREADED 1 /* glibc 2.32 */
#endif
#endif
#ifndef RTM_HAVE_SINGLE_THREADED
#define RTM_HAVE_SINGLE_THREADED 0
#endif

#if defined(__x86_64__) || defined(__i386__)
#define RTM_CPU_X86 1
#else
#define RTM_CPU_X86 0
#endif

/* A C++ compiler's tables, written by hand (os/catch.c). */
#if defined(__x86_64__) && defined(__LP64__) || defined(__i386__) || \
    defined(__aarch64__) && defined(__LP64__)
#define RTM_HAVE_CATCH 1
#else
#define RTM_HAVE_CATCH 0
#endif

/* ThreadSanitizer follows pthreads only: no helper thread under it. */
#if defined(__SANITIZE_THREAD__)
#define RTM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RTM_TSAN 1
#endif
#endif
#ifndef RTM_TSAN
#define RTM_TSAN 0
#endif

/* Assembly that both gives a result and jumps. */
#if defined(__clang__)
#define RTM_HAVE_ASM_GOTO (__clang_major__ >= 11)
#elif defined(__GNUC__)
#define RTM_HAVE_ASM_GOTO (__GNUC__ >= 11)
#else
#define RTM_HAVE_ASM_GOTO 0
#endif

/*
 * Restartable sequences (front/rseq.h), written for two processors.
 * ThreadSanitizer cannot see who hands over to whom.
 */
#if RTM_PERCPU && RTM_HAVE_ASM_GOTO && !RTM_TSAN && defined(__linux__) && \
    (defined(__x86_64__) && defined(__LP64__) ||                          \
	defined(__aarch64__) && defined(__AARCH64EL__) && defined(__LP64__))
#define RTM_HAVE_PERCPU 1
#else
#define RTM_HAVE_PERCPU 0
#endif

/* Counts for the statistics, under a lock that is held anyway. */
#if RTM_STATS
#define RTM_COUNT(counter, n) ((void)((counter) += (n)))
#else
#define RTM_COUNT(counter, n) ((void)(n))
#endif

/* For what may race, and says why that is no fault. */
#define RTM_NO_TSAN __attribute__((no_sanitize_thread))

/* Our own mistakes, not the caller's: checked in debug builds only. */
#if RTM_DEBUG
void rtm_assert_fail(
    const char *what, const char *file, int line) RTM_COLD RTM_NORETURN;
#define RTM_ASSERT(x) \
	(RTM_LIKELY(x) ? (void)0 : rtm_assert_fail(#x, __FILE__, __LINE__))
#else
#define RTM_ASSERT(x) ((void)sizeof(!(x)))
#endif

#endif
