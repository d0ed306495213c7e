#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# hotplug.sh - a processor that caches is switched off, and on again
#
# It concerns all that runs: this test comes after others, and takes a second.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

exec "$(program tests/stress/moved)" hotplug
