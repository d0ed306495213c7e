#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# legacy.sh - programs that ask more of a malloc than malloc and free
#
# Each runs on libc's malloc and on rtmalloc, and must say the same.  Those
# that are not installed are passed over: install the packages to run them.
#
#	package		program		what it uses beside malloc and free
#	haproxy		haproxy		mallinfo2, malloc_trim, usable_size
#	emacs-nox	emacs		malloc_info, aligned_alloc, usable_size
#	lvm2		lvm		mallinfo, mallopt, posix_memalign
#	nginx-light	nginx		posix_memalign
#	memcached	memcached	posix_memalign
#	ruby		ruby		malloc_usable_size, its heap
#	systemd		systemd-analyze	mallinfo2, malloc_usable_size
#	systemd		systemctl	mallinfo2, malloc_usable_size
#	samba-common-bin testparm	mallinfo, memalign (talloc, libsmbconf)
#	gdb		gdb		operators new and delete of its own
#	postgresql	initdb, postgres  malloc_usable_size
#	tcl		tclsh		its own allocator above malloc, threads
#	php-cli		php		its own allocator above malloc
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

# on LIBRARY COMMAND...: as libc has it if LIBRARY is empty.
on() {
	LD_PRELOAD=$1
	export LD_PRELOAD
	shift
	"$@"
}

# alike NAME PROGRAM FUNCTION: what FUNCTION prints is the same on both.
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
	rm -rf work && mkdir work
	(cd work && on "$library" "$3") >ours.out 2>&1 </dev/null ||
		fail "$1 ends with $?: $(tail -n 5 ours.out)"
	cmp libc.out ours.out || fail "$1: $(diff libc.out ours.out | head)"
	test -s ours.out || fail "$1 says nothing"
	n_run=$((n_run + 1))
	echo "ok: $1, $(wc -c <ours.out) bytes"
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
	echo 'CREATE TABLE t AS SELECT i, md5(i::text) AS m
		FROM generate_series(1, 20000) i;
	SELECT count(*), min(m), max(m) FROM t;' | tr '\n' ' ' >work.sql
	# shellcheck disable=SC2086
	$as postgres --single -D "$PWD/data" -F postgres <work.sql 2>/dev/null |
		grep -E 'count|min|max'
}

try_tcl() {
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
alike haproxy haproxy try_haproxy
alike emacs emacs try_emacs
alike lvm lvm try_lvm
alike nginx nginx try_nginx
alike memcached memcached try_memcached
alike ruby ruby try_ruby
alike systemd-analyze systemd-analyze try_analyze
alike systemctl systemctl try_systemctl
alike testparm testparm try_testparm
alike gdb gdb try_gdb
alike postgres initdb try_postgres
alike tcl tclsh try_tcl
alike php php try_php

test -z "$missing" || echo "not installed:$missing"
echo "$n_run programs"
test "$n_run" -gt 0 || skip "none of the programs is installed"
