#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# rooms.sh - a room includes only itself and rooms below it; no cycles
#
# From top to bottom:
#
#	compat > api > front > middle > back > conf > os > base
#
# conf stands above os because it reads files, and below back because every
# room asks it for its settings.  The command sees conf, for the reader,
# and the public header; the public header sees none of us.
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

# Lines `file line "included/name` of all includes in C sources.
list_sources | grep -E '\.(c|h|S|def)$' >"$work/c_files" || true
test -s "$work/c_files" || fault "no source found: is srcdir right?"
# shellcheck disable=SC2016 # the dollar signs are awk's
(cd "$srcdir" && xargs awk '
/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	sub(/^[^<"]*/, "")
	sub(/.[>"].*$/, substr($0, match($0, /.[>"]/), 1))
	print FILENAME, FNR, $0
}') <"$work/c_files" >"$work/includes"

awk '
BEGIN {
	n = split("base os conf back middle front api compat", names, " ")
	for (i = 1; i <= n; i++)
		rank[names[i]] = i
}

function room_of(path,   part)
{
	split(path, part, "/")
	if (path == "src/rtmalloc.h" || path == "rtmalloc.h")
		return "public"
	return part[1] == "src" ? part[2] : part[1]
}

function complain(what)
{
	printf "%s:%s: %s\n", $1, $2, what
}

{
	file = $1
	quoted = substr($3, 1, 1) == "\""
	target = substr($3, 2)
	from = room_of(file)
	to = room_of(target)
}

target ~ /\.c$/ {
	complain("includes a .c file (" target ")")
	next
}

!quoted {
	if (to == "public" || (to in rank && target ~ /\//))
		complain("<" target "> is ours: write it in double quotes")
	next
}

# Tests and workloads stand above everything.
from == "tests" || from == "bench" || target == "config.h" {
	next
}

target ~ /\.\.\// || (target !~ /\// && to != "public") {
	complain("write \"" target "\" as room/file.h")
	next
}

from == "cli" {
	if (to != "cli" && to != "conf" && to != "public")
		complain("the command may use conf/ and rtmalloc.h, not " target)
	next
}

from == "public" {
	complain("the public header may not include " target)
	next
}

to == "public" {
	if (from != "api" && from != "compat")
		complain("only api/, compat/ and cli/ include rtmalloc.h")
	next
}

!(from in rank) {
	complain("is in no room of the house")
	next
}

!(to in rank) {
	complain("includes " target ", which is in no room of the house")
	next
}

rank[to] > rank[from] {
	complain(from "/ may not look up to " target)
}
' "$work/includes" >"$work/upward"
while read -r line; do
	fault "$line"
done <"$work/upward"

# Every edge from header to header, for tsort, which names each loop.
awk '$1 ~ /\.(h|def)$/ && substr($3, 1, 1) == "\"" {
	sub(/^src\//, "", $1)
	print $1, substr($3, 2)
	if ($1 == substr($3, 2))
		print $1 " includes itself" >"/dev/stderr"
}' "$work/includes" >"$work/edges" 2>"$work/loops"
tsort "$work/edges" >/dev/null 2>>"$work/loops" || true
sed -e 's/^tsort: //' -e "/input contains a loop/d" "$work/loops" |
	while read -r line; do
		fault "include cycle: $line"
	done

finish
