/*
 * environment.h - the environment, before libc has it and never when unsafe
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_OS_ENVIRONMENT_H
#define RTM_OS_ENVIRONMENT_H

/*
 * The value of a variable, or NULL if it is not set or the program runs with
 * more rights than its caller (AT_SECURE).  The text is the process's own.
 */
const char *rtm_env_get(const char *name);

#endif
