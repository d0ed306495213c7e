/*
 * signal.h - catching a signal that the program's owner names
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

#endif
