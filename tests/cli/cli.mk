# tests/cli/cli.mk - tests of the command
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_CLI_TESTS = \
	tests/cli/config.sh \
	tests/cli/library.sh \
	tests/cli/profile.sh \
	tests/cli/refuse.sh \
	tests/cli/run.sh \
	tests/cli/stats.sh \
	tests/cli/usage.sh
TESTS += $(RTM_CLI_TESTS)
dist_check_SCRIPTS += $(RTM_CLI_TESTS)
EXTRA_DIST += tests/cli/lib.sh
