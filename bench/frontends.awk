# frontends.awk - the report of bench/frontends
#
# Reads runs.tsv: workload, frontend, round, processor time, wall time, peak
# and resident memory.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

NR == 1 { next }

{
	if (!($1 in n)) {
		names[++n_names] = $1
		n[$1] = 0
	}
	n[$1] = $3 > n[$1] ? $3 : n[$1]
	cpu[$1, $2, $3] = $4
	peak[$1, $2, $3] = $6
	resident[$1, $2, $3] = $7
}

# The median of x[1 .. k], which are sorted by insertion.
function median_of(x, k,    i, j, v) {
	for (i = 2; i <= k; i++) {
		v = x[i]
		for (j = i - 1; j > 0 && x[j] > v; j--)
			x[j + 1] = x[j]
		x[j + 1] = v
	}
	return (x[int((k + 1) / 2)] + x[int((k + 2) / 2)]) / 2
}

function median(table, name, frontend,    i, x) {
	for (i = 1; i <= n[name]; i++)
		x[i] = table[name, frontend, i]
	return median_of(x, n[name])
}

# Of the rounds' ratios: their median; its standard error goes to "error",
# from the median distance to it, as of a normal distribution.
function ratio(name, over, under,    i, x, y, m) {
	for (i = 1; i <= n[name]; i++)
		x[i] = cpu[name, over, i] / (cpu[name, under, i] + 1e-6)
	m = median_of(x, n[name])
	for (i = 1; i <= n[name]; i++)
		y[i] = x[i] > m ? x[i] - m : m - x[i]
	error = 1.4826 * 1.2533 * median_of(y, n[name]) / sqrt(n[name])
	return m
}

function line(name,    thread, c, c_error, a, a_error, b, b_error, best, word) {
	thread = median(cpu, name, "thread")
	c = ratio(name, "cpu", "thread")
	c_error = error
	a = ratio(name, "auto", "thread")
	a_error = error
	best = median(cpu, name, "cpu") < thread ? "cpu" : "thread"
	b = ratio(name, "auto", best)
	b_error = error
	word = ""
	if (100 * (b - 1) > within) {
		word = 100 * (b - 1 - 2 * b_error) > within ? "SLOWER" : "?"
		n_slower += word == "SLOWER"
		n_unsure += word == "?"
	} else if (100 * (b - 1 + 2 * b_error) > within) {
		word = "(noise)"
		n_noise++
	}
	printf "%-18s %8.3f  %6.3f +-%.3f  %6.3f +-%.3f  %6.3f +-%.3f" \
		"  %7.1f %7.1f %7.1f  %s\n", name, thread, c, c_error, a,
		a_error, b, b_error, median(peak, name, "thread"),
		median(peak, name, "cpu"), median(peak, name, "auto"), word
	if (out != "")
		printf "%s\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f" \
			"\t%.2f\t%.2f\t%.2f\n", name, thread, c, c_error, a,
			a_error, b, b_error, median(peak, name, "thread"),
			median(peak, name, "cpu"),
			median(peak, name, "auto") >out
	sum_c += log(c)
	sum_a += log(a)
	n_lines++
}

function held_line(name, title) {
	printf "%-44s %7.1f %7.1f %7.1f\n", title,
		median(resident, name, "thread"),
		median(resident, name, "cpu"), median(resident, name, "auto")
}

function held_rest(    i, f, frontends, x) {
	split("thread cpu auto", frontends, " ")
	printf "%-44s", "  what the allocator holds for them"
	for (f = 1; f <= 3; f++) {
		for (i = 1; i <= n["held-500"]; i++)
			x[i] = resident["held-500", frontends[f], i] \
				- resident["held-500-stacks", frontends[f], i]
		printf " %7.1f", median_of(x, n["held-500"])
	}
	print ""
}

END {
	if (out != "")
		print "workload\tthread_s\tcpu\tcpu_error\tauto\tauto_error" \
			"\tauto_to_best\tauto_to_best_error" \
			"\tthread_peak_mib\tcpu_peak_mib\tauto_peak_mib" >out
	printf "%-18s %8s  %14s  %14s  %14s  %23s\n", "", "thread",
		"cpu", "auto", "auto/best", "peak MiB: thread/cpu/auto"
	for (i = 1; i <= n_names; i++)
		if (names[i] !~ /^held-/)
			line(names[i])
	if (n_lines > 0) {
		printf "geometric mean over %d: cpu %.3f, auto %.3f of thread\n",
			n_lines, exp(sum_c / n_lines), exp(sum_a / n_lines)
		printf "auto is more than %s %% slower than the better one: %d" \
			", perhaps %d; %d are too noisy to tell\n", within,
			n_slower, n_unsure, n_noise
	}
	if ("held-500" in n && "held-500-stacks" in n) {
		printf "\n%-44s %7s %7s %7s\n",
			"500 threads that worked and wait: MiB", "thread",
			"cpu", "auto"
		held_line("held-500", "  resident, all of the process")
		held_line("held-500-stacks",
			"  the same if they do not allocate")
		held_rest()
	}
	exit n_slower > 0
}
