# bench/bench.mk - measuring: instructions, workloads, the demonstration
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# The demonstration wants no more than what `make` builds.
noinst_PROGRAMS += bench/launch
bench_launch_SOURCES = bench/launch.c
EXTRA_DIST += bench/README bench/RESULTS.md bench/demo bench/packages.txt \
	bench/results/medians.tsv bench/results/picture.svg \
	bench/results/ratios.tsv

# Linked with no malloc, so that each can be preloaded; the workloads, too.
check_PROGRAMS += bench/speed_pairs
bench_speed_pairs_SOURCES = bench/speed_pairs.c

# The hit path does not grow: the speedometer is a test, too.
dist_check_SCRIPTS += bench/check_report bench/speedometer
if COUNTED
TESTS += bench/check_report bench/speedometer
endif
EXTRA_DIST += bench/peers.sh bench/baseline.tsv

# The counts of each kind against those that are kept; after a change that
# is meant, keep the new ones.
bench-check: all bench/speed_pairs
	$(srcdir)/bench/speedometer --build=. \
		--check=$(srcdir)/bench/baseline.tsv

bench-baseline: all bench/speed_pairs
	$(srcdir)/bench/speedometer --build=. \
		--keep=$(srcdir)/bench/baseline.tsv

# -------------------------------------------------------------- workloads

RTM_WORKLOADS = \
	bench/handover \
	bench/warm \
	bench/workloads/aligned \
	bench/workloads/batch \
	bench/workloads/drift \
	bench/workloads/give_back \
	bench/workloads/grow \
	bench/workloads/heirs \
	bench/workloads/held \
	bench/workloads/idle_threads \
	bench/workloads/large \
	bench/workloads/latency \
	bench/workloads/pair \
	bench/workloads/phases \
	bench/workloads/pipeline \
	bench/workloads/replace \
	bench/workloads/resize \
	bench/workloads/server \
	bench/workloads/short_threads \
	bench/workloads/zeroed
bench_handover_SOURCES = bench/handover.c
bench_warm_SOURCES = bench/warm.c
EXTRA_PROGRAMS = $(RTM_WORKLOADS)
CLEANFILES += $(RTM_WORKLOADS)
EXTRA_DIST += \
	bench/checks.awk \
	bench/frontends \
	bench/frontends.awk \
	bench/medians.awk \
	bench/noise.awk \
	bench/picture.awk \
	bench/plan.awk \
	bench/programs.sh \
	bench/ratios.awk \
	bench/record.awk \
	bench/run \
	bench/servers.sh \
	bench/table.awk \
	bench/tune \
	bench/tune.awk \
	bench/turns.awk \
	bench/undecided.awk

# Each is its own file and the common one.
RTM_WORKLOAD_LIB = bench/workloads/libworkload.la
EXTRA_LTLIBRARIES = $(RTM_WORKLOAD_LIB)
bench_workloads_libworkload_la_SOURCES = \
	bench/workloads/workload.c bench/workloads/workload.h
bench_workloads_aligned_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_batch_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_drift_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_give_back_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_grow_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_held_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_heirs_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_idle_threads_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_large_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_latency_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_pair_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_phases_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_pipeline_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_replace_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_resize_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_server_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_short_threads_LDADD = $(RTM_WORKLOAD_LIB)
bench_workloads_zeroed_LDADD = $(RTM_WORKLOAD_LIB)

# The one in C++, by hand: the package does not ask for a compiler of C++.
# Without one, bench/run says that the workload is missing.
RTM_CXX = g++
RTM_CXX_WORKLOAD = bench/workloads/containers
CLEANFILES += $(RTM_CXX_WORKLOAD) $(RTM_CXX_WORKLOAD).o
EXTRA_DIST += bench/workloads/containers.cc

$(RTM_CXX_WORKLOAD): bench/workloads/containers.cc \
		bench/workloads/workload.h $(RTM_WORKLOAD_LIB)
	$(AM_V_GEN)$(RTM_CXX) $(RTM_CPPFLAGS) -std=c++17 -O2 -g -fPIC \
		-fsized-deallocation -c -o $@.o \
		$(srcdir)/bench/workloads/containers.cc \
	&& $(LIBTOOL) --silent --tag=CC --mode=link $(RTM_CXX) -o $@ \
		$@.o $(RTM_WORKLOAD_LIB) -lpthread

bench-programs: all $(RTM_WORKLOADS)
	-@if $(RTM_CXX) --version >/dev/null 2>&1; then \
		$(MAKE) $(AM_MAKEFLAGS) $(RTM_CXX_WORKLOAD); fi

# make bench BENCHFLAGS='--runs=9 --out=results replace*'
bench: bench-programs
	$(srcdir)/bench/run --build=. $(BENCHFLAGS)

# make bench-tune TUNEFLAGS='--runs=9 --keep=results python-ast'
bench-tune: all bench/warm
	$(srcdir)/bench/tune --build=. $(TUNEFLAGS)

# make bench-frontends FRONTENDFLAGS='--runs=15 --out=results pair*'
bench-frontends: bench-programs
	$(srcdir)/bench/frontends --build=. $(FRONTENDFLAGS)

.PHONY: bench bench-baseline bench-check bench-frontends bench-programs \
	bench-tune
