/*
 * operators.c - C++'s operators new and delete, under their mangled names
 *
 * A program may replace operators of its own choice (C++17 21.6.2), and the
 * others are then to call those: new[] calls new, a form that does not throw
 * one that does, a delete that is told a size one that is not.  Whether all
 * are ours is found out at start; until then, and if not, each does it as the
 * standard says.  All are weak, so that a program's own go before those of
 * the archive.
 *
 * Where all are ours, a sized delete believes what it is told: it does not
 * look the block up.  The environment's RTMALLOC_SIZED_DELETE=0 makes it.
 * Debug builds compare.
 *
 * No C++ runtime is needed; where there is one, it is asked for the
 * new-handler and throws bad_alloc for us.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/tracked.h"
#include "base/panic.h"
#include "compat/hooks.h"
#include "compat/runtime.h"
#include "os/catch.h"
#include "os/environment.h"

#include <stdint.h>
#include <string.h>

/* How size_t, align_val_t and nothrow_t are mangled. */
#if SIZE_MAX > UINT32_MAX
#define SIZE "m"
#else
#define SIZE "j"
#endif
#define ALIGN "St11align_val_t"
#define NOTHROW "RKSt9nothrow_t"

/* A reference to std::nothrow, which nobody looks at. */
struct nothrow;

#define OPERATOR(name) __asm__("_Z" name) __attribute__((weak)) RTM_EXPORT

void *new_one(size_t n_bytes) OPERATOR("nw" SIZE);
void *new_array(size_t n_bytes) OPERATOR("na" SIZE);
void *new_one_nothrow(size_t n_bytes, const struct nothrow *nothrow)
    OPERATOR("nw" SIZE NOTHROW);
void *new_array_nothrow(size_t n_bytes, const struct nothrow *nothrow)
    OPERATOR("na" SIZE NOTHROW);
void *new_one_aligned(size_t n_bytes, size_t alignment)
    OPERATOR("nw" SIZE ALIGN);
void *new_array_aligned(size_t n_bytes, size_t alignment)
    OPERATOR("na" SIZE ALIGN);
void *new_one_aligned_nothrow(size_t n_bytes, size_t alignment,
    const struct nothrow *nothrow) OPERATOR("nw" SIZE ALIGN NOTHROW);
void *new_array_aligned_nothrow(size_t n_bytes, size_t alignment,
    const struct nothrow *nothrow) OPERATOR("na" SIZE ALIGN NOTHROW);
void delete_one(void *block) OPERATOR("dlPv");
void delete_array(void *block) OPERATOR("daPv");
void delete_one_nothrow(void *block, const struct nothrow *nothrow)
    OPERATOR("dlPv" NOTHROW);
void delete_array_nothrow(void *block, const struct nothrow *nothrow)
    OPERATOR("daPv" NOTHROW);
void delete_one_sized(void *block, size_t n_bytes) OPERATOR("dlPv" SIZE);
void delete_array_sized(void *block, size_t n_bytes) OPERATOR("daPv" SIZE);
void delete_one_aligned(void *block, size_t alignment) OPERATOR("dlPv" ALIGN);
void delete_array_aligned(void *block, size_t alignment) OPERATOR("daPv" ALIGN);
void delete_one_aligned_nothrow(void *block, size_t alignment,
    const struct nothrow *nothrow) OPERATOR("dlPv" ALIGN NOTHROW);
void delete_array_aligned_nothrow(void *block, size_t alignment,
    const struct nothrow *nothrow) OPERATOR("daPv" ALIGN NOTHROW);
void delete_one_sized_aligned(void *block, size_t n_bytes, size_t alignment)
    OPERATOR("dlPv" SIZE ALIGN);
void delete_array_sized_aligned(void *block, size_t n_bytes, size_t alignment)
    OPERATOR("daPv" SIZE ALIGN);

/* No form that another one is to call is the program's own. */
static bool are_all_ours;
static bool believes_sizes; /* are_all_ours, and not told otherwise */

/* ------------------------------------------------------------------- new */

/* Somebody else may make room; if nobody can, that is bad_alloc. */
static void
make_room(void)
{
	rtm_new_handler_t handler = rtm_runtime_new_handler();

	if (handler == NULL)
		rtm_runtime_throw_bad_alloc();
	handler();
}

static void *
insist(size_t n_bytes, const void *caller)
{
	void *block;

	while ((block = rtm_hooks_malloc_for(n_bytes, caller)) == NULL)
		make_room();
	return block;
}

static void *new_slow(size_t n_bytes) RTM_COLD;

static void *
new_slow(size_t n_bytes)
{
	return insist(n_bytes, RTM_CALLER());
}

static void *
aligned_once(size_t n_bytes, size_t alignment, const void *caller)
{
	if (RTM_UNLIKELY(rtm_hooks_are_named()))
		return rtm_hooks_memalign(
		    alignment, alignment, n_bytes, caller);
	return rtm_aligned_alloc(alignment, n_bytes);
}

static void *
insist_aligned(size_t n_bytes, size_t alignment, const void *caller)
{
	void *block;

	if (RTM_UNLIKELY(!rtm_is_power_of_two(alignment)))
		rtm_runtime_throw_bad_alloc();
	while (RTM_UNLIKELY(
	    (block = aligned_once(n_bytes, alignment, caller)) == NULL))
		make_room();
	return block;
}

RTM_INLINE void *
allocate(size_t n_bytes)
{
	void *object = rtm_malloc_fast(n_bytes);

	return RTM_LIKELY(object != NULL) ? object : new_slow(n_bytes);
}

void *
new_one(size_t n_bytes)
{
	return allocate(n_bytes);
}

void *
new_array(size_t n_bytes)
{
	return RTM_LIKELY(are_all_ours) ? allocate(n_bytes) : new_one(n_bytes);
}

void *
new_one_aligned(size_t n_bytes, size_t alignment)
{
	return insist_aligned(n_bytes, alignment, RTM_CALLER());
}

void *
new_array_aligned(size_t n_bytes, size_t alignment)
{
	return RTM_LIKELY(are_all_ours)
	    ? insist_aligned(n_bytes, alignment, RTM_CALLER())
	    : new_one_aligned(n_bytes, alignment);
}

/* -------------------------------------------------- new that does not throw */

static void *
by_new_one(size_t n_bytes, size_t unused)
{
	(void)unused;
	return new_one(n_bytes);
}

static void *
by_new_array(size_t n_bytes, size_t unused)
{
	(void)unused;
	return new_array(n_bytes);
}

/* The form that throws, and NULL if it does. */
static void *quietly(void *(*form)(size_t n_bytes, size_t alignment),
    size_t n_bytes, size_t alignment) RTM_COLD;

static void *
quietly(void *(*form)(size_t n_bytes, size_t alignment), size_t n_bytes,
    size_t alignment)
{
	return rtm_catch_is_possible()
	    ? rtm_catch_call(form, n_bytes, alignment)
	    : form(n_bytes, alignment);
}

/*
 * The handler may throw, too.  Without one there is nothing to wait for, and
 * so without a way to catch what it throws.
 */
static void *try_again(void *(*form)(size_t n_bytes, size_t alignment),
    size_t n_bytes, size_t alignment) RTM_COLD;

static void *
try_again(void *(*form)(size_t n_bytes, size_t alignment), size_t n_bytes,
    size_t alignment)
{
	if (rtm_runtime_new_handler() == NULL || !rtm_catch_is_possible())
		return NULL;
	return rtm_catch_call(form, n_bytes, alignment);
}

static void *new_nothrow_slow(size_t n_bytes) RTM_COLD;

static void *
new_nothrow_slow(size_t n_bytes)
{
	void *block = rtm_hooks_malloc_for(n_bytes, RTM_CALLER());

	return block != NULL ? block : try_again(by_new_one, n_bytes, 0);
}

RTM_INLINE void *
allocate_nothrow(size_t n_bytes)
{
	void *object = rtm_malloc_fast(n_bytes);

	return RTM_LIKELY(object != NULL) ? object : new_nothrow_slow(n_bytes);
}

void *
new_one_nothrow(size_t n_bytes, const struct nothrow *nothrow)
{
	(void)nothrow;
	return RTM_LIKELY(are_all_ours) ? allocate_nothrow(n_bytes)
					: quietly(by_new_one, n_bytes, 0);
}

void *
new_array_nothrow(size_t n_bytes, const struct nothrow *nothrow)
{
	(void)nothrow;
	return RTM_LIKELY(are_all_ours) ? allocate_nothrow(n_bytes)
					: quietly(by_new_array, n_bytes, 0);
}

static void *
aligned_nothrow(size_t n_bytes, size_t alignment, const void *caller)
{
	if (RTM_UNLIKELY(!rtm_is_power_of_two(alignment)))
		return NULL;

	void *block = aligned_once(n_bytes, alignment, caller);

	return RTM_LIKELY(block != NULL)
	    ? block
	    : try_again(new_one_aligned, n_bytes, alignment);
}

void *
new_one_aligned_nothrow(
    size_t n_bytes, size_t alignment, const struct nothrow *nothrow)
{
	(void)nothrow;
	return RTM_LIKELY(are_all_ours)
	    ? aligned_nothrow(n_bytes, alignment, RTM_CALLER())
	    : quietly(new_one_aligned, n_bytes, alignment);
}

void *
new_array_aligned_nothrow(
    size_t n_bytes, size_t alignment, const struct nothrow *nothrow)
{
	(void)nothrow;
	return RTM_LIKELY(are_all_ours)
	    ? aligned_nothrow(n_bytes, alignment, RTM_CALLER())
	    : quietly(new_array_aligned, n_bytes, alignment);
}

/* ---------------------------------------------------------------- delete */

#define FUNCTION "operator delete"

/* Would new have given this block for so many bytes?  Alignment may be 0. */
static void
check_size(const void *block, size_t n_bytes, size_t alignment)
{
	if (!RTM_DEBUG || block == NULL || rtm_tracked_is_on ||
	    rtm_hooks_are_named())
		return;

	size_t n_given = rtm_malloc_usable_size(block, FUNCTION);
	sclass_t class = alignment > RTM_PAGE_SIZE ? 0
	    : alignment == 0                       ? rtm_size_class_of(n_bytes)
			     : rtm_size_class_aligned(rtm_max(n_bytes, 1),
				   rtm_max(alignment, RTM_ALIGN_MIN));
	bool is_right = class != 0 ? rtm_size_classes[class].size == n_given
				   : n_bytes <= n_given &&
		n_given - rtm_max(n_bytes, 1) < RTM_PAGE_SIZE;

	if (!is_right)
		rtm_panic_size(FUNCTION, block, n_bytes, n_given);
}

/* By the page map. */
static void give(void *block) RTM_NOINLINE;

static void
give(void *block)
{
	rtm_hooks_free(block, FUNCTION);
}

/* What new took from the cache goes back there without a look at the map. */
RTM_INLINE void
give_sized(void *block, size_t n_bytes)
{
	check_size(block, n_bytes, 0);
	if (RTM_DEBUG || n_bytes > RTM_TABLE_MAX)
		give(block);
	else if (RTM_UNLIKELY(block == NULL ||
		     !rtm_free_push(rtm_size_class_of_small(n_bytes), block)))
		rtm_hooks_free_slow(block, FUNCTION);
}

void
delete_one(void *block)
{
	rtm_hooks_free(block, FUNCTION);
}

void
delete_array(void *block)
{
	if (RTM_LIKELY(are_all_ours))
		rtm_hooks_free(block, FUNCTION);
	else
		delete_one(block);
}

void
delete_one_nothrow(void *block, const struct nothrow *nothrow)
{
	(void)nothrow;
	delete_one(block);
}

void
delete_array_nothrow(void *block, const struct nothrow *nothrow)
{
	(void)nothrow;
	delete_array(block);
}

void
delete_one_sized(void *block, size_t n_bytes)
{
	if (RTM_LIKELY(believes_sizes))
		give_sized(block, n_bytes);
	else
		delete_one(block);
}

void
delete_array_sized(void *block, size_t n_bytes)
{
	if (RTM_LIKELY(believes_sizes))
		give_sized(block, n_bytes);
	else
		delete_array(block);
}

/* The class of an aligned block is not that of its size: the map says it. */
void
delete_one_aligned(void *block, size_t alignment)
{
	(void)alignment;
	rtm_hooks_free(block, FUNCTION);
}

void
delete_array_aligned(void *block, size_t alignment)
{
	if (RTM_LIKELY(are_all_ours))
		rtm_hooks_free(block, FUNCTION);
	else
		delete_one_aligned(block, alignment);
}

void
delete_one_aligned_nothrow(
    void *block, size_t alignment, const struct nothrow *nothrow)
{
	(void)nothrow;
	delete_one_aligned(block, alignment);
}

void
delete_array_aligned_nothrow(
    void *block, size_t alignment, const struct nothrow *nothrow)
{
	(void)nothrow;
	delete_array_aligned(block, alignment);
}

void
delete_one_sized_aligned(void *block, size_t n_bytes, size_t alignment)
{
	if (believes_sizes)
		check_size(block, n_bytes, alignment);
	delete_one_aligned(block, alignment);
}

void
delete_array_sized_aligned(void *block, size_t n_bytes, size_t alignment)
{
	if (believes_sizes)
		check_size(block, n_bytes, alignment);
	delete_array_aligned(block, alignment);
}

/* ------------------------------------------------------------------- start */

/* Ours, whatever the program has. */
#define OWN(form) extern RTM_HIDDEN __typeof__(form) own_##form

OWN(new_one) __attribute__((alias("_Znw" SIZE)));
OWN(new_array) __attribute__((alias("_Zna" SIZE)));
OWN(new_one_aligned) __attribute__((alias("_Znw" SIZE ALIGN)));
OWN(new_array_aligned) __attribute__((alias("_Zna" SIZE ALIGN)));
OWN(delete_one) __attribute__((alias("_ZdlPv")));
OWN(delete_array) __attribute__((alias("_ZdaPv")));
OWN(delete_one_aligned) __attribute__((alias("_ZdlPv" ALIGN)));
OWN(delete_array_aligned) __attribute__((alias("_ZdaPv" ALIGN)));

#define FORM(form)                                                \
	{                                                         \
		(void (*)(void)) form, (void (*)(void))own_##form \
	}

/* Volatile: the compiler takes two names of one function for one address. */
static void (*const volatile forms[][2])(void) = {
	FORM(new_one),
	FORM(new_array),
	FORM(new_one_aligned),
	FORM(new_array_aligned),
	FORM(delete_one),
	FORM(delete_array),
	FORM(delete_one_aligned),
	FORM(delete_array_aligned),
};

/* All is relocated now, so that it is settled who calls whom. */
static void __attribute__((constructor)) look_for_others(void)
{
	const char *wish = rtm_env_get("RTMALLOC_SIZED_DELETE");

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i][0] != forms[i][1])
			return;
	are_all_ours = true;
	believes_sizes = wish == NULL || strcmp(wish, "0") != 0;
}
