#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# tree.sh - the same without the flat page map
#
# Where address space is limited every free looks its span up in a tree, and
# freed pages go back with their addresses.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

export RTMALLOC_PAGE_MAP=tree TEST_SHARE=4
failed=0
test -x "$builddir/tests/api/test_malloc" ||
	skip "the suites have not been built: libcheck is missing"
for name in tests/stress/sequence tests/stress/threads tests/stress/pipeline \
	tests/stress/forks tests/api/test_malloc tests/api/test_realloc \
	tests/api/test_aligned tests/api/test_calloc; do
	if "$(program "$name")" >"$tmp/out" 2>&1; then
		echo "ok: $name"
	else
		echo "FAILED ($?): $name"
		sed 's/^/    /' "$tmp/out"
		failed=1
	fi
done
exit $failed
