#!/bin/sh
# tuned.sh - the tables that are shipped are right, run, and say what they gave
#
# SPDX-License-Identifier: MIT OR Apache-2.0
set -eu
# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"

srcdir=$(cd "${srcdir:-.}" && pwd)
makefile=$srcdir/conf/conf.mk
cd "$tmp"

# has FILE PATTERN TEXT: a line of the file matches.
has() {
	truth=0
	grep -q -E -e "$2" "$1" || truth=1
	claim "$truth" "$(basename "$1"): $3"
}

n_tables=0
for table in "$srcdir"/conf/tuned/*.toml; do
	name=$(basename "$table")
	n_tables=$((n_tables + 1))
	try "$rtmalloc" config check "$table"
	status_is 0
	stream_has out "$name: right"

	# The figures, and that they are of this very table.
	n_classes=$(grep -c '^\[\[class\]\]' "$table" || true)
	[ "$n_classes" -gt 0 ] || n_classes=$(sed -n 's/^classes = //p' \
		"$table" | tr ',' '\n' | wc -l)
	has "$table" '^# made by rtmalloc [0-9.]+ from [0-9]+ profile' \
		"what made it"
	has "$table" "by this table of $n_classes classes +[0-9.]+ %" \
		"the waste of its $n_classes classes"
	has "$table" "bench/tune ${name%.toml}:" "the program that it is for"
	for what in 'peak memory, MiB' 'processor time, s'; do
		has "$table" "^#	$what +[0-9.]+ +[0-9.]+ +[0-9.]+" "$what"
	done
	has "$makefile" "conf/tuned/$name( |$)" "is in the package"

	# A program runs with it, and the generator takes it.
	try "$rtmalloc" run -c "$table" sh -c 'echo it runs'
	status_is 0
	stream_is out 'it runs'
	stream_is err ''
	if [ -x "$builddir/conf/gen_default" ]; then
		try "$builddir/conf/gen_default" "$srcdir/conf/default.toml" \
			"$table"
		status_is 0
		stream_is err ''
	fi
done
tried="ls conf/tuned"
truth=0
[ "$n_tables" -ge 3 ] || truth=1
claim "$truth" "there are tables: $n_tables"

finish
