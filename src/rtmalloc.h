/*
 * rtmalloc.h - what rtmalloc offers beside the malloc family
 *
 * The malloc family itself is declared where it always was, in <stdlib.h>
 * and <malloc.h>: a program that is linked with -lrtmalloc, or run under
 * `rtmalloc run`, gets rtmalloc's without a change.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTMALLOC_H
#define RTMALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of the library that runs, such as "0.1.0"; a constant string.
 * Any thread may call it at any time.
 */
const char *rtmalloc_version(void);

#ifdef __cplusplus
}
#endif

#endif
