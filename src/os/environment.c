/*
 * environment.c - the environment, before libc has it and never when unsafe
 *
 * The first malloc may come from the dynamic linker, when libc has not set
 * environ yet.  Then it is read where the kernel put it: behind the
 * arguments, at the end of the stack (System V ABI, process initialisation).
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/environment.h"

#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Where the dynamic linker found argc; only glibc has it. */
extern void *__libc_stack_end __attribute__((weak));

static char **
variables(void)
{
	if (environ != NULL || &__libc_stack_end == NULL ||
	    __libc_stack_end == NULL)
		return environ;

	const long *n_arguments = __libc_stack_end;

	return (char **)__libc_stack_end + 1 + *n_arguments + 1;
}

const char *
rtm_env_get(const char *name)
{
	size_t length = strlen(name);

	if (getauxval(AT_SECURE) != 0)
		return NULL;

	char **variable = variables();

	for (; variable != NULL && *variable != NULL; variable++)
		if (strncmp(*variable, name, length) == 0 &&
		    (*variable)[length] == '=')
			return *variable + length + 1;
	return NULL;
}
