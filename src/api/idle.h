/*
 * idle.h - memory goes back while the program sleeps
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_IDLE_H
#define RTM_API_IDLE_H

#include <stdbool.h>
#include <stddef.h>

/* Once, at start. */
void rtm_idle_init(size_t delay_ms);

/* A lot of freed memory waits: sees to it that it does not wait for ever. */
void rtm_idle_watch(void);

/* The same for what processors cache; false if there is no helper to be had. */
bool rtm_idle_watch_caches(void);

#endif
