#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# planted.sh - each lint script finds the fault that it is there for
#
# A small house and small libraries, first without a fault, then with one
# fault at a time: a lint that passes whatever it reads would be found here.
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

lint=$(cd "$(dirname "$0")" && pwd)
real_top=$(cd "$srcdir" && pwd)
house=$work/house
lists=$work/lists

# write PATH: a file of the house from standard input, with a licence.
write()
{
	mkdir -p "$house/$(dirname "$1")"
	{
		echo '/* SPDX-License-Identifier: MIT OR Apache-2.0 */'
		cat
	} >"$house/$1"
}

build_house()
{
	rm -rf "$house"
	write src/base/bits.h <<-'C'
		#ifndef BITS
		#define BITS
		#include <stddef.h>
		static inline size_t twice(size_t n) { return 2 * n; }
		#endif
	C
	write src/back/span.h <<-'C'
		#ifndef SPAN
		#define SPAN
		#include "base/bits.h"
		#include "conf/conf.h"
		size_t span_size(struct conf *conf);
		#endif
	C
	write conf/conf.h <<-'C'
		#ifndef CONF
		#define CONF
		struct conf { int i; };
		#endif
	C
	write src/back/span.c <<-'C'
		#include "back/span.h"
		#include <string.h>
	C
	write src/cli/main.c <<-'C'
		#include "conf/conf.h"
	C
	cp "$real_top/COPYING" "$house/"
}

# lint_house SCRIPT: run it on the house; its output is in $work/said.
# This one and the next are called by name.
# shellcheck disable=SC2317
lint_house()
{
	(srcdir=$house RTM_COMPILE="$CC -I$house/src -I$house" \
		sh "$lint/$1" >"$work/said" 2>&1)
}

# shellcheck disable=SC2317
lint_library()
{
	(RTM_LIBRARY=$work/lib.so RTM_ARCHIVE=$work/lib.a RTM_LISTS=$lists \
		RTM_COMPAT=1 RTM_PREFIX=rtmalloc_ RTM_DEEPBIND=yes \
		sh "$lint/$1" >"$work/said" 2>&1)
}

# clean HOW SCRIPT: it has nothing to say.
clean()
{
	"$1" "$2" && return
	fault "$2 complains where nothing is wrong: $(cat "$work/said")"
}

# finds HOW SCRIPT TEXT: it fails, and says TEXT.
finds()
{
	if "$1" "$2"; then
		fault "$2 does not see: $3"
	elif ! grep -q -F -e "$3" "$work/said"; then
		fault "$2 fails with other words than \"$3\":" \
			"$(cat "$work/said")"
	fi
}

# ------------------------------------------------------------ the sources

build_house
for script in rooms.sh headers.sh licence.sh paths.sh; do
	clean lint_house $script
done

echo '#include "back/span.h"' | write src/os/up.c
finds lint_house rooms.sh 'src/os/up.c:2: os/ may not look up to back/span.h'

build_house
echo '#include "base/bits.h"' | write src/cli/deep.c
finds lint_house rooms.sh 'the command may use conf/ and rtmalloc.h'

build_house
echo '#include "back/span.c"' | write src/api/all.c
finds lint_house rooms.sh 'includes a .c file (back/span.c)'

build_house
echo '#include "span.h"' | write src/back/bare.c
finds lint_house rooms.sh 'write "span.h" as room/file.h'

build_house
echo '#include <back/span.h>' | write src/os/angle.c
finds lint_house rooms.sh '<back/span.h> is ours'

build_house
echo '#include "back/b.h"' | write src/back/a.h
echo '#include "back/a.h"' | write src/back/b.h
finds lint_house rooms.sh 'include cycle: back/a.h'

build_house
echo 'size_t needs_stddef(void);' | write src/base/needy.h
finds lint_house headers.sh 'src/base/needy.h does not compile alone'

build_house
echo 'struct twice { int i; };' | write src/base/unguarded.h
finds lint_house headers.sh 'src/base/unguarded.h does not compile alone'

build_house
echo 'int i;' >"$house/src/base/nobodys.c"
finds lint_house licence.sh 'src/base/nobodys.c has no line SPDX'

build_house
grep -v 'Permission is hereby' "$real_top/COPYING" >"$house/COPYING"
finds lint_house licence.sh 'COPYING lacks: Permission is hereby'

build_house
grep -v 'Version 2.0, January' "$real_top/COPYING" >"$house/COPYING"
finds lint_house licence.sh 'COPYING lacks: Version 2.0'

build_house
printf '/* see /%s/somebody/notes */\n' home | write src/base/notes.c
finds lint_house paths.sh 'absolute path: src/base/notes.c:2:'

# ------------------------------------------------------------ the library

mkdir "$lists"
cat >"$work/lib.map" <<-'MAP'
	RTMALLOC_0 { global: rtmalloc_*; local: rtm_*; };
MAP
cat >"$work/lib.c" <<-'C'
	#include <stddef.h>
	#include <string.h>
	extern __thread char *rtm_cache;
	__thread char *rtm_cache;
	void *malloc(size_t n);
	void *malloc(size_t n)
	{
		return rtm_cache + strlen(rtm_cache + n);
	}
	int rtmalloc_version(void);
	int rtmalloc_version(void) { return 0; }
C
printf '%s\n' malloc '# a comment' rtmalloc_version >"$lists/exports.txt"
printf '%s\n' 'strlen # pure' 'puts other.o' _GLOBAL_OFFSET_TABLE_ \
	>"$lists/imports.txt"

good_link="-Wl,-soname,librtmalloc.so.0 -Wl,-z,now -Wl,-z,nodelete
	-Wl,--version-script=$work/lib.map"

# build_library SOURCE FLAGS: $work/lib.so and lib.a.  No stack protector
# and no built-ins: the imports must be those that the source shows.
build_library()
{
	# The flags and CC are lists of words.
	# shellcheck disable=SC2086
	if ! $CC -O1 -fPIC -ftls-model=initial-exec -fno-stack-protector \
		-fno-builtin -c -o "$work/lib.o" "$1" 2>"$work/said" ||
		! $CC -shared -o "$work/lib.so" "$work/lib.o" $2 \
			2>>"$work/said"; then
		cat "$work/said"
		skip "no shared library can be built by hand here"
	fi
	rm -f "$work/lib.a"
	${AR:-ar} cr "$work/lib.a" "$work/lib.o"
}

with_line()
{
	{
		cat "$work/lib.c"
		printf '%s\n' "$1"
	} >"$work/planted.c"
}

build_library "$work/lib.c" "$good_link"
for script in library.sh exports.sh imports.sh; do
	clean lint_library $script
done

build_library "$work/lib.c" "$good_link -Wl,--no-as-needed -lm"
# musl has all of it in libc.
! $READELF -d "$work/lib.so" | grep -q 'NEEDED.*libm\.so' ||
	finds lint_library library.sh 'it needs libm.so'

build_library "$work/lib.c" "-Wl,-soname,librtmalloc.so.0 -Wl,-z,now"
finds lint_library library.sh 'not linked with -z nodelete'
finds lint_library exports.sh 'rtmalloc_version has no symbol version'

build_library "$work/lib.c" "$good_link -Wl,-z,lazy"
finds lint_library library.sh 'not linked with -z now'

build_library "$work/lib.c" "$good_link -Wl,-Bsymbolic"
finds lint_library library.sh 'linked with -Bsymbolic'

build_library "$work/lib.c" "$good_link -Wl,-z,execstack"
finds lint_library library.sh 'executable stack'

build_library "$work/lib.c" "$good_link -Wl,-soname,libother.so.1"
finds lint_library library.sh 'its name is not librtmalloc.so.NUMBER'

with_line 'extern __thread char rtm_more[64]; __thread char rtm_more[64] = "x";'
build_library "$work/planted.c" "$good_link"
finds lint_library library.sh '72 bytes of TLS'

with_line 'int helper(void); int helper(void) { return 1; }'
build_library "$work/planted.c" "$good_link"
finds lint_library exports.sh 'helper is exported, but not in exports.txt'

sed -e '/malloc(size_t n)/s/malloc/rtm_malloc/' "$work/lib.c" >"$work/planted.c"
build_library "$work/planted.c" "$good_link"
finds lint_library exports.sh 'malloc is in exports.txt, but not exported'

sed -e 's/rtmalloc_\*;/&malloc;/' "$work/lib.map" >"$work/bad.map"
build_library "$work/lib.c" "-Wl,--version-script=$work/bad.map"
finds lint_library exports.sh 'malloc@@RTMALLOC_0 must not have a symbol version'

with_line 'char *rtm_twice(char *s); char *rtm_twice(char *s) { return strdup(s); }'
build_library "$work/planted.c" "$good_link"
finds lint_library imports.sh 'lib.o calls strdup, which is not in imports.txt'

# What one object may call, another may not.
with_line 'int puts(char *); int rtm_say(void); int rtm_say(void) { return puts(""); }'
build_library "$work/planted.c" "$good_link"
finds lint_library imports.sh 'lib.o calls puts, which is not in imports.txt'

finish
