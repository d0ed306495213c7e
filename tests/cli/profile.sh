#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# profile.sh - record, report and tune: the way round, and what is refused
set -eu
# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

command -v bash >/dev/null || {
	echo "there is no bash to record"
	exit 77
}
cd "$tmp"

# lines FILE LINE...: the file, of these lines.
lines() {
	file=$1
	shift
	printf '%s\n' "$@" >"$file"
}

# holds TEXT COMMAND...: the command succeeds.
holds() {
	text=$1
	shift
	truth=0
	"$@" >/dev/null 2>&1 || truth=1
	claim "$truth" "$text"
}

not() {
	! "$@"
}

# ------------------------------------------------------------------ record

try "$rtmalloc" record -o made -- bash -c 'x=$(printf "%70000s" a); exit 3'
status_is 3
stream_is out ''
stream_is err ''
holds "made is a profile" grep -qx 'rtmalloc-profile 1' made
holds "made is whole" grep -q '^end ' made
holds "a child wrote its own" ls made.[0-9]*

try "$rtmalloc" record -- bash -c :
status_is 0
holds "the default's name" grep -q '^end ' rtmalloc.profile

try "$rtmalloc" record --output=%e-%p bash -c :
status_is 0
holds "%e and %p are replaced" ls bash-[0-9]*

# A profile from before is not taken for this one's, other files are kept.
try "$rtmalloc" record -o made bash -c 'kill -9 $$'
status_is 137
holds "made is empty after a kill" test ! -s made
try "$rtmalloc" report made
refuses 1 "made: the file is empty: its program has not ended yet, or not by exit"
echo precious >letter
try "$rtmalloc" record -o letter bash -c :
refuses 125 "letter: this file is no profile; it is not written over"
holds "letter is as it was" grep -qx precious letter
try "$rtmalloc" record -o none/such bash -c :
refuses 125 "none/such: No such file or directory"
try "$rtmalloc" record -o kept no-such-program-there-is
status_is 127
holds "no program, no file" test ! -e kept
try "$rtmalloc" record -o a%x bash
status_is 2
stream_has err "--output: 'a%x': %p (process), %e (program) and %% are what may follow a %"
try "$rtmalloc" record
status_is 2
stream_has err 'missing program'

try "$rtmalloc" record -o signalled -s USR2 -- \
	bash -c 'kill -USR2 $$; cp signalled seen; exit 0'
status_is 0
holds "the signal wrote it" grep -q '^end ' seen

# ------------------------------------------------------------------ report

lines two 'rtmalloc-profile 1' 'program alpha' 'process 1' 'live_bytes 0' \
	'peak_bytes 4000' 'unknown_frees 7' \
	'bucket 16 1000 900 14000 100' 'bucket 4416 5000 0 21800000 5000' 'end 2'
lines three 'rtmalloc-profile 1' 'program beta<&">' 'process 2' \
	'bucket 16 10 0 160 10' 'bucket 24 200 0 4800 200' 'end 2'

try "$rtmalloc" report two
status_is 0
stream_is err ''
stream_has out 'alpha; 1 profile'
stream_has out 'total requests: 6000'
stream_has out 'above 1 MiB:    0'
stream_has out '         16          1000     16.67 %     16.67 %'
stream_has out '       4416          5000     83.33 %    100.00 %'
stream_has out "at the heap's peak: 21801400 bytes asked for, in 5100 blocks"
stream_has out 'frees of blocks from before: 7'

# Sums: 1010 in the first bucket; with weights 2 * 1000 + 3 * 10.
try "$rtmalloc" report two three
stream_has out 'total requests: 6210'
stream_has out '         16          1010'
try "$rtmalloc" report -w 2 two -w 3 three
stream_has out '         16          2030'
stream_has out '         24           600'
try sh -c "cat two | '$rtmalloc' report -"
stream_has out 'total requests: 6000'

if command -v python3 >/dev/null; then
	try "$rtmalloc" report --json -o all.json two three
	status_is 0
	stream_is out ''
	try python3 -c '
import json
d = json.load(open("all.json"))
assert d["schema"] == "rtmalloc-report" and d["version"] == 1
assert d["programs"] == ["alpha", "beta<&\">"], d["programs"]
assert d["total_requests"] == 6210
assert [b["up_to"] for b in d["buckets"]] == [16, 24, 4416]
for t in d["current"], d["suggested"]:
    for key in "requests", "live_at_peak", "bytes_asked_at_peak", \
            "bytes_given_at_peak":
        parts = sum(c[key] for c in t["classes"]) + t["large"][key]
        assert abs(parts - t["all"][key]) <= len(t["classes"]), key
# Of the first bucket only the mean size is known, over both.
assert abs(d["current"]["all"]["bytes_asked_at_peak"] - 21806360) < 100
assert d["suggested"]["all"]["waste"] <= d["current"]["all"]["waste"]
'
	status_is 0
	try "$rtmalloc" report --svg -o all.svg two three
	status_is 0
	try python3 -c '
import xml.etree.ElementTree as e
t = e.parse("all.svg").getroot()
assert t.tag.endswith("svg")
text = " ".join(x.text or "" for x in t.iter())
assert "beta<&\">" in text and "suggested" in text
assert sum(x.tag.endswith("rect") for x in t.iter()) > 5
'
	status_is 0
else
	omit "python3 reads JSON and SVG"
fi

# -------------------------------------------------------------------- tune

try "$rtmalloc" tune two
status_is 0
stream_is err ''
stream_has out '# Size classes for alpha'
try "$rtmalloc" tune -o app.toml two
status_is 0
stream_has out 'app.toml: '
try "$rtmalloc" config check app.toml
status_is 0
stream_has out 'app.toml: right'
try "$rtmalloc" run -c app.toml bash -c 'echo it runs'
status_is 0
stream_is out 'it runs'
stream_is err ''

# Classes: for 16 and 4360 bytes, and up to 256 KiB where nothing was seen.
try "$rtmalloc" config show app.toml
for size in 16 4416 262144; do
	holds "there is a class $size" grep -q "^ *$size " out
done
try "$rtmalloc" tune --min-gain=0 --max-classes=1 -o one.toml two
status_is 0
try "$rtmalloc" config show one.toml
holds "no class for 16 alone" not grep -q "^ *16 " out

# Where there is nothing to gain, the built-in classes stay.
lines fits 'rtmalloc-profile 1' 'bucket 16 1000 0 16000 1000' 'end 1'
try "$rtmalloc" tune -o fits.toml fits
status_is 0
stream_has out 'waste at the peak 0.00 %, before 0.00 %: the built-in classes fit'
try "$rtmalloc" config show fits.toml
sed -n '/^    size/,$p' out >classes
try "$rtmalloc" config show
sed -n '/^    size/,$p' out >built-in
holds "they are the built-in ones" cmp classes built-in
try "$rtmalloc" tune --min-gain=0 -o fits.toml fits
status_is 0
stream_has out 'before 0.00 %'
for option in --objective=speed --objective=balanced --optimizer=greedy \
	--coverage=0.5 '--optimizer=greedy --max-waste=1'; do
	# shellcheck disable=SC2086
	try "$rtmalloc" tune $option -o it.toml two three
	status_is 0
	try "$rtmalloc" config check it.toml
	status_is 0
done

# ----------------------------------------------------------- what is refused

# broken LINE TEXT...: a profile of these lines is refused in that line.
broken() {
	number=$1
	message=$2
	shift 2
	lines broken "$@"
	try "$rtmalloc" tune broken
	refuses 1 "broken:$number: $message"
}
head='rtmalloc-profile 1'

broken 1 "this is no profile; its first line would be 'rtmalloc-profile 1'" hello
broken 1 'a profile of another version; this command reads version 1' 'rtmalloc-profile 2'
broken 2 'unknown word; a bucket or the end must be here' "$head" 'bukket 8 1 1 1 1'
broken 2 'five numbers must follow' "$head" 'bucket 8 1 1 1'
broken 2 'five numbers must follow' "$head" 'bucket 8 1 -1 1 1'
broken 2 'there is more than belongs here' "$head" 'bucket 8 1 1 1 1 1'
broken 2 'no bucket ends at this size' "$head" 'bucket 9 1 1 1 1'
broken 2 'no bucket ends at 0' "$head" 'bucket 0 1 1 1 1'
broken 3 'buckets must come in order of size' "$head" 'bucket 16 1 1 1 1' 'bucket 8 1 1 1 1'
broken 2 'that is more than a process can do' "$head" 'bucket 8 99999999999999999 1 1 1'
broken 2 'five numbers must follow' "$head" 'bucket 8 99999999999999999999 1 1 1'
broken 3 'the number is not that of the buckets: some are missing' "$head" 'bucket 8 1 1 1 1' 'end 2'
broken 2 "the file is cut short: its last line would be 'end'" "$head" 'bucket 8 1 1 1 1'
broken 4 'nothing may follow the end' "$head" 'bucket 8 1 1 1 1' 'end 1' 'end 1'
broken 2 'a number must follow the word' "$head" 'process x'

lines empty "$head" 'end 0'
try "$rtmalloc" report empty
refuses 1 'empty: the profile has no requests: was the program run on rtmalloc?'
try "$rtmalloc" report nothing
refuses 1 'nothing: No such file or directory'
try "$rtmalloc" report .
refuses 1 '.: Is a directory'
try "$rtmalloc" tune two -o none/such
refuses 1 'none/such: No such file or directory'
try "$rtmalloc" report -c 'classes=3' two
refuses 1 '--config: class size = 3: must be 8 to 1M'
for verb in report tune; do
	for words in '' '-w 0 two' '-w x two' '--max-classes=64 two' \
		'--max-classes=0 two' '--objective=size two' \
		'--coverage=2 two' '--optimizer=best two' '--nonsense two'; do
		# shellcheck disable=SC2086
		try "$rtmalloc" $verb $words
		status_is 2
		stream_is out ''
		stream_has err "Try 'rtmalloc $verb --help'"
	done
	try sh -c "'$rtmalloc' $verb two >/dev/full"
	status_is 1
	stream_has err 'No space left on device'
done

finish
