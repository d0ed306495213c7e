#!/bin/sh
# refuse.sh - what cannot run on rtmalloc is refused, with the reason
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

# copy NAME: a private copy of a dynamically linked program.
true=$(command -v env)
copy() {
	rm -f "$tmp/$1"
	cp "$true" "$tmp/$1"
	chmod 755 "$tmp/$1"
}

# overwrite FILE OFFSET BYTES: BYTES is for printf.
overwrite() {
	# shellcheck disable=SC2059
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# set_loader FILE PATH: PATH is not longer than what it takes the place of.
set_loader() {
	old=$(readelf -lW "$1" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
	new=$2
	while [ "${#new}" -lt "${#old}" ]; do
		new=/$new
	done
	sed -i "s|$old|$new|" "$1"
}

echo "a program that is not there"
try "$rtmalloc" run rtm-nonesuch
refuses 127 "'rtm-nonesuch' was not found"
try "$rtmalloc" run "$tmp/nonesuch"
refuses 127 "'$tmp/nonesuch' was not found"
try "$rtmalloc" run "$true/nonesuch"
refuses 127 "'$true/nonesuch' was not found"
try "$rtmalloc" run ''
refuses 127 "'' was not found"

echo "a file that is not executable"
echo text >"$tmp/text"
mkfifo "$tmp/fifo"
try "$rtmalloc" run "$tmp/text"
refuses 126 "'$tmp/text' is not executable"
try env "PATH=/nonesuch:$tmp:$PATH" "$rtmalloc" run text
refuses 126 "'$tmp/text' is not executable"
try "$rtmalloc" run "$tmp/fifo"
refuses 126 "'$tmp/fifo' is not executable"
try "$rtmalloc" run "$tmp"
refuses 126 "'$tmp' is a directory"

echo "a later folder of PATH is used when an earlier one has nothing to run"
mkdir "$tmp/first"
echo text >"$tmp/first/sh"
mkdir "$tmp/first/printf"
try env "PATH=$tmp/first:$PATH" "$rtmalloc" run sh -c 'exit 3'
status_is 3
try env "PATH=$tmp/first:$PATH" "$rtmalloc" run printf yes
stream_has out yes

echo "an ELF file that is none of ours"
copy cut
head -c 40 "$true" >"$tmp/cut"
try "$rtmalloc" run "$tmp/cut"
refuses 126 "'$tmp/cut' is not a complete program"
head -c 100 "$true" >"$tmp/cut"
try "$rtmalloc" run "$tmp/cut"
refuses 126 "'$tmp/cut' is not a complete program"
copy foreign
overwrite "$tmp/foreign" 18 '\377\377'
try "$rtmalloc" run "$tmp/foreign"
refuses 126 "'$tmp/foreign' is a program for another kind of machine"
copy loader
set_loader "$tmp/loader" /lib/nonesuch.so
try "$rtmalloc" run "$tmp/loader"
refuses 126 "nonesuch.so', which was not found"
copy libc
set_loader "$tmp/libc" /bin/sh
try "$rtmalloc" run "$tmp/libc"
refuses 126 "'$tmp/libc' uses another C library, whose loader is"

echo "a statically linked program, also behind a script"
echo 'int main(void) { return 0; }' >"$tmp/main.c"
for kind in -static -static-pie; do
	if ! ${CC:-cc} $kind -o "$tmp/static" "$tmp/main.c" 2>/dev/null ||
		! "$tmp/static"; then
		omit "no program can be linked with $kind here"
		continue
	fi
	try "$rtmalloc" run "$tmp/static"
	refuses 126 "'$tmp/static' is statically linked"
	printf '#!%s\n' "$tmp/static" >"$tmp/script"
	chmod +x "$tmp/script"
	try "$rtmalloc" run "$tmp/script"
	refuses 126 "'$tmp/static' is statically linked"
done

echo "a script without its interpreter"
printf '#!%s\n' "$tmp/nonesuch" >"$tmp/script"
chmod +x "$tmp/script"
try "$rtmalloc" run "$tmp/script"
refuses 127 "a script for '$tmp/nonesuch', which was not found"
printf '#!%s\n' "$tmp/text" >"$tmp/script"
try "$rtmalloc" run "$tmp/script"
refuses 126 "a script for '$tmp/text', which is not executable"
printf '#!%s\n' "$tmp/script" >"$tmp/script"
try "$rtmalloc" run "$tmp/script"
refuses 126 "too many levels of scripts"

echo "a program that runs with other rights than its caller's"
copy rights
chmod u+s "$tmp/rights"
try "$rtmalloc" run "$tmp/rights"
refuses 126 "'$tmp/rights' is setuid"
chmod u-s,g+s "$tmp/rights"
try "$rtmalloc" run "$tmp/rights"
refuses 126 "'$tmp/rights' is setgid"
copy rights
if setcap cap_net_raw=ep "$tmp/rights" 2>/dev/null; then
	try "$rtmalloc" run "$tmp/rights"
	refuses 126 "'$tmp/rights' has file capabilities"
else
	omit "file capabilities cannot be given here"
fi

finish
