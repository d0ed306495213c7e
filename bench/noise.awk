# noise.awk - was the machine quiet enough for its figures?
#
# Reads two lines of processor time in ticks, before and after the runs: what
# all programs used, what the host took away, and idle time; then runs.tsv, and
# bench/launch's lines of bench/warm, and what bench/handover said.  What was
# used and is not of the runs was used by somebody else, or by this harness,
# which starts programs and waits.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

FILENAME == ARGV[1] {
	used = $1 - used
	stolen = $2 - stolen
	idle = $3 - idle
	next
}

FILENAME == ARGV[3] {
	ours += $2 + $3
	next
}

FILENAME == ARGV[4] {
	handovers[++n_handovers] = $1
	if (!least || $1 < least)
		least = $1
	if ($1 > most)
		most = $1
	next
}

{
	split($0, field, "\t")
	if (field[4] == "cpu")
		ours += field[6]
}

END {
	all = (used + stolen + idle) / ticks
	others = used / ticks - ours
	if (all <= 0)
		exit
	printf "others used %.0f %% of the processors' time, the host took " \
		"%.0f %%", others / all * 100, stolen / ticks / all * 100
	if (others > 0.15 * all || stolen / ticks > 0.03 * all)
		printf ": TOO NOISY to trust differences of less than a " \
			"tenth"
	print ""
	if (!n_handovers)
		exit
	for (i = 1; i <= n_handovers; i++)
		if (handovers[i] > 2 * least)
			n_far++
	printf "a cache line took %d to %d ns from processor to processor, " \
		"more than %d in %.0f %% of %d looks\n", least, most, \
		2 * least, n_far / n_handovers * 100, n_handovers
}
