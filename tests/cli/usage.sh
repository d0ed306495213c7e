#!/bin/sh
# usage.sh - help, version and wrong usage, in the habit of GNU tools
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system

# wrong_usage TEXT [VERB]: two lines on stderr, the second a hint.
wrong_usage() {
	status_is 2
	stream_is out ''
	stream_is err "rtmalloc: $1
Try 'rtmalloc${2:+ $2} --help' for more information."
}

echo "help goes to stdout, and is no failure"
for option in --help -h --he; do
	try "$rtmalloc" "$option"
	status_is 0
	stream_has out 'Usage: rtmalloc [OPTION]'
	stream_has out '  run [OPTION]... [--] PROGRAM [ARGUMENT]...'
	stream_has out '  config check FILE... | show [FILE]'
	stream_is err ''
done
for option in --help -h; do
	try "$rtmalloc" run "$option"
	status_is 0
	stream_has out 'Usage: rtmalloc run [OPTION]... [--] PROGRAM'
	stream_is err ''
	for verb in config; do
		try "$rtmalloc" $verb "$option"
		status_is 0
		stream_has out "Usage: rtmalloc $verb "
		stream_is err ''
	done
done

echo "the version is that of the package"
version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"$/\1/p' \
	"$builddir/config.h")
for option in --version -V; do
	try "$rtmalloc" "$option"
	status_is 0
	stream_is err ''
	truth=0
	[ "$(sed 1q "$tmp/out")" = "rtmalloc $version" ] || truth=1
	claim "$truth" "the first line is 'rtmalloc $version'"
done

echo "wrong usage goes to stderr, with a hint, and exits 2"
try "$rtmalloc"
wrong_usage "missing verb"
try "$rtmalloc" --nonesuch
wrong_usage "unrecognized option '--nonesuch'"
try "$rtmalloc" -x
wrong_usage "invalid option -- 'x'"
try "$rtmalloc" --help=yes
wrong_usage "option '--help' doesn't allow an argument"
try "$rtmalloc" nonesuch --help
wrong_usage "unknown verb 'nonesuch'"
try "$rtmalloc" ru
wrong_usage "unknown verb 'ru'"
try "$rtmalloc" run
wrong_usage "missing program" run
try "$rtmalloc" run --
wrong_usage "missing program" run
try "$rtmalloc" run --nonesuch true
wrong_usage "unrecognized option '--nonesuch'" run
try "$rtmalloc" run -x true
wrong_usage "invalid option -- 'x'" run
try "$rtmalloc" run --config
wrong_usage "option '--config' requires an argument" run
try "$rtmalloc" config
wrong_usage "missing word: check or show" config
try "$rtmalloc" config chek x
wrong_usage "unknown word 'chek'; it is check or show" config
try "$rtmalloc" config check
wrong_usage "missing file" config
try "$rtmalloc" config show a b
wrong_usage "extra word 'b'" config
try "$rtmalloc" config show --nonesuch
wrong_usage "unrecognized option '--nonesuch'" config

echo "the name that the command was called by does not matter"
mkdir "$tmp/bin"
ln -s "$rtmalloc" "$tmp/bin/other"
try "$tmp/bin/other" --nonesuch
wrong_usage "unrecognized option '--nonesuch'"

if [ -w /dev/full ]; then
	echo "output that cannot be written is a failure"
	status=0
	"$rtmalloc" --help >/dev/full 2>"$tmp/err" || status=$?
	: >"$tmp/out"
	tried="rtmalloc --help >/dev/full"
	status_is 1
	stream_has err 'rtmalloc: write error'
fi

finish
