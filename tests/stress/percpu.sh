#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# percpu.sh - caches of processors, where they are and where they are not
#
# The suites run once more with frontend=cpu and, where threads are many, with
# auto; a debugger steps through a call; and where nobody has registered
# threads with the kernel, or a sandbox refuses what caches of processors
# need, all goes on with caches of threads.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

failed=0

report() {
	if test "$1" -eq 0; then
		echo "ok: $2"
	else
		echo "FAILED ($1): $2"
		sed 's/^/    /' "$tmp/out"
		failed=1
	fi
}

# run FRONTEND PROGRAM
run() {
	status=0
	env RTMALLOC_CONF="frontend=$1" TEST_MS=700 "$(program "$2")" \
		>"$tmp/out" 2>&1 || status=$?
	report "$status" "$2, frontend=$1"
}

# rseq COMMAND...: who has registered threads, by the statistics of a program.
rseq() {
	env RTMALLOC_STATS="$tmp/stats.json" LD_PRELOAD="$library" "$@" \
		>"$tmp/out" 2>&1 || fail "$* does not run"
	test -s "$tmp/stats.json" || skip "no statistics in this build"
	sed -n 's/.*"rseq": *\([0-9]*\).*/\1/p' "$tmp/stats.json"
}

for name in tests/stress/threads tests/stress/forks tests/api/test_malloc \
	tests/api/test_aligned tests/api/test_profile tests/api/small_stack; do
	run cpu "$name"
done
# The numbers of processors need not begin with 0.
last=$(taskset -pc $$ 2>/dev/null | sed 's/.*[^0-9]//')
if test -n "$last"; then
	status=0
	env RTMALLOC_CONF=frontend=cpu TEST_MS=500 taskset -c "$last" \
		"$(program tests/stress/threads)" >"$tmp/out" 2>&1 || status=$?
	report "$status" "threads on processor $last alone"
fi
status=0
"$(program tests/stress/moved)" cpuset >"$tmp/out" 2>&1 || status=$?
if test $status -eq 77; then
	tail -n 1 "$tmp/out"
else
	report "$status" "processors come and go by a cpuset"
fi
run auto tests/stress/idle_threads
run auto tests/stress/short_threads

tiny=$(program tests/preload/tiny)
RTMALLOC_CONF=frontend=cpu
export RTMALLOC_CONF
who=$(rseq "$tiny")
echo "registered by: $who"
status=0
test "$(rseq env GLIBC_TUNABLES=glibc.pthread.rseq=0 "$tiny")" != 1 ||
	status=1
report "$status" "without libc's registration nobody relies on it"

# refused WHO ERRNO CALL COMMAND...: the command's work is done, nothing is
# said, and threads are registered by WHO, as far as anybody relies on it.
deny=$(program tests/support/deny)
refused() {
	refused_who=$1
	refused_what="$4, without $3 ($2)"
	rm -f "$tmp/stats.json"
	status=0
	env RTMALLOC_STATS="$tmp/stats.json" TEST_MS=300 \
		"$deny" "$2" "$3" -- "$(program "$4")" \
		>"$tmp/out" 2>"$tmp/err" || status=$?
	if test $status -eq 77; then
		tail -n 1 "$tmp/err"
		return
	fi
	! grep -v '^TEST_SEED=' "$tmp/err" >>"$tmp/out" || status=1
	is=$(sed -n 's/.*"rseq": *\([0-9]*\).*/\1/p' "$tmp/stats.json")
	test "$is" = "$refused_who" || {
		echo "registered by: $is" >>"$tmp/out"
		status=1
	}
	report "$status" "$refused_what"
}
for error in ENOSYS EPERM; do
	refused 0 $error rseq tests/stress/threads
	refused "$who" $error membarrier tests/stress/threads
	refused 0 $error sched_getaffinity tests/stress/threads
done
RTMALLOC_CONF=frontend=cpu,idle_delay_ms=3600000 # as in own.sh
refused "$who" EPERM membarrier tests/stress/processors
RTMALLOC_CONF=frontend=auto
refused 0 ENOSYS rseq tests/stress/idle_threads
RTMALLOC_CONF=frontend=cpu

status=0
test "$(RTMALLOC_CONF=frontend=thread rseq "$tiny")" = 0 || status=1
report "$status" "frontend=thread asks for nothing"

# Each step aborts the section, so that the call has to find another way.
if test "$who" = 0 || ! command -v gdb >/dev/null 2>&1; then
	echo "skipped: stepping through malloc (no gdb, or no sections)"
	exit $failed
fi
cat >"$tmp/steps" <<'END'
set pagination off
set confirm off
set startup-with-shell off
set breakpoint pending on
set debuginfod enabled off
break main
run
tbreak malloc
continue
set $stack = $sp
set $n = 0
while $sp <= $stack && $n < 30000
  stepi
  set $n = $n + 1
end
printf "steps: %d\n", $n
continue
END
status=0
timeout 60 gdb -q -nx -batch -ex "set environment LD_PRELOAD=$library" \
	-x "$tmp/steps" --args "$(program tests/preload/family)" \
	>"$tmp/out" 2>&1 || status=$?
steps=$(sed -n 's/^.*steps: //p' "$tmp/out")
if test -z "$steps" && grep -q -i 'ptrace\|not permitted' "$tmp/out"; then
	echo "skipped: stepping through malloc (no debugging here)"
	exit $failed
fi
grep -q 'exited normally' "$tmp/out" && test "${steps:-30000}" -lt 30000 ||
	status=1
report "$status" "a debugger steps through malloc (${steps:-?} steps)"
exit $failed
