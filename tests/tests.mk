# tests/tests.mk - what is checked, and how it is built
#
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# api/ and stress/ link librtmalloc, so that their malloc is ours; preload/
# runs programs of others on it.  A test is a program or a script, exits 0 if
# all is well and 77 if it has to be skipped.

# Tests that come first take longest: with make -j2 they share the time.
RTM_TESTS =
RTM_SCRIPTED =
RTM_API_TESTS =

# --------------------------------------------------------------- support

check_LTLIBRARIES += tests/support/libsupport.la
tests_support_libsupport_la_SOURCES = \
	tests/support/family.h \
	tests/support/items.h \
	tests/support/pattern.c \
	tests/support/support.c \
	tests/support/support.h

RTM_TEST_LIBS = tests/support/libsupport.la
RTM_OURS = $(RTM_TEST_LIBS) librtmalloc.la

EXTRA_DIST += \
	tests/packages.txt \
	tests/support/core_names.h \
	tests/support/lib.sh \
	tests/support/own_names.h \
	tests/support/quick_libtool.sh

# ----------------------------------------------------------- on our malloc

RTM_TESTS += \
	tests/misuse/misuse \
	tests/stress/threads \
	tests/stress/forks \
	tests/stress/short_threads \
	tests/stress/pipeline \
	tests/stress/sequence \
	tests/stress/processors \
	tests/stress/homes \
	tests/stress/moved \
	tests/stress/crowd \
	tests/stress/idle_threads \
	tests/api/startup \
	tests/api/sandbox \
	tests/api/small_stack \
	tests/api/locked

check_PROGRAMS += \
	$(RTM_TESTS) \
	tests/api/memcheck_probe \
	tests/support/deny \
	tests/api/secure_probe \
	tests/stress/exhaust

tests_misuse_misuse_SOURCES = \
	tests/misuse/mistakes.h \
	tests/misuse/mistakes_foreign.c \
	tests/misuse/mistakes_large.c \
	tests/misuse/mistakes_small.c \
	tests/misuse/misuse.c
tests_misuse_misuse_LDADD = $(RTM_OURS)
tests_stress_threads_LDADD = $(RTM_OURS)
tests_stress_forks_LDADD = $(RTM_OURS)
tests_stress_short_threads_LDADD = $(RTM_OURS)
tests_stress_pipeline_LDADD = $(RTM_OURS)
tests_stress_sequence_LDADD = $(RTM_OURS)
tests_stress_processors_LDADD = $(RTM_OURS)
tests_stress_homes_LDADD = $(RTM_OURS)
tests_stress_moved_LDADD = $(RTM_OURS)
tests_stress_crowd_LDADD = $(RTM_OURS)
tests_support_deny_LDADD = $(RTM_TEST_LIBS)
tests_stress_idle_threads_LDADD = $(RTM_OURS)
tests_stress_exhaust_LDADD = $(RTM_OURS)
tests_api_startup_LDADD = $(RTM_OURS)
tests_api_sandbox_LDADD = $(RTM_OURS)
tests_api_small_stack_LDADD = $(RTM_OURS)
tests_api_locked_LDADD = $(RTM_OURS)

# With the archive, as a program may link it.
tests_api_memcheck_probe_LDADD = librtmalloc.la
tests_api_memcheck_probe_LDFLAGS = -static
tests_api_secure_probe_LDADD = $(RTM_OURS)
tests_api_secure_probe_LDFLAGS = -static

# These count what libc and the process's other threads do on our malloc.
if COMPAT
RTM_API_TESTS += \
	tests/api/test_mallinfo \
	tests/api/test_mallopt \
	tests/api/test_purge \
	tests/api/test_stats
endif
RTM_API_TESTS += \
	tests/api/test_profile \
	tests/api/test_malloc \
	tests/api/test_realloc \
	tests/api/test_calloc \
	tests/api/test_aligned \
	tests/api/test_errno \
	tests/api/test_limits
check_PROGRAMS += $(RTM_API_TESTS)

# Each case runs in a process of its own.
check_LTLIBRARIES += tests/support/libsuite.la
tests_support_libsuite_la_SOURCES = tests/support/suite.h
if HAVE_CHECK
tests_support_libsuite_la_SOURCES += tests/support/suite.c
else
tests_support_libsuite_la_SOURCES += \
	tests/support/cases/cases.c \
	tests/support/cases/check.h
endif
tests_support_libsuite_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
RTM_SUITE_LIBS = tests/support/libsuite.la $(RTM_OURS) $(CHECK_LIBS)
RTM_SUITE_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)

tests_api_test_aligned_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_aligned_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_calloc_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_calloc_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_errno_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_errno_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_limits_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_limits_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_malloc_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_malloc_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_mallopt_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_mallopt_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_profile_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_profile_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_mallinfo_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_mallinfo_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_stats_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_stats_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_purge_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_purge_LDADD = $(RTM_SUITE_LIBS)
tests_api_test_realloc_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_api_test_realloc_LDADD = $(RTM_SUITE_LIBS)

# ---------------------------------------------------------- on libc's malloc

# Programs that scripts run, with the library preloaded or not.  One without
# libc's names cannot be preloaded.
if COMPAT
check_PROGRAMS += \
	tests/api/memcheck_probe_libc \
	tests/preload/family \
	tests/preload/answers \
	tests/preload/info \
	tests/preload/late \
	tests/preload/launch \
	tests/preload/settings \
	tests/preload/tiny \
	tests/stress/fault_work

tests_api_memcheck_probe_libc_SOURCES = tests/api/memcheck_probe.c
tests_api_memcheck_probe_libc_CFLAGS = $(AM_CFLAGS)
tests_preload_family_LDADD = $(RTM_TEST_LIBS)
tests_preload_late_LDADD = $(RTM_TEST_LIBS)
tests_preload_launch_LDADD = $(RTM_TEST_LIBS)
tests_preload_launch_LDFLAGS = -all-static
tests_preload_settings_LDADD = $(RTM_TEST_LIBS)
tests_preload_tiny_LDADD =
tests_stress_fault_work_LDADD = $(RTM_TEST_LIBS)

# -rpath makes libtool build a shared object that is not installed.
check_LTLIBRARIES += \
	tests/preload/libearly.la \
	tests/preload/libfirst.la \
	tests/stress/libfault.la
RTM_PRELOADED = -module -avoid-version -shared -rpath /nowhere
tests_preload_libearly_la_SOURCES = tests/preload/libearly.c
tests_preload_libearly_la_CPPFLAGS = $(AM_CPPFLAGS) -DEARLY_AT_RELOCATION=1
tests_preload_libearly_la_LIBADD = $(RTM_TEST_LIBS)
tests_preload_libearly_la_LDFLAGS = $(RTM_PRELOADED) -Wl,-z,now
tests_preload_libfirst_la_SOURCES = tests/preload/libearly.c
tests_preload_libfirst_la_CPPFLAGS = $(AM_CPPFLAGS) -DEARLY_AT_RELOCATION=0
tests_preload_libfirst_la_LIBADD = $(RTM_TEST_LIBS)
tests_preload_libfirst_la_LDFLAGS = $(RTM_PRELOADED)
tests_stress_libfault_la_SOURCES = tests/stress/libfault.c
tests_stress_libfault_la_LIBADD =
tests_stress_libfault_la_LDFLAGS = $(RTM_PRELOADED)
endif

# --------------------------------------------------------------- scripts

RTM_PRELOAD_TESTS = \
	tests/preload/compilers.sh \
	tests/preload/sort.sh \
	tests/preload/git.sh \
	tests/preload/python.sh \
	tests/preload/sqlite.sh \
	tests/preload/xz.sh \
	tests/preload/perl.sh \
	tests/preload/profile.sh \
	tests/preload/info.sh \
	tests/preload/legacy.sh \
	tests/preload/settings.sh \
	tests/preload/bash.sh \
	tests/preload/startup.sh \
	tests/preload/binding.sh \
	tests/preload/tiny.sh

if COMPAT
RTM_SCRIPTED += \
	tests/stress/tsan.sh \
	tests/stress/percpu.sh \
	tests/stress/own.sh \
	tests/stress/aarch64.sh \
	tests/stress/fault.sh \
	$(RTM_PRELOAD_TESTS) \
	tests/stress/limits.sh \
	tests/stress/tree.sh \
	tests/api/memcheck.sh \
	tests/api/secure.sh \
	tests/stress/hotplug.sh \
	tests/stress/overcommit.sh
endif

# What every build of the sources has to pass; and of this, what takes long and
# tells nothing new of a second one.
RTM_BUILD_TESTS = \
	$(RTM_SCRIPTED) \
	$(RTM_API_TESTS) \
	$(RTM_TESTS) \
	$(RTM_UNIT_BARE) \
	$(RTM_UNIT_TESTS) \
	$(RTM_CLI_TESTS) \
	$(RTM_CONF_TESTS) \
	$(RTM_CONF_SH_TESTS)
RTM_ONCE_TESTS = \
	tests/api/secure.sh \
	tests/cli/completion.sh \
	tests/cli/library.sh \
	tests/cli/usage.sh \
	tests/conf/generator.sh \
	tests/conf/tuned.sh \
	tests/preload/compilers.sh \
	tests/preload/legacy.sh \
	tests/preload/xz.sh \
	tests/stress/aarch64.sh \
	tests/stress/hotplug.sh \
	tests/stress/overcommit.sh \
	tests/stress/tsan.sh

dist_check_SCRIPTS += $(RTM_SCRIPTED)
EXTRA_DIST += tests/stress/aarch64.c tests/stress/own_area.c

# --------------------------------------------------------------- running

TESTS += $(RTM_SCRIPTED) $(RTM_API_TESTS) $(RTM_TESTS)

# Under memcheck the memory in use is not the program's own, so what only
# counts it stays away.
RTM_VALGRIND_TESTS += \
	tests/api/test_malloc \
	tests/api/test_realloc \
	tests/api/test_calloc \
	tests/api/test_aligned \
	tests/api/test_errno \
	tests/api/test_limits \
	tests/api/test_profile
if COMPAT
RTM_VALGRIND_TESTS += tests/api/test_stats
endif
dist_check_SCRIPTS += \
	tests/support/emulated.sh \
	tests/support/under_memcheck.sh

# Once more with the library where `make install` has put it: what others do
# with it, and how it is linked.
RTM_INSTALLED_PRELOAD_TESTS = \
	tests/preload/bash.sh \
	tests/preload/binding.sh \
	tests/preload/info.sh \
	tests/preload/profile.sh \
	tests/preload/settings.sh \
	tests/preload/startup.sh
RTM_INSTALLED_TESTS = \
	tests/compat/installed.sh \
	tests/lint/library.sh \
	tests/lint/exports.sh
if COMPAT
RTM_INSTALLED_TESTS += \
	$(RTM_COMPAT_TESTS) \
	$(RTM_INSTALLED_PRELOAD_TESTS)
endif

installcheck-local: $(check_PROGRAMS) $(check_LTLIBRARIES)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	DESTDIR='$(DESTDIR)'; bindir='$(bindir)'; libdir='$(libdir)'; \
	includedir='$(includedir)'; mandir='$(mandir)'; \
	datadir='$(datadir)'; PKG_CONFIG='$(PKG_CONFIG)'; \
	srcdir='$(srcdir)'; \
	RTM_TEST_LIBRARY='$(DESTDIR)$(libdir)/librtmalloc.so'; \
	RTM_LIBRARY=$$RTM_TEST_LIBRARY; \
	export DESTDIR bindir libdir includedir mandir datadir PKG_CONFIG \
		srcdir RTM_TEST_LIBRARY RTM_LIBRARY; \
	for test in $(RTM_INSTALLED_TESTS); do \
		status=0; \
		$$srcdir/$$test >installcheck.log 2>&1 || status=$$?; \
		case $$status in \
		0) echo "PASS: $$test";; \
		77) echo "SKIP: $$test"; cat installcheck.log;; \
		*) echo "FAIL: $$test"; cat installcheck.log; exit 1;; \
		esac; \
	done
CLEANFILES += installcheck.log

# They change settings of the whole machine: after everybody else, alone.
RTM_LAST_LOG = tests/stress/overcommit.sh.log
RTM_LAST_BUT_ONE_LOG = tests/stress/hotplug.sh.log
RTM_OTHER_LOGS = $(TEST_LOGS:tests/stress/overcommit.sh.log=)
$(RTM_LAST_LOG): $(RTM_OTHER_LOGS)
$(RTM_LAST_BUT_ONE_LOG): $(RTM_OTHER_LOGS:tests/stress/hotplug.sh.log=)
