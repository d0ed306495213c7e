#!/bin/sh
# config.sh - "rtmalloc config" and "run --config": one file, one opinion
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# shellcheck source=tests/cli/lib.sh
. "${srcdir:-.}/tests/cli/lib.sh"
need_system
unset RTMALLOC_CONF RTMALLOC_CONF_STRICT RTMALLOC_STATS

srcdir=$(cd "${srcdir:-.}" && pwd)
cd "$tmp"
cat >app.toml <<'END'
# as older versions wrote it
classes = [16, 24, 48, 5K]

[config]
thread_cache_size = 16_777_216 # 16M
max_overages = 5
END
cat >wrong.toml <<'END'
[config]
max_page = 64
END

echo "check says that a file is right"
try "$rtmalloc" config check app.toml
status_is 0
stream_is out 'app.toml: right; sets 2 options and 4 size classes
app.toml: note: class 24 serves no request; above 8 only multiples of 16 do'
stream_is err ''
try "$rtmalloc" config check "$srcdir/conf/default.toml"
status_is 0
stream_has out 'default.toml: right; sets 14 options and 63 size classes'
echo 'classes = [64]' >one.toml
# shellcheck disable=SC2016
try sh -c '"$1" config check - <one.toml' - "$rtmalloc"
status_is 0
stream_is out '-: right; sets 0 options and 1 size class'

echo "or what would be right, in the words that the library has"
words="wrong.toml:2: max_page: unknown name; the nearest known one is \
max_pages, under [config]"
try "$rtmalloc" config check wrong.toml
refuses 1 "$words"
try env RTMALLOC_CONF=wrong.toml "$rtmalloc" run true
status_is 0
stream_is err "rtmalloc: $words"
try "$rtmalloc" config show wrong.toml
refuses 1 "$words"
try "$rtmalloc" run -c wrong.toml true
refuses 125 "$words"

echo "a wrong file does not hide the others"
try "$rtmalloc" config check wrong.toml one.toml nonesuch.toml .
status_is 1
stream_is out 'one.toml: right; sets 0 options and 1 size class'
stream_is err "rtmalloc: $words
rtmalloc: nonesuch.toml: No such file or directory
rtmalloc: .: Is a directory"

echo "another page_size than that of the build is refused, with the reason"
printf '[config]\npage_size = 256K\n' >pages.toml
try "$rtmalloc" config check pages.toml
status_is 1
stream_has err "pages.toml:2: page_size = 262144: this rtmalloc has pages of"
stream_has err "fixed when it was built; leave the line out"
try env RTMALLOC_CONF=pages.toml RTMALLOC_CONF_STRICT=1 "$rtmalloc" run true
status_is 134
stream_has err "pages.toml:2: page_size = 262144: this rtmalloc has pages of"

# row NAME VALUE FROM: show has that line, but for the number of blanks.
row() {
	truth=0
	tr -s ' ' <out.seen | grep -qFx "$1 $2 $3" || truth=1
	claim "$truth" "stdout has the line '$1 $2 $3'"
}

echo "show tells each value, and where it comes from"
try "$rtmalloc" config show app.toml
cp out out.seen
status_is 0
row thread_cache_size 16M app.toml:5
row max_overages 5 app.toml:6
row max_free_list_length 2048 'built in'
stream_has out '4 size classes, app.toml:2'

echo "and the classes with pages, objects, tail and batch"
try "$rtmalloc" config show classes=16:48:5120
cp out out.seen
status_is 0
stream_has out '3 size classes, command line'
row ' 16 2 1024 0' 0.0% 512
row ' 48 2 341 16' 0.1% 170
row ' 5120 2 3 1024' 6.2% 1
row steal_amount 64K 'built in'

echo "without a file it shows what the environment asks for"
try env RTMALLOC_CONF=steal_amount=8K "$rtmalloc" config show
cp out out.seen
status_is 0
row steal_amount 8K RTMALLOC_CONF
try env RTMALLOC_CONF=frontend=cpu "$rtmalloc" config show
cp out out.seen
status_is 0
row frontend cpu RTMALLOC_CONF
stream_has out '63 size classes, built in'
try env RTMALLOC_CONF=app.toml "$rtmalloc" config show
stream_has out 'app.toml:5'
try "$rtmalloc" config show
status_is 0
truth=0
! grep -q toml out || truth=1
claim "$truth" "all is built in"

echo "run -c hands the file on by its full name, or the line"
try "$rtmalloc" run -c app.toml printenv RTMALLOC_CONF
status_is 0
stream_is out "$(pwd -P)/app.toml"
stream_is err ''
try env RTMALLOC_CONF=other "$rtmalloc" run --config=steal_amount=8K -- \
	printenv RTMALLOC_CONF
stream_is out steal_amount=8K
try "$rtmalloc" run --config nonesuch.toml true
refuses 125 "nonesuch.toml: No such file or directory"
try "$rtmalloc" run -c steal_amount=8Q true
refuses 125 "--config: steal_amount = 8Q: not a size"
try "$rtmalloc" run -c - true
refuses 125 "--config: must be a file or a line"
try "$rtmalloc" run --stats printenv RTMALLOC_STATS
status_is 0
stream_has out -

finish
