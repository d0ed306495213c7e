# ratios.awk - rtmalloc over the best other: by how much, and how sure is that?
#
# Reads runs.tsv, whose first allocator is ours.  Writes ratios.tsv: workload,
# measure, best other allocator, ratio, the interval in which the true ratio
# lies, verdict.
#
# Allocators that run in one round meet the same machine, so each round gives
# a ratio to each other allocator, and their median is the ratio.  What they are
# drawn from has a median between the k-th least and the k-th largest of n
# with a chance that the sign test knows, whatever the distribution: k is the
# largest for which the interval misses it in less than 8 of 100 cases.  The
# ratio to the best is the largest of the ratios to each, and so are the ends
# of its interval.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = OFS = "\t"
	print "workload", "measure", "best", "ratio", "low", "high", "verdict"
}

NR == 1 || $4 == "sum" { next }

!($2 in seen_lib) { libs[++n_libs] = $2; seen_lib[$2] = 1 }

$4 == "ok" { ok[$1, $2, $3] = $6; next }

{
	row = $1 SUBSEP $4
	if (!(row in last_run))
		rows[++n_rows] = row
	if ($3 > last_run[row])
		last_run[row] = $3
	value[row, $2, $3] = $6
}

# glibc is out of the race for memory: it is lean, and slow.
function is_rival(lib, measure) {
	return lib != libs[1] && !(measure == "memory" && lib == "glibc")
}

# By insertion.
function sort_values(x, n,    i, k, v) {
	for (i = 2; i <= n; i++) {
		v = x[i]
		for (k = i - 1; k > 0 && x[k] > v; k--)
			x[k + 1] = x[k]
		x[k + 1] = v
	}
}

# The sign test's k for n ratios; 0 if there are too few.
function depth(n,    k, chance, term) {
	term = 2 / 2 ^ n
	for (chance = term; chance < 0.08; chance += term) {
		k++
		term *= (n - k + 1) / k
	}
	return k + 0
}

# Leaves the ratio and the ends of its interval, 0 if it has none, in middle,
# low and high; false if there is nothing to compare.
function compare(row, workload, lib,    i, n, k, x) {
	for (i = 1; i <= last_run[row]; i++) {
		if (ok[workload, libs[1], i] && ok[workload, lib, i] &&
		    value[row, libs[1], i] > 0 && value[row, lib, i] > 0)
			x[++n] = value[row, libs[1], i] / value[row, lib, i]
	}
	if (!n)
		return 0
	sort_values(x, n)
	middle = (x[int((n + 1) / 2)] + x[int((n + 2) / 2)]) / 2
	k = depth(n)
	low = k ? x[k] : 0
	high = k ? x[n + 1 - k] : 0
	return 1
}

function judge(low, high, measure,    limit) {
	limit = measure == "memory" ? 1.15 : 1.05
	if (low == 0)
		return "unsure"
	if (high < 1)
		return "better"
	if (high <= limit)
		return "equal"
	return low > limit ? "worse" : "unsure"
}

function put(row,    part, k, best, ratio, lowest, highest) {
	split(row, part, SUBSEP)
	ratio = lowest = highest = 0
	for (k = 2; k <= n_libs; k++) {
		if (!is_rival(libs[k], part[2]) ||
		    !compare(row, part[1], libs[k]))
			continue
		if (middle > ratio) {
			best = libs[k]
			ratio = middle
		}
		if (low > lowest)
			lowest = low
		if (high > highest)
			highest = high
	}
	if (best)
		print part[1], part[2], best, ratio, lowest, highest,
			judge(lowest, highest, part[2])
}

END {
	for (r = 1; r <= n_rows; r++)
		put(rows[r])
}
