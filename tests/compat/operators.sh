#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# operators.sh - C++'s operators are the library's, however it is linked
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"
need_cxx
cxx="$CXX -std=c++17 -O1 -Wall -fno-builtin"

# run_all NAME SOURCE: preloaded, linked, linked with the archive, static.
# The flags are a list of words.
# shellcheck disable=SC2086
run_all() {
	built "$1" $cxx "$2"
	says good env LD_PRELOAD="$library" "$tmp/$1"
	built "$1-linked" $cxx "$2" "$library" -Wl,-rpath,"$library_dir"
	says good "$tmp/$1-linked"
	built "$1-archive" $cxx "$2" "$archive"
	says good "$tmp/$1-archive"
	for how in -static -static-pie; do
		can_link $how || continue
		built "$1$how" $cxx -pthread "$2" $how "$archive"
		says good "$tmp/$1$how"
		# What a linker warns of is not ours.
		! grep 'warning: .*dlopen' "$tmp/build.log" || fail "$1 $how"
	done
	echo "ok: $1"
}

run_all operators "$here/operators.cc"
run_all replaced "$here/replaced.cc"

# All twenty are bound to the library, and none to libstdc++.
on_target env LD_DEBUG=bindings LD_BIND_NOW=1 LD_DEBUG_OUTPUT="$tmp/debug" \
	LD_PRELOAD="$library" "$tmp/operators" >/dev/null
sed -n "s/^.*file .*operators \[0\] to \(.*\) \[0\]: .*symbol .\(_Z[nd][wal][^']*\)'.*/\2 \1/p" \
	"$tmp"/debug.* | sort -u >"$tmp/bound"
test "$(grep -c " $library\$" "$tmp/bound")" -eq 20 ||
	fail "not all 20 operators are bound to it: $(cat "$tmp/bound")"
test "$(wc -l <"$tmp/bound")" -eq 20 || fail "$(cat "$tmp/bound")"
echo "ok: 20 operators"

# A C program without a C++ runtime opens a plug-in that brings one.
# shellcheck disable=SC2086
built plugin.so $cxx -shared -fPIC "$here/late_plugin.cc"
# shellcheck disable=SC2086
built late $CC "$here/late_plugin.c" -ldl
says 0 env LD_PRELOAD="$library" "$tmp/late" "$tmp/plugin.so"
echo "ok: a runtime that comes late"

# A wrong size: too many bytes, and too few by more than a class.
for n in 200 10 100000; do
	if is_debug; then
		on_target env LD_PRELOAD="$library" "$tmp/operators" wrong $n \
			>"$tmp/said" 2>&1 && fail "delete of $n bytes passed"
		grep -q "^rtmalloc: operator delete(0x[0-9a-f]*): size $n given for an object of [0-9]* bytes\$" \
			"$tmp/said" || fail "$(cat "$tmp/said")"
	fi
	# Told to, a sized delete looks the block up.
	is_debug || on_target env RTMALLOC_SIZED_DELETE=0 LD_PRELOAD="$library" \
		"$tmp/operators" wrong $n || fail "RTMALLOC_SIZED_DELETE=0"
done
echo "ok: a wrong size"
