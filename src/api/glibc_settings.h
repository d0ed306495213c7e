/*
 * glibc_settings.h - the settings of glibc's malloc that mean something here
 *
 * Programs and their administrators know them as mallopt(3), as variables
 * such as MALLOC_TRIM_THRESHOLD_, and as GLIBC_TUNABLES.  All that glibc knows
 * is accepted; these act:
 *
 *	trim_threshold  free pages above it go back at once (back/purge.h)
 *	top_pad         what stays then
 *	perturb         api/perturb.h
 *
 * The others have nothing to act on: there are no arenas, blocks above the
 * largest size class always have pages of their own, what threads cache is
 * bounded by thread_cache_size, and large blocks ask for huge pages anyway.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_API_GLIBC_SETTINGS_H
#define RTM_API_GLIBC_SETTINGS_H

#include "base/compiler.h"

enum rtm_glibc_setting {
	RTM_GLIBC_TRIM_THRESHOLD, /* bytes; SIZE_MAX: nothing goes back */
	RTM_GLIBC_TOP_PAD,        /* bytes */
	RTM_GLIBC_PERTURB,        /* a byte, see rtm_perturb_set() */
};

/* Any thread, at any time. */
void rtm_glibc_set(enum rtm_glibc_setting setting, size_t value);

/*
 * What the environment says, GLIBC_TUNABLES first; what it says wrongly is
 * passed over, as glibc does.  Once, at start, when the page heap is ready.
 */
void rtm_glibc_settings_load(void);

#endif
