# tests/cli/cli.mk - tests of the command
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_CLI_TESTS = \
	tests/cli/completion.sh \
	tests/cli/config.sh \
	tests/cli/library.sh \
	tests/cli/profile.sh \
	tests/cli/refuse.sh \
	tests/cli/usage.sh
# A program that is run with a library without libc's names has libc's malloc.
if COMPAT
RTM_CLI_TESTS += \
	tests/cli/run.sh \
	tests/cli/stats.sh
endif
TESTS += $(RTM_CLI_TESTS)
dist_check_SCRIPTS += $(RTM_CLI_TESTS)
EXTRA_DIST += tests/cli/lib.sh
