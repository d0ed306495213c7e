#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# library.sh - librtmalloc.so is linked the way a malloc must be
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"
need_library

$READELF -W -d "$RTM_LIBRARY" >"$work/dynamic"
$READELF -W -l "$RTM_LIBRARY" >"$work/segments"

# It needs libc, and the dynamic linker where that has a part of libc.
sed -n -e 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' "$work/dynamic" |
	while read -r name; do
		case $name in
		libc.so.* | libc.so | libc.musl-* | ld-linux*.so.* | ld64.so.*) ;;
		libinih.so.*)
			test -n "$INIH_LIBS" ||
				fault "it needs $name, which is not built in" ;;
		*) fault "it needs $name; libc must be enough" ;;
		esac
	done

has_flag()
{
	grep -E "\\((FLAGS|FLAGS_1)\\).*$1" "$work/dynamic" >/dev/null
}

# dlclose would take the caches of running threads along.
has_flag NODELETE || fault "it is not linked with -z nodelete"

# The lazy resolver takes locks, and a symbol lookup may allocate.
has_flag NOW || fault "it is not linked with -z now"

# A program must be able to put its own malloc before ours.
if has_flag SYMBOLIC || grep -q '(SYMBOLIC)' "$work/dynamic"; then
	fault "it is linked with -Bsymbolic"
fi

# Each thread pays for TLS, and a library that comes by dlopen has to fit
# into what the C library keeps in reserve; __tls_get_addr is never called
# with the initial-exec model, which sets STATIC_TLS.
tls=$(awk '$1 == "TLS" { print $6 }' "$work/segments")
if test -n "$tls"; then
	test "$((tls))" -le 64 || fault "$((tls)) bytes of TLS; 64 are allowed"
	has_flag STATIC_TLS || fault "its TLS is not of the initial-exec model"
fi

grep -q '(TEXTREL)' "$work/dynamic" && fault "its code has relocations"
awk '$1 == "GNU_STACK" { print $7 }' "$work/segments" | grep -q E &&
	fault "it asks for an executable stack"
grep -q '(SONAME).*\[librtmalloc\.so\.[0-9]*\]' "$work/dynamic" ||
	fault "its name is not librtmalloc.so.NUMBER"
finish
