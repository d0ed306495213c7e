# table.awk - tables, means and the verdict from ratios.tsv and medians.tsv
#
# The first allocator is ours.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = "\t"
	short_s = 0.08
	n_measures = split("cpu wall memory faults", measures, " ")
	title["cpu"] = "processor time (s)"
	title["wall"] = "time by the wall clock (s)"
	title["memory"] = "peak memory (MiB)"
	title["faults"] = "page faults (thousands)"
	digits["cpu"] = digits["wall"] = 3
	digits["memory"] = digits["faults"] = 1
	no_figure["user"] = no_figure["system"] = no_figure["switches"] = 1
}

FNR == 1 { next }

FILENAME == ARGV[1] {
	rival[$1, $2] = $3
	to_best[$1, $2] = $4
	interval[$1, $2] = $5 == 0 ? "-" : sprintf("%.2f-%.2f", $5, $6)
	verdict_on[$1, $2] = $7
	next
}

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

function show_head(head,    i) {
	printf "\n%s\n%-20s", head, ""
	for (i = 1; i <= n_libs; i++)
		printf " %10s", libs[i]
	if (n_libs > 1)
		printf "  to best %11s verdict", "interval"
	print "  spread"
}

# One row; returns whether all allocators have a figure above 0.
function show_row(label, workload, measure, n_digits,
    i, key, spread, complete) {
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
	if (n_libs > 1 && (workload, measure) in to_best)
		printf " %8.2f %11s %7s", to_best[workload, measure],
			interval[workload, measure],
			verdict_on[workload, measure]
	else if (n_libs > 1)
		printf " %8s %11s %7s", "-", "-", "-"
	printf " %6.0f%%\n", spread * 100
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
function judge(workload, measure,    is) {
	n_rows[measure]++
	if (measure == "cpu" && median[workload, libs[1], "cpu"] < short_s)
		short = short " " workload
	if (!((workload, measure) in to_best))
		return
	is = verdict_on[workload, measure]
	n_of[measure, is]++
	if (is == "worse" || is == "unsure")
		rows_of[measure, is] = rows_of[measure, is] \
			sprintf("  %-20s %.2f (%s) of %s\n", workload,
			to_best[workload, measure],
			interval[workload, measure], rival[workload, measure])
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
	printf "of %d workloads, against the best other on each: better %d," \
		" equal %d, worse %d, unsure %d\n", n_rows[measure],
		n_of[measure, "better"], n_of[measure, "equal"],
		n_of[measure, "worse"], n_of[measure, "unsure"]
	if (rows_of[measure, "worse"])
		printf "surely more than %s:\n%s", limit,
			rows_of[measure, "worse"]
	else
		printf "nowhere surely more than %s\n", limit
	if (rows_of[measure, "unsure"])
		printf "not to be told whether more than %s:\n%s", limit,
			rows_of[measure, "unsure"]
	print ""
}

END {
	for (m = 1; m <= n_measures; m++)
		show_table(measures[m])
	show_figures()
	print ""
	verdict("cpu", "processor time", "1.05")
	verdict("wall", "wall clock", "1.05")
	verdict("memory", "peak memory", "1.15")
	if (short)
		printf "below %.2f s of processor time, too short to trust:" \
			"%s\n", short_s, short
}
