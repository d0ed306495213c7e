/*
 * replaced.cc - a program with an operator new and delete of its own
 *
 * It replaces two of the twenty; by the standard all forms without an
 * alignment end there.  Each block has a head in front, so that one that goes
 * past, on either side, is found.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

static const std::size_t head = 32;
static const unsigned long magic = 0x6d61676963;
static long n_live;

void *
operator new(std::size_t n_bytes)
{
	if (n_bytes > 1 << 30)
		throw std::bad_alloc();

	char *block = static_cast<char *>(std::malloc(head + n_bytes));

	*reinterpret_cast<unsigned long *>(block) = magic;
	n_live++;
	return block + head;
}

void
operator delete(void *block) noexcept
{
	if (block == nullptr)
		return;

	char *whole = static_cast<char *>(block) - head;

	if (*reinterpret_cast<unsigned long *>(whole) != magic) {
		std::puts("a block that is not from here");
		std::abort();
	}
	*reinterpret_cast<unsigned long *>(whole) = 0;
	n_live--;
	std::free(whole);
}

int
main()
{
	const long before = n_live;
	const std::size_t n = 100;

	void *blocks[] = { ::operator new(n), ::operator new[](n),
		::operator new(n, std::nothrow),
		::operator new[](n, std::nothrow) };

	if (n_live != before + 4) {
		std::printf("%ld of 4 came by\n", n_live - before);
		return 1;
	}
	::operator delete[](blocks[0]);
	::operator delete(blocks[1], n);
	::operator delete[](blocks[2], n);
	::operator delete[](blocks[3], std::nothrow);
	if (::operator new (std::size_t{ 2 } << 30, std::nothrow) != nullptr)
		return 1;

	/* The forms with an alignment are nobody's but the library's. */
	::operator delete (::operator new (n, std::align_val_t{ 64 }), n,
	    std::align_val_t{ 64 });

	std::vector<std::string> words;

	for (int i = 0; i < 1000; i++)
		words.push_back(std::string(i, 'x'));
	words = std::vector<std::string>();
	if (n_live != before) {
		std::printf("%ld blocks are left\n", n_live - before);
		return 1;
	}
	std::puts("good");
	return 0;
}
