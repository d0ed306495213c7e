#!/bin/sh
# generator.sh - what is built in comes from the file that was asked for
#
# SPDX-License-Identifier: MIT OR Apache-2.0
set -eu

srcdir=${srcdir:-.}
generate=conf/gen_default
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
	echo "generator.sh: $*" >&2
	exit 1
}

test -x "$generate" || {
	echo "$generate is not there: nothing was built here"
	exit 77
}

# A file goes on top of the default: what it does not name stays.
cat >"$scratch/app.toml" <<'END'
[config]
max_pages = 77
END
"$generate" "$srcdir/conf/default.toml" >"$scratch/plain.c"
"$generate" "$srcdir/conf/default.toml" "$scratch/app.toml" \
	>"$scratch/app.c"
sed 's/max_pages = 128/max_pages = 77/' "$scratch/plain.c" \
	| cmp - "$scratch/app.c" || fail "more than max_pages changed"

# Classes replace all of the default's.
echo 'classes = [16, 1K]' >"$scratch/app.toml"
"$generate" "$srcdir/conf/default.toml" "$scratch/app.toml" \
	| grep -E '^		\{' >"$scratch/rows"
printf '\t\t{ 16, 2, 512 },\n\t\t{ 1024, 2, 8 },\n' \
	| cmp - "$scratch/rows" || fail "other classes than those asked for"

# A wrong file ends the build with the reader's words, and writes nothing.
echo 'classes = [16, 20]' >"$scratch/app.toml"
status=0
"$generate" "$srcdir/conf/default.toml" "$scratch/app.toml" \
	>"$scratch/out" 2>"$scratch/err" || status=$?
test "$status" = 1 || fail "exit status $status for a wrong file"
test ! -s "$scratch/out" || fail "output for a wrong file"
echo "gen_default: $scratch/app.toml:1: class size 20: must be a multiple" \
	"of 8, such as 24" >"$scratch/want"
# A long name of the scratch directory is shown from its end.
sed 's/.*app\.toml/app.toml/' "$scratch/want" >"$scratch/want.end"
sed 's/.*app\.toml/app.toml/' "$scratch/err" | cmp - "$scratch/want.end" \
	|| fail "unexpected message: $(cat "$scratch/err")"

status=0
"$generate" "$scratch/none.toml" >"$scratch/out" 2>"$scratch/err" || status=$?
test "$status" = 1 || fail "exit status $status for a file that is not there"
grep -q 'none.toml: No such file' "$scratch/err" \
	|| fail "unexpected message: $(cat "$scratch/err")"
