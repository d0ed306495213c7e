/*
 * thread.c - who is told when a thread ends
 *
 * A pthread key: early keys live in the thread itself, so that arming one
 * does not allocate; a late key may call malloc, which is why the cache is
 * ready before it is armed.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/thread.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

_Atomic bool rtm_thread_no_helper = true;
RTM_TLS bool rtm_thread_is_over;

static pthread_key_t exit_key;
static bool has_exit_key; /* written once, before the first thread is armed */

bool
rtm_thread_exit_init(void (*on_exit)(void *value))
{
	has_exit_key = pthread_key_create(&exit_key, on_exit) == 0;
	return has_exit_key;
}

bool
rtm_thread_exit_arm(void *value)
{
	return has_exit_key && pthread_setspecific(exit_key, value) == 0;
}

unsigned
rtm_thread_process(void)
{
	return (unsigned)syscall(SYS_getpid);
}
