# table.awk - tables and means from the runs that bench/run made
#
# Reads lines of workload, allocator, wall, user, system time, peak KiB, minor
# and major faults, two kinds of context switches, status, and checksum.  The
# first allocator is ours.  Exits with 1 if a run on it failed, or if it is the
# only one to give the checksum that it gives.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = "\t"
	n_measures = split("cpu wall memory faults", measures, " ")
	title["cpu"] = "processor time (s)"
	title["wall"] = "time by the wall clock (s)"
	title["memory"] = "peak memory (MiB)"
	title["faults"] = "page faults (thousands)"
	digits["cpu"] = digits["wall"] = 3
	digits["memory"] = digits["faults"] = 1
}

!(($1) in n_of_workload) { workloads[++n_workloads] = $1 }
!(($2) in n_of_lib) { libs[++n_libs] = $2 }

{
	n_of_workload[$1]++
	n_of_lib[$2]++
	i = ++n_runs[$1, $2]
	value[$1, $2, "cpu", i] = $4 + $5
	value[$1, $2, "wall", i] = $3
	value[$1, $2, "memory", i] = $6 / 1024
	value[$1, $2, "faults", i] = $7 / 1000
	if ($11 != 0) {
		printf "%s failed on %s: status %s\n", $1, $2, $11
		if ($2 == libs[1])
			failed = 1
	} else if (!(($1, $2) in checksum)) {
		checksum[$1, $2] = $12
	} else if (checksum[$1, $2] != $12) {
		printf "%s gives two results on %s\n", $1, $2
		failed = 1
	}
}

# Does a workload compute the same everywhere?
function compare_checksums(workload,    i, n_others) {
	for (i = 2; i <= n_libs; i++) {
		if (checksum[workload, libs[i]] == checksum[workload, libs[1]])
			continue
		printf "%s gives another result on %s\n", workload, libs[i]
		n_others++
	}
	if (n_libs > 1 && n_others == n_libs - 1)
		failed = 1
}

# Sorts the runs of one cell by insertion; returns the median.
function median(workload, lib, measure,    n, i, k, x) {
	n = n_runs[workload, lib]
	for (i = 2; i <= n; i++) {
		x = value[workload, lib, measure, i]
		for (k = i - 1; k > 0; k--) {
			if (value[workload, lib, measure, k] <= x)
				break
			value[workload, lib, measure, k + 1] = \
				value[workload, lib, measure, k]
		}
		value[workload, lib, measure, k + 1] = x
	}
	return (value[workload, lib, measure, int((n + 1) / 2)] + \
		value[workload, lib, measure, int((n + 2) / 2)]) / 2
}

# One row; adds the logarithms of the ratios to the best peer to log_sum.
function show_row(workload, measure,    i, m, low, spread, best, best_peer) {
	printf "%-18s", workload
	best = best_peer = spread = 0
	for (i = 1; i <= n_libs; i++) {
		m[i] = median(workload, libs[i], measure)
		low = value[workload, libs[i], measure, 1]
		if (low > 0 && m[i] / low - 1 > spread)
			spread = m[i] / low - 1
		if (i > 1 && (best_peer == 0 || m[i] < best_peer))
			best_peer = m[i]
	}
	for (i = 1; i <= n_libs; i++) {
		printf " %10.*f", digits[measure], m[i]
		if (m[i] > 0)
			log_sum[i] += log(m[i])
	}
	if (best_peer > 0)
		printf " %8.2f", m[1] / best_peer
	printf " %6.0f%%\n", spread * 100
	if (measure == "cpu" && spread > 0.06)
		n_noisy++
}

function show_table(measure,    i) {
	printf "\n%s\n%-18s", title[measure], ""
	for (i = 1; i <= n_libs; i++) {
		printf " %10s", libs[i]
		log_sum[i] = 0
	}
	print (n_libs > 1 ? "  to best" : "") "  spread"
	for (i = 1; i <= n_workloads; i++)
		show_row(workloads[i], measure)
	printf "%-18s", "geometric mean"
	for (i = 1; i <= n_libs; i++)
		printf " %10.*f", digits[measure], exp(log_sum[i] / n_workloads)
	printf "\n%-18s", "to rtmalloc's"
	for (i = 1; i <= n_libs; i++)
		printf " %10.2f", exp((log_sum[i] - log_sum[1]) / n_workloads)
	print ""
}

END {
	for (i = 1; i <= n_workloads; i++)
		compare_checksums(workloads[i])
	for (k = 1; k <= n_measures; k++)
		show_table(measures[k])
	if (n_noisy > 0)
		printf "\n%d of %d workloads: processor time varied by more " \
			"than 6 %%\n", n_noisy, n_workloads
	exit failed
}
