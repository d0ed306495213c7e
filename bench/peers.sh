# peers.sh - the allocators to compare with; to be sourced
#
# list_peers writes lines NAME=FILE to stdout: libc's own, whose FILE is
# empty, and those of Debian's that are installed.  It names the others on
# stderr.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

list_peers() {
	echo glibc=
	while read -r name file package; do
		file=/usr/lib/$(uname -m)-linux-gnu/$file
		if [ -e "$file" ]; then
			echo "$name=$file"
		else
			echo "$name is missing: Debian's package $package" >&2
		fi
	done <<'EOF'
jemalloc libjemalloc.so.2 libjemalloc2
tcmalloc libtcmalloc_minimal.so.4 libtcmalloc-minimal4
mimalloc libmimalloc.so.2 libmimalloc2.0
EOF
}
