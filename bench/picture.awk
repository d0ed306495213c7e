# picture.awk - a picture of medians.tsv: each allocator beside rtmalloc
#
# Two columns, processor time and peak memory.  A row is a workload, a mark an
# allocator: its figure over rtmalloc's, on a logarithmic scale.  What lies
# right of the line is slower, or larger, than rtmalloc.
#
# SPDX-License-Identifier: MIT OR Apache-2.0

BEGIN {
	FS = "\t"
	split("cpu memory", measures, " ")
	split("processor time;peak memory", titles, ";")
	n_colours = split("#999999 #d95f02 #1b9e77 #7570b3 #e7298a #66a61e",
		colours, " ")
	left = 150
	width = 420
	row_height = 15
	top = 70
}

NR == 1 || ($3 != "cpu" && $3 != "memory") { next }

!($1 in seen) { workloads[++n_workloads] = $1; seen[$1] = 1 }
!($2 in seen_lib) { libs[++n_libs] = $2; seen_lib[$2] = 1 }

{
	median[$1, $2, $3] = $7
}

# A ratio from 1/4 to 8 as a place from 0 to width; beyond, at the edge.
function place(ratio,    x) {
	x = (log(ratio) / log(2) + 2) / 5
	return width * (x < 0 ? 0 : x > 1 ? 1 : x)
}

function text(x, y, size, anchor, what) {
	printf "<text x=\"%d\" y=\"%d\" font-size=\"%d\" " \
		"text-anchor=\"%s\">%s</text>\n", x, y, size, anchor, what
}

function line(x, y1, y2, colour) {
	printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" " \
		"stroke=\"%s\"/>\n", x, y1, x, y2, colour
}

function draw_axes(x0, title_text,    i, x, bottom) {
	bottom = top + n_workloads * row_height
	text(x0 + width / 2, 20, 14, "middle", title_text \
		", over rtmalloc&#8217;s")
	for (i = -2; i <= 3; i++) {
		x = x0 + place(2 ^ i)
		line(x, top - 8, bottom, i == 0 ? "#000" : "#ddd")
		text(x, top - 12, 10, "middle",
			i < 0 ? "1/" 2 ^ -i : 2 ^ i)
	}
}

function draw_column(x0, measure,    i, k, y, ours, ratio) {
	for (i = 1; i <= n_workloads; i++) {
		y = top + (i - 0.5) * row_height
		ours = median[workloads[i], libs[1], measure]
		for (k = 2; k <= n_libs && ours > 0; k++) {
			ratio = median[workloads[i], libs[k], measure] / ours
			if (ratio <= 0)
				continue
			printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" " \
				"fill=\"%s\" fill-opacity=\"0.8\"><title>" \
				"%s on %s: %.2f</title></circle>\n",
				x0 + place(ratio), y,
				colours[(k - 2) % n_colours + 1],
				workloads[i], libs[k], ratio
		}
	}
}

END {
	height = top + n_workloads * row_height + 20
	total = left + 2 * (width + 40)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" " \
		"height=\"%d\" viewBox=\"0 0 %d %d\" " \
		"font-family=\"sans-serif\">\n", total, height, total, height
	print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
	for (k = 2; k <= n_libs; k++) {
		printf "<circle cx=\"%d\" cy=\"36\" r=\"5\" fill=\"%s\"/>\n",
			left + (k - 2) * 110, colours[(k - 2) % n_colours + 1]
		text(left + (k - 2) * 110 + 10, 40, 12, "start", libs[k])
	}
	for (i = 1; i <= n_workloads; i++)
		text(left - 10, top + (i - 0.5) * row_height + 4, 11, "end",
			workloads[i])
	for (m = 1; m <= 2; m++) {
		x0 = left + (m - 1) * (width + 40)
		draw_axes(x0, titles[m])
		draw_column(x0, measures[m])
	}
	print "</svg>"
}
