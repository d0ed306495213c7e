# table.awk - tables, means and the verdict from medians.tsv
#
# The first allocator is ours.
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
	no_figure["user"] = no_figure["system"] = no_figure["switches"] = 1
}

NR == 1 { next }

!($1 in seen) { workloads[++n_workloads] = $1; seen[$1] = 1 }
!($2 in seen_lib) { libs[++n_libs] = $2; seen_lib[$2] = 1 }

{
	low[$1, $2, $3] = $6
	median[$1, $2, $3] = $7
	if ($3 in title || $3 in no_figure)
		next
	if (!(($1, $3) in figure_unit))
		figures[++n_figures] = $1 SUBSEP $3
	figure_unit[$1, $3] = $4
}

# glibc is out of the race for memory: it is lean, and slow.
function is_rival(lib, measure) {
	return lib != libs[1] && !(measure == "memory" && lib == "glibc")
}

# The best of the others, or 0.
function best_of(workload, measure,    i, key, best) {
	best = 0
	for (i = 2; i <= n_libs; i++) {
		key = workload SUBSEP libs[i] SUBSEP measure
		if (is_rival(libs[i], measure) && key in median &&
		    (best == 0 || median[key] < best))
			best = median[key]
	}
	return best
}

function show_head(head,    i) {
	printf "\n%s\n%-20s", head, ""
	for (i = 1; i <= n_libs; i++)
		printf " %10s", libs[i]
	print (n_libs > 1 ? "  to best" : "") "  spread"
}

# One row; returns whether all allocators have a figure above 0.
function show_row(label, workload, measure, n_digits,
    i, key, best, spread, complete) {
	printf "%-20s", label
	complete = 1
	spread = 0
	for (i = 1; i <= n_libs; i++) {
		key = workload SUBSEP libs[i] SUBSEP measure
		if (!(key in median)) {
			printf " %10s", "-"
			complete = 0
			continue
		}
		printf " %10.*f", n_digits, median[key]
		if (median[key] <= 0)
			complete = 0
		if (low[key] > 0 && median[key] / low[key] - 1 > spread)
			spread = median[key] / low[key] - 1
	}
	best = best_of(workload, measure)
	key = workload SUBSEP libs[1] SUBSEP measure
	ratio = best > 0 && key in median ? median[key] / best : 0
	if (n_libs > 1 && ratio > 0)
		printf " %8.2f", ratio
	else if (n_libs > 1)
		printf " %8s", "-"
	printf " %6.0f%%\n", spread * 100
	row_spread = spread
	return complete
}

function show_table(measure,    i, k, n) {
	show_head(title[measure])
	for (k = 1; k <= n_libs; k++)
		log_sum[measure, k] = 0
	for (i = 1; i <= n_workloads; i++) {
		if (!((workloads[i], libs[1], measure) in median))
			continue
		if (!show_row(workloads[i], workloads[i], measure,
		    digits[measure]))
			continue
		n++
		for (k = 1; k <= n_libs; k++)
			log_sum[measure, k] += \
				log(median[workloads[i], libs[k], measure])
		judge(workloads[i], measure)
	}
	if (n == 0)
		return
	printf "%-20s", "geometric mean"
	for (k = 1; k <= n_libs; k++) {
		mean[measure, k] = exp(log_sum[measure, k] / n)
		printf " %10.*f", digits[measure], mean[measure, k]
	}
	printf "\n%-20s", "over rtmalloc's"
	for (k = 1; k <= n_libs; k++)
		printf " %10.2f", mean[measure, k] / mean[measure, 1]
	printf "\n%-20s %d workloads\n", "", n
}

# Notes where we are behind, and where it cannot be told.
function judge(workload, measure,    limit) {
	limit = measure == "memory" ? 1.15 : 1.05
	if (ratio > limit)
		behind[measure] = behind[measure] \
			sprintf("  %-20s %.2f, spread %.0f %%\n", workload,
			ratio, row_spread * 100)
	if (measure == "cpu" && row_spread > 0.06)
		n_noisy++
	n_rows[measure]++
}

function show_figures(    i, k, part, last) {
	for (i = 1; i <= n_figures; i++) {
		split(figures[i], part, SUBSEP)
		if (part[1] != last) {
			show_head(part[1] ", what it reports")
			last = part[1]
		}
		show_row(part[2] " " figure_unit[part[1], part[2]],
			part[1], part[2],
			figure_unit[part[1], part[2]] == "ns" ? 0 : 1)
	}
}

# verdict MEASURE WHAT LIMIT: the means, and the workloads behind.
function verdict(measure, what, limit,    k, best) {
	if (!((measure, 1) in mean) || n_libs < 2)
		return
	for (k = 2; k <= n_libs; k++) {
		if (is_rival(libs[k], measure) && (!best ||
		    mean[measure, k] < mean[measure, best]))
			best = k
	}
	if (!best)
		return
	printf "%s: geometric mean %.3f of that of %s, the best other\n",
		what, mean[measure, 1] / mean[measure, best], libs[best]
	if (behind[measure])
		printf "more than %s of the best other:\n%s", limit,
			behind[measure]
	else
		printf "nowhere more than %s of the best other\n", limit
}

END {
	for (m = 1; m <= n_measures; m++)
		show_table(measures[m])
	show_figures()
	print ""
	verdict("cpu", "processor time", "1.05")
	verdict("wall", "wall clock", "1.05")
	verdict("memory", "peak memory", "1.15")
	if (n_noisy > 0)
		printf "%d of %d workloads: processor time varied by more " \
			"than 6 %%\n", n_noisy, n_rows["cpu"]
}
