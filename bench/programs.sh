# programs.sh - real programs as workloads; to be sourced
#
# list_programs writes lines of a name and a command; the command's words
# have no spaces.  prepare_programs makes their input in a folder and names
# on stderr what is missing.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

# list_programs FOLDER
list_programs() {
	cat <<EOF
python-ast python3 -S -m ast $1/library.py
perl-pod2text pod2text --errors=none $1/modules.pod
sqlite-memory sqlite3 :memory: -init $1/table.sql .exit
g++-compile g++ -std=c++17 -O1 -S -o - $1/headers.ii
EOF
}

# has PROGRAM PACKAGE
has() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "$1 is missing: Debian's package $2" >&2
	return 1
}

# python3's own library, half of it, in one piece.
prepare_python() {
	folder=$(python3 -c 'import os; print(os.path.dirname(os.__file__))')
	cat "$folder"/[a-m]*.py | grep -v '^from __future__' >"$1/library.py"
}

# perl's own manuals, some megabytes of them.
prepare_perl() {
	perl -e 'print "$_\n" for @INC' | while read -r folder; do
		if [ -d "$folder" ]; then
			find "$folder/" -name '*.pm' -size +8k
		fi
	done | sort -u | xargs cat |
		awk 'n < 8000000 { print; n += length }' >"$1/modules.pod"
}

prepare_sqlite() {
	cat >"$1/table.sql" <<'EOF'
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	WHERE i < 400000)
INSERT INTO t SELECT i, 'name ' || (i * 7919 % 100003), i * 0.5 FROM n;
CREATE INDEX t_b ON t(b);
SELECT b, count(*), sum(c) FROM t GROUP BY b ORDER BY 2 DESC, 1 LIMIT 5;
SELECT count(DISTINCT substr(b, 6, 3)) FROM t;
SELECT json_group_array(json_object('a', a, 'b', b)) FROM t WHERE a % 9 = 0;
EOF
}

prepare_gxx() {
	cat >"$1/headers.cc" <<'EOF'
#include <bits/stdc++.h>
int
main()
{
	std::map<std::string, std::vector<int>> numbers;
	numbers["one"].push_back(1);
	return std::regex_match("aaa", std::regex("a+")) + numbers.size();
}
EOF
	g++ -std=c++17 -E -o "$1/headers.ii" "$1/headers.cc"
}

# prepare_programs FOLDER
prepare_programs() {
	if has python3 python3; then prepare_python "$1"; fi
	if has pod2text perl; then prepare_perl "$1"; fi
	if has sqlite3 sqlite3; then prepare_sqlite "$1"; fi
	if has g++ g++; then prepare_gxx "$1"; fi
}
