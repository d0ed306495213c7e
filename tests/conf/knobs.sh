#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# knobs.sh - each option of the configuration acts on the running allocator
#
# page_size is a constant of the build, whose refusal test_toml_refused looks
# at; the exact lists of max_pages are looked at by test_run_bins, and the
# time of idle_delay_ms and idle_release by test_purge and test_helper.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
! grep -q '^#define RTM_STATS 0' "${abs_top_builddir:-.}/config.h" ||
	skip "there are no statistics to look at"

knobs=$(program tests/conf/knobs)

# get NAME WORK OPTIONS: a number after that work with these options.
get() {
	RTMALLOC_CONF=frontend=thread,$3 "$knobs" "$2" >"$tmp/out" ||
		fail "$3: $2"
	awk -v name="$1" '$1 == name { print $2; exit }' "$tmp/out"
}

# holds WHAT NUMBER TEST NUMBER
holds() {
	test "$2" "$3" "$4" || fail "$1: $2 is not $3 $4"
	echo "ok: $1: $2 $3 $4"
}

# What a thread may keep, first and in all.
holds min_per_thread_cache "$(get limit one min_per_thread_cache=8K)" -lt \
	"$(get limit one min_per_thread_cache=512K)"
holds thread_cache_size "$(get limit budget \
	thread_cache_size=128K,min_per_thread_cache=64K)" -le 131072
holds thread_cache_size "$(get limit budget \
	thread_cache_size=32M,min_per_thread_cache=64K)" -gt 131072
holds thread_cache_size "$(get cached budget \
	thread_cache_size=64K,min_per_thread_cache=64K)" -le 65536

# Above its first claim a thread's share is so many whole steps.
limit=$(get limit budget min_per_thread_cache=64K,steal_amount=100000)
holds steal_amount $(((limit - 65536) % 100000)) -eq 0
holds steal_amount "$limit" -gt 65536

holds max_free_list_length "$(get in_thread lists max_free_list_length=100)" \
	-le 100
holds max_free_list_length "$(get in_thread lists max_free_list_length=2000)" \
	-gt 100

# Batches of 128 objects.
holds max_transfer_slots "$(get between lists max_transfer_slots=1)" -le 128
holds max_transfer_slots "$(get between lists max_transfer_slots=32)" -gt 128

# Who only frees gets a shorter list, and so flushes it more often.
holds max_overages "$(get flushes consumer max_overages=1)" -gt \
	"$(get flushes consumer max_overages=60000)"

holds purge_slack_percent "$(get purges pages purge_slack_percent=0)" -gt \
	"$(get purges pages purge_slack_percent=1000)"
holds huge_pages "$(get madvise large huge_pages=1)" -gt \
	"$(get madvise large huge_pages=0)"
