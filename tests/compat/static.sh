#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# static.sh - a program that is linked statically can use any name of malloc's
#
# libc.a has them all in one object.  If the archive lacked one that a program
# names, or one that libc.a itself wants then, both objects would be linked
# and every name would be there twice.
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"
can_link -static || skip "no program can be linked statically"

# Not declared by any header, and so by none.
cat >"$tmp/one.c" <<'C'
extern char NAME[];
char *volatile address = NAME;
int main(void) { return address == 0; }
C

# one NAME: a program that names nothing else, and does not even call it.
one() {
	# CC is a list of words.
	# shellcheck disable=SC2086
	built one $CC -w -fno-builtin -DNAME="$1" "$tmp/one.c" -static "$archive"
	on_target "$tmp/one" || fail "$1: status $?"
	${NM:-nm} "$tmp/one" >"$tmp/names"
	grep -q ' rtm_malloc_slow$' "$tmp/names" ||
		fail "$1: malloc is not the library's"
	! grep -q ' _int_malloc$' "$tmp/names" || fail "$1: libc's is there, too"
	echo "ok: $1"
}

family='malloc calloc realloc free memalign valloc pvalloc'
for name in $family aligned_alloc posix_memalign malloc_usable_size; do
	one "$name"
done
for name in $family; do
	one "__libc_$name"
	one "__$name"
done
one __posix_memalign
one __malloc_usable_size
has() {
	${NM:-nm} "$archive" 2>/dev/null | grep -q " [TW] $1\$"
}
for name in mallinfo mallinfo2 mallopt malloc_trim malloc_stats malloc_info; do
	! has "$name" || one "$name"
	! has "__$name" || one "__$name"
done
for name in mallinfo mallinfo2 mallopt; do
	! has "__libc_$name" || one "__libc_$name"
done

# Threads, fork and stdio want parts of libc that know malloc's insides.
# shellcheck disable=SC2086
built work $CC -pthread "$here/static_work.c" -static "$archive"
says good "$tmp/work"
# shellcheck disable=SC2086
can_link -static-pie &&
	built work-pie $CC -pthread "$here/static_work.c" -static-pie "$archive" &&
	says good "$tmp/work-pie"
echo "ok: threads, fork, stdio"
