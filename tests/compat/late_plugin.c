/*
 * late_plugin.c - opens late_plugin.cc, and has no C++ itself
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	void *plugin = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
	void *address;
	int (*run)(void);

	if (plugin == NULL || (address = dlsym(plugin, "plugin_run")) == NULL) {
		puts(dlerror());
		return 1;
	}
	memcpy(&run, &address, sizeof(run));
	printf("%d\n", run());
	return 0;
}
