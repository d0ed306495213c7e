#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# aarch64.sh - the sections for aarch64 are assembled, and run in a simulator
#
# A simulator aborts no section, so what the kernel asks of them is read from
# the disassembled program: where the descriptors lie and lead to, that nothing
# inside leaves (but by a branch to a label), that the last instruction is the
# store that commits, and the signature before the place to go on at.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

to=aarch64-linux-gnu-
cc=${to}gcc
need $cc ${to}objdump ${to}objcopy qemu-aarch64
grep -q 'define RTM_PERCPU 1' config.h || skip "configured without"
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
$cc -static -o "$tmp/empty" "$tmp/empty.c" 2>/dev/null ||
	skip "no libc for aarch64"

place=.data.rel.ro.rtm_rseq
signature=d428bc00

# word ADDRESS: the instruction there, as a number.
word() {
	awk -v at="$(printf '%x' "$1")" '$1 == at { print $2 }' "$tmp/code"
}

# check_section ZERO START LENGTH ABORT: the four words of a descriptor.
check_section() {
	start=$((0x$2)) end=$((0x$2 + 0x$3)) abort=$((0x$4))
	test "$1" = 0000000000000000 || fail "version and flags are $1"
	test $abort -lt $start || test $abort -ge $end ||
		fail "the section at $2 goes on inside of itself"
	test "$(word $((abort - 4)))" = $signature ||
		fail "before $4 is $(word $((abort - 4))), not $signature"
	at=$start
	while test $at -lt $end; do
		printf '%x\n' $at
		at=$((at + 4))
	done >"$tmp/inside"
	awk 'NR == FNR { does[$1] = $3; next }
		!($1 in does) { print $1 ": no instruction" }
		does[$1] ~ /^(bl|blr|br|ret|svc|brk)$/ {
			print $1 ": " does[$1]
		}
		{ last = does[$1] }
		END { if (last !~ /^st/) print "the last is " last }' \
		"$tmp/code" "$tmp/inside" >"$tmp/wrong"
	test ! -s "$tmp/wrong" || fail "the section at $2: $(cat "$tmp/wrong")"
}

check_layout() {
	${to}objdump -h "$tmp/sections" |
		awk -v place=$place '$2 == place { print $4, $7 }' >"$tmp/where"
	test "$(cut -d ' ' -f 2 "$tmp/where")" = '2**5' ||
		fail "descriptors: $(cat "$tmp/where")"
	${to}objdump -d "$tmp/sections" | awk -F '\t' '/^ *[0-9a-f]+:\t/ {
		sub(/^ */, "", $1)
		sub(/:/, "", $1)
		print $1, $2, $3 }' >"$tmp/code"
	${to}objcopy -O binary -j $place "$tmp/sections" "$tmp/bytes"
	od -A n -v -t x8 -w32 "$tmp/bytes" >"$tmp/descriptors"
	n_sections=0
	while read -r zero start length abort; do
		check_section "$zero" "$start" "$length" "$abort"
		n_sections=$((n_sections + 1))
	done <"$tmp/descriptors"
	test "$n_sections" -ge 5 || fail "only $n_sections sections"
}

for level in -O0 -O2; do
	$cc -std=gnu11 $level -Wall -Wextra -Werror -static -D_GNU_SOURCE \
		-I"$builddir" -I"$srcdir/src" -I"$srcdir" -Wl,--unique=$place \
		-o "$tmp/sections" "$srcdir/tests/stress/aarch64.c"
	check_layout
	qemu-aarch64 "$tmp/sections" || fail "compiled with $level"
	echo "ok: compiled with $level, $n_sections sections"
done
