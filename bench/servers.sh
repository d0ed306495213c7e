# servers.sh - servers as workloads, with a client each; to be sourced
#
# The server alone runs on the allocator, as a child of bench/launch; what it
# costs is the server's, the time by the clock is the client's.  Server and
# client talk over loopback, and the server is ended as it wants to be.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

port=$((20000 + $$ % 20000))

# await SECONDS COMMAND...: until the command works.
await() {
	tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# serve SERVER-LINE CLIENT-LINE LAUNCH [-p LIBRARY] -- NAME FOLDER
# leaves the lines of bench/launch in two files, fails if anything did.
serve() {
	server_line=$1
	client_line=$2
	launch=$3
	shift 3
	library=
	if [ "$1" = -p ]; then
		library=$2
		shift 2
	fi
	"serve_$1" "$2"
}

launch_server() {
	"$launch" -o "$server_line" -t 300 ${library:+-p "$library"} -- "$@"
}

launch_client() {
	"$launch" -o "$client_line" -t 300 -- "$@"
}

# ----------------------------------------------------------------- redis

serve_redis() {
	launch_server redis-server --port "$port" --bind 127.0.0.1 --save '' \
		--appendonly no --daemonize no --dir "$1" >"$1/log" 2>&1 &
	server=$!
	if ! await 10 redis-cli -p "$port" ping; then
		cat "$1/log" >&2
		kill $server
		return 1
	fi
	status=0
	launch_client redis-benchmark -p "$port" -q -n "$(part 300000)" -P 16 -c 20 \
		-r 200000 -d 100 -t set,get,incr,lpush,rpop,sadd,hset,zadd \
		>>"$1/log" || status=1
	redis-cli -p "$port" shutdown nosave
	wait $server || status=1
	return $status
}

# -------------------------------------------------------------- postgres

# postgres wants not to be root.
as_postgres=
[ "$(id -u)" -ne 0 ] ||
	as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups"

postgres_bin() {
	for bin in /usr/lib/postgresql/*/bin; do
		:
	done
	echo "$bin"
}

# run_postgres COMMAND...: the server's own command, with its words.
# shellcheck disable=SC2086 # as_postgres is words
run_postgres() {
	"$@" $as_postgres "$(postgres_bin)/postgres" -D "$data" -p "$port" \
		-k /tmp -c listen_addresses=127.0.0.1 -c fsync=off -c jit=off \
		-c autovacuum=off -c shared_buffers=64MB
}

# with_postgres START COMMAND...: runs COMMAND beside the server.
# shellcheck disable=SC2086
with_postgres() {
	start=$1
	shift
	$start >"$data.log" 2>&1 &
	server=$!
	status=0
	if await 20 pg_isready -q -h 127.0.0.1 -p "$port" -d postgres; then
		"$@" >>"$data.log" 2>&1 || status=1
	else
		status=1
	fi
	$as_postgres "$(postgres_bin)/pg_ctl" -D "$data" stop -m fast -s ||
		kill $server
	wait $server || status=1
	[ $status -eq 0 ] || tail -n 5 "$data.log" >&2
	return $status
}

# shellcheck disable=SC2086
prepare_postgres() {
	data=$1/postgres
	mkdir "$data"
	[ -z "$as_postgres" ] || chown postgres "$data"
	$as_postgres "$(postgres_bin)/initdb" -D "$data" -A trust -U bench \
		-N >/dev/null
	with_postgres "run_postgres env" pgbench -h 127.0.0.1 -p "$port" \
		-U bench -q -i -s 3 postgres
	cat >"$1/mix.sql" <<'EOF'
\set a random(1, 299000)
SELECT abalance FROM pgbench_accounts WHERE aid = :a;
SELECT json_agg(t) FROM (SELECT * FROM pgbench_accounts
	WHERE aid BETWEEN :a AND :a + 100) t;
SELECT bid, count(*), string_agg(aid::text || ' of ' || abalance, ', ')
	FROM pgbench_accounts WHERE aid BETWEEN :a AND :a + 800 GROUP BY bid;
EOF
}

serve_postgres() {
	data=$1/postgres
	with_postgres "run_postgres launch_server" launch_client pgbench \
		-h 127.0.0.1 -p "$port" -U bench -n -c 4 -t "$(part 400)" \
		--random-seed=7 -b tpcb-like@1 -f "$1/mix.sql@3" postgres
}
