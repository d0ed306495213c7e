/*
 * runtime.c - the process's C++ runtime, if it has one
 *
 * Called when there is no memory, and never on a way that finds some.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "compat/runtime.h"
#include "base/panic.h"

#include <dlfcn.h>
#include <string.h>

/* In a program that is linked statically, only if it uses them itself. */
#pragma weak dlsym
#pragma weak dlclose

typedef void (*action_t)(void) RTM_NORETURN;
typedef rtm_new_handler_t (*getter_t)(void);
typedef void *(*opener_t)(const char *file, int mode);

/* std::get_new_handler() and libstdc++'s std::__throw_bad_alloc(). */
rtm_new_handler_t get_new_handler(void) __asm__("_ZSt15get_new_handlerv")
    __attribute__((weak));
void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv") RTM_NORETURN
    __attribute__((weak));

/* The steps of "throw std::bad_alloc()" (Itanium C++ ABI, 2.4). */
void *__cxa_allocate_exception(size_t n_bytes) __attribute__((weak));
void __cxa_throw(void *object, void *type, void (*destroy)(void *)) RTM_NORETURN
    __attribute__((weak));
extern char bad_alloc_type __asm__("_ZTISt9bad_alloc") __attribute__((weak));
extern void *bad_alloc_table[] __asm__("_ZTVSt9bad_alloc")
    __attribute__((weak));
void bad_alloc_destroy(void *object) __asm__("_ZNSt9bad_allocD1Ev")
    __attribute__((weak));

/* What came after us is in nobody's sight: it has to be asked by its name. */
static void *
find_late(const char *symbol)
{
	static const char *const libraries[] = { "libstdc++.so.6",
		"libc++abi.so.1", "libc++.so.1" };
	void *found = NULL;
	opener_t open;

	if (&dlsym == NULL || &dlclose == NULL)
		return NULL;

	/* Not by its name: linkers warn of it in what is linked statically. */
	void *address = dlsym(RTLD_DEFAULT, "dlopen");

	if (address == NULL)
		return NULL;
	memcpy(&open, &address, sizeof(open));
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		void *handle = open(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (handle != NULL && found == NULL)
			found = dlsym(handle, symbol);
		if (handle != NULL)
			dlclose(handle);
	}
	return found;
}

rtm_new_handler_t
rtm_runtime_new_handler(void)
{
	getter_t getter = get_new_handler;

	if (getter == NULL) {
		void *found = find_late("_ZSt15get_new_handlerv");

		memcpy(&getter, &found, sizeof(getter));
	}
	return getter != NULL ? getter() : NULL;
}

/* A runtime without libstdc++'s function for it: libc++, or a part of one. */
static void
throw_by_steps(void)
{
	enum { HEAD_WORDS = 2 }; /* of a table of virtual functions */

	if (&__cxa_allocate_exception == NULL || &__cxa_throw == NULL ||
	    &bad_alloc_type == NULL || &bad_alloc_table == NULL ||
	    &bad_alloc_destroy == NULL)
		return;

	void **object = __cxa_allocate_exception(sizeof(void *));

	*object = bad_alloc_table + HEAD_WORDS;
	__cxa_throw(object, &bad_alloc_type, bad_alloc_destroy);
}

void
rtm_runtime_throw_bad_alloc(void)
{
	action_t action;
	void *found;

	if (&throw_bad_alloc != NULL)
		throw_bad_alloc();
	throw_by_steps();
	found = find_late("_ZSt17__throw_bad_allocv");
	if (found != NULL) {
		memcpy(&action, &found, sizeof(action));
		action();
	}
	rtm_panic("operator new: out of memory, and no C++ runtime to throw");
}
