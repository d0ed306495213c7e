#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# stats.sh - run --stats and RTMALLOC_STATS: where they go, and that they are
# what a reader of JSON takes
set -eu
# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

if grep -q '^#define RTM_STATS 0' "$builddir/config.h"; then
	try env RTMALLOC_STATS=- "$rtmalloc" run true
	stream_has err 'RTMALLOC_STATS: this library was configured with --disable-stats'
	finish
fi
header=$(cd "$srcdir" && pwd)/src/rtmalloc.h
cd "$tmp"

try "$rtmalloc" run --stats -- sh -c 'exec ls /'
status_is 0
stream_has err 'rtmalloc in ls, process '
stream_has err 'objects in use'
cp out plain

# Programs that close standard error before they end, as ls does, are heard;
# and what they say goes where it always goes.
try ls /
truth=0
cmp -s out plain || truth=1
claim "$truth" "ls says the same as without"

try env RTMALLOC_STATS=all.json "$rtmalloc" run ls /
status_is 0
stream_is err ''
if command -v python3 >/dev/null; then
	try python3 -c '
import json
d = json.load(open("all.json"))
assert d["schema"] == "rtmalloc-stats" and d["version"] == 1
assert d["program"] == "ls" and d["n_threads"] >= 1
assert d["heap_bytes"] == sum(d[k] for k in ("small_bytes", "large_bytes",
    "thread_cache_bytes", "transfer_cache_bytes", "central_bytes",
    "tail_bytes", "moving_bytes", "dirty_bytes", "clean_bytes"))
assert d["mapped_bytes"] >= d["heap_bytes"] + d["metadata_bytes"]
assert d["front_end"] == "thread" and d["n_transfer_hits"] <= d["n_refills"]
for c in d["classes"]:
    assert c["n_used"] + c["n_thread"] + c["n_transfer"] + c["n_central"] == \
        c["n_spans"] * (c["span_bytes"] // c["size"]), c
# Nothing that the header knows is kept back.
import re, sys
def members(struct):
    text = re.search(r"^struct " + struct + r" {(.*?)^}", header, re.S | re.M)
    return re.findall(r"^\tuint\d+_t (\w+);", text[1], re.M)
header = open(sys.argv[1]).read()
assert len(members("rtmalloc_stats")) > 30
assert not set(members("rtmalloc_stats")) - set(d)
assert not set(members("rtmalloc_class_stats")) - set(d["classes"][0])
assert sum(c["n_used"] for c in d["classes"]) == d["small_blocks"] > 0
assert sum(c["n_used"] * c["size"] for c in d["classes"]) == d["small_bytes"]
assert sum(c["n_refilled"] for c in d["classes"]) == d["n_refilled"] > 0
assert d["n_mmap"] > 0
' "$header"
	status_is 0
else
	omit "python3 reads JSON"
fi

try env RTMALLOC_STATS='stats-%e-%p' "$rtmalloc" run ls /
status_is 0
truth=0
grep -q 'rtmalloc in ls' stats-ls-[0-9]* || truth=1
claim "$truth" "%e and %p are replaced"
try env RTMALLOC_STATS='a%x' "$rtmalloc" run true
status_is 0
stream_has err "RTMALLOC_STATS: this is no file name; %p (process), %e (program) and %% are what may follow a %"
try env RTMALLOC_STATS=none/such "$rtmalloc" run bash -c :
status_is 0
stream_has err 'none/such: the statistics cannot be written there'
for file in / /dev/full; do
	try env RTMALLOC_STATS=$file "$rtmalloc" run bash -c :
	status_is 0
	stream_is err "rtmalloc: $file: the statistics cannot be written there"
done

# A process that was forked has a name of its own, and the format as told.
try env RTMALLOC_STATS=forked.json "$rtmalloc" run bash -c '(echo) & wait'
status_is 0
for file in forked.json forked.json.[0-9]*; do
	truth=0
	grep -q '"schema": "rtmalloc-stats"' "$file" || truth=1
	claim "$truth" "$file is JSON"
done

# Descriptors are the program's, to close and to use for files of its own:
# the statistics do not go there.
if command -v perl >/dev/null; then
	for from in 3 2; do
		# shellcheck disable=SC2016
		try "$rtmalloc" run --stats perl -MPOSIX -e \
			'POSIX::close($_) for $ARGV[0] .. 1023;
			$file = POSIX::creat("data", 0600);
			POSIX::dup2($file, $_) for $ARGV[0] .. 1023;
			POSIX::write($file, "mine\n", 5)' $from
		status_is 0
		truth=0
		test "$(cat data)" = mine || truth=1
		claim "$truth" "all that is in data is the program's"
		case $from in
		2) stream_is err '' ;;
		3) stream_has err 'rtmalloc in perl, process ' ;;
		esac
	done
else
	omit "descriptors that the program uses again"
fi
# shellcheck disable=SC2016
try sh -c '"$1" run --stats true 2>&-' - "$rtmalloc"
status_is 0
stream_is err ''

# Nobody reads any more: the program's status is its own.
# shellcheck disable=SC2016
try sh -c '{ "$1" run --stats bash -c "sleep 0.3; exit 7" 2>&1
	echo $? >ended; } | :
	cat ended' - "$rtmalloc"
stream_is out 7

finish
