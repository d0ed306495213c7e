/*
 * unit.h - what the suites of src/ share: deaths, and a back end to stand on
 *
 * The suites link the rooms without compat/, so that the process keeps
 * libc's malloc.  Nothing of the allocator runs before a test starts it, and
 * each case is a process of its own.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include "back/page_heap.h"
#include "tests/support/suite.h"
#include "tests/support/support.h"

#include <stdbool.h>

/*
 * Fails unless act(with), in a child process, ends by the signal after it
 * wrote the words to stderr; "" stands for any words.
 */
void unit_expect_signal(
    void (*act)(void *with), void *with, int signal_no, const char *words);

/* The same for a message of death. */
void unit_expect_death(void (*act)(void *with), void *with, const char *words);

/* Threads at once that run(number), of 0 .. UNIT_THREADS-1, to the end. */
enum { UNIT_THREADS = 4 };
void unit_run_threads(void (*run)(size_t number));

/* The calling thread runs on that processor alone. */
void unit_go_to(int cpu);

/* One more, that does nothing: from here on the process has threads. */
void unit_start_thread(void);

/*
 * The page map and the page heap with the built-in options: with the flat
 * map in a roomy heap, or with the tree alone in a tight one.
 */
void unit_start_heap(bool is_roomy);

/*
 * True if a roomy heap, which has grown, lies in one piece.  Under memcheck
 * alone it may not: there is no address space for it.
 */
bool unit_heap_is_one_piece(void);

/* Pages in use, when the transfer caches have given all back. */
size_t unit_used_pages(void);

/* A roomy heap, and the built-in size classes. */
void unit_start_classes(void);

/* What malloc and free do with the thread's cache, without what lies above. */
void *unit_take(sclass_t class);
void unit_give(sclass_t class, void *object);

/*
 * The thread's bins lie one behind the other, each behind a slot that holds
 * NULL; the sum of their slots is what the budget was told; and what it keeps in
 * reserve is sound.
 */
void unit_check_layout(void);

struct rtm_reserve;

/* What is kept lies in packs of which none is empty, and is counted rightly. */
void unit_check_reserve(struct rtm_reserve *reserve);

#endif /* TESTS_UNIT_UNIT_H */
