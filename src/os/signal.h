/*
 * signal.h - a signal that the program's owner names, and one to do without
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_SIGNAL_H
#define RTM_OS_SIGNAL_H

#include <stdbool.h>

/*
 * Has the signal of that name (USR2, SIGUSR2, or a number) handled; system
 * calls that it interrupts go on.  False if there is none, or it cannot be
 * caught.
 */
bool rtm_signal_catch(const char *name, void (*handler)(int number));

/*
 * Calls the function, which returns 0 or -errno, and returns that.  Meanwhile
 * writing to a pipe that nobody reads is an error (EPIPE) and no signal.
 */
int rtm_signal_without_pipe(int (*function)(void));

#endif
