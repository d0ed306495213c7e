#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# perl.sh - Perl's output is the same: hashes, strings, forks and pipes
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need perl
cat >"$tmp/work.pl" <<'PERL'
use strict;
use warnings;

my $x = 42;
sub chance { $x = ($x * 16807) % 2147483647; return $x % $_[0] }

my (%words, @lists);
for my $i (1 .. 50000) {
	my $key = "key" . chance(30000);
	if (chance(3)) { $words{$key} .= "v" x chance(40) }
	else { delete $words{$key} }
	$lists[chance(500)] = [map { $_ * $i } 1 .. chance(60)];
}
my $sum = 0;
for my $key (sort keys %words) {
	$sum = ($sum * 31 + length($words{$key}) + ord substr $key, -1)
		% 1000000007;
}
print "hash ", scalar(keys %words), " $sum\n";
$sum = 0;
for my $list (@lists) { $sum += $_ for @{$list // []} }
print "lists $sum\n";

my $text = join " ", map { chance(1 << 30) } 1 .. 20000;
my $n = () = $text =~ /\b\d*7\d*3\b/g;
(my $other = $text) =~ s/(\d)(\d)/$2$1/g;
print "regex $n ", length $other, " ", unpack("%32C*", $other), "\n";

for my $n (1 .. 30) {
	my $pid = open(my $pipe, "-|") // die "fork: $!";
	if ($pid == 0) {
		my %mine = map { $_ => "y" x $n } 1 .. 3000;
		print length(join "", values %mine), "\n";
		exit $n % 5;
	}
	my $line = <$pipe>;
	close $pipe;
	print "child $n: ", $? >> 8, " $line";
}
PERL
same 'perl' perl "$tmp/work.pl"
