#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# compilers.sh - gcc and g++ write the same objects, and C++ programs run
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need gcc g++ awk
awk -v n_functions="$(scaled 250)" 'BEGIN {
	for (i = 0; i < n_functions; i++) {
		printf "int f%d(int *a, int n)\n{\n\tint s = %d;\n", i, i
		print "\tfor (int i = 0; i < n; i++) {"
		print "\t\tswitch (a[i] & 7) {"
		for (j = 0; j < 8; j++)
			printf "\t\tcase %d: s = s * %d + a[i]; break;\n", j, \
				i + j + 3
		print "\t\t}\n\t\ta[i] ^= s >> 3;\n\t}"
		if (i > 0)
			printf "\tif (n > 1 && s < 0)\n\t\ts += f%d(a, n - 1);\n", \
				i - 1
		print "\treturn s;\n}\n"
	}
}' >"$tmp/big.c"

cat >"$tmp/big.cc" <<'CXX'
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

struct alignas(64) line {
	int words[16];
};

static long
work(unsigned seed)
{
	std::unordered_map<std::string, std::vector<std::unique_ptr<line>>> all;
	std::map<int, std::string> order;
	long sum = 0;

	for (unsigned i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		auto &list = all[std::to_string(seed >> 20)];
		list.push_back(std::make_unique<line>());
		if (reinterpret_cast<std::uintptr_t>(list.back().get()) % 64)
			throw std::logic_error("misaligned");
		list.back()->words[3] = static_cast<int>(i);
		if (list.size() > 5)
			list.erase(list.begin());
		order[static_cast<int>(seed % 977)] += 'x';
	}
	for (auto &entry : all)
		for (auto &item : entry.second)
			sum += item->words[3];
	for (auto &entry : order)
		sum += static_cast<long>(entry.second.size()) * entry.first;
	return sum;
}

int
main()
{
	std::vector<std::thread> threads;
	std::vector<long> sums(6);
	std::ostringstream out;

	for (unsigned i = 0; i < sums.size(); i++)
		threads.emplace_back([&sums, i] { sums[i] = work(i); });
	for (auto &thread : threads)
		thread.join();
	for (long sum : sums)
		out << sum << '\n';
	out << std::regex_replace(std::string(500, 'a'), std::regex("a+?a"),
	    "<$&>").size() << '\n';
	for (int i = 0; i < 1000; i++) {
		try {
			std::function<void()> thrower = [i] {
				throw std::runtime_error(std::to_string(i));
			};
			thrower();
		} catch (const std::exception &error) {
			out << error.what();
		}
	}
	std::printf("%s\n", out.str().c_str());
	return 0;
}
CXX

cat >"$tmp/work.sh" <<'WORK'
set -eu
gcc -O2 -c "$1/big.c" -o c.o
g++ -O2 -pipe -pthread "$1/big.cc" -o program
./program
size c.o
WORK
same 'gcc and g++' sh "$tmp/work.sh" "$tmp"
