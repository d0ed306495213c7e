/*
 * class_use.h - how a table of size classes serves what a program asked for
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CLI_CLASS_USE_H
#define RTM_CLI_CLASS_USE_H

#include "conf/layout.h"

/* Objects, and bytes: asked for by the program, and given. */
struct rtm_use {
	double n_requests;
	double n_live; /* when the heap was largest */
	double asked;  /* bytes of those */
	double given;  /* bytes that they take, with the tails of spans */
};

struct rtm_class_use {
	unsigned n_classes;
	struct rtm_use all;
	struct rtm_use large; /* no class serves it: pages of its own */
	struct rtm_use classes[RTM_CLASSES_MAX];
	uint32_t sizes[RTM_CLASSES_MAX];
};

/* Every class of conf, which is complete. */
void rtm_class_use(const struct rtm_histogram *histogram,
    const struct rtm_conf *conf, struct rtm_class_use *use);

/* What is given and not asked for, as a part (0 to 1) of what is given. */
double rtm_class_use_waste(const struct rtm_use *use);

/* conf with these classes, pages and batches filled in. */
void rtm_class_use_table(
    const struct rtm_layout *layout, struct rtm_conf *conf);

#endif
