/*
 * dlopen.c - dlopen and dlmopen, without RTLD_DEEPBIND
 *
 * A library that is opened with this flag finds its symbols in its own
 * dependencies first, and thus libc's malloc, although the program uses ours;
 * and each crashes on blocks of the other.  So the flag is taken away, unless
 * the environment's RTMALLOC_DEEPBIND=1 wants it kept.
 *
 * The real function looks at where it was called from, for the RUNPATH of the
 * caller: so it is jumped to, as the last act.
 *
 * A namespace of its own (dlmopen) has another libc and nothing of ours, so
 * only for the program's own one is the flag taken away there.
 *
 * Only librtmalloc.so has them as dlopen and dlmopen (Makefile.am), as there
 * are no real ones to be found in a program that is linked statically.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "base/compiler.h"
#include "os/environment.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* As in runtime.c: the archive must not ask for it. */
#pragma weak dlsym

typedef void *(*dlopen_t)(const char *file, int mode);
typedef void *(*dlmopen_t)(Lmid_t space, const char *file, int mode);

/* Stay in the library; exported for the linker to give them other names. */
RTM_EXPORT void *rtm_dlopen(const char *file, int mode);
RTM_EXPORT void *rtm_dlmopen(Lmid_t space, const char *file, int mode);

/* Asked each time: opening a library takes far longer. */
static void *
find_real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static bool
is_kept(void)
{
	const char *wish = rtm_env_get("RTMALLOC_DEEPBIND");

	return wish != NULL && strcmp(wish, "1") == 0;
}

static int
cleared(int mode)
{
	if ((mode & RTLD_DEEPBIND) != 0 && !is_kept())
		mode &= ~RTLD_DEEPBIND;
	return mode;
}

void *
rtm_dlopen(const char *file, int mode)
{
	void *address = find_real("dlopen");
	dlopen_t real;

	memcpy(&real, &address, sizeof(real));
	return real(file, cleared(mode));
}

void *
rtm_dlmopen(Lmid_t space, const char *file, int mode)
{
	void *address = find_real("dlmopen");
	dlmopen_t real;

	memcpy(&real, &address, sizeof(real));
	return real(space, file, space == LM_ID_BASE ? cleared(mode) : mode);
}
