/*
 * library.c - find librtmalloc, and have the loader preload it
 *
 * In the build tree libtool keeps the library in .libs, beside the command
 * or, when it has put a wrapper script in the command's place, around it.
 * An installed tree may have been moved or unpacked elsewhere as a whole: the
 * way from the command to the library is then still that from bindir to
 * libdir, so a prefix before bindir stands before libdir, too.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/library.h"

#include "cli/elf_file.h"
#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The second name is there only where programs are linked with it. */
static const char *const file_names[] = { RTM_SONAME, "librtmalloc.so" };

/* The folder of this very program, without a slash at its end. */
static bool
find_own_folder(char folder[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return false;
	folder[n] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* Is the library in folder (n_bytes of it) + subfolder? */
static bool
try_folder(char path[PATH_MAX], const char *folder, size_t n_bytes,
    const char *subfolder)
{
	size_t i;

	for (i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++) {
		int n = snprintf(path, PATH_MAX, "%.*s%s/%s", (int)n_bytes,
		    folder, subfolder, file_names[i]);

		if (n > 0 && n < PATH_MAX && access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* Length of what stands before tail in text, or -1 if it does not end so. */
static ssize_t
length_before(const char *text, const char *tail)
{
	size_t n_text = strlen(text);
	size_t n_tail = strlen(tail);

	if (n_text < n_tail || strcmp(text + n_text - n_tail, tail) != 0)
		return -1;
	return (ssize_t)(n_text - n_tail);
}

static bool
try_own_place(char path[PATH_MAX])
{
	char folder[PATH_MAX];
	ssize_t n_before;

	if (!find_own_folder(folder))
		return false;
	n_before = length_before(folder, RTM_BINDIR);
	if (n_before >= 0)
		return try_folder(path, folder, (size_t)n_before, RTM_LIBDIR);
	if (try_folder(path, folder, strlen(folder), "/.libs"))
		return true;
	return length_before(folder, "/.libs") >= 0 &&
	    try_folder(path, folder, strlen(folder), "");
}

static int
check_library(const char *path)
{
	struct elf_file elf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return rtm_message_error(RTM_EXIT_FAILURE,
		    "the library '%s' cannot be read: %s", path,
		    strerror(errno));
	rtm_elf_file_read(fd, &elf);
	close(fd);
	if (elf.kind != ELF_NATIVE || !elf.is_shared)
		return rtm_message_error(RTM_EXIT_FAILURE,
		    "'%s' is not a shared library for this machine", path);
	if (strpbrk(path, " :"))
		return rtm_message_error(RTM_EXIT_FAILURE,
		    "the library '%s' cannot be preloaded: there is a space "
		    "or colon in its name",
		    path);
	return 0;
}

int
rtm_library_find(char path[PATH_MAX])
{
	const char *chosen = getenv("RTMALLOC_LIBRARY");

	if (chosen && chosen[0] != '\0') {
		if (!realpath(chosen, path))
			return rtm_message_error(RTM_EXIT_FAILURE,
			    "RTMALLOC_LIBRARY is '%s': %s", chosen,
			    strerror(errno));
	} else if (!try_own_place(path) &&
	    !try_folder(path, RTM_LIBDIR, strlen(RTM_LIBDIR), "")) {
		return rtm_message_error(RTM_EXIT_FAILURE,
		    "cannot find %s: neither near this command nor in '%s'",
		    file_names[0], RTM_LIBDIR);
	}
	return check_library(path);
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* Is the library one of the names in list, which spaces and colons part? */
static bool
is_listed(const char *list, const char *path)
{
	char name[PATH_MAX];
	size_t n_bytes;

	for (;; list += n_bytes + 1) {
		n_bytes = strcspn(list, " :");
		if (n_bytes > 0 && n_bytes < sizeof(name)) {
			memcpy(name, list, n_bytes);
			name[n_bytes] = '\0';
			if (strchr(name, '/') && is_same_file(name, path))
				return true;
		}
		if (list[n_bytes] == '\0')
			return false;
	}
}

int
rtm_library_preload(const char *path)
{
	const char *before = getenv("LD_PRELOAD");
	char *list = NULL;
	bool done;

	if (!before || before[0] == '\0') {
		done = setenv("LD_PRELOAD", path, 1) == 0;
	} else if (is_listed(before, path)) {
		done = true;
	} else {
		done = asprintf(&list, "%s:%s", path, before) >= 0 &&
		    setenv("LD_PRELOAD", list, 1) == 0;
	}
	free(list);
	return done ? 0
		    : rtm_message_error(RTM_EXIT_FAILURE,
			  "cannot set LD_PRELOAD: %s", strerror(errno));
}
