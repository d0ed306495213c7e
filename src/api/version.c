/*
 * version.c - which rtmalloc is this
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/compiler.h"
#include "rtmalloc.h"

RTM_EXPORT const char *
rtmalloc_version(void)
{
	return PACKAGE_VERSION;
}
