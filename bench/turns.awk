# turns.awk - in which order the allocators run
#
# Reads a line for each and writes them in the order of this "round", from 1,
# and "row".  In as many rounds as there are allocators each has each place
# once; every other row goes backwards, so that they change neighbours, too.
# The very first line is the first of them.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

{
	line[NR - 1] = $0
}

END {
	step = row % 2 ? 1 : NR - 1
	for (i = 0; i < NR; i++)
		print line[(round + row - 2 + step * i) % NR]
}
