/*
 * thread.h - is this process alone, and who is told when a thread ends
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_THREAD_H
#define RTM_OS_THREAD_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>

#if RTM_HAVE_SINGLE_THREADED
#include <sys/single_threaded.h>
#endif

/*
 * False while a helper thread of ours may hold locks (os/helper.h).  Set
 * false by the thread that starts the helper; set true by the helper as its
 * last act, with release order, or by the child of a fork.
 */
extern _Atomic bool rtm_thread_no_helper;

/* True if the program has one thread, be there a helper of ours or not. */
RTM_INLINE bool
rtm_thread_is_programs_only(void)
{
#if RTM_HAVE_SINGLE_THREADED
	return __libc_single_threaded;
#else
	return false;
#endif
}

/*
 * True if nobody else runs in this process; may say false when it is so.
 * Turns false only through an act of the calling thread.
 */
RTM_INLINE bool
rtm_thread_is_alone(void)
{
	return rtm_thread_is_programs_only() &&
	    atomic_load_explicit(&rtm_thread_no_helper, memory_order_acquire);
}

/* The number of this process. */
unsigned rtm_thread_process(void);

/*
 * Has on_exit called with the thread's value when a thread ends.  Called
 * once, at start; false if the process has no key left.
 */
bool rtm_thread_exit_init(void (*on_exit)(void *value));

/*
 * Sets the calling thread's value; may call malloc.  False if nobody will be
 * told when the thread ends.
 */
bool rtm_thread_exit_arm(void *value);

/*
 * Set when the calling thread ends: what it kept has gone back, and it keeps
 * nothing any more, though others' destructors may still allocate.
 */
extern RTM_HIDDEN RTM_TLS bool rtm_thread_is_over;

#endif
