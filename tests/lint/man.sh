#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# man.sh - the man pages are well-formed, and nothing that users meet is
#          missing in them
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

pages=$(list_sources | grep '^doc/.*\.[1-8]$') || true
test -n "$pages" || fault "no man page found: is srcdir right?"

for page in $pages; do
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$srcdir/$page" >"$work/said" || true
	elif command -v groff >/dev/null; then
		groff -mandoc -Tutf8 -ww -z "$srcdir/$page" 2>"$work/said"
	else
		skip "neither mandoc nor groff is installed"
	fi
	while read -r line; do
		fault "$line"
	done <"$work/said"
	test "$(sed -n 's/^\.Dt \([^ ]*\) \(.\)$/\1.\2/p' "$srcdir/$page" |
		tr '[:upper:]' '[:lower:]')" = \
		"$(basename "$page" | tr '[:upper:]' '[:lower:]')" ||
		fault "$page has another title than name"
done

all_pages()
{
	for page in $pages; do
		cat "$srcdir/$page"
	done
}
all_pages | tr -d '\\&' >"$work/all"

# Each page of ours that one refers to is there.
sed -n 's/^\.Xr \(rtmalloc[^ ]*\) \(.\).*/doc\/\1.\2/p' "$work/all" |
	sort -u | while read -r page; do
	test -f "$srcdir/$page" || fault "there is no $page to refer to"
done

# Each function, hook and variable of the environment is named; operators and
# names with a prefix as a whole.
read_list "$RTM_LISTS/exports.txt" |
	grep -v -e '^_Z' -e '^PREFIX' | while read -r name; do
	grep -q -w -e "$name" "$work/all" || fault "no man page names $name"
done
list_sources | grep -E '^(src|conf|compat)/.*\.c$' | while read -r path; do
	sed -n 's/.*rtm_env_get("\([A-Z_]*\)".*/\1/p;
		s/^#define VARIABLE "\(.*\)"$/\1/p' "$srcdir/$path"
done | sort -u | while read -r name; do
	grep -q -w -e "$name" "$work/all" || fault "no man page names $name"
done

# So is each member of the structs that programs are given.
sed -n '/^struct rtmalloc_.*{/,/^}/s/^	uint[0-9]*_t \([a-z_]*\);.*/\1/p' \
	"$srcdir/src/rtmalloc.h" | sort -u >"$work/members"
test -s "$work/members" || fault "no struct is found in rtmalloc.h"
while read -r name; do
	grep -q -w -e "$name" "$work/all" || fault "no man page names $name"
done <"$work/members"

# Each verb of the command is told in its page.
list_sources | sed -n 's/^src\/cli\/cmd_\(.*\)\.c$/\1/p' |
	while read -r verb; do
	grep -q -w -e "$verb" "$srcdir/doc/rtmalloc.1" ||
		fault "rtmalloc(1) does not tell of $verb"
done
finish
