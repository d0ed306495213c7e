/*
 * hook_variables.c - glibc's malloc hooks, and whether anybody names them
 *
 * A program that defines a hook, or has it copied into itself, makes the
 * variable lie elsewhere than ours.  Other objects name it among the symbols
 * that they want; no more than those are looked at, and of those only what
 * is no function.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "compat/hook_variables.h"

#include <link.h>
#include <stdint.h>
#include <string.h>

void *(*volatile __malloc_hook)(size_t n_bytes, const void *caller);
void *(*volatile __realloc_hook)(
    void *block, size_t n_bytes, const void *caller);
void *(*volatile __memalign_hook)(
    size_t alignment, size_t n_bytes, const void *caller);
void (*volatile __free_hook)(void *block, const void *caller);
void (*volatile __malloc_initialize_hook)(void);
void (*volatile __after_morecore_hook)(void);

/* Where our own lie, whatever the program has. */
#define OWN(hook) extern RTM_HIDDEN __typeof__(hook) own##hook RTM_ALIAS(hook)

OWN(__malloc_hook);
OWN(__realloc_hook);
OWN(__memalign_hook);
OWN(__free_hook);
OWN(__malloc_initialize_hook);
OWN(__after_morecore_hook);

#define HOOK(hook)                                    \
	{                                             \
#hook, (const volatile void *)&hook,  \
		    (const volatile void *)&own##hook \
	}

/* Volatile: the compiler takes two names of one variable for one address. */
static const volatile struct {
	const char *name;
	const volatile void *used; /* what everybody has agreed on */
	const volatile void *own;
} hooks[] = {
	HOOK(__malloc_hook),
	HOOK(__realloc_hook),
	HOOK(__memalign_hook),
	HOOK(__free_hook),
	HOOK(__malloc_initialize_hook),
	HOOK(__after_morecore_hook),
};

enum { N_HOOKS = sizeof(hooks) / sizeof(hooks[0]) };

/* The parts of an object's dynamic section that lead to its symbols. */
struct symbols {
	const ElfW(Sym) * table;
	const char *names;
	const uint32_t *gnu_hash;
	const ElfW(Word) * hash;
};

/* Some C libraries relocate these addresses in place, some do not. */
static const void *
located(ElfW(Addr) base, ElfW(Addr) address)
{
	return (const void *)(address < base ? base + address : address);
}

static struct symbols
symbols_of(ElfW(Addr) base, const ElfW(Dyn) * entry)
{
	struct symbols symbols = { 0 };

	for (; entry->d_tag != DT_NULL; entry++) {
		const void *where = located(base, entry->d_un.d_ptr);

		if (entry->d_tag == DT_SYMTAB)
			symbols.table = where;
		else if (entry->d_tag == DT_STRTAB)
			symbols.names = where;
		else if (entry->d_tag == DT_GNU_HASH)
			symbols.gnu_hash = where;
		else if (entry->d_tag == DT_HASH)
			symbols.hash = where;
	}
	return symbols;
}

/*
 * How many of its first symbols may be wanted ones.  No table says how many
 * there are at all; but behind them every linker lays their names.
 */
static size_t
count(const struct symbols *symbols)
{
	enum { DEFINED_FROM = 1 };
	uintptr_t first = (uintptr_t)symbols->table;
	uintptr_t names = (uintptr_t)symbols->names;

	/* Below 2 it is said of a table without any defined symbol, too. */
	if (symbols->gnu_hash != NULL && symbols->gnu_hash[DEFINED_FROM] > 1)
		return symbols->gnu_hash[DEFINED_FROM];
	if (symbols->hash != NULL)
		return symbols->hash[1];
	return names > first ? (names - first) / sizeof(ElfW(Sym)) : 0;
}

static bool
is_hook(const char *name)
{
	if (name[0] != '_' || name[1] != '_')
		return false;
	for (size_t i = 0; i < N_HOOKS; i++)
		if (strcmp(name, hooks[i].name) == 0)
			return true;
	return false;
}

static bool
wants_hook(const struct symbols *symbols)
{
	if (symbols->table == NULL || symbols->names == NULL)
		return false;

	size_t n = count(symbols);

	for (size_t i = 1; i < n; i++) {
		const ElfW(Sym) *symbol = &symbols->table[i];

		if (symbol->st_shndx == SHN_UNDEF &&
		    (symbol->st_info & 0xf) != STT_FUNC &&
		    is_hook(symbols->names + symbol->st_name))
			return true;
	}
	return false;
}

static bool
holds_us(const struct dl_phdr_info *object)
{
	uintptr_t offset = (uintptr_t)hooks - object->dlpi_addr;

	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

		if (segment->p_type == PT_LOAD &&
		    offset - segment->p_vaddr < segment->p_memsz)
			return true;
	}
	return false;
}

static int
look(struct dl_phdr_info *object, size_t n_bytes, void *is_first)
{
	(void)n_bytes;

	/* From the archive, the program has us because it names a hook. */
	if (*(bool *)is_first && holds_us(object))
		return true;
	*(bool *)is_first = false;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

		if (segment->p_type != PT_DYNAMIC)
			continue;

		struct symbols symbols = symbols_of(object->dlpi_addr,
		    (const void *)(object->dlpi_addr + segment->p_vaddr));

		if (wants_hook(&symbols))
			return true;
	}
	return false;
}

bool
rtm_hook_variables_are_named(void)
{
	bool is_first = true;

	for (size_t i = 0; i < N_HOOKS; i++)
		if (hooks[i].used != hooks[i].own)
			return true;
	return dl_iterate_phdr(look, &is_first) != 0;
}
