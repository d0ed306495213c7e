/*
 * span_objects.h - which objects of a span are free
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_MIDDLE_SPAN_OBJECTS_H
#define RTM_MIDDLE_SPAN_OBJECTS_H

#include "back/span.h"
#include "middle/size_class.h"

/* All of them are. */
void rtm_span_objects_fill(struct rtm_span *span);

/*
 * Moves up to n objects, of so many bytes, to the end of objects[0 .. n), the
 * lowest one last; says how many.
 */
size_t rtm_span_objects_take(
    struct rtm_span *span, uint32_t size, void **objects, size_t n);

/*
 * Sets free those objects, from the first on, that lie in the span, and of
 * which there is one at least; says how many, and leaves n_free to the caller.
 * Dies of an object that was free before, and of what is none.
 */
size_t rtm_span_objects_give(struct rtm_span *span,
    const struct rtm_size_class *class, void *const *objects, size_t n);

/* Dies, in the name of the function, unless this is an object in use. */
void rtm_span_objects_check(const struct rtm_span *span,
    const struct rtm_size_class *class, const void *address,
    const char *function);

#endif
