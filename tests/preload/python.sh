#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# python.sh - Python's output is the same: objects, threads, subprocesses
#
# With Python's own allocator of small objects, and without it.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need python3
# A shim of a version manager would be measured instead.
python=$(python3 -c 'import sys; print(sys.executable)')

cat >"$tmp/work.py" <<'PYTHON'
import hashlib
import json
import os
import queue
import random
import re
import subprocess
import sys
import threading
import zlib


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def objects():
    rng = random.Random(7)
    table = {}
    for i in range(20000):
        table[rng.randrange(20000)] = [str(rng.random())] * rng.randrange(9)
        table.pop(rng.randrange(20000), None)
    text = json.dumps(sorted(table.items()))
    print("json", len(text), digest(text.encode()))
    assert json.loads(text) == [list(item) for item in sorted(table.items())]
    words = re.findall(r"\d{3,5}", text)
    words.sort(key=lambda word: word[::-1])
    print("words", len(words), digest("".join(words).encode()))
    blob = bytearray()
    for i in range(3000):
        blob += bytes([i % 251]) * (i * 7 % 3000)
    packed = zlib.compress(bytes(blob), 6)
    print("zlib", len(blob), len(packed), digest(zlib.decompress(packed)))


def threads():
    tasks, results = queue.Queue(), {}

    def work():
        while True:
            n = tasks.get()
            if n is None:
                return
            rng = random.Random(n)
            rows = [bytes(rng.randrange(2000)) for _ in range(300)]
            rows = [hashlib.md5(row + b"%d" % n).digest() for row in rows]
            results[n] = digest(b"".join(rows))

    pool = [threading.Thread(target=work) for _ in range(8)]
    for thread in pool:
        thread.start()
    for n in range(80):
        tasks.put(n)
    for _ in pool:
        tasks.put(None)
    for thread in pool:
        thread.join()
    print("threads", digest(repr(sorted(results.items())).encode()))


def subprocesses():
    code = "import sys; print(sum(map(len, sys.stdin.read().split())))"
    for n in range(4):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            input="word " * n * 10000,
            capture_output=True,
            text=True,
            check=True,
        )
        print("subprocess", n, done.stdout.strip(), repr(done.stderr))
    for n in range(20):
        pid = os.fork()
        if pid == 0:
            junk = [str(i) * 20 for i in range(5000)]
            os._exit(len(junk) % 256 ^ n)
        print("fork", n, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


objects()
threads()
subprocesses()
PYTHON

PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
export PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
same 'python' "$python" "$tmp/work.py"
same 'python without pymalloc' env PYTHONMALLOC=malloc "$python" "$tmp/work.py"
