#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# completion.sh - bash completes verbs, options, files and programs
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need bash
completion=${RTM_TEST_COMPLETION:-$srcdir/src/cli/rtmalloc.bash}
command=${RTM_TEST_COMMAND:-$builddir/rtmalloc}

# Words on the command line, the last one to be completed; what bash offers.
cat >"$tmp/complete.bash" <<'BASH'
compopt() { :; }
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_rtmalloc
printf '%s\n' "${COMPREPLY[@]}"
BASH
mkdir "$tmp/files"
: >"$tmp/files/one.toml"
: >"$tmp/files/two.toml"

# offers WHAT WORD...: these, one a line, sorted.
offers() {
	offers_what=$1
	shift
	# A list of words; one that is sorted in lines.
	# shellcheck disable=SC2086
	printf '%s\n' $offers_what | sort >"$tmp/wanted"
	(cd "$tmp/files" && bash "$tmp/complete.bash" "$completion" "$command" "$@") |
		sort >"$tmp/is" || fail "$*: status $?"
	cmp -s "$tmp/wanted" "$tmp/is" ||
		fail "$*: not \"$offers_what\" but $(cat "$tmp/is")"
	echo "ok: $*"
}

offers 'config' con
offers 'record report run' r
offers '--help --version' --
offers '--config= --stats --help' run --
offers '--output= --signal= --help' record --
offers 'check show' config ''
offers "one.toml two.toml" config check ""
offers 'one.toml' run -c o
offers 'two.toml' run --config = tw
offers 'speed' tune --objective = s
offers 'exact' report --optimizer = e
offers 'USR1 USR2' record -s USR
(cd "$tmp/files" && bash "$tmp/complete.bash" "$completion" "$command" run --config \
	= one.toml bas) | grep -qx bash || fail "no program for run"
echo "ok: a program"
