/*
 * format.h - text into a fixed buffer, where stdio cannot be used
 *
 * What does not fit is cut, and said by is_cut; the text is always ended by
 * a NUL.  No allocation, no locale, no locks: works inside malloc, in a
 * signal handler, and before libc is ready.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_BASE_FORMAT_H
#define RTM_BASE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtm_text {
	char *buffer;
	size_t n_bytes; /* of the buffer, 1 or more */
	size_t length;  /* of the text, without its NUL */
	bool is_cut;
};

void rtm_text_init(struct rtm_text *text, char *buffer, size_t n_bytes);
void rtm_text_add(struct rtm_text *text, const char *string);
void rtm_text_add_bytes(struct rtm_text *text, const char *bytes, size_t n);
void rtm_text_add_number(struct rtm_text *text, uint64_t number);
void rtm_text_add_pointer(struct rtm_text *text, const void *pointer);

#endif
