# lib.sh - what the tests of the command share; to be sourced
#
# A test runs the command with "try", then says what must have come of it.
# Each claim that does not hold is told with the command and its output; the
# test goes on, and "finish" ends it.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

set -eu
export LC_ALL=C
unset LD_PRELOAD RTMALLOC_LIBRARY POSIXLY_CORRECT

builddir=$(cd "${abs_top_builddir:-.}" && pwd)
rtmalloc=$builddir/rtmalloc
n_claims=0
n_failed=0

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

if ! [ -x "$rtmalloc" ]; then
	echo "there is no command to test: $rtmalloc" >&2
	exit 1
fi

# need_system: skips the test if the system's programs are for another processor
# or another C library than the command.
need_system() {
	"$rtmalloc" run true >"$tmp/out" 2>"$tmp/err" || {
		echo "skipped: $(cat "$tmp/err")"
		exit 77
	}
	if [ -s "$tmp/err" ]; then
		echo "skipped: $(cat "$tmp/err")"
		exit 77
	fi
}

# try WORD...: run it; leaves $status, $tmp/out and $tmp/err.
try() {
	tried=$*
	status=0
	"$@" >"$tmp/out" 2>"$tmp/err" || status=$?
}

# claim TRUTH TEXT: TRUTH is the exit status of a comparison.
claim() {
	n_claims=$((n_claims + 1))
	[ "$1" -ne 0 ] || return 0
	n_failed=$((n_failed + 1))
	echo "FAILED: $2"
	echo "  command: $tried"
	echo "  status:  $status"
	sed 's/^/  stdout:  /' "$tmp/out"
	sed 's/^/  stderr:  /' "$tmp/err"
}

status_is() {
	truth=0
	[ "$status" -eq "$1" ] || truth=1
	claim "$truth" "status is $1"
}

# stream_is STREAM TEXT: it is TEXT, whole; STREAM is out or err.
stream_is() {
	truth=0
	if [ -n "$2" ]; then printf '%s\n' "$2"; fi >"$tmp/expected"
	cmp -s "$tmp/expected" "$tmp/$1" || truth=1
	claim "$truth" "std$1 is '$2'"
}

# stream_has STREAM TEXT: some line of it has TEXT.
stream_has() {
	truth=0
	grep -qF -e "$2" "$tmp/$1" || truth=1
	claim "$truth" "std$1 has '$2'"
}

# refuses STATUS TEXT: nothing ran; stderr has the one line, with TEXT.
refuses() {
	status_is "$1"
	stream_is out ''
	stream_has err "$2"
	truth=0
	grep -q '^rtmalloc: ' "$tmp/err" || truth=1
	[ "$(wc -l <"$tmp/err")" -eq 1 ] || truth=1
	claim "$truth" "stderr is one line, and begins with 'rtmalloc: '"
}

# omit TEXT: say which part of the test this machine cannot do.
omit() {
	echo "not tested: $1"
}

finish() {
	echo "$n_claims claims, $n_failed failed"
	[ "$n_claims" -gt 0 ] && [ "$n_failed" -eq 0 ] || exit 1
	exit 0
}
