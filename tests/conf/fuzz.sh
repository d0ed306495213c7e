#!/bin/sh
# fuzz.sh - any bytes into the reader, under AddressSanitizer
#
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Takes from the environment: srcdir (the sources), FUZZ_CC (a clang with
# libFuzzer), FUZZ_RUNS (how many inputs).  Runs in the build tree, where
# conf/default_conf.c is.  What libFuzzer finds new stays in ./fuzz-corpus.
set -eu

srcdir=${srcdir:-.}
FUZZ_CC=${FUZZ_CC:-clang}
FUZZ_RUNS=${FUZZ_RUNS:-1000000}

set --
for file in classes conf error lines names option toml value; do
	set -- "$@" "$srcdir/conf/$file.c"
done
"$FUZZ_CC" -std=gnu11 -D_GNU_SOURCE -g -O1 \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-I"$srcdir/src" -I"$srcdir" \
	"$@" conf/default_conf.c "$srcdir/src/base/format.c" \
	"$srcdir/tests/conf/fuzz_toml.c" -linih -o fuzz-toml
mkdir -p fuzz-corpus
exec ./fuzz-toml -runs="$FUZZ_RUNS" -timeout=5 -max_len=4096 \
	-print_final_stats=1 -dict="$srcdir/tests/conf/corpus/toml.dict" \
	fuzz-corpus "$srcdir/tests/conf/corpus"
