# lint.mk - tests that read the sources and the built library
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# What looks at the library, which each build makes in its way.
RTM_LIBRARY_LINT_TESTS = \
	tests/lint/library.sh \
	tests/lint/exports.sh \
	tests/lint/imports.sh

RTM_LINT_TESTS += \
	tests/lint/planted.sh \
	tests/lint/headers.sh \
	tests/lint/rooms.sh \
	tests/lint/licence.sh \
	tests/lint/paths.sh \
	tests/lint/man.sh \
	$(RTM_LIBRARY_LINT_TESTS)

TESTS += $(RTM_LINT_TESTS)
dist_check_SCRIPTS += $(RTM_LINT_TESTS)
EXTRA_DIST += \
	tests/lint/common.sh \
	tests/lint/exports.txt \
	tests/lint/imports.txt
