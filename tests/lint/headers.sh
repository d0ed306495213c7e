#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# headers.sh - each header compiles alone, and twice in a row
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

list_sources | grep '\.h$' >"$work/headers" || true
test -s "$work/headers" || fault "no header found: is srcdir right?"

top=$(cd "$srcdir" && pwd)
while read -r path; do
	{
		printf '#include "%s"\n' "$top/$path" "$top/$path"
		printf 'typedef int this_unit_is_not_empty;\n'
	} >"$work/alone.c"
	# RTM_COMPILE is a command with its arguments.
	# shellcheck disable=SC2086
	if ! $RTM_COMPILE -I"$srcdir/$(dirname "$path")" -fsyntax-only \
		-Werror "$work/alone.c" 2>"$work/said"; then
		fault "$path does not compile alone:"
		sed -e 's/^/  /' "$work/said" >>"$work/faults"
	fi
done <"$work/headers"
finish
