# tune.awk - the table of bench/tune, from what tables waste and what runs cost
#
# SPDX-License-Identifier: MIT OR Apache-2.0

function median(values, n,    i, j, v, sorted) {
	for (i = 1; i <= n; i++) {
		v = values[i]
		for (j = i - 1; j > 0 && sorted[j] > v; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	return n % 2 ? sorted[(n + 1) / 2] \
		: (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

# The median of a column over the runs with one table.
function figure(name, table, column,    i, values) {
	for (i = 1; i <= n_runs[name]; i++)
		values[i] = cell[name, table, i, column]
	return median(values, n_runs[name])
}

# The median of the pairs' ratios: neighbours in time meet the same machine.
function paired(name, column,    i, values) {
	for (i = 1; i <= n_runs[name]; i++)
		values[i] = cell[name, "tuned", i, column] \
			/ cell[name, "default", i, column]
	return median(values, n_runs[name])
}

BEGIN { OFS = "\t" }
FNR == NR && $2 == "floor" { least[$1] = $3; next }
FNR == NR { before[$1] = $2; after[$1] = $3; n_classes[$1] = $4; next }
FNR == 1 { next }
{
	if (!($1 in n_runs))
		names[++n] = $1
	if ($3 > n_runs[$1])
		n_runs[$1] = $3
	for (i = 4; i <= NF; i++)
		cell[$1, $2, $3, i] = $i
}

END {
	if (n == 0) {
		print "tune: no program ran" > "/dev/stderr"
		exit 1
	}
	printf "\n%-18s %-27s %-24s %-24s\n", "", "fragmentation at peak, %",
		"peak memory, MiB", "processor time, s"
	printf "%-18s %6s %6s %6s %6s %8s %8s %6s %8s %8s %6s\n", "program",
		"floor", "before", "tuned", "ratio", "before", "tuned",
		"ratio", "before", "tuned", "ratio"
	print "program\tclasses\tfloor\twaste_before\twaste_tuned" \
		"\tkib_before\tkib_tuned\tkib_ratio\tcpu_before\tcpu_tuned" \
		"\tcpu_ratio" > out
	for (i = 1; i <= n; i++) {
		p = names[i]
		waste = before[p] > 0 ? after[p] / before[p] : 1
		kib = paired(p, 6)
		cpu = paired(p, 4)
		printf "%-18s %6.2f %6.2f %6.2f %6.2f %8.1f %8.1f %6.3f" \
			" %8.3f %8.3f %6.3f\n", p, least[p], before[p],
			after[p], waste, figure(p, "default", 6) / 1024,
			figure(p, "tuned", 6) / 1024, kib,
			figure(p, "default", 4), figure(p, "tuned", 4), cpu
		print p, n_classes[p], least[p], before[p], after[p],
			figure(p, "default", 6), figure(p, "tuned", 6), kib,
			figure(p, "default", 4), figure(p, "tuned", 4),
			cpu > out
		# A program that wastes nothing would make the mean 0.
		waste_log += log(waste > 0.01 ? waste : 0.01)
		kib_log += log(kib)
		cpu_log += log(cpu)
	}
	printf "%-18s %6s %6s %6s %6.2f %8s %8s %6.3f %8s %8s %6.3f\n",
		"geometric mean", "", "", "", exp(waste_log / n), "", "",
		exp(kib_log / n), "", "", exp(cpu_log / n)
}
