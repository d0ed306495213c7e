# lint.mk - tests that read the sources and the built library
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_LINT_TESTS += \
	tests/lint/rooms.sh \
	tests/lint/headers.sh \
	tests/lint/licence.sh \
	tests/lint/paths.sh \
	tests/lint/library.sh \
	tests/lint/exports.sh \
	tests/lint/imports.sh \
	tests/lint/man.sh \
	tests/lint/planted.sh

TESTS += $(RTM_LINT_TESTS)
dist_check_SCRIPTS += $(RTM_LINT_TESTS)
EXTRA_DIST += \
	tests/lint/common.sh \
	tests/lint/exports.txt \
	tests/lint/imports.txt
