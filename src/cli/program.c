/*
 * program.c - find the program to run, and say why it cannot be
 *
 * A library that is not preloaded is silently not used: the program would
 * run on the system's malloc, and nobody would know.  So all that the loader
 * ignores LD_PRELOAD for is looked for here, before the program runs:
 * ld.so(8), execve(2), capabilities(7).
 *
 * A file that may be executed but not read cannot be looked into; it gets
 * the benefit of the doubt.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "cli/program.h"

#include "cli/elf_file.h"
#include "cli/library.h"
#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	SCRIPT_HEAD = 256,    /* bytes of a script that the kernel looks at */
	MAX_INTERPRETERS = 5, /* scripts run by scripts: the kernel's limit */
};

/* Is there something at path that a user with our rights may execute? */
static int
try_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static int
status_of(int error)
{
	return error == ENOENT || error == ENOTDIR ? RTM_EXIT_NOT_FOUND
						   : RTM_EXIT_CANNOT_RUN;
}

static const char *
reason_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "was not found";
	case EISDIR:
		return "is a directory";
	case EACCES:
		return "is not executable";
	default:
		return strerror(error);
	}
}

/* Joins folder (n_bytes of it; none means ".") and name. */
static bool
join_path(
    char path[PATH_MAX], const char *folder, size_t n_bytes, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%.*s/%s", n_bytes ? (int)n_bytes : 1,
	    n_bytes ? folder : ".", name);

	return n > 0 && n < PATH_MAX;
}

/*
 * Walks PATH.  Returns 0 with path filled in; or the errno to tell, and in
 * path the first file of that name which may not be executed.
 */
static int
search_path(const char *name, char path[PATH_MAX])
{
	const char *folder = getenv("PATH");
	char candidate[PATH_MAX];
	int error = ENOENT;
	size_t n_bytes;

	if (!folder)
		folder = _PATH_DEFPATH;
	for (;; folder += n_bytes + 1) {
		n_bytes = strcspn(folder, ":");
		if (join_path(candidate, folder, n_bytes, name)) {
			int e = try_executable(candidate);

			if (e == 0 || (e == EACCES && error == ENOENT)) {
				error = e;
				strcpy(path, candidate);
			}
			if (e == 0)
				return 0;
		}
		if (folder[n_bytes] == '\0')
			return error;
	}
}

int
rtm_program_find(const char *name, char path[PATH_MAX])
{
	int error;

	if (strlen(name) >= PATH_MAX)
		return rtm_message_error(RTM_EXIT_NOT_FOUND, "'%s': %s", name,
		    strerror(ENAMETOOLONG));
	strcpy(path, name);
	if (name[0] == '\0')
		error = ENOENT;
	else if (strchr(name, '/'))
		error = try_executable(path);
	else
		error = search_path(name, path);
	return error ? rtm_message_error(
			   status_of(error), "'%s' %s", path, reason_of(error))
		     : 0;
}

/*
 * The line "#!interpreter argument" of a script.  False if the file at fd is
 * no script with an interpreter.
 */
static bool
read_interpreter(int fd, char interpreter[SCRIPT_HEAD + 1])
{
	char head[SCRIPT_HEAD + 1];
	const char *word = head + 2;
	ssize_t n = pread(fd, head, SCRIPT_HEAD, 0);
	size_t n_bytes;

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return false;
	head[n] = '\0';
	word += strspn(word, " \t");
	n_bytes = strcspn(word, " \t\n");
	memcpy(interpreter, word, n_bytes);
	interpreter[n_bytes] = '\0';
	return n_bytes > 0;
}

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is interp the C library's loader that this command was started by, too? */
static bool
is_our_loader(const char *interp)
{
	struct elf_file own;
	struct stat a, b;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return true;
	rtm_elf_file_read(fd, &own);
	close(fd);
	if (own.interp[0] == '\0' || strcmp(own.interp, interp) == 0)
		return true;
	if (strcmp(file_name(own.interp), file_name(interp)) == 0)
		return true; /* another copy, as some systems have */
	return stat(own.interp, &a) == 0 && stat(interp, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
check_rights(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return rtm_message_error(
		    RTM_EXIT_CANNOT_RUN, "'%s': %s", path, strerror(errno));
	if (st.st_mode & (S_ISUID | S_ISGID))
		return rtm_message_error(RTM_EXIT_CANNOT_RUN,
		    "'%s' is %s: libraries are not preloaded into it", path,
		    st.st_mode & S_ISUID ? "setuid" : "setgid");
	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return rtm_message_error(RTM_EXIT_CANNOT_RUN,
		    "'%s' has file capabilities: libraries are not preloaded "
		    "into it",
		    path);
	return 0;
}

static int
check_elf(const char *path, int fd, const struct elf_file *elf)
{
	const char *why = NULL;

	if (elf->kind == ELF_FOREIGN)
		why = "is a program for another kind of machine";
	else if (elf->kind == ELF_BROKEN)
		why = "is not a complete program";
	else if (elf->interp[0] == '\0')
		why = "is statically linked: no library can take its malloc's "
		      "place";
	if (why)
		return rtm_message_error(
		    RTM_EXIT_CANNOT_RUN, "'%s' %s", path, why);
	if (access(elf->interp, F_OK) != 0)
		return rtm_message_error(RTM_EXIT_CANNOT_RUN,
		    "'%s' needs the loader '%s', which was not found", path,
		    elf->interp);
	if (!is_our_loader(elf->interp))
		return rtm_message_error(RTM_EXIT_CANNOT_RUN,
		    "'%s' uses another C library, whose loader is '%s'", path,
		    elf->interp);
	return check_rights(path, fd);
}

/*
 * One step of the check.  Returns its status; *is_script tells that the
 * interpreter is to be checked next.
 */
static int
check_file(const char *path, bool *is_script, char interpreter[SCRIPT_HEAD + 1])
{
	struct elf_file elf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status = 0;

	*is_script = false;
	if (fd < 0)
		return 0; /* may be executed, but not read */
	rtm_elf_file_read(fd, &elf);
	if (elf.kind != ELF_NONE)
		status = check_elf(path, fd, &elf);
	else
		*is_script = read_interpreter(fd, interpreter);
	close(fd);
	return status;
}

int
rtm_program_check(const char *path)
{
	char interpreter[SCRIPT_HEAD + 1];
	char script[PATH_MAX];
	bool is_script;
	int i, error, status;

	snprintf(script, sizeof(script), "%s", path);
	for (i = 0; i <= MAX_INTERPRETERS; i++) {
		status = check_file(script, &is_script, interpreter);
		if (status != 0 || !is_script)
			return status;
		error = try_executable(interpreter);
		if (error)
			return rtm_message_error(status_of(error),
			    "'%s' is a script for '%s', which %s", script,
			    interpreter, reason_of(error));
		strcpy(script, interpreter);
	}
	return rtm_message_error(
	    RTM_EXIT_CANNOT_RUN, "'%s': too many levels of scripts", path);
}

/* As execvp(3) does it: what the kernel does not know is a shell's. */
static void
exec_by_shell(const char *path, char **argv)
{
	size_t argc = 0;
	char **words;

	while (argv[argc])
		argc++;
	words = calloc(argc + 2, sizeof(*words));
	if (!words)
		return;
	words[0] = argv[0];
	words[1] = strdup(path);
	if (words[1])
		memcpy(words + 2, argv + 1, argc * sizeof(*words));
	if (words[1])
		execv(_PATH_BSHELL, words);
	free(words[1]);
	free(words);
}

int
rtm_program_exec(const char *path, char **argv)
{
	execv(path, argv);
	if (errno == ENOEXEC)
		exec_by_shell(path, argv);
	return rtm_message_error(
	    errno == ENOENT ? RTM_EXIT_NOT_FOUND : RTM_EXIT_CANNOT_RUN,
	    "'%s' cannot be executed: %s", path, strerror(errno));
}

int
rtm_program_setenv(const char *name, const char *value)
{
	if (setenv(name, value, 1) == 0)
		return 0;
	return rtm_message_error(
	    RTM_EXIT_FAILURE, "cannot set %s: %s", name, strerror(errno));
}

int
rtm_program_run(char **argv)
{
	char program[PATH_MAX];
	char library[PATH_MAX];
	int status;

	status = rtm_program_find(argv[0], program);
	if (status == 0)
		status = rtm_program_check(program);
	if (status == 0)
		status = rtm_library_find(library);
	if (status == 0)
		status = rtm_library_preload(library);
	if (status == 0)
		status = rtm_program_exec(program, argv);
	return status;
}
