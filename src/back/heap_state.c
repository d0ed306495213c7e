/*
 * heap_state.c - the page heap's lock, and what it guards beside free runs
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "back/heap_state.h"

struct rtm_heap_state rtm_heap;
