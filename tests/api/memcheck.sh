#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# memcheck.sh - valgrind reports the same mistakes as with libc's malloc
#
# Once as users start it, and once with valgrind's own malloc kept away, so
# that all it knows is what the library tells it.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

need valgrind
grep -q '^#define RTM_HAVE_VALGRIND 1' "$builddir/config.h" ||
	skip "built without valgrind's headers"
ours=$(program tests/api/memcheck_probe)
libc=$(program tests/api/memcheck_probe_libc)

kinds='Invalid|Mismatched|Conditional|Use of|Address|[0-9,]+ bytes|definitely'
kinds="$kinds|indirectly|possibly|still|ERROR SUMMARY"

# report FILE PROGRAM OPTION...: what kinds of mistakes, how many, how large.
report() {
	file=$1
	program=$2
	shift 2
	valgrind --leak-check=full --show-leak-kinds=all --log-file="$tmp/log" \
		"$@" "$program" || {
		! grep -q 'debuginfo reader' "$tmp/log" ||
			skip "valgrind cannot read what this compiler writes"
		fail "$program: status $?"
	}
	sed -e 's/^==[0-9]*== *//' -e 's/0x[0-9A-Fa-f]*/ADDRESS/' \
		-e 's/ in loss record .*//' "$tmp/log" |
		grep -E "^($kinds)" |
		sort >"$tmp/$file"
	test -s "$tmp/$file" || fail "valgrind has nothing to say"
}

report libc "$libc"
grep -q "free'd" "$tmp/libc" || fail "the probe does nothing wrong"

# report_ours WAY
report_ours() {
	case $1 in
	plain) report plain "$ours" ;;
	told) report told "$ours" --soname-synonyms=somalloc=nouserintercepts ;;
	esac
}

# A word on the stack may look like a pointer into a lost block, by chance.
for way in plain told; do
	for try in 1 2 3; do
		report_ours $way
		! diff "$tmp/libc" "$tmp/$way" >"$tmp/diff" || break
		test $try -lt 3 || {
			cat "$tmp/diff"
			fail "the report ($way) is not that of libc's malloc"
		}
	done
	echo "ok: $way"
done
