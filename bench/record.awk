# record.awk - one run of bench/run, in lines of one measure each
#
# Reads bench/launch's line, then the figures that the workload reported, each
# with its unit.  Writes lines of key, measure, unit and value.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

function put(measure, unit, value) {
	print key, measure, unit, value
}

BEGIN {
	FS = OFS = "\t"
}

FILENAME == ARGV[1] && NF >= 9 {
	if (kind != "waits")
		put("wall", "s", $1)
	put("cpu", "s", $2 + $3)
	put("user", "s", $2)
	put("system", "s", $3)
	put("memory", "MiB", $4 / 1024)
	put("faults", "thousands", ($5 + $6) / 1000)
	put("switches", "thousands", ($7 + $8) / 1000)
}

FILENAME == ARGV[2] {
	put($1, $2, $3)
}

END {
	put("ok", "-", ok)
	put("sum", "-", sum)
}
