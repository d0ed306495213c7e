#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# exports.sh - the library exports the names of exports.txt, and no other
#
# A name that is missing breaks programs, a name too many is in the way of
# theirs.  A library without libc's names has only ours.  malloc and its family carry no symbol version (the dynamic linker
# would pass them over when they are preloaded), rtmalloc_* carry ours.
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"
need_library

$NM -D --defined-only "$RTM_LIBRARY" |
	awk 'NF == 3 && $2 != "A" { print $3 }' |
	grep -v -x -e _init -e _fini | sort >"$work/is" # some crti.o have these
# C++ mangles size_t as what it is: unsigned long, or unsigned int.
size=m
grep -qx _Znwj "$work/is" && size=j
read_list "$RTM_LISTS/exports.txt" |
	if test "$RTM_COMPAT" = 1; then cat; else grep -e ^PREFIX -e ^rtm; fi |
	sed -e "/^_Z/s/SIZE/$size/" -e "s/^PREFIX/$RTM_PREFIX/" |
	if test "$RTM_DEEPBIND" = no; then grep -v -x -e dlopen -e dlmopen; else cat; fi |
	sort >"$work/wanted"

sed -e 's/@.*//' "$work/is" | comm -23 - "$work/wanted" | while read -r name; do
	fault "$name is exported, but not in exports.txt"
done
sed -e 's/@.*//' "$work/is" | comm -13 - "$work/wanted" | while read -r name; do
	fault "$name is in exports.txt, but not exported"
done

while read -r name; do
	case $name in
	rtmalloc_*@* | "$RTM_PREFIX"*@*) ;;
	rtmalloc_* | "$RTM_PREFIX"*) fault "$name has no symbol version" ;;
	*@*) fault "$name must not have a symbol version" ;;
	esac
done <"$work/is"
finish
