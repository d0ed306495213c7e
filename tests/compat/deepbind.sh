#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# deepbind.sh - a plug-in that is opened with RTLD_DEEPBIND works
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"

cc="$CC -std=gnu11 -D_GNU_SOURCE -O1 -Wall"
printf '#include <dlfcn.h>\nint flag = RTLD_DEEPBIND;\n' >"$tmp/flag.c"
# The compiler and its flags are lists of words.
# shellcheck disable=SC2086
$cc -c -o "$tmp/flag.o" "$tmp/flag.c" 2>/dev/null ||
	skip "this C library has no RTLD_DEEPBIND"

mkdir "$tmp/plugins"
echo 'int helper;' >"$tmp/helper.c"
# shellcheck disable=SC2086
built plugins/libhelper.so $cc -shared -fPIC "$tmp/helper.c"
# shellcheck disable=SC2086
built plugins/plugin.so $cc -shared -fPIC -fno-builtin -DPLUGIN \
	"$here/deepbind.c" -ldl -Wl,-rpath,"\$ORIGIN"
# shellcheck disable=SC2086
built deepbind $cc -fno-builtin "$here/deepbind.c" -ldl
set -- "$tmp/plugins/plugin.so" libhelper.so

for call in dlopen dlmopen; do
	says good "$tmp/deepbind" $call "$@"
	says good env LD_PRELOAD="$library" "$tmp/deepbind" $call "$@"
	echo "ok: preloaded, $call"
done
# shellcheck disable=SC2086
built linked $cc -fno-builtin "$here/deepbind.c" -ldl "$library" \
	-Wl,-rpath,"$library_dir"
for call in dlopen dlmopen; do
	says good "$tmp/linked" $call "$@"
	echo "ok: linked, $call"
done

# Preloaded into a program that is linked with it, or with the archive, and
# plug-ins that bring the library, or an archive of their own: one malloc.
# shellcheck disable=SC2086
{
	built with-archive $cc -fno-builtin "$here/deepbind.c" -ldl -pthread \
		"$archive"
	built plugins/own.so $cc -shared -fPIC -fno-builtin -DPLUGIN \
		"$here/deepbind.c" -ldl -Wl,-rpath,"\$ORIGIN" "$archive"
	built plugins/linked.so $cc -shared -fPIC -fno-builtin -DPLUGIN \
		"$here/deepbind.c" -ldl -Wl,-rpath,"\$ORIGIN:$library_dir" \
		"$library"
}
for host in deepbind linked with-archive; do
	for plugin in plugin own linked; do
		says good env LD_PRELOAD="$library" "$tmp/$host" dlopen \
			"$tmp/plugins/$plugin.so" libhelper.so
	done
done
says good "$tmp/linked" dlopen "$tmp/plugins/own.so" libhelper.so
echo "ok: more than one copy"

# With the flag kept, the plug-in has libc's malloc: neither goes on.
for call in dlopen dlmopen; do
	if on_target env RTMALLOC_DEEPBIND=1 LD_PRELOAD="$library" \
		"$tmp/deepbind" $call "$@" >"$tmp/said" 2>&1; then
		fail "RTMALLOC_DEEPBIND=1 has no effect on $call"
	fi
done
echo "ok: switched off"
