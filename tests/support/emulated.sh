#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# emulated.sh - runs a test's program on an emulator of another processor
#
# usage: TEST_EMULATOR=COMMAND emulated.sh TEST [ARGS]
#
# Scripts run as they are, and so does all where TEST_EMULATOR is empty, as
# for another C library.  An emulator is slow, and its own memory counts as
# the program's: TEST_SLOW says so.  It takes a note of each page of a
# reservation, for 64 GiB some seconds and 800 MiB; so the heap starts tight,
# as under a limit of the address space, also of the programs that scripts run.
set -eu
if test -n "${TEST_EMULATOR:-}"; then
	TEST_SLOW=1
	CK_TIMEOUT_MULTIPLIER=5
	RTMALLOC_PAGE_MAP=${RTMALLOC_PAGE_MAP:-tree}
	export TEST_SLOW CK_TIMEOUT_MULTIPLIER RTMALLOC_PAGE_MAP
fi
case ${TEST_EMULATOR:+emulated}$1 in
emulated*.sh) ;;
emulated*)
	# A command with its arguments.
	# shellcheck disable=SC2086
	exec $TEST_EMULATOR "$@" ;;
esac
exec "$@"
