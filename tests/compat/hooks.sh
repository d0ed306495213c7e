#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# hooks.sh - malloc hooks work for programs old and new, however they are built
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"

cc="$CC -std=gnu11 -O1 -w -fno-builtin -fno-optimize-sibling-calls -pthread"

# Without optimising, the library's fast ways do not jump to the slow ones.
case " ${RTM_COMPILE:-} " in
*" -O0 "* | *" -O1 "* | *fsanitize*) ;;
*) cc="$cc -DCALLER" ;;
esac

# try NAME ENVIRONMENT FLAG...: build hooks.c so, and run it.
# The compiler and its flags are lists of words.
# shellcheck disable=SC2086
try() {
	try_name=$1 try_env=$2
	shift 2
	built hooks $cc "$here/hooks.c" "$@"
	says good env $try_env "$tmp/hooks"
	built hooks $cc -DINITIALIZE "$here/hooks.c" "$@" $exported
	says good env $try_env "$tmp/hooks"
	echo "ok: $try_name"
}

exported=
linked="$library -Wl,-rpath,$library_dir"

# Old programs: references with the version that glibc up to 2.33 had.  The
# current glibc keeps them for such programs, and never calls any.
# shellcheck disable=SC2086
version=$(${NM:-nm} -D "$($CC -print-file-name=libc.so.6)" 2>/dev/null |
	sed -n 's/.* __malloc_hook@*\(GLIBC_[0-9.]*\)$/\1/p')
echo 'extern char hook[]; __asm__(".symver hook, __malloc_hook@" VERSION);
	char *volatile address = hook; int main(void) { return 0; }' >"$tmp/ver.c"
# shellcheck disable=SC2086
if test -n "$version" &&
	$cc -DVERSION="\"$version\"" -o "$tmp/ver" "$tmp/ver.c" 2>/dev/null; then
	old="-DVERSION=\"$version\""
	# What a program defines and libc does, too, was exported then.
	exported=-rdynamic
	# shellcheck disable=SC2086
	for how in '-no-pie -fno-pie' '-pie -fPIE' '-pie -fPIC' \
		'-no-pie -fPIC'; do
		try "preloaded, old, $how" LD_PRELOAD="$library" $how "$old"
		try "linked, old, $how" LD_BIND_NOW=1 $how "$old" $linked
	done
	# shellcheck disable=SC2086
	built hooks $cc -no-pie -fno-pie "$old" "$here/hooks.c"
	${READELF:-readelf} -rW "$tmp/hooks" |
		grep -q "_COPY.*__malloc_hook@" ||
		echo "note: no copy relocation on this machine"
	if on_target "$tmp/hooks" >"$tmp/said" 2>&1; then
		fail "the program does not need us: is it any test?"
	fi
else
	echo "note: this libc has no hooks for old programs"
fi

exported=

# New programs, which declare the hooks themselves.
# shellcheck disable=SC2086
for how in '-no-pie -fno-pie' '-pie -fPIE' '-pie -fPIC'; do
	try "linked, new, $how" LD_BIND_NOW=1 $how $linked
	try "archive, new, $how" LD_BIND_NOW=1 $how "$archive"
done
# shellcheck disable=SC2086
! can_link -static || try "static, new" LD_BIND_NOW=1 -static "$archive"

# A shared object that hooks, in a program that knows nothing of it.
# shellcheck disable=SC2086
built plugin.so $cc -shared -fPIC -Dmain=plugin_main "$here/hooks.c"
echo 'int plugin_main(void); int main(void) { return plugin_main(); }' \
	>"$tmp/host.c"
# shellcheck disable=SC2086
built host $cc "$tmp/host.c" "$tmp/plugin.so" -Wl,-rpath,"$tmp" \
	-Wl,--allow-shlib-undefined
says good env LD_PRELOAD="$library" "$tmp/host"
echo "ok: in a shared object"

# The same, opened later: who starts the program has to say so.
cat >"$tmp/late.c" <<'C'
#include <dlfcn.h>
int main(int argc, char **argv)
{
	void *plugin = dlopen(argv[argc - 1], RTLD_NOW);
	int (*run)(void) = plugin ? (int (*)(void))dlsym(plugin, "plugin_main") : 0;
	return run ? run() : 2;
}
C
# shellcheck disable=SC2086
built late $cc "$tmp/late.c" -ldl -pthread
says good env RTMALLOC_HOOKS=1 LD_PRELOAD="$library" "$tmp/late" \
	"$tmp/plugin.so"
if env RTMALLOC_HOOKS=0 LD_PRELOAD="$library" "$tmp/host" >/dev/null; then
	fail "RTMALLOC_HOOKS=0 has no effect"
fi
echo "ok: RTMALLOC_HOOKS"
