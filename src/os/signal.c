/*
 * signal.c - catching a signal that the program's owner names
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "os/signal.h"

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
