/*
 * dlopen.c - dlopen, without RTLD_DEEPBIND
 *
 * A library that is opened with this flag finds its symbols in its own
 * dependencies first, and thus libc's malloc, although the program uses ours;
 * and each crashes on blocks of the other.  So the flag is taken away, unless
 * the environment's RTMALLOC_DEEPBIND=1 wants it kept.
 *
 * The real function looks at where it was called from, for the RUNPATH of the
 * caller: so it is jumped to, as the last act.
 *
 * Only librtmalloc.so has it as dlopen (Makefile.am), as there is no real one
 * to be found in a program that is linked statically.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/compiler.h"
#include "os/environment.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* As in runtime.c: the archive must not ask for it. */
#pragma weak dlsym

typedef void *(*dlopen_t)(const char *file, int mode);

/* Stays in the library; exported for the linker to give it its other name. */
RTM_EXPORT void *rtm_dlopen(const char *file, int mode);

static _Atomic dlopen_t real;

static dlopen_t find_real(void) RTM_COLD;

static dlopen_t
find_real(void)
{
	void *address = dlsym(RTLD_NEXT, "dlopen");
	dlopen_t found;

	memcpy(&found, &address, sizeof(found));
	atomic_store_explicit(&real, found, memory_order_relaxed);
	return found;
}

static bool
is_kept(void)
{
	const char *wish = rtm_env_get("RTMALLOC_DEEPBIND");

	return wish != NULL && strcmp(wish, "1") == 0;
}

void *
rtm_dlopen(const char *file, int mode)
{
	dlopen_t open = atomic_load_explicit(&real, memory_order_relaxed);

	if (RTM_UNLIKELY(open == NULL))
		open = find_real();
	if ((mode & RTLD_DEEPBIND) != 0 && !is_kept())
		mode &= ~RTLD_DEEPBIND;
	return open(file, mode);
}
