#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# legacy.sh - programs that ask more of a malloc than malloc and free
#
# Each runs on libc's malloc and on rtmalloc, and must say the same.  Those
# that are not installed are passed over: install the packages to run them.
# doc/legacy tells what each uses, and is compared with the program itself.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

n_run=0
missing=
PATH=$PATH:/usr/sbin:/sbin
for bin in /usr/lib/postgresql/*/bin; do
	PATH=$PATH:$bin
done
export LC_ALL=C HOME="$tmp"
cd "$tmp"
! grep -q '^#define RTM_STATS 1' "$builddir/config.h" ||
	export RTMALLOC_STATS="$tmp/stats/%e-%p"

# on LIBRARY COMMAND...: as libc has it if LIBRARY is empty.
on() {
	LD_PRELOAD=$1
	export LD_PRELOAD
	shift
	"$@"
}

# uses PROGRAM: what it and its libraries want of malloc's less common names.
uses() {
	file=$(readlink -f "$(command -v "$1")")
	ldd "$file" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' |
		grep -v -e '/libc\.so' -e '/libstdc++\.so' >"$tmp/files"
	echo "$file" >>"$tmp/files"
	while read -r file; do
		${NM:-nm} -D "$file" 2>/dev/null
	done <"$tmp/files" | sed -n -e 's/^ *[Uw] \([a-z_0-9]*\).*/\1/p' \
		-e 's/^[0-9a-f]* [TW] _Zn[wa].*/operators/p' | sort -u
}

# as_told NAME PROGRAM: doc/legacy has the program, and it uses what stands there.
as_told() {
	told=$(sed -n "s/^$1 *+* *$2  *\(.*\)/\1/p" "$srcdir/doc/legacy")
	test -n "$told" || fail "doc/legacy does not tell of $2 in $1"
	uses "$2" >used
	for name in ${told%%(*}; do
		test "$name" = - || grep -q -x "$name" used ||
			fail "$2 does not use $name: $(tr '\n' ' ' <used)"
	done
}

# alike NAME PROGRAM FUNCTION PROCESS: what FUNCTION prints is the same on both,
# and the process, as the system calls it, has used rtmalloc.
alike() {
	if ! command -v "$2" >/dev/null; then
		missing="$missing $1"
		return 0
	fi
	rm -rf work && mkdir work
	(cd work && on '' "$3") >libc.out 2>&1 </dev/null || {
		echo "passed over: $1 does not work here at all"
		head -n 3 libc.out
		return 0
	}
	rm -rf work stats && mkdir work stats && chmod 1777 stats
	(cd work && on "$library" "$3") >ours.out 2>&1 </dev/null ||
		fail "$1 ends with $?: $(tail -n 5 ours.out)"
	test -z "${RTMALLOC_STATS:-}" ||
		find stats -name "$4[0-9.]*[0-9]" -o -name "$4-[0-9]*" | grep -q . ||
		fail "$1: $4 did not run on rtmalloc: $(ls stats)"
	cmp libc.out ours.out || fail "$1: $(diff libc.out ours.out | head)"
	test -s ours.out || fail "$1 says nothing"
	as_told "$1" "$2"
	n_run=$((n_run + 1))
	echo "ok: $1, $2, $(wc -c <ours.out) bytes"
}

try_haproxy() {
	cat >haproxy.cfg <<-'CFG'
	defaults
	    mode http
	    timeout client 1s
	    timeout server 1s
	    timeout connect 1s
	frontend in
	    bind 127.0.0.1:48123
	    default_backend out
	backend out
	    server s1 127.0.0.1:1
	CFG
	haproxy -c -V -f haproxy.cfg 2>&1 | sed 's/([0-9]*) *//' &&
		haproxy -vv
}

try_emacs() {
	emacs -Q --batch --eval '(progn
		(let ((list nil))
		  (dotimes (i 100000) (push (format "line %d" i) list))
		  (with-temp-buffer
		    (dolist (line list) (insert line "\n"))
		    (sort-lines nil (point-min) (point-max))
		    (message "%d %s" (buffer-size) (md5 (buffer-string)))))
		(garbage-collect))'
}

try_lvm() {
	export LVM_SUPPRESS_FD_WARNINGS=1
	lvm version | head -n 1 && lvm formats && lvm dumpconfig --type default
}

try_nginx() {
	mkdir -p logs
	cat >nginx.conf <<-'CFG'
	pid nginx.pid;
	error_log error.log;
	events {}
	http {
	    access_log off;
	    server { listen unix:nginx.sock; location / { return 200 ok; } }
	}
	CFG
	nginx -t -p "$PWD/" -c nginx.conf 2>&1 | sed 's/^.*: //' &&
		nginx -p "$PWD/" -c nginx.conf -g 'daemon off;' 2>/dev/null &
	server=$!
	for _ in $(seq 50); do
		test ! -S nginx.sock || break
		sleep 0.2
	done
	python3 - <<-'PY'
	import socket
	for i in range(200):
	    s = socket.socket(socket.AF_UNIX)
	    s.connect("nginx.sock")
	    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
	    data = b""
	    while chunk := s.recv(4096):
	        data += chunk
	    assert data.endswith(b"ok"), data
	print("200 answers")
	PY
	status=$?
	kill "$(cat nginx.pid)"
	wait $server || :
	return $status
}

try_memcached() {
	memcached -u root -s "$PWD/sock" -m 16 -t 2 &
	server=$!
	for _ in $(seq 50); do
		test ! -S sock || break
		sleep 0.2
	done
	python3 - <<-'PY'
	import socket
	s = socket.socket(socket.AF_UNIX)
	s.connect("sock")
	f = s.makefile("rwb")
	for i in range(20000):
	    value = b"x" * (i % 3000)
	    f.write(b"set k%d 0 0 %d noreply\r\n%s\r\n" % (i, len(value), value))
	    if i % 100 == 0:
	        f.write(b"get k%d\r\n" % i)
	        f.flush()
	        head = f.readline()
	        assert head == b"VALUE k%d 0 %d\r\n" % (i, len(value)), head
	        assert f.read(len(value) + 2) == value + b"\r\n"
	        assert f.readline() == b"END\r\n"
	print("kept")
	PY
	status=$?
	kill $server
	wait $server || :
	return $status
}

try_ruby() {
	ruby -e 'h = {}
	100_000.times { |i| h["key #{i}"] = "v" * (i % 200) }
	h.delete_if { |k, v| v.size.odd? }
	GC.start
	GC.compact if GC.respond_to?(:compact)
	t = 4.times.map { |n| Thread.new { (1..20000).map { |i| i.to_s * n }
	    .join.size } }
	puts h.size, h.values.sum(&:size), t.map(&:value).inspect'
}

try_analyze() {
	systemd-analyze calendar --base-time='2024-01-01 UTC' 'Mon..Fri 08:00' |
		grep -v 'From now'
	systemd-analyze timespan 1week3h
	systemd-analyze exit-status
	systemd-analyze syscall-filter
}

try_systemctl() {
	systemctl --version
	mkdir -p etc/systemd/system
	printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=a.target\n' \
		>etc/systemd/system/one.service
	systemctl --root="$PWD" enable one.service 2>&1
	systemctl --root="$PWD" is-enabled one.service
}

try_testparm() {
	printf '[global]\nworkgroup = X\n[data]\npath = /tmp\n' >smb.conf
	testparm -s -v smb.conf
}

try_gdb() {
	gdb -batch -nx -ex 'python
import gdb
print(sum(len(str(i)) for i in range(200000)))' -ex 'print 6 * 7' \
		-ex 'info functions ^main' "$(command -v gdb)"
}

# It wants not to be root.
try_postgres() {
	as=
	if test "$(id -u)" -eq 0; then
		chmod 755 .. .
		chown postgres .
		as='setpriv --reuid=postgres --regid=postgres --clear-groups'
	fi
	# shellcheck disable=SC2086
	$as initdb -D "$PWD/data" -A trust -N >initdb.out 2>&1 ||
		{ cat initdb.out; return 1; }
	# shellcheck disable=SC2086
	$as pg_ctl -D "$PWD/data" -o "-F -k $PWD -h ''" -l log -w start \
		>/dev/null || return 1
	PGHOST=$PWD PGUSER=$(stat -c %U data) PGDATABASE=postgres
	export PGHOST PGUSER PGDATABASE
	status=0
	{ pgbench -i -q 2>/dev/null && pgbench -c 4 -j 2 -t 50 |
		grep -E 'processed|failed' &&
		psql -A -t -c 'SELECT count(*), sum(length(md5(i::text)))
			FROM generate_series(1, 20000) i'; } || status=$?
	# shellcheck disable=SC2086
	$as pg_ctl -D "$PWD/data" -m fast -w stop >/dev/null || status=$?
	return $status
}

try_ceph() {
	ceph-conf -c /dev/null --show-config | sed '/^fsid/d' &&
		ceph-authtool --create-keyring keys --gen-key -n client.a |
		sed 's/^creating .*/made/' &&
		ceph-authtool -l keys | sed 's/key = .*/key/'
}

# It asks how much is allocated, and says so.
try_gold() {
	printf '%s\n' 'int f(int i) { return i * 7; }' \
		'int main(void) { return f(6); }' >one.c
	${CC:-cc} -c -o one.o one.c || return 1
	ld.gold --stats --no-undefined -e main -o one one.o 2>&1 |
		sed 's/[0-9][0-9.]*/N/g' && cksum <one
}

# The same.
try_e2fsck() {
	truncate -s 8M disk || return 1
	mke2fs -q -F -t ext4 -U clear disk || return 1
	e2fsck -f -n -tt disk 2>&1 | sed 's/[0-9][0-9.]*/N/g' | grep Memory |
		sort | uniq -c
	e2fsck -f -n disk 2>&1
}

try_troff() {
	groff -mandoc -Tascii "$page" && groff -mandoc -Tutf8 "$page" &&
		groff -mandoc -Tps "$page" | grep -v '^%%CreationDate'
}

try_tcl() {
	# shellcheck disable=SC2016 # it is Tcl's
	echo 'for {set i 0} {$i < 100000} {incr i} { dict set d k$i [string repeat x [expr {$i % 50}]] }
	puts [dict size $d]; puts [string length [join [dict values $d] ""]]' >t.tcl
	tclsh t.tcl
}

try_php() {
	# shellcheck disable=SC2016 # it is PHP's
	php -r '$a = []; for ($i = 0; $i < 200000; $i++) $a["k$i"] = str_repeat("x", $i % 90);
	ksort($a); echo count($a), " ", md5(implode(",", $a)), "\n";'
}

need python3
page=$(cd "$srcdir" && pwd)/doc/rtmalloc.3
alike binutils ld.gold try_gold "*ld.gold"
alike e2fsprogs e2fsck try_e2fsck e2fsck
alike groff-base troff try_troff troff
alike haproxy haproxy try_haproxy haproxy
alike emacs-nox emacs try_emacs emacs-nox
alike lvm2 lvm try_lvm lvm
alike nginx-light nginx try_nginx nginx
alike memcached memcached try_memcached memcached
alike ruby ruby try_ruby ruby
alike systemd systemd-analyze try_analyze systemd-analyze
alike systemd systemctl try_systemctl systemctl
alike samba-common-bin testparm try_testparm testparm
alike gdb gdb try_gdb gdb
alike postgresql postgres try_postgres pgbench
alike ceph-common ceph-authtool try_ceph ceph-authtool
alike tcl tclsh try_tcl tclsh
alike php-cli php try_php php

test -z "$missing" || echo "not installed:$missing"
echo "$n_run programs"
test "$n_run" -gt 0 || skip "none of the programs is installed"
