# conf_tests.mk - tests of conf/, on libc's malloc
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_CONF_TESTS = \
	tests/conf/test_layout \
	tests/conf/test_sample \
	tests/conf/test_toml_read \
	tests/conf/test_toml_refused
check_PROGRAMS += $(RTM_CONF_TESTS)
TESTS += $(RTM_CONF_TESTS)
RTM_VALGRIND_TESTS += $(RTM_CONF_TESTS)

RTM_CONF_TEST_LIBS = tests/support/libsuite.la \
	tests/support/libsupport.la librtcore.la $(CHECK_LIBS)

tests_conf_test_layout_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_conf_test_layout_LDADD = $(RTM_CONF_TEST_LIBS)
tests_conf_test_sample_SOURCES = \
	tests/conf/read.h \
	tests/conf/test_sample.c
tests_conf_test_sample_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_conf_test_sample_LDADD = $(RTM_CONF_TEST_LIBS)
tests_conf_test_toml_read_SOURCES = \
	tests/conf/read.h \
	tests/conf/test_toml_read.c
tests_conf_test_toml_read_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_conf_test_toml_read_LDADD = $(RTM_CONF_TEST_LIBS)
tests_conf_test_toml_refused_SOURCES = \
	tests/conf/read.h \
	tests/conf/test_toml_refused.c
tests_conf_test_toml_refused_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_conf_test_toml_refused_LDADD = $(RTM_CONF_TEST_LIBS)

check_PROGRAMS += tests/conf/any_table tests/conf/knobs
tests_conf_any_table_LDADD =
tests_conf_knobs_LDADD = $(RTM_OURS)

RTM_CONF_SH_TESTS = tests/conf/generator.sh tests/conf/knobs.sh
if COMPAT
RTM_CONF_SH_TESTS += \
	tests/conf/any_table.sh \
	tests/conf/tuned.sh
endif
dist_check_SCRIPTS += $(RTM_CONF_SH_TESTS)
TESTS += $(RTM_CONF_SH_TESTS)

# The fuzz target needs clang; `make fuzz` makes and runs it, FUZZ_RUNS
# inputs beside the corpus.
FUZZ_CC = clang
FUZZ_RUNS = 1000000
EXTRA_DIST += tests/conf/corpus tests/conf/fuzz.sh tests/conf/fuzz_toml.c

fuzz: conf/default_conf.c
	$(AM_V_at)FUZZ_CC='$(FUZZ_CC)' FUZZ_RUNS='$(FUZZ_RUNS)' \
		srcdir='$(srcdir)' $(SHELL) $(srcdir)/tests/conf/fuzz.sh

CLEANFILES += fuzz-toml

.PHONY: fuzz
