#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# imports.sh - the library calls nothing of libc that imports.txt lacks
#
# Code inside malloc may call no function that allocates: no stdio, strdup,
# qsort, getline, dlsym.  The archive shows which object wants what.
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"
need_library
test -f "$RTM_ARCHIVE" || skip "no archive is built here"

# Lines "name object": what an object of the archive wants, and what none
# of its objects defines.
$NM -A -P -g "$RTM_ARCHIVE" | awk '
{
	object = $1
	sub(/^.*\[/, "", object)
	sub(/\]:$/, "", object)
	sub(/^lt[0-9]+-/, "", object)
	sub(/^librtmalloc_la-/, "", object) # has flags of its own
	if ($3 == "U" || $3 == "w" || $3 == "v")
		wanted[$2 " " object] = $2
	else
		defined[$2] = 1
}
END {
	for (pair in wanted)
		if (!(wanted[pair] in defined))
			print pair
}' | sort >"$work/is"
test -s "$work/is" || fault "no import found: is $RTM_ARCHIVE an archive?"

read_list "$RTM_LISTS/imports.txt" | awk '{ print $1, $2 }' >"$work/allowed"
test -z "$INIH_LIBS" || printf '%s \n' ini_parse_string ini_parse_stream \
	>>"$work/allowed"
awk '
NR == FNR { allowed[$1 " " $2] = 1; next }
!(($1 " ") in allowed) && !(($1 " " $2) in allowed) {
	print $2 " calls " $1 ", which is not in imports.txt"
}' "$work/allowed" "$work/is" | while read -r line; do
	fault "$line"
done
finish
