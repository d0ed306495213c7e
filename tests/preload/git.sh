#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# git.sh - a repository made on rtmalloc is the same: commits, gc, fsck
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need git awk
# 2,000 commits, each of which changes some of 300 files.
awk -v n_commits="$(scaled 700)" 'BEGIN {
	x = 42
	print "feature done"
	for (commit = 1; commit <= n_commits; commit++) {
		print "commit refs/heads/main"
		printf "committer A U Thor <author@example.com> %d +0000\n", \
			1700000000 + commit * 60
		message = "change " commit
		printf "data %d\n%s\n", length(message), message
		for (file = 0; file < 4; file++) {
			x = (x * 16807) % 2147483647
			text = ""
			for (line = 0; line < x % 60 + 1; line++)
				text = text "line " (x + line) % 977 " of " \
					commit "\n"
			printf "M 100644 inline dir%d/file%d.txt\n", x % 10, \
				x % 300
			printf "data %d\n%s\n", length(text), text
		}
	}
	print "done"
}' >"$tmp/stream"

cat >"$tmp/work.sh" <<'WORK'
set -eu
git init -q -b main repository
cd repository
git fast-import --quiet --done <"$1"
git log --format='%H %ct %s' | tee log | sed -n '1p;$p'
git checkout -q main
for n in 1 2 3 4 5; do
	echo "more $n" >>"new$n.txt"
	git checkout -q -b "topic$n" "main~$n"
	echo "more $n" >>"topic$n.txt"
	git add "topic$n.txt"
	git commit -q -m "topic $n"
	git checkout -q main
	git merge -q -m "merge $n" "topic$n"
done
git log --stat -n 50 | cksum
git diff main~200 main | cksum
git grep -c 'line 5' main | cksum
git blame dir1/* 2>/dev/null | cksum || :
git gc -q
git fsck --full --strict
git count-objects -v | grep -v '^size'
git rev-list --all --objects | sort | cksum
git cat-file --batch-check --batch-all-objects | cksum
git archive main | cksum
git clone -q . ../copy
git -C ../copy rev-parse HEAD
git -C ../copy fsck --full
# Packs are cut by threads, and their layout is chance.
rm -rf .git ../copy log
WORK

GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=pack.threads GIT_CONFIG_VALUE_0=2
GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
GIT_COMMITTER_NAME='A U Thor' GIT_COMMITTER_EMAIL=author@example.com
GIT_AUTHOR_DATE='1800000000 +0000' GIT_COMMITTER_DATE='1800000000 +0000'
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_CONFIG_COUNT \
	GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_AUTHOR_NAME \
	GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL \
	GIT_AUTHOR_DATE GIT_COMMITTER_DATE
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
same 'git' sh "$tmp/work.sh" "$tmp/stream"
