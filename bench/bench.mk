# bench/bench.mk - measuring: instructions, workloads, the demonstration
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# The demonstration wants no more than what `make` builds.
noinst_PROGRAMS += bench/launch
bench_launch_SOURCES = bench/launch.c
EXTRA_DIST += bench/README bench/demo bench/packages.txt

# Linked with no malloc, so that each can be preloaded; the workloads, too.
check_PROGRAMS += bench/speed_pairs
bench_speed_pairs_SOURCES = bench/speed_pairs.c

# The hit path does not grow: the speedometer is a test, too.
dist_check_SCRIPTS += bench/speedometer
TESTS += bench/speedometer
EXTRA_DIST += bench/peers.sh

# -------------------------------------------------------------- workloads

RTM_WORKLOADS = \
	bench/workloads/aligned \
	bench/workloads/batch \
	bench/workloads/grow \
	bench/workloads/heirs \
	bench/workloads/idle_threads \
	bench/workloads/large \
	bench/workloads/pair \
	bench/workloads/phases \
	bench/workloads/pipeline \
	bench/workloads/replace \
	bench/workloads/short_threads \
	bench/workloads/zeroed
EXTRA_PROGRAMS = $(RTM_WORKLOADS)
CLEANFILES += $(RTM_WORKLOADS)
EXTRA_DIST += bench/programs.sh bench/run bench/table.awk

# Each is its own file and the common one.
RTM_WORKLOAD_LIB = bench/workloads/libworkload.la
EXTRA_LTLIBRARIES = $(RTM_WORKLOAD_LIB)
bench_workloads_libworkload_la_SOURCES = \
	bench/workloads/workload.c bench/workloads/workload.h
bench_workloads_aligned_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_batch_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_grow_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_heirs_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_idle_threads_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_large_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_pair_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_phases_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_pipeline_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_replace_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_short_threads_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_zeroed_LDADD = $(RTM_WORKLOAD_LIB)

bench-programs: all $(RTM_WORKLOADS)

# make bench BENCHFLAGS='--runs=9 replace*'
bench: bench-programs
	$(srcdir)/bench/run --build=. $(BENCHFLAGS)

.PHONY: bench bench-programs
