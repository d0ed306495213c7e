# plan.awk - how long a whole run would take, from how long one round took
#
# Reads lines of a workload's name and the seconds at which it began and ended.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

{
	took[NR] = $3 - $2
	name[NR] = $1
	sum += $3 - $2
}

END {
	print "\none round on all allocators (s)"
	for (i = 1; i <= NR; i++)
		printf "%-20s %6.1f\n", name[i], took[i]
	printf "%-20s %6.1f\n", "all", sum
	printf "%d rounds: %.0f minutes; then rounds of what chance decides",
		n_runs, n_runs * sum / 60
	print (minutes > 0 ? ", until " minutes " minutes are over" : "")
}
