# undecided.awk - which workloads does chance still decide?
#
# Reads ratios.tsv, then lines that begin with a workload's name, and writes
# those whose processor time or peak memory may be behind, or may not.  An
# interval narrower than "precision" percent has the limit itself in it: what
# runs there is as good as known.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

FILENAME == ARGV[1] {
	split($0, field, "\t")
	if ((field[2] == "cpu" || field[2] == "memory") &&
	    field[7] == "unsure" && field[6] - field[5] > precision / 100)
		unsure[field[1]] = 1
	next
}

$1 in unsure
