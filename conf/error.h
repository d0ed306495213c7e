/*
 * error.h - one line that says what is wrong with a configuration
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_ERROR_H
#define RTM_CONF_ERROR_H

#include <stdarg.h>
#include <stdint.h>

struct rtm_conf_error {
	char text[320]; /* "FILE:LINE: what is wrong; what would be right" */
	uint32_t line;  /* 0: not in a line of a file */
};

/*
 * Writes the text.  A file name of more than 100 bytes keeps its end; bytes
 * that are not printable become '?'.  In format stand
 *
 *	%s  const char *
 *	%u  uint64_t
 *	%z  uint64_t, a size in bytes: 65536 is written 64K
 *	%c  int, a byte of the file: 'x', or "byte 0x07" if not printable
 */
void rtm_conf_error_set(struct rtm_conf_error *error, const char *file_name,
    uint32_t line, const char *format, va_list args);

#endif
