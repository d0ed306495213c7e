# programs.sh - real programs as workloads; to be sourced
#
# Each has a name, a kind, the program that has to be there, and Debian's
# package.  Kinds: "same" gives the same output each time, "any" does not,
# "server" is in servers.sh.
#
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh

programs="python-ast same python3 python3
perl-pod2text same pod2text perl
perl-hashes same perl perl
lua-trees same lua5.4 lua5.4
ruby-texts same ruby ruby
sqlite-memory same sqlite3 sqlite3
cc1-functions same gcc gcc
g++-compile same g++ g++
z3-factors same z3 z3
ghostscript-pages same gs ghostscript
rocksdb any db_bench rocksdb-tools
redis server redis-server redis
postgres server pgbench postgresql"

# How much of the input there is, in percent.
length=100

# part N: as much of it
part() {
	echo $((($1 * length + 99) / 100))
}

list_program_packages() {
	echo "$programs" | cut -d ' ' -f 4
}

# has_program PROGRAM PACKAGE
has_program() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "$1 is missing: Debian's package $2" >&2
	return 1
}

# command_of NAME FOLDER: words without spaces.
command_of() {
	case $1 in
	python-ast) echo "python3 -S -m ast $2/library.py" ;;
	perl-pod2text) echo "pod2text --errors=none $2/modules.pod" ;;
	perl-hashes) echo "perl $2/hashes.pl $(part 900000)" ;;
	lua-trees) echo "lua5.4 $2/trees.lua $(part 300000)" ;;
	ruby-texts) echo "ruby --disable=gems $2/texts.rb $(part 500000)" ;;
	sqlite-memory) echo "sqlite3 :memory: -init $2/table.sql .exit" ;;
	cc1-functions) echo "$(gcc -print-prog-name=cc1) -quiet -O2" \
		"-fpreprocessed -o - $2/functions.i" ;;
	g++-compile) echo "g++ -std=c++17 -O1 -S -o - $2/headers.ii" ;;
	z3-factors) echo "z3 -smt2 $2/factors.smt2" ;;
	ghostscript-pages) echo "gs -q -dNOPAUSE -dBATCH -sDEVICE=ppmraw" \
		"-r100 -sOutputFile=- $2/pages.ps" ;;
	rocksdb) echo "db_bench --db=$2/rocksdb --num=$(part 100000) --seed=7" \
		"--benchmarks=fillrandom,overwrite,readrandom,seekrandom" \
		"--reads=$(part 60000) --seek_nexts=20 --write_buffer_size=8388608" \
		"--compression_type=none --disable_wal=1 --threads=2" ;;
	redis | postgres) echo "$1" ;;
	esac
}

# prepare NAME FOLDER: makes what command_of names.
prepare() {
	case $1 in
	python-ast) prepare_python "$2" ;;
	perl-pod2text) prepare_pod "$2" ;;
	perl-hashes) prepare_hashes "$2" ;;
	lua-trees) prepare_lua "$2" ;;
	ruby-texts) prepare_ruby "$2" ;;
	sqlite-memory) prepare_sqlite "$2" ;;
	cc1-functions) prepare_cc1 "$2" ;;
	g++-compile) prepare_gxx "$2" ;;
	z3-factors) prepare_z3 "$2" ;;
	ghostscript-pages) prepare_ghostscript "$2" ;;
	postgres) prepare_postgres "$2" ;;
	esac
}

# Between two runs: what the last one left.
clean_up_after() {
	rm -rf "$2/rocksdb"
}

# python3's own library, half of it, in one piece.
prepare_python() {
	folder=$(python3 -c 'import os; print(os.path.dirname(os.__file__))')
	cat "$folder"/[a-m]*.py | grep -v '^from __future__' >"$1/library.py"
}

# perl's own manuals, up to eight megabytes of them.
prepare_pod() {
	perl -e 'print "$_\n" for @INC' | while read -r folder; do
		if [ -d "$folder" ]; then
			find "$folder/" -name '*.pm' -size +8k
		fi
	done | sort -u | xargs grep -l '^=head1' | xargs cat |
		awk -v most="$(part 8000000)" \
			'n < most { print; n += length }' >"$1/modules.pod"
}

prepare_hashes() {
	cat >"$1/hashes.pl" <<'EOF'
my (%count, @lists);
my $x = 12345;
for my $i (1 .. shift) {
	$x = ($x * 1103515245 + 12345) % 2147483648;
	my $key = "key" . ($x % 70001);
	$count{$key}{n}++;
	push @{$lists[$x % 5000]}, [$i, $key];
	$lists[$x % 5000] = [] if @{$lists[$x % 5000]} > 60;
	delete $count{"key" . ($i % 70001)} if $i % 3 == 0;
}
my $text = join ",", map { "$_=$count{$_}{n}" } sort keys %count;
$text =~ s/key(\d+)/k<$1>/g;
my $n = 0;
$n += @$_ for grep { defined } @lists;
print length($text), " ", scalar(keys %count), " $n\n";
EOF
}

prepare_lua() {
	cat >"$1/trees.lua" <<'EOF'
local function tree(depth)
	if depth == 0 then return {} end
	return { tree(depth - 1), tree(depth - 1) }
end
local function check(t)
	if not t[1] then return 1 end
	return 1 + check(t[1]) + check(t[2])
end
local long = tree(17)
local sum = 0
for i = 1, 60 do sum = sum + check(tree(12)) end
local words = {}
for i = 1, tonumber(arg[1]) do
	local key = "w" .. (i * 7919 % 50021)
	words[key] = (words[key] or "") .. string.char(97 + i % 26)
	if #words[key] > 40 then words[key] = nil end
end
local n = 0
for key, text in pairs(words) do n = n + #key + #text end
print(sum, n, check(long))
EOF
}

prepare_ruby() {
	cat >"$1/texts.rb" <<'EOF'
table = {}
x = 12345
ARGV[0].to_i.times do |i|
  x = (x * 1103515245 + 12345) % 2147483648
  key = "a key that is not embedded #{x % 40009}"
  (table[key] ||= []) << "value #{i} of #{x}" * (1 + x % 5)
  table.delete(key) if table[key].size > 12
end
text = table.sort.map { |k, v| "#{k}: #{v.join(' ')}" }.join("\n")
parts = text.split(/[: ]+/).group_by(&:size).map { |n, w| [n, w.uniq.size] }
puts text.size, parts.sort.inspect
EOF
}

prepare_sqlite() {
	sed "s/400000/$(part 400000)/" >"$1/table.sql" <<'EOF'
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
	WHERE i < 400000)
INSERT INTO t SELECT i, 'name ' || (i * 7919 % 100003), i * 0.5 FROM n;
CREATE INDEX t_b ON t(b);
SELECT b, count(*), sum(c) FROM t GROUP BY b ORDER BY 2 DESC, 1 LIMIT 5;
SELECT count(DISTINCT substr(b, 6, 3)) FROM t;
SELECT json_group_array(json_object('a', a, 'b', b)) FROM t WHERE a % 9 = 0;
EOF
}

# The C library's headers, and five hundred functions that use them.
prepare_cc1() {
	{
		printf '#include <%s.h>\n' stdio stdlib string math pthread \
			sys/socket netinet/in time locale wchar
		awk -v n="$(part 500)" 'BEGIN {
		for (i = 0; i < n; i++) {
			printf "struct s%d { int n, k[%d]; struct s%d *next;" \
				" double d; };\n", i, i % 13 + 2, i
			printf "double f%d(struct s%d *s, const char *t)\n{\n" \
				"\tdouble sum = 0;\n", i, i
			printf "\tfor (; s; s = s->next) {\n"
			printf "\t\tfor (int i = 0; i < %d; i++)\n", i % 13 + 2
			printf "\t\t\tsum += s->k[i] * s->d + t[i & 3];\n"
			printf "\t\tswitch (s->n %% 5) {\n"
			for (c = 0; c < 5; c++)
				printf "\t\tcase %d: sum %s= %d; %s\n", c,
					c % 2 ? "-" : "*", i + c + 2, "break;"
			printf "\t\t}\n\t\tif (strlen(t) > %d)\n", i % 30
			printf "\t\t\tsum = sqrt(sum) + atoi(t);\n\t}\n"
			printf "\treturn sum%s;\n}\n",
				i ? " + f" (i - 1) "(0, t)" : ""
		}
		}'
	} >"$1/functions.c"
	gcc -E -P -o "$1/functions.i" "$1/functions.c"
}

prepare_gxx() {
	cat >"$1/headers.cc" <<'EOF'
#include <bits/stdc++.h>
int
main()
{
	std::map<std::string, std::vector<int>> numbers;
	numbers["one"].push_back(1);
	return std::regex_match("aaa", std::regex("a+")) + numbers.size();
}
EOF
	g++ -std=c++17 -E -o "$1/headers.ii" "$1/headers.cc"
}

# Two primes multiplied: the solver finds them.
prepare_z3() {
	cat >"$1/factors.smt2" <<'EOF'
(set-logic QF_BV)
(declare-const p (_ BitVec 34))
(declare-const q (_ BitVec 34))
(assert (= (bvmul p q) (_ bv4294049777 34)))
(assert (bvult (_ bv1 34) p))
(assert (bvule p q))
(assert (bvult q (_ bv131072 34)))
(check-sat)
EOF
}

# Pages of text, curves, a shading and an image each.
prepare_ghostscript() {
	sed "s/1 1 24/1 1 $(part 24)/" >"$1/pages.ps" <<'EOF'
%!PS
/lines 60 def
1 1 24 { /page exch def
	/Helvetica findfont 9 scalefont setfont
	0 1 lines { /line exch def
		36 760 line 12 mul sub moveto
		(Page ) show page 10 string cvs show ( line ) show
		line 10 string cvs show
		( the quick brown fox jumps over the lazy dog) show
	} for
	0 1 400 { /k exch def
		k 7 mul 600 mod k 13 mul 800 mod moveto
		k 17 mul 600 mod k 19 mul 800 mod
		k 23 mul 600 mod k 29 mul 800 mod
		k 31 mul 600 mod k 37 mul 800 mod curveto
		k 100 mod 100 div 0.5 0.3 setrgbcolor stroke
	} for
	gsave 300 100 translate 200 200 scale
	64 64 8 [64 0 0 64 0 0] { 64 string dup 0 page put } image
	grestore
	<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 600 800]
	/Function << /FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1]
	/N 1 >> >> gsave 400 400 150 150 rectclip shfill grestore
	/d 4000 dict def 0 1 3000 { d exch dup 20 string cvs cvn exch put } for
	showpage
} for
EOF
}
