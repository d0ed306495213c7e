/*
 * futex.h - sleep until a word changes
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_FUTEX_H
#define RTM_OS_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

#define RTM_FUTEX_FOREVER UINT32_MAX

/*
 * Sleeps while *word is value, for at most delay_ms; may wake early for no
 * reason.  Keeps errno.
 */
void rtm_futex_wait(_Atomic unsigned *word, unsigned value, uint32_t delay_ms);

/* Wakes at most n_threads that sleep on word.  Keeps errno. */
void rtm_futex_wake(_Atomic unsigned *word, int n_threads);

#endif
