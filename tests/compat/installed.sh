#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# installed.sh - what `make install` has put there works from there
#
# Run by `make installcheck`, with the folders' names in libdir and so on and
# DESTDIR before them.
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"

cc="$CC -std=gnu11 -Wall -fno-builtin"
: "${PKG_CONFIG:=pkg-config}"
version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$builddir/config.h")
names=
test "${RTM_COMPAT:-1}" != 1 || names=-DCOMPAT

# ----------------------------------------------------------------- files

for file in "$includedir/rtmalloc.h" "$libdir/librtmalloc.so" \
	"$libdir/librtmalloc.a" "$libdir/pkgconfig/rtmalloc.pc" \
	"$bindir/rtmalloc" "$mandir/man1/rtmalloc.1" \
	"$mandir/man3/rtmalloc.3" "$mandir/man3/rtmalloc-hooks.3" \
	"$mandir/man5/rtmalloc.toml.5" \
	"$datadir/bash-completion/completions/rtmalloc"; do
	test -f "$DESTDIR$file" || fail "$file is not installed"
done
soname=$(${READELF:-readelf} -d "$library" |
	sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
test -f "$library_dir/$soname" || fail "$soname is not installed"
echo "ok: files"

# ------------------------------------------------------------ pkg-config

# A DESTDIR moves the prefix, and the file's own place tells where it is.
config() {
	PKG_CONFIG_PATH=$DESTDIR$libdir/pkgconfig "$PKG_CONFIG" \
		${DESTDIR:+--define-prefix} "$@" rtmalloc
}
if command -v "$PKG_CONFIG" >/dev/null; then
	test "$(config --modversion)" = "$version" ||
		fail "pkg-config has another version than $version"
	flags=$(config --cflags)
	shared=$(config --libs)
	static=$(config --static --libs)
else
	echo "note: without pkg-config"
	flags=-I$DESTDIR$includedir
	shared="-L$library_dir -lrtmalloc"
	static="$shared -pthread"
fi

# The flags are lists of words.
# shellcheck disable=SC2086
{
	built shared $cc $flags $names -D_GNU_SOURCE -DSHARED \
		"$here/installed.c" $shared -ldl
	built static $cc $flags "$here/installed.c" -Wl,-Bstatic $static \
		-Wl,-Bdynamic
	built ar $cc $flags "$here/installed.c" "$archive" -pthread
}
says good env LD_LIBRARY_PATH="$library_dir" "$tmp/shared" "$version" \
	"$library_dir/$soname"
says good "$tmp/static" "$version"
says good "$tmp/ar" "$version"
if can_link -static; then
	# shellcheck disable=SC2086
	built all-static $cc $flags "$here/installed.c" -static $static
	says good "$tmp/all-static" "$version"
fi
echo "ok: linked by pkg-config"

# ----------------------------------------------------------- the command

if test "${RTM_COMPAT:-1}" = 1; then
	env RTMALLOC_LIBRARY="$library" "$DESTDIR$bindir/rtmalloc" run \
		sh -c 'grep librtmalloc /proc/$$/maps' >"$tmp/maps" ||
		fail "rtmalloc run does not preload the library"
	test -n "$DESTDIR" || "$bindir/rtmalloc" run true ||
		fail "the command does not find the library"
fi
"$DESTDIR$bindir/rtmalloc" --version | grep -q -F "$version" ||
	fail "the command has another version"
echo "ok: the command"
