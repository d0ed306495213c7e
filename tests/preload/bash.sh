#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# bash.sh - a shell's output is the same: subshells, pipes, arrays, jobs
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need bash
cat >"$tmp/work.bash" <<'BASH'
declare -A table
declare -a list
x=42
for ((i = 0; i < 30000; i++)); do
	((x = x * 16807 % 2147483647))
	table[key$((x % 3000))]+=$i
	list[x % 1000]=$x
	((x % 5)) || unset "table[key$((x % 300))]"
done
text=${!table[*]}
echo "${#table[@]} ${#list[@]} ${#text}"
echo "${list[*]:0:50}"
for ((i = 0; i < 150; i++)); do
	a=$(echo $((i * i)))
	b=$( (echo one; echo two) | while read -r word; do
		echo "$word-$i"
	done)
	echo "$a" $b
done
for ((i = 0; i < 20; i++)); do
	( exit $((i % 7)) ) &
	jobs[i]=$!
done
for ((i = 0; i < 20; i++)); do
	wait "${jobs[i]}"
	echo "job $i: $?"
done
long=$(printf 'word%.0s ' {1..20000})
echo "${#long} ${long//word/x}" | cksum
find / -maxdepth 1 -type d | sort | wc -l
sort <(printf '%s\n' {z..a}) <(seq 500) | cksum
BASH
same 'bash' bash "$tmp/work.bash"
