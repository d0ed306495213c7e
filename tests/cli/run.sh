#!/bin/sh
# run.sh - "rtmalloc run" is the program, but for its malloc
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

echo "the program's malloc is the library's"
try env LD_DEBUG=bindings "$rtmalloc" run sort /dev/null
status_is 0
truth=0
grep -q 'binding file sort .*/librtmalloc\.so.*symbol .malloc. *' \
	"$tmp/err" || truth=1
: >"$tmp/err" # thousands of lines
claim "$truth" "the loader binds malloc of sort to librtmalloc.so"

echo "programs that it starts run on the library, too"
try "$rtmalloc" run sh -c 'sort </proc/self/maps'
status_is 0
stream_has out '/librtmalloc.so'

echo "exit statuses pass through"
for n in 0 1 2 7 125 255; do
	try "$rtmalloc" run sh -c "exit $n"
	status_is "$n"
	stream_is err ''
done

# HUP and INT may be ignored from outside: in the background, under nohup.
echo "a signal that ends the program is told as such"
while read -r signal n; do
	# shellcheck disable=SC2016
	try sh -c '"$@"; exit $?' - "$rtmalloc" run \
		sh -c 'kill -s "$1" $$' - "$signal"
	status_is "$n"
done <<'EOF'
KILL 137
USR1 138
TERM 143
EOF

echo "the program has the command's process number, and its signals"
"$rtmalloc" run sh -c 'echo $$; exec sleep 60' >"$tmp/pid" &
child=$!
n=0
until grep -qs sleep "/proc/$child/comm" || [ "$n" -eq 100 ]; do
	n=$((n + 1))
	sleep 0.1
done
kill -TERM "$child"
try wait "$child"
status_is 143
truth=0
[ "$(cat "$tmp/pid")" = "$child" ] || truth=1
claim "$truth" "the process number $(cat "$tmp/pid") is $child"

echo "arguments, input, environment and folder pass through"
try "$rtmalloc" run -- printf '<%s>\n' 'a b' '' --help -x '*'
stream_is out '<a b>
<>
<--help>
<-x>
<*>'
try "$rtmalloc" run printf '%s\n' --help
stream_is out '--help'
echo 'some input' >"$tmp/in"
# shellcheck disable=SC2016
try sh -c '"$1" run cat <"$2"' - "$rtmalloc" "$tmp/in"
stream_is out 'some input'
try env RTM_TEST_WORD=kept "$rtmalloc" run printenv RTM_TEST_WORD
stream_is out kept
# shellcheck disable=SC2016
try sh -c 'cd / && exec "$1" run pwd' - "$rtmalloc"
stream_is out /

echo "scripts run, also those without a first line"
# shellcheck disable=SC2016
printf '#! /bin/sh -e\necho "$0" "$@"\n' >"$tmp/script"
# shellcheck disable=SC2016
printf 'echo "$0" "$@"\n' >"$tmp/plain"
printf '#!%s\n' "$tmp/script" >"$tmp/nested"
chmod +x "$tmp/script" "$tmp/plain" "$tmp/nested"
try "$rtmalloc" run "$tmp/script" 1 2
stream_is out "$tmp/script 1 2"
try "$rtmalloc" run "$tmp/plain" 1 2
stream_is out "$tmp/plain 1 2"
try "$rtmalloc" run "$tmp/nested" 1 2
stream_is out "$tmp/script $tmp/nested 1 2"
try env "PATH=$tmp:$PATH" "$rtmalloc" run script 1 2
stream_is out "$tmp/script 1 2"

finish
