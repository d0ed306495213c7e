# compat_tests.mk - programs as others build them, on our functions
#
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The scripts compile their programs themselves: how a program is linked is
# what they are about.

RTM_COMPAT_TESTS = \
	tests/compat/hooks.sh \
	tests/compat/deepbind.sh \
	tests/compat/static.sh \
	tests/compat/operators.sh

# Only what is installed is looked at: by `make installcheck` alone.
dist_check_SCRIPTS += tests/compat/installed.sh

RTM_BARE_TESTS = tests/compat/embedded.sh

if COMPAT
RTM_SCRIPTED += $(RTM_COMPAT_TESTS)
else
RTM_SCRIPTED += $(RTM_BARE_TESTS)
endif
EXTRA_DIST += \
	tests/compat/deepbind.c \
	tests/compat/embedded.c \
	tests/compat/hooks.c \
	tests/compat/installed.c \
	tests/compat/late_plugin.c \
	tests/compat/late_plugin.cc \
	tests/compat/lib.sh \
	tests/compat/operators.cc \
	tests/compat/replaced.cc \
	tests/compat/static_work.c
