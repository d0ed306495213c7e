#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# profile.sh - RTMALLOC_PROFILE: names, exit, signals, fork, exec, bad values
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

tiny=$(program tests/preload/tiny)
cd "$tmp"

# recorded VALUE COMMAND...: with that RTMALLOC_PROFILE; stderr in $tmp/err.
recorded() {
	value=$1
	shift
	env LD_PRELOAD="$library" RTMALLOC_PROFILE="$value" "$@" \
		>out 2>err || fail "$value: $* ends with $?: $(cat err)"
}

# whole FILE PROGRAM: it is a profile of that program, to its end.
whole() {
	test -f "$1" || fail "there is no $1: $(ls)"
	test "$(sed -n 1p "$1")" = 'rtmalloc-profile 1' || fail "$1: line 1"
	grep -q "^program $2\$" "$1" ||
		fail "$1 is of another program: $(sed -n 2p "$1")"
	test "$(sed -n '$p' "$1")" = "end $(grep -c '^bucket ' "$1")" ||
		fail "$1 is cut off"
}

# said TEXT: stderr is that line.
said() {
	test "$(cat err)" = "$1" || fail "it says: $(cat err); not: $1"
}

# Not sh: where that is dash, it leaves by _exit(2), which writes nothing.
need bash
bash=$(command -v bash)
name=$(basename "$(readlink -f "$bash")")

recorded plain "$tiny"
whole plain tiny
said ''
grep -q '^bucket ' plain || fail "nothing was counted"
echo "ok: at exit"

recorded '%e-%p-%%' "$tiny"
file=$(echo tiny-*-%)
whole "$file" tiny
test "$file" = "tiny-$(sed -n 's/^process //p' "$file")-%" ||
	fail "%p is not the process: $file"
echo "ok: names"

# The child of a fork does not write over its parent's.
recorded forked "$bash" -c '(exit 0); :'
whole forked "$name"
test "$(ls forked.* | wc -l)" -eq 1 || fail "a child wrote: $(ls)"
whole "$(ls forked.*)" "$name"
echo "ok: fork"

recorded '%e' "$bash" -c "exec '$tiny'"
whole tiny tiny
test ! -e "$name" || fail "who became another wrote a profile"
echo "ok: exec"

# A relative name counts from where the program began.
mkdir elsewhere
recorded away "$bash" -c 'cd elsewhere'
whole away "$name"
echo "ok: chdir"

RTMALLOC_PROFILE_SIGNAL=USR2
export RTMALLOC_PROFILE_SIGNAL
recorded signal "$bash" -c 'kill -USR2 $$; cp signal first; exit 0'
whole first "$name"
whole signal "$name"
RTMALLOC_PROFILE_SIGNAL=KILLED
recorded signal "$tiny"
said "rtmalloc: RTMALLOC_PROFILE_SIGNAL: there is no such signal to catch; \
a name such as USR2 or a number is right"
unset RTMALLOC_PROFILE_SIGNAL
echo "ok: signal"

RTMALLOC_PROFILE_MAIN=1
export RTMALLOC_PROFILE_MAIN
recorded other "$tiny"
test ! -e other || fail "it took the name of another"
whole "$(ls other.*)" tiny
unset RTMALLOC_PROFILE_MAIN
echo "ok: one of many"

recorded /nowhere/file "$tiny"
said "rtmalloc: /nowhere/file: the profile cannot be written there"
recorded 'a%q' "$tiny"
said "rtmalloc: RTMALLOC_PROFILE: this is no file name; %p (process), \
%e (program) and %% are what may follow a %"
recorded '' "$tiny"
said ''
echo "ok: bad values"

(ulimit -v 200000 && recorded narrow "$tiny")
whole narrow tiny
RTMALLOC_PAGE_MAP=tree
export RTMALLOC_PAGE_MAP
recorded tree "$bash" -c 'for i in 1 2 3; do echo "$i$i"; done | sort'
whole tree "$name"
echo "ok: without the flat page map"
