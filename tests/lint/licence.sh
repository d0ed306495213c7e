#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# licence.sh - COPYING has both licences, each source says so
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

says()
{
	grep -q -e "$1" "$srcdir/COPYING" || fault "COPYING lacks: $1"
}

says 'Permission is hereby granted, free of charge'
says 'THE SOFTWARE IS PROVIDED "AS IS"'
says 'Apache License'
says 'Version 2.0, January 2004'
says 'END OF TERMS AND CONDITIONS'

# Sources by their name, and scripts by their first line.
list_sources | while read -r path; do
	case $path in
	*.[chS1-8] | *.def | *.map | *.mk | *.m4 | *.ac | *.am | *.sh | *.py | \
		conf/*.toml)
		printf '%s\n' "$path" ;;
	*)
		if head -n 1 "$srcdir/$path" | grep -a -q '^#!'; then
			printf '%s\n' "$path"
		fi ;;
	esac
done >"$work/written"

while read -r path; do
	head -n 40 "$srcdir/$path" |
		grep -q 'SPDX-License-Identifier: MIT OR Apache-2.0' ||
		fault "$path has no line SPDX-License-Identifier:" \
			"MIT OR Apache-2.0"
done <"$work/written"

test -s "$work/written" || fault "no source found: is srcdir right?"
finish
