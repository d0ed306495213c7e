/*
 * conf.h - what can be tuned: the options and the table of size classes
 *
 * A struct rtm_conf is complete when every class has its pages and batch
 * filled in: rtm_conf_default is (made when the library is built, from
 * conf/default.toml or the file given to configure), and so is all that the
 * reader (conf/toml.h) hands out.  Nothing here allocates, locks, or needs
 * more than 64 bytes of stack; nothing can run out.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef RTM_CONF_CONF_H
#define RTM_CONF_CONF_H

#include <stddef.h>
#include <stdint.h>

/* The allocator's page: a constant of the build, a power of two >= 4096. */
#ifndef RTM_PAGE_SHIFT
#define RTM_PAGE_SHIFT 13
#endif
#define RTM_PAGE_SIZE ((size_t)1 << RTM_PAGE_SHIFT)

#define RTM_KIB(n) ((size_t)(n) << 10)
#define RTM_MIB(n) ((size_t)(n) << 20)
#define RTM_GIB(n) ((size_t)(n) << 20 << 10)

/* The most memory that an option may name; larger than any heap. */
#if SIZE_MAX > UINT32_MAX
#define RTM_AMOUNT_MAX RTM_GIB(1024)
#else
#define RTM_AMOUNT_MAX RTM_GIB(2)
#endif

/* What a table of classes may hold; every bound is inclusive. */
enum {
	RTM_CLASSES_MAX = 63,         /* rows; class 0 stays "no class" */
	RTM_CLASS_SIZE_MAX = 1 << 20, /* bytes of one object */
	RTM_SPAN_PAGES_MAX = 256,     /* pages of one span */
	RTM_SPAN_OBJECTS_MAX = 32768, /* objects of one span */
	RTM_BATCH_MAX = 512,          /* objects moved at a time */
};

/* One size class.  Zero pages or batch: rtm_conf_complete() picks them. */
struct rtm_class_spec {
	uint32_t size;    /* bytes, a multiple of 8, above the row before */
	uint32_t n_pages; /* of one span; n_pages * page_size >= size */
	uint32_t batch;   /* objects moved at a time, 1 .. RTM_BATCH_MAX */
};

struct rtm_conf {
#define RTM_OPTION(name, type, unit, value, min, max, doc) type name;
#include "conf/options.def"
#undef RTM_OPTION
	unsigned n_classes; /* 1 .. RTM_CLASSES_MAX */
	struct rtm_class_spec classes[RTM_CLASSES_MAX];
};

/* The built-in configuration; complete. */
extern const struct rtm_conf rtm_conf_default;

/*
 * The fewest pages whose tail waste is at most 1/16 of the span; at most 1/8
 * where that would take more than 8 pages.
 */
uint32_t rtm_conf_derive_pages(uint32_t size, size_t page_size);

/*
 * What a class has that nobody chose pages for: those, or twice (or four times)
 * as many, up to 16 KiB, for objects up to 256 bytes, and for those up to 1 KiB
 * of which so few pages would hold fewer than ten.  (A span costs two locks and
 * a structure to be had, and to be given back.)
 */
uint32_t rtm_conf_own_pages(uint32_t size, size_t page_size);

/* 8 KiB of objects, at least 1, at most RTM_BATCH_MAX. */
uint32_t rtm_conf_derive_batch(uint32_t size);

/* Fills in every zero pages and batch of the n_classes rows. */
void rtm_conf_complete(struct rtm_conf *conf);

#endif
