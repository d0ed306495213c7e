# bench/bench.mk - measuring: instructions, workloads, the demonstration
#
# SPDX-License-Identifier: MIT OR Apache-2.0

# The demonstration wants no more than what `make` builds.
noinst_PROGRAMS += bench/launch
bench_launch_SOURCES = bench/launch.c

# Linked with no malloc, so that each can be preloaded.
check_PROGRAMS += bench/speed_pairs
bench_speed_pairs_SOURCES = bench/speed_pairs.c

# The hit path does not grow: the speedometer is a test, too.
dist_check_SCRIPTS += bench/speedometer
TESTS += bench/speedometer

EXTRA_DIST += bench/demo bench/packages.txt
