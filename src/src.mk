# src.mk - the rooms of the allocator, from the bottom up
#
# SPDX-License-Identifier: MIT OR Apache-2.0

RTM_SRC = \
	src/base/bits.h \
	src/base/compiler.h \
	src/base/format.c \
	src/base/format.h \
	src/base/list.h \
	src/base/panic.c \
	src/base/panic.h \
	src/base/track.h \
	src/os/clock.h \
	src/os/environment.c \
	src/os/environment.h \
	src/os/futex.c \
	src/os/futex.h \
	src/os/helper.c \
	src/os/helper.h \
	src/os/lock.c \
	src/os/lock.h \
	src/os/memory.c \
	src/os/memory.h \
	src/os/thread.c \
	src/os/thread.h \
	src/back/heap_space.c \
	src/back/heap_space.h \
	src/back/meta.c \
	src/back/meta.h \
	src/back/page_heap.c \
	src/back/page_heap.h \
	src/back/page_map.c \
	src/back/page_map.h \
	src/back/purge.c \
	src/back/purge.h \
	src/back/run_bins.c \
	src/back/run_bins.h \
	src/back/span.c \
	src/back/span.h \
	src/middle/central_list.c \
	src/middle/central_list.h \
	src/middle/live_map.c \
	src/middle/live_map.h \
	src/middle/size_class.c \
	src/middle/size_class.h \
	src/middle/transfer_cache.c \
	src/middle/transfer_cache.h \
	src/front/cache_budget.c \
	src/front/cache_budget.h \
	src/front/thread_cache.c \
	src/front/thread_cache.h \
	src/api/aligned.c \
	src/api/boot.c \
	src/api/boot.h \
	src/api/idle.c \
	src/api/idle.h \
	src/api/large.c \
	src/api/large.h \
	src/api/malloc.c \
	src/api/malloc.h \
	src/api/realloc.c \
	src/api/tracked.c \
	src/api/tracked.h \
	src/api/version.c
