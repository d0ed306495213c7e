/*
 * span_objects.c - which objects of a span are free: a bit for each
 *
 * Those with the lowest addresses are taken first.  Neighbours are taken, and
 * come back, together more often than not: so a word of bits stays in a
 * register meanwhile, and a row of them is worked on at once.
 * Invariant: no bit below word lowest_word is set.
 * Locks:     the caller holds the one of the span's class, but for a look at
 *            an object of his own.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "middle/span_objects.h"
#include "base/panic.h"

#include <string.h>

/*
 * Whoever frees an object may look at its bit without the lock: the word
 * changes meanwhile, but not the bit.  Hence the relaxed order.
 */
static uint64_t
load_word(const struct rtm_span *span, uint32_t word)
{
	return __atomic_load_n(&span->bitmap[word], __ATOMIC_RELAXED);
}

static void
store_word(struct rtm_span *span, uint32_t word, uint64_t bits)
{
	__atomic_store_n(&span->bitmap[word], bits, __ATOMIC_RELAXED);
}

void
rtm_span_objects_fill(struct rtm_span *span)
{
	uint32_t n_words = (span->n_objects + 63) / 64;

	memset(span->bitmap, 0xff, n_words * sizeof(uint64_t));
	if (span->n_objects % 64 != 0)
		span->bitmap[n_words - 1] =
		    ((uint64_t)1 << (span->n_objects % 64)) - 1;
	span->n_free = span->n_objects;
	span->lowest_word = 0;
}

/*
 * Bits from the lowest on in a row are objects that nobody took yet: they are
 * laid before objects_end, the first one last.  Says how many bits were so.
 */
static size_t
take_row(uint64_t bits, char *object, uint32_t size, void **objects_end,
    size_t n_max)
{
	size_t n_row = ~bits == 0 ? 64 : rtm_lowest_bit(~bits);
	size_t n = rtm_min(n_row, n_max);

	for (void **to = objects_end; to != objects_end - n; object += size)
		*--to = object;
	return n;
}

size_t
rtm_span_objects_take(
    struct rtm_span *span, uint32_t size, void **objects, size_t n)
{
	char *base = rtm_span_base(span);
	size_t n_wanted = rtm_min(n, span->n_free);
	size_t n_left = n_wanted;
	uint32_t word = span->lowest_word;

	while (n_left != 0) {
		uint64_t bits = load_word(span, word);

		if ((bits & 1) != 0) {
			size_t n_row =
			    take_row(bits, base + 64 * (size_t)word * size,
				size, objects + n, n_left);

			bits &= n_row < 64 ? ~(uint64_t)0 << n_row : 0;
			n -= n_row;
			n_left -= n_row;
		}
		while (bits != 0 && n_left != 0) {
			size_t object = 64 * word + rtm_lowest_bit(bits);

			bits &= bits - 1;
			objects[--n] = base + object * size;
			n_left--;
		}
		store_word(span, word, bits);
		if (bits == 0)
			word++;
	}
	span->lowest_word = word;
	span->n_free -= (uint32_t)n_wanted;
	return n_wanted;
}

/* Which object of the span begins at offset; dies if none does. */
RTM_INLINE uint32_t
object_at(const struct rtm_span *span, const struct rtm_size_class *class,
    uint32_t offset, const char *function)
{
	uint32_t object = rtm_divide(offset, class->size, class->reciprocal);

	if (RTM_UNLIKELY(
		object * class->size != offset || object >= class->n_objects))
		rtm_panic_interior(function, rtm_span_base(span) + offset);
	return object;
}

void
rtm_span_objects_check(const struct rtm_span *span,
    const struct rtm_size_class *class, const void *address,
    const char *function)
{
	uint32_t object = object_at(span, class,
	    (uint32_t)((const char *)address - rtm_span_base(span)), function);

	if ((load_word(span, object / 64) >> (object % 64) & 1) != 0)
		rtm_panic_double_free(function, address);
}

/* A word of a span's bitmap while it is in a register. */
struct word_of_bits {
	uint32_t word; /* or NO_WORD */
	uint64_t bits;
};

enum { NO_WORD = RTM_SPAN_OBJECTS_MAX };

RTM_INLINE void
leave_word(struct rtm_span *span, struct word_of_bits *at)
{
	if (at->word != NO_WORD)
		store_word(span, at->word, at->bits);
	at->word = NO_WORD;
}

RTM_INLINE void
turn_to_word(struct rtm_span *span, struct word_of_bits *at, uint32_t word)
{
	leave_word(span, at);
	*at = (struct word_of_bits){ word, load_word(span, word) };
	if (word < span->lowest_word)
		span->lowest_word = word;
}

/* Sets the bits of mask in a word; dies if one was set. */
RTM_INLINE void
set_bits(struct rtm_span *span, struct word_of_bits *at, uint32_t word,
    uint64_t mask)
{
	if (word != at->word)
		turn_to_word(span, at, word);
	if (RTM_UNLIKELY((at->bits & mask) != 0)) {
		size_t object =
		    64 * (size_t)word + rtm_lowest_bit(at->bits & mask);

		rtm_panic_double_free("free",
		    rtm_span_base(span) +
			object * rtm_size_classes[span->size_class].size);
	}
	at->bits |= mask;
}

/*
 * Sets free those of the objects that lie in a row behind, or before, the
 * span's object of that number, whose address stands before them; says how
 * many.  What comes next in memory may be another span's.
 */
RTM_NOINLINE static size_t
give_row(struct rtm_span *span, const struct rtm_size_class *class,
    uint32_t object, void *const *objects, size_t n)
{
	struct word_of_bits at = { .word = NO_WORD };
	ptrdiff_t step = (const char *)objects[0] - (const char *)objects[-1];
	const char *next = objects[0];
	size_t n_most = step > 0 ? class->n_objects - object - 1 : object;
	size_t n_row = 0;

	for (; n_row < rtm_min(n, n_most) && objects[n_row] == next; n_row++)
		next += step;

	uint32_t first = step > 0 ? object + 1 : object - (uint32_t)n_row;

	for (uint32_t end = first + (uint32_t)n_row; first != end;) {
		uint32_t shift = first % 64;
		uint32_t n_bits = (uint32_t)rtm_min(end - first, 64 - shift);

		set_bits(span, &at, first / 64,
		    ~(uint64_t)0 >> (64 - n_bits) << shift);
		first += n_bits;
	}
	leave_word(span, &at);
	return n_row;
}

/*
 * Sets free those objects, from the first on, that lie in the span, and of
 * which there are two at least.  What was allocated in a row is often freed
 * in a row, in the same order or backwards: then only the first one's number
 * takes a division.
 */
RTM_NOINLINE static size_t
give_several(struct rtm_span *span, const struct rtm_size_class *class,
    void *const *objects, size_t n)
{
	const char *base = rtm_span_base(span);
	size_t span_bytes = rtm_span_bytes(span);
	struct word_of_bits at = { .word = NO_WORD };
	size_t offset = (size_t)((const char *)objects[0] - base);
	size_t n_given = 0;

	do {
		uint32_t object =
		    object_at(span, class, (uint32_t)offset, "free");
		size_t before = offset;

		set_bits(span, &at, object / 64, (uint64_t)1 << (object % 64));
		if (++n_given == n)
			break;
		offset = (size_t)((const char *)objects[n_given] - base);
		if (offset - before != class->size &&
		    before - offset != class->size)
			continue;
		leave_word(span, &at);
		n_given += give_row(
		    span, class, object, objects + n_given, n - n_given);
		if (n_given == n)
			break;
		offset = (size_t)((const char *)objects[n_given] - base);
	} while (offset < span_bytes);
	leave_word(span, &at);
	return n_given;
}

size_t
rtm_span_objects_give(struct rtm_span *span, const struct rtm_size_class *class,
    void *const *objects, size_t n)
{
	const char *base = rtm_span_base(span);

	if (n > 1 &&
	    (size_t)((const char *)objects[1] - base) < rtm_span_bytes(span))
		return give_several(span, class, objects, n);

	uint32_t object = object_at(
	    span, class, (uint32_t)((const char *)objects[0] - base), "free");
	struct word_of_bits at = { .word = NO_WORD };

	set_bits(span, &at, object / 64, (uint64_t)1 << (object % 64));
	leave_word(span, &at);
	return 1;
}
