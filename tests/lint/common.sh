# shellcheck shell=sh
#
# common.sh - what the lint scripts share; they read it with `.`
#
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# A script calls `fault` for each fault it finds, wherever in a pipeline,
# and ends with `finish`.  srcdir and builddir are the two tops, as
# Automake sets them; by hand, from a build folder: srcdir=.. sh SCRIPT

: "${srcdir:=.}" "${builddir:=.}"
: "${CC:=cc}" "${NM:=nm}" "${READELF:=readelf}"
: "${RTM_COMPILE:=$CC}"
: "${RTM_LIBRARY:=$builddir/.libs/librtmalloc.so}"
: "${RTM_ARCHIVE:=$builddir/.libs/librtmalloc.a}"
: "${RTM_LISTS:=$srcdir/tests/lint}"
: "${RTM_COMPAT:=1}" "${RTM_PREFIX:=rtmalloc_}" "${RTM_DEEPBIND:=yes}"
: "${INIH_LIBS:=}" # not empty: configure found a shared inih only

# No sorting or matching by the rules of somebody's language.
LC_ALL=C
export LC_ALL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
: >"$work/faults"

fault()
{
	printf 'lint: %s\n' "$*" >>"$work/faults"
}

finish()
{
	test -s "$work/faults" || exit 0
	cat "$work/faults"
	exit 1
}

skip()
{
	printf 'skipped: %s\n' "$*"
	exit 77
}

# The rooms and what else is written by hand, as paths below srcdir.  In a
# clone git knows; a tarball may have been built in, so there only names
# that no build makes count.
list_sources()
{
	if test -e "$srcdir/.git" &&
		git -c safe.directory="*" -C "$srcdir" ls-files -co --exclude-standard \
			>"$work/sources" 2>/dev/null; then
		# Listed, and not removed since.
		while read -r path; do
			test ! -f "$srcdir/$path" || printf '%s\n' "$path"
		done <"$work/sources"
		return
	fi
	(cd "$srcdir" && find bootstrap configure.ac Makefile.am README \
		NEWS AUTHORS .ci bench compat conf doc m4 src tests -type f \
		\( -name '*.[chS1-8]' -o -name '*.sh' -o -name '*.mk' -o \
		-name '*.m4' -o -name '*.py' -o -name '*.map' -o \
		-name '*.def' -o -name '*.toml' -o -name '*.txt' -o \
		-name bootstrap -o -name 'configure.ac' -o \
		-name 'Makefile.am' -o -name README \) 2>/dev/null) |
		grep -v -e '^m4/lt' -e '^m4/libtool' -e '^conf/default_conf\.c$'
}

# The text of a list file, without comments and empty lines.
read_list()
{
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$1"
}

need_library()
{
	test -f "$RTM_LIBRARY" || skip "no shared library is built here"
	if $READELF -d "$RTM_LIBRARY" | grep -q 'NEEDED.*lib[a-z]*san'; then
		skip "the library is built with a sanitizer"
	fi
}
