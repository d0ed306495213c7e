/*
 * operators.cc - all operators new and delete, and what C++ promises of them
 *
 * usage: operators           go through all of it
 *        operators wrong N   delete 100 bytes, and say they were N
 *
 * Compiled and run by operators.sh.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

#define REQUIRE(x) ((x) ? (void)0 : fail(#x, __LINE__))

static void
fail(const char *what, int line)
{
	std::printf("operators.cc:%d: not so: %s\n", line, what);
	std::exit(1);
}

/* What no machine can give. */
static const std::size_t too_much = std::size_t{ PTRDIFF_MAX } + 4096;

template <typename T>
static T
hide(T value)
{
	__asm__ volatile("" : "+r"(value) : : "memory");
	return value;
}

static void *
filled(void *block, std::size_t n_bytes, std::size_t alignment = 1)
{
	REQUIRE(block != nullptr);
	REQUIRE(reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
	REQUIRE(malloc_usable_size(block) >= n_bytes);
	return std::memset(block, 0x5a, n_bytes);
}

/* ------------------------------------------------------ every form, once */

static void
try_plain(std::size_t n)
{
	::operator delete(filled(::operator new(n), n));
	::operator delete(filled(::operator new(n), n), n);
	::operator delete(
	    filled(::operator new(n, std::nothrow), n), std::nothrow);
	::operator delete[](filled(::operator new[](n), n));
	::operator delete[](filled(::operator new[](n), n), n);
	::operator delete[](
	    filled(::operator new[](n, std::nothrow), n), std::nothrow);
}

static void
try_aligned(std::size_t n, std::size_t alignment)
{
	std::align_val_t a{ alignment };

	::operator delete(filled(::operator new(n, a), n, alignment), a);
	::operator delete(filled(::operator new(n, a), n, alignment), n, a);
	::operator delete(
	    filled(::operator new(n, a, std::nothrow), n, alignment), a,
	    std::nothrow);
	::operator delete[](filled(::operator new[](n, a), n, alignment), a);
	::operator delete[](filled(::operator new[](n, a), n, alignment), n, a);
	::operator delete[](
	    filled(::operator new[](n, a, std::nothrow), n, alignment), a,
	    std::nothrow);
}

static void
try_all_forms()
{
	const std::size_t sizes[] = { 0, 1, 8, 9, 17, 100, 1024, 4097, 32767,
		32768, 32769, 100000, 1 << 20, (3 << 20) + 1 };

	for (std::size_t n : sizes) {
		for (int i = 0; i < 100; i++)
			try_plain(n);
		for (std::size_t a = 1; a <= 1 << 16; a *= 2)
			try_aligned(n, a);
	}
	::operator delete(hide<void *>(nullptr));
	::operator delete(hide<void *>(nullptr), hide(std::size_t{ 8 }));
	::operator delete[](hide<void *>(nullptr), hide(std::size_t{ 8 }));
	::operator delete (hide<void *>(nullptr), std::align_val_t{ 64 });
}

/* A sized delete puts the object where the next new of the size looks. */
static void
try_sized_reuse()
{
	for (std::size_t n = 1; n <= 32768; n = n * 5 / 4 + 1) {
		void *first = ::operator new(n);
		void *second;

		::operator delete(hide(first), n);
		second = ::operator new(n);
		::operator delete(hide(second), n);
		std::memset(filled(::operator new(n), n), 1, n);
	}
}

/* ----------------------------------------------------- without any memory */

static int n_calls;

struct surprise {
};

static void
give_up_after_three()
{
	if (++n_calls == 3)
		std::set_new_handler(nullptr);
}

static void
throw_bad_alloc()
{
	n_calls++;
	throw std::bad_alloc();
}

static void
throw_surprise()
{
	n_calls++;
	throw surprise();
}

/* What comes out of a call: 0 a pointer, 1 NULL, 2 bad_alloc, 3 surprise. */
template <typename F>
static int
outcome(F call)
{
	n_calls = 0;
	try {
		return call() == nullptr;
	} catch (const std::bad_alloc &e) {
		REQUIRE(e.what() != nullptr);
		return 2;
	} catch (const surprise &) {
		return 3;
	}
}

template <typename F>
static void
must_throw(F call)
{
	std::set_new_handler(nullptr);
	REQUIRE(outcome(call) == 2);
	std::set_new_handler(give_up_after_three);
	REQUIRE(outcome(call) == 2 && n_calls == 3);
	std::set_new_handler(throw_bad_alloc);
	REQUIRE(outcome(call) == 2 && n_calls == 1);
	std::set_new_handler(throw_surprise);
	REQUIRE(outcome(call) == 3 && n_calls == 1);
}

template <typename F>
static void
must_be_null(F call)
{
	std::set_new_handler(nullptr);
	REQUIRE(outcome(call) == 1);
	std::set_new_handler(give_up_after_three);
	REQUIRE(outcome(call) == 1 && n_calls == 3);
	std::set_new_handler(throw_bad_alloc);
	REQUIRE(outcome(call) == 1 && n_calls == 1);
	std::set_new_handler(throw_surprise);
	REQUIRE(outcome(call) == 1 && n_calls == 1);
}

static void
try_failures()
{
	const std::align_val_t a{ 64 };
	const std::size_t n = hide(too_much);

	must_throw([=] { return ::operator new(n); });
	must_throw([=] { return ::operator new[](n); });
	must_throw([=] { return ::operator new(n, a); });
	must_throw([=] { return ::operator new[](n, a); });
	must_be_null([=] { return ::operator new(n, std::nothrow); });
	must_be_null([=] { return ::operator new[](n, std::nothrow); });
	must_be_null([=] { return ::operator new(n, a, std::nothrow); });
	must_be_null([=] { return ::operator new[](n, a, std::nothrow); });

	/* No power of two is no matter of room. */
	const std::align_val_t odd{ hide(std::size_t{ 24 }) };

	std::set_new_handler(nullptr);
	REQUIRE(outcome([=] { return ::operator new(8, odd); }) == 2);
	REQUIRE(
	    outcome([=] { return ::operator new(8, odd, std::nothrow); }) == 1);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && std::strcmp(argv[1], "wrong") == 0) {
		void *block = ::operator new(100);

		::operator delete(
		    hide(block), std::strtoul(argv[2], nullptr, 10));
		return 0;
	}
	try_all_forms();
	try_sized_reuse();
	try_failures();
	std::puts("good");
	return 0;
}
