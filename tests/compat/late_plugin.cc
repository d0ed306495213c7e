/*
 * late_plugin.cc - C++ that a C program opens: its runtime comes late
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <cstdint>
#include <new>

static int n_calls;

static void
handler()
{
	if (++n_calls == 2)
		std::set_new_handler(nullptr);
}

/* 0 if all is well. */
extern "C" int
plugin_run()
{
	volatile std::size_t n = std::size_t{ PTRDIFF_MAX } + 4096;

	std::set_new_handler(handler);
	try {
		::operator delete(::operator new(n));
		return 1;
	} catch (const std::bad_alloc &) {
	}
	if (n_calls != 2)
		return 2;
	return ::operator new(n, std::nothrow) == nullptr ? 0 : 3;
}
