#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# sqlite.sh - a database made on rtmalloc is the same, byte for byte
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need sqlite3
n_items=$(scaled 40000)
cat >"$tmp/work.sql" <<SQL
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, weight REAL, data BLOB);
CREATE TABLE link (a INTEGER, b INTEGER, note TEXT);
WITH RECURSIVE n(i, x) AS (
	SELECT 1, 42 UNION ALL
	SELECT i + 1, (x * 16807) % 2147483647 FROM n WHERE i < $n_items)
INSERT INTO item SELECT i, printf('name-%d-%x', x % 5000, x), x / 7.0,
	zeroblob(x % 90) FROM n;
INSERT INTO link SELECT id, (id * 7919) % $n_items + 1, substr(name, 3, id % 9)
	FROM item;
CREATE INDEX item_name ON item (name);
CREATE INDEX link_b ON link (b, a);
SELECT count(*), sum(length(data)), max(name) FROM item;
SELECT substr(name, 1, 8) AS prefix, count(*), round(avg(weight), 3)
	FROM item GROUP BY prefix ORDER BY 2 DESC, 1 LIMIT 20;
SELECT count(*), sum(x.weight > y.weight) FROM link
	JOIN item x ON x.id = link.a JOIN item y ON y.id = link.b
	WHERE x.name < y.name;
SELECT length(group_concat(name)) FROM (SELECT name FROM item ORDER BY weight);
DELETE FROM item WHERE id % 3 = 0;
UPDATE item SET name = name || '-' || upper(name) WHERE id % 5 = 0;
VACUUM;
PRAGMA integrity_check;
SQL
same 'sqlite3' sqlite3 -batch -init /dev/null database ".read $tmp/work.sql"
