# tune.awk - the table of bench/tune, from what tables waste and what runs cost
#
# SPDX-License-Identifier: MIT OR Apache-2.0

function sort_numbers(values, n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = values[i]
		for (j = i - 1; j > 0 && values[j] > v; j--)
			values[j + 1] = values[j]
		values[j + 1] = v
	}
}

function median(values, n) {
	sort_numbers(values, n)
	return n % 2 ? values[(n + 1) / 2] \
		: (values[n / 2] + values[n / 2 + 1]) / 2
}

# The median of a column over the runs with one table.
function figure(name, table, column,    i, values) {
	for (i = 1; i <= n_runs[name]; i++)
		values[i] = cell[name, table, i, column]
	return median(values, n_runs[name])
}

# The median of the pairs' ratios: neighbours in time meet the same machine.
# Leaves in spread how far half of them lie from each other, halved.
function paired(name, column,    i, n, values, middle) {
	n = n_runs[name]
	for (i = 1; i <= n; i++)
		values[i] = cell[name, "tuned", i, column] \
			/ cell[name, "default", i, column]
	middle = median(values, n)
	spread = (values[int((3 * n + 3) / 4)] - values[int((n + 3) / 4)]) / 2
	return middle
}

# A program that wastes nothing would make the mean 0.
function add_to_means(waste, kib, cpu) {
	n_means++
	waste_log += log(waste > 0.01 ? waste : 0.01)
	kib_log += log(kib)
	cpu_log += log(cpu)
}

function print_means(what) {
	printf "%-18s %6s %6s %6s %6.2f %8s %8s %6.3f %6s %8s %8s %6.3f\n",
		what, "", "", "", exp(waste_log / n_means), "", "",
		exp(kib_log / n_means), "", "", "", exp(cpu_log / n_means)
}

BEGIN { OFS = "\t" }
FNR == NR && $2 == "floor" { least[$1] = $3; next }
FNR == NR && $2 == "stays" { stays[$1] = 1; next }
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
	printf "\n%-18s %-27s %-31s %s\n", "", "fragmentation at peak, %",
		"peak memory, MiB", "processor time, s"
	printf "%-18s %6s %6s %6s %6s %8s %8s %6s %6s %8s %8s %6s %6s\n",
		"program", "floor", "before", "tuned", "ratio", "before",
		"tuned", "ratio", "+-", "before", "tuned", "ratio", "+-"
	print "program\tclasses\tfloor\twaste_before\twaste_tuned" \
		"\tkib_before\tkib_tuned\tkib_ratio\tcpu_before\tcpu_tuned" \
		"\tcpu_ratio\tcpu_spread\tstays\truns\tkib_spread" > out
	for (i = 1; i <= n; i++) {
		p = names[i]
		waste = before[p] > 0 ? after[p] / before[p] : 1
		kib = paired(p, 6)
		kib_spread = spread
		cpu = paired(p, 4)
		printf "%-18s %6.2f %6.2f %6.2f %6.2f %8.1f %8.1f %6.3f" \
			" %6.3f %8.3f %8.3f %6.3f %6.3f%s\n", p, least[p],
			before[p], after[p], waste,
			figure(p, "default", 6) / 1024,
			figure(p, "tuned", 6) / 1024, kib, kib_spread,
			figure(p, "default", 4), figure(p, "tuned", 4), cpu,
			spread, p in stays ? " =" : ""
		print p, n_classes[p], least[p], before[p], after[p],
			figure(p, "default", 6), figure(p, "tuned", 6), kib,
			figure(p, "default", 4), figure(p, "tuned", 4),
			cpu, spread, p in stays ? 1 : 0, n_runs[p],
			kib_spread > out
		if (p in stays) {
			n_stays++
			continue
		}
		add_to_means(waste, kib, cpu)
		if (kib > 1)
			larger = larger " " p \
				(kib - kib_spread <= 1 ? " (within +-)" : "")
		if (cpu > 1.01)
			slower = slower " " p \
				(cpu - spread <= 1.01 ? " (within +-)" : "")
	}
	if (n_means > 0)
		print_means("geometric mean")
	if (n_stays > 0)
		print "= nothing to gain, the built-in classes stay: not in the" \
			" mean; so much does the machine vary"
	print "larger than with the built-in classes:" \
		(larger == "" ? " none" : larger)
	print "slower by more than 1 %:" (slower == "" ? " none" : slower)
}
