#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# under_memcheck.sh - runs a test under memcheck; any error is a failure
#
# usage: under_memcheck.sh PROGRAM [ARGS]
#
# Valgrind would put a malloc of its own in the place of ours; then nothing of
# ours were tested.  Told that the library of user mallocs has a name that
# nothing has, it leaves ours in place and goes by what it is told.
set -eu

command -v valgrind >/dev/null || {
	echo "skipped: valgrind is not installed"
	exit 77
}
TEST_SLOW=1 CK_TIMEOUT_MULTIPLIER=10
export TEST_SLOW CK_TIMEOUT_MULTIPLIER
exec valgrind --quiet --error-exitcode=99 --leak-check=full \
	--errors-for-leak-kinds=definite,possible --num-callers=20 \
	--soname-synonyms=somalloc=nouserintercepts "$@"
