/*
 * signal.c - a signal that the program's owner names, and one to do without
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/signal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Those that a program may have no use for of its own. */
static const struct {
	char name[8];
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },
	{ "ALRM", SIGALRM },
	{ "WINCH", SIGWINCH },
	{ "URG", SIGURG },
	{ "PROF", SIGPROF },
};

/* 0 if there is none of this name. */
static int
find(const char *name)
{
	int number = 0;

	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(name, signals[i].name) == 0)
			return signals[i].number;
	for (const char *digit = name; *digit != '\0'; digit++) {
		if (*digit < '0' || *digit > '9' || number > 64)
			return 0;
		number = 10 * number + (*digit - '0');
	}
	return number;
}

bool
rtm_signal_catch(const char *name, void (*handler)(int number))
{
	const struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = SA_RESTART,
	};
	int number = find(name);

	return number > 0 && sigaction(number, &action, NULL) == 0;
}

int
rtm_signal_without_pipe(int (*function)(void))
{
	const struct timespec at_once = { 0 };
	sigset_t pipe, before;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, &before);

	int error = function();

	/* It waits for us then, unless it is the program's own to wait for. */
	if (error == -EPIPE && sigismember(&before, SIGPIPE) == 0)
		while (
		    sigtimedwait(&pipe, NULL, &at_once) < 0 && errno == EINTR)
			;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}
