/*
 * deepbind.c - opens plug-ins with RTLD_DEEPBIND and frees what they give
 *
 * usage: deepbind dlopen | dlmopen PLUG-IN HELPER
 *
 * The plug-in is compiled from this file with -DPLUGIN: it opens HELPER, a
 * bare name, which only its own RUNPATH leads to.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PLUGIN

char *plugin_take(char *theirs);
int plugin_open(const char *helper);

/* Frees a block of the program's, returns one that the program frees. */
char *
plugin_take(char *theirs)
{
	char *ours = strdup(theirs);

	free(theirs);
	return realloc(ours, 1000);
}

int
plugin_open(const char *helper)
{
	void *handle = dlopen(helper, RTLD_NOW | RTLD_DEEPBIND);

	if (handle == NULL)
		puts(dlerror());
	return handle != NULL && dlclose(handle) == 0;
}

#else

int
main(int argc, char **argv)
{
	const int mode = RTLD_NOW | RTLD_DEEPBIND;
	void *plugin = NULL;
	char *(*take)(char *theirs);
	int (*open)(const char *helper);
	void *address;
	char *text;

	if (argc == 4)
		plugin = strcmp(argv[1], "dlmopen") == 0
		    ? dlmopen(LM_ID_BASE, argv[2], mode)
		    : dlopen(argv[2], mode);
	if (plugin == NULL) {
		puts(dlerror());
		return 1;
	}
	address = dlsym(plugin, "plugin_take");
	memcpy(&take, &address, sizeof(take));
	address = dlsym(plugin, "plugin_open");
	memcpy(&open, &address, sizeof(open));
	for (int i = 0; i < 1000; i++) {
		text = take(strdup("from the program"));
		if (strcmp(text, "from the program") != 0)
			return 2;
		free(text);
	}
	if (!open(argv[3]))
		return 3;
	if (dlopen("no such file", RTLD_NOW | RTLD_DEEPBIND) != NULL ||
	    strstr(dlerror(), "no such file") == NULL)
		return 4;

	/* Another namespace has its own libc: open it, and let it be. */
	if (dlmopen(LM_ID_NEWLM, argv[2], mode) == NULL)
		return 5;
	puts("good");
	return 0;
}

#endif
