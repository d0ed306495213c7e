# checks.awk - did each workload compute the same everywhere?
#
# Reads runs.tsv.  The first allocator is ours: exits with 1 if a run on it
# failed, or if it is the only one to give the checksum that it gives.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = "\t"
}

NR == 1 { next }

!($1 in seen_workload) { workloads[++n_workloads] = $1 }
!($2 in seen_lib) { libs[++n_libs] = $2 }

{
	seen_workload[$1] = seen_lib[$2] = 1
}

$4 == "ok" && !$6 {
	printf "%s failed on %s\n", $1, $2
	bad[$1, $2] = 1
	if ($2 == libs[1])
		failed = 1
}

$4 == "sum" {
	if (!(($1, $2) in sum))
		sum[$1, $2] = $6
	else if (sum[$1, $2] != $6 && !(($1, $2) in bad)) {
		printf "%s gives two results on %s\n", $1, $2
		failed = 1
	}
}

function compare(workload,    i, n_others) {
	for (i = 2; i <= n_libs; i++) {
		if ((workload, libs[i]) in bad ||
		    sum[workload, libs[i]] == sum[workload, libs[1]])
			continue
		printf "%s gives another result on %s\n", workload, libs[i]
		n_others++
	}
	if (n_libs > 1 && n_others == n_libs - 1)
		failed = 1
}

END {
	for (i = 1; i <= n_workloads; i++) {
		if (!((workloads[i], libs[1]) in bad))
			compare(workloads[i])
	}
	exit failed
}
