#!/bin/sh
# library.sh - which library "rtmalloc run" has the loader preload
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

built=$builddir/.libs/librtmalloc.so.0
libc=$(ldd "$(command -v sort)" | sed -n 's/.*=> \(.*libc[.-].*\) (.*/\1/p')

# preloads PATH COMMAND...: the program sees exactly that in LD_PRELOAD.
preloads() {
	preload=$1
	shift
	try "$@" run printenv LD_PRELOAD
	status_is 0
	stream_is out "$preload"
}

echo "in the build tree: the one that was built"
preloads "$built" "$rtmalloc"

echo "its name is the one that the command looks for when installed"
tried="readelf -d $built"
status=0
readelf -d "$built" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p' >"$tmp/out"
: >"$tmp/err"
stream_is out librtmalloc.so.0

echo "installed: that of libdir, wherever the tree was moved to"
"${MAKE:-make}" -s -C "$builddir" install DESTDIR="$tmp/root" >"$tmp/log" 2>&1 ||
	cat "$tmp/log"
installed=$(find "$tmp/root" -type f -name rtmalloc -perm -u+x)
library=$(find "$tmp/root" -name librtmalloc.so.0)
preloads "$library" "$installed"
find "$tmp/root" -name librtmalloc.so -type l -exec rm -f {} +
preloads "$library" "$installed"
ln -s "$installed" "$tmp/link"
preloads "$library" "$tmp/link"
rm -f "$library"
try "$installed" run true
refuses 125 "cannot find librtmalloc.so.0"

echo "RTMALLOC_LIBRARY names another"
cp "$built" "$tmp/mine.so"
preloads "$tmp/mine.so" env RTMALLOC_LIBRARY="$tmp/mine.so" "$rtmalloc"
preloads "$built" env RTMALLOC_LIBRARY= "$rtmalloc"
# shellcheck disable=SC2016
try sh -c 'cd "$1" && RTMALLOC_LIBRARY=./mine.so "$2" run printenv \
	LD_PRELOAD' - "$tmp" "$rtmalloc"
stream_is out "$tmp/mine.so"
try env RTMALLOC_LIBRARY="$tmp/nonesuch" "$rtmalloc" run true
refuses 125 "RTMALLOC_LIBRARY is '$tmp/nonesuch': No such file"
try env RTMALLOC_LIBRARY=/etc/passwd "$rtmalloc" run true
refuses 125 "'/etc/passwd' is not a shared library for this machine"
for name in 'with space.so' 'with:colon.so'; do
	cp "$built" "$tmp/$name"
	try env RTMALLOC_LIBRARY="$tmp/$name" "$rtmalloc" run true
	refuses 125 "'$tmp/$name' cannot be preloaded"
done

echo "what LD_PRELOAD had is kept behind it"
mine=$tmp/mine.so
export RTMALLOC_LIBRARY="$mine"
preloads "$mine:$libc" env LD_PRELOAD="$libc" "$rtmalloc"
preloads "$mine:$libc $libc" env LD_PRELOAD="$libc $libc" "$rtmalloc"
preloads "$mine" env LD_PRELOAD= "$rtmalloc"

echo "it is not put there twice"
preloads "$mine" env LD_PRELOAD="$mine" "$rtmalloc"
preloads "$libc $mine" env LD_PRELOAD="$libc $mine" "$rtmalloc"
preloads "$mine" "$rtmalloc" run "$rtmalloc"
ln -s mine.so "$tmp/link.so"
preloads "$tmp/link.so:$libc" env LD_PRELOAD="$tmp/link.so:$libc" "$rtmalloc"

finish
