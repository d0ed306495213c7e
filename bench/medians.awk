# medians.awk - from single runs to the median of each measure
#
# Reads runs.tsv, writes medians.tsv: workload, allocator, measure, unit,
# number of runs, least, median, most.  Runs that failed do not count.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = OFS = "\t"
	print "workload", "allocator", "measure", "unit", "runs", "least",
		"median", "most"
}

NR == 1 || $4 == "sum" { next }

# Values come before "ok", the verdict on the run.
$4 != "ok" {
	pending[++n_pending] = $1 OFS $2 OFS $4 OFS $5
	pending_value[n_pending] = $6
	next
}

{
	for (i = 1; i <= n_pending && $6; i++) {
		key = pending[i]
		if (!(key in n))
			keys[++n_keys] = key
		value[key, ++n[key]] = pending_value[i] + 0
	}
	n_pending = 0
}

# By insertion.
function sort_values(key,    i, k, x) {
	for (i = 2; i <= n[key]; i++) {
		x = value[key, i]
		for (k = i - 1; k > 0 && value[key, k] > x; k--)
			value[key, k + 1] = value[key, k]
		value[key, k + 1] = x
	}
}

END {
	for (i = 1; i <= n_keys; i++) {
		key = keys[i]
		sort_values(key)
		k = value[key, int((n[key] + 1) / 2)]
		k += value[key, int((n[key] + 2) / 2)]
		print key, n[key], value[key, 1], k / 2, value[key, n[key]]
	}
}
