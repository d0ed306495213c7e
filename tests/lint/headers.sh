#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# headers.sh - each header compiles alone, and twice in a row
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

list_sources | grep '\.h$' >"$work/headers" || true
test -s "$work/headers" || fault "no header found: is srcdir right?"

# alone FILE...: whether a file that includes them compiles.
alone()
{
	{
		printf '#include %s\n' "$@"
		printf 'typedef int this_unit_is_not_empty;\n'
	} >"$work/alone.c"
	# RTM_COMPILE is a command with its arguments.
	# shellcheck disable=SC2086
	$RTM_COMPILE -I"$(dirname "$here")" -fsyntax-only -Werror \
		"$work/alone.c" 2>"$work/said"
}

# Without libcheck no suite is built, and its header is of no use.
here=$srcdir
if ! alone '<check.h>'; then
	while read -r path; do
		grep -q -e '<check\.h>' -e '/suite\.h"' "$srcdir/$path" || printf '%s\n' "$path"
	done <"$work/headers" >"$work/usable"
	mv "$work/usable" "$work/headers"
fi

top=$(cd "$srcdir" && pwd)
while read -r path; do
	here=$top/$path
	if ! alone "\"$here\"" "\"$here\""; then
		fault "$path does not compile alone:"
		sed -e 's/^/  /' "$work/said" >>"$work/faults"
	fi
done <"$work/headers"
finish
