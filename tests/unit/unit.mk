# tests/unit/unit.mk - suites for the files of src/, on libc's malloc
#
# SPDX-License-Identifier: MIT OR Apache-2.0

check_LTLIBRARIES += tests/unit/libunit.la
tests_unit_libunit_la_SOURCES = \
	tests/unit/swing.c \
	tests/unit/swing.h \
	tests/unit/unit.c \
	tests/unit/unit.h
tests_unit_libunit_la_CFLAGS = $(RTM_SUITE_CFLAGS)

RTM_UNIT_LIBS = tests/unit/libunit.la tests/support/libsuite.la \
	tests/support/libsupport.la librtcore.la $(CHECK_LIBS)

RTM_UNIT_TESTS = \
	tests/unit/test_format \
	tests/unit/test_bits \
	tests/unit/test_list \
	tests/unit/test_lock \
	tests/unit/test_futex \
	tests/unit/test_memory \
	tests/unit/test_environment \
	tests/unit/test_meta \
	tests/unit/test_span \
	tests/unit/test_page_map \
	tests/unit/test_run_bins \
	tests/unit/test_heap_space \
	tests/unit/test_purge \
	tests/unit/test_page_heap \
	tests/unit/test_size_class \
	tests/unit/test_central_list \
	tests/unit/test_transfer_cache \
	tests/unit/test_thread_cache \
	tests/unit/test_reserve \
	tests/unit/test_cache_budget \
	tests/unit/test_large \
	tests/unit/test_realloc \
	tests/unit/test_tracked \
	tests/unit/test_boot

# Valgrind knows no thread without a libc, such as the helper's, and no
# restartable sequences.
RTM_UNIT_BARE = \
	tests/unit/test_helper \
	tests/unit/test_rseq \
	tests/unit/test_auto \
	tests/unit/test_cpu_slab \
	tests/unit/test_cpu_cache \
	tests/unit/test_cpu_reserve \
	tests/unit/test_home
check_PROGRAMS += $(RTM_UNIT_BARE) $(RTM_UNIT_TESTS)
TESTS += $(RTM_UNIT_BARE) $(RTM_UNIT_TESTS)
RTM_VALGRIND_TESTS += $(RTM_UNIT_TESTS)

tests_unit_test_helper_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_helper_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_rseq_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_rseq_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_auto_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_auto_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_cpu_slab_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_cpu_slab_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_cpu_cache_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_cpu_cache_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_cpu_reserve_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_cpu_reserve_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_home_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_home_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_format_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_format_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_bits_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_bits_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_list_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_list_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_lock_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_lock_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_futex_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_futex_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_memory_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_memory_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_environment_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_environment_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_meta_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_meta_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_span_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_span_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_page_map_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_page_map_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_run_bins_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_run_bins_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_heap_space_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_heap_space_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_purge_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_purge_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_page_heap_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_page_heap_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_size_class_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_size_class_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_central_list_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_central_list_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_transfer_cache_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_transfer_cache_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_thread_cache_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_thread_cache_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_reserve_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_reserve_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_cache_budget_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_cache_budget_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_large_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_large_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_realloc_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_realloc_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_tracked_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_tracked_LDADD = $(RTM_UNIT_LIBS)
tests_unit_test_boot_CFLAGS = $(RTM_SUITE_CFLAGS)
tests_unit_test_boot_LDADD = $(RTM_UNIT_LIBS)
