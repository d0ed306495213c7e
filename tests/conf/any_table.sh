#!/bin/sh
# any_table.sh - the allocator works on any valid table of classes
#
# SPDX-License-Identifier: MIT OR Apache-2.0
set -eu

# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

"$(program tests/conf/any_table)" "$library" "$tmp/table.toml" 200 || {
	cat "$tmp/table.toml"
	fail "see the table above"
}
