# peers.sh - the allocators to compare with; to be sourced
#
# list_peers writes lines NAME=FILE to stdout: libc's own, and those of
# Debian's that are installed.  libc is preloaded, too: some programs, such as
# redis-server, bring another malloc along.  It names what is missing on
# stderr.  list_peer_packages writes the names of the packages.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

peers="glibc libc.so.6 libc6
jemalloc libjemalloc.so.2 libjemalloc2
tcmalloc libtcmalloc_minimal.so.4 libtcmalloc-minimal4
mimalloc libmimalloc.so.2 libmimalloc2.0"

list_peers() {
	echo "$peers" | while read -r name file package; do
		file=/usr/lib/$(uname -m)-linux-gnu/$file
		if [ -e "$file" ]; then
			echo "$name=$file"
		else
			echo "$name is missing: Debian's package $package" >&2
		fi
	done
}

list_peer_packages() {
	echo "$peers" | cut -d ' ' -f 3
}
