/*
 * value.h - numbers as people write them
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_VALUE_H
#define RTM_CONF_VALUE_H

#include <stdbool.h>
#include <stdint.h>

enum rtm_value_result {
	RTM_VALUE_OK,
	RTM_VALUE_NEGATIVE, /* an integer, but below 0 */
	RTM_VALUE_NONE,     /* not an integer */
};

/*
 * Reads a decimal integer: digits, a _ between two digits, a sign; no leading
 * zeros.  With is_size, a K, M or G may follow (either case; times 2^10, 2^20,
 * 2^30).  What does not fit into 64 bits is UINT64_MAX.
 */
enum rtm_value_result rtm_value_parse(
    const char *text, bool is_size, uint64_t *number);

#endif
