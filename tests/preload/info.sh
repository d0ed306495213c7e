#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# info.sh - malloc_info's XML and malloc_stats' lines read as glibc's do, and
# all calls answer as glibc's where those are known
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need python3

info=$(program tests/preload/info)
"$info" xml >"$tmp/libc.xml"
"$info" stats 2>"$tmp/libc.txt"
LD_PRELOAD=$library "$info" xml >"$tmp/ours.xml"
LD_PRELOAD=$library "$info" stats 2>"$tmp/ours.txt"
grep -q '<malloc' "$tmp/libc.xml" || skip "this libc has no malloc_info"

# Every path of elements, and every attribute and type, that we write is one
# of glibc's; and what has to be there is there.
python3 - "$tmp/libc.xml" "$tmp/ours.xml" <<'PY' || fail "malloc_info"
import sys
import xml.etree.ElementTree as tree

def shape(element, path=""):
    path += "/" + element.tag
    if "type" in element.attrib:
        path += "=" + element.attrib["type"]
    found = {path + " " + name for name in element.attrib} | {path}
    for child in element:
        found |= shape(child, path)
    return found

libc, ours = (tree.parse(name).getroot() for name in sys.argv[1:])
strange = shape(ours) - shape(libc)
assert not strange, strange
assert ours.tag == "malloc" and ours.attrib["version"] == "1"
free = 0
for size in ours.find("heap/sizes"):
    total, count = int(size.attrib["total"]), int(size.attrib["count"])
    assert total == count * int(size.attrib["to"])
    assert int(size.attrib["from"]) <= int(size.attrib["to"])
    free += total
sums = {t.attrib["type"]: int(t.attrib["size"]) for t in ours.findall("total")}
assert free <= sums["rest"], (free, sums)
now = int(ours.find("system[@type='current']").attrib["size"])
assert sums["fast"] + sums["rest"] + sums["mmap"] <= now
PY
echo "ok: malloc_info"

# The words before each = are glibc's, in its order.
sed 's/=.*//' "$tmp/libc.txt" >"$tmp/wanted"
head -n "$(wc -l <"$tmp/wanted")" "$tmp/ours.txt" | sed 's/=.*//' >"$tmp/got"
cmp "$tmp/wanted" "$tmp/got" || fail "malloc_stats: $(cat "$tmp/ours.txt")"
grep -q '^#define RTM_STATS 0' "$builddir/config.h" ||
	grep -q '^heap ' "$tmp/ours.txt" ||
	fail "malloc_stats has nothing of its own"
echo "ok: malloc_stats"

answers=$(program tests/preload/answers)
"$answers" >"$tmp/wanted" || fail "answers: status $?"
LD_PRELOAD=$library "$answers" >"$tmp/got" || fail "answers: status $?"
test "$(wc -l <"$tmp/got")" -gt 50 || fail "there are no answers"
diff "$tmp/wanted" "$tmp/got" || fail "libc's malloc answers otherwise"
echo "ok: answers"
