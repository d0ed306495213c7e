/*
 * boot.c - the first call, the first call of a thread, fork, and exit
 *
 * The first malloc of a process may come from the dynamic linker, before any
 * constructor and with no libc to speak of.  What runs until the allocator
 * is ready makes system calls and nothing else; what may call malloc itself
 * (the handlers of fork, a late pthread key) comes after, when that call is
 * an ordinary one.
 *
 * Locks: one, rank BOOT, around the start.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "api/boot.h"
#include "api/glibc_settings.h"
#include "api/idle.h"
#include "api/profile.h"
#include "api/profile_file.h"
#include "api/recorder.h"
#include "api/settings.h"
#include "api/statistics.h"
#include "api/tracked.h"
#include "back/meta.h"
#include "back/page_heap.h"
#include "back/page_map.h"
#include "base/track.h"
#include "front/auto.h"
#include "front/cpu_cache.h"
#include "middle/central_list.h"
#include "middle/transfer_cache.h"
#include "os/environment.h"
#include "os/helper.h"
#include "os/home.h"
#include "os/lock.h"
#include "os/memory.h"
#include "os/rseq.h"
#include "os/thread.h"

#include <pthread.h>
#include <string.h>

static struct rtm_lock boot_lock;
static _Atomic bool is_ready;
static _Atomic bool has_handlers;

/* Constructors run: libc has done what it does for its first thread. */
static _Atomic bool has_begun;

#if RTM_HAVE_PERCPU

/* Has the thread begun, with a cache or sharing those of processors? */
static bool
is_counted(void)
{
	return rtm_thread_cache_own != NULL || rtm_cpu_cache_is_mine();
}

#endif

/* Others' destructors may run after this one, and still allocate. */
static void
on_thread_exit(void *cache)
{
	(void)cache;
#if RTM_HAVE_PERCPU
	if (!rtm_thread_is_over && is_counted())
		rtm_auto_note_end();
#endif
	rtm_thread_is_over = true;
#if RTM_HAVE_PERCPU
	rtm_cpu_cache_leave();
#endif
	rtm_thread_cache_destroy();
	rtm_recorder_thread_end();
}

/* -------------------------------------------------------------------- fork */

void
rtm_boot_hold_rooms(void)
{
	rtm_thread_cache_fork_prepare();
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_fork_prepare();
#endif
	rtm_transfer_cache_fork_prepare();
	rtm_central_list_fork_prepare();
	rtm_page_heap_fork_prepare();
}

void
rtm_boot_let_rooms_go(void)
{
	rtm_page_heap_fork_parent();
	rtm_central_list_fork_parent();
	rtm_transfer_cache_fork_parent();
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_fork_parent();
#endif
	rtm_thread_cache_fork_parent();
}

/* All locks, in the order of their ranks; see os/lock.h. */
static void
before_fork(void)
{
	rtm_lock_take(&boot_lock, RTM_RANK_BOOT);
	rtm_tracked_fork_prepare();
	rtm_recorder_fork_prepare();
	rtm_boot_hold_rooms();
	rtm_meta_fork_prepare();
}

static void
after_fork_in_parent(void)
{
	rtm_meta_fork_parent();
	rtm_boot_let_rooms_go();
	rtm_recorder_fork_parent();
	rtm_tracked_fork_parent();
	rtm_lock_give(&boot_lock, RTM_RANK_BOOT);
}

static void
after_fork_in_child(void)
{
	rtm_helper_forget();
	rtm_lock_rank_reset();
	rtm_meta_fork_child();
	rtm_page_heap_fork_child();
	rtm_central_list_fork_child();
	rtm_transfer_cache_fork_child();
#if RTM_HAVE_PERCPU
	rtm_cpu_slab_fork_child();
	rtm_auto_fork_child(is_counted());
#endif
	rtm_thread_cache_fork_child();
	rtm_recorder_fork_child();
	rtm_profile_file_fork_child();
	rtm_statistics_fork_child();
	rtm_tracked_fork_child();
	rtm_lock_init(&boot_lock);
}

/* ------------------------------------------------------------------- start */

/* The flat page map wants 16 GiB of address space. */
static bool
is_flat_wanted(void)
{
	const char *wish = rtm_env_get("RTMALLOC_PAGE_MAP");

	if (wish != NULL && strcmp(wish, "flat") == 0)
		return true;
	if (wish != NULL && strcmp(wish, "tree") == 0)
		return false;
	return !rtm_tracked_is_on && !rtm_mem_is_space_limited();
}

static void
start_locked(void)
{
	const struct rtm_conf *conf = rtm_settings_load();

	rtm_tracked_is_on = rtm_track_wanted();
	rtm_size_class_init(conf);
	rtm_thread_cache_init(conf);
#if RTM_HAVE_PERCPU
	rtm_cpu_cache_init(conf);
	/* Here, since threads may have less stack than that takes. */
	unsigned n_allowed = rtm_rseq_count_allowed();

	rtm_auto_init(conf, n_allowed);
	rtm_home_init(n_allowed);
#endif

	bool is_flat = rtm_page_map_init(is_flat_wanted());
	const struct rtm_page_heap_config heap = {
		.is_tight = !is_flat,
		.is_huge = conf->huge_pages != 0,
		.n_exact_bins = conf->max_pages,
		.purge_slack_percent = conf->purge_slack_percent,
		.on_dirty = conf->idle_release != 0 ? rtm_idle_watch : NULL,
	};

	rtm_page_heap_init(&heap);
	rtm_idle_init(conf->idle_delay_ms);
#if RTM_HAVE_PERCPU
	if (conf->idle_release != 0)
		rtm_cpu_slab_set_watch(rtm_idle_watch_caches);
#endif
	rtm_thread_exit_init(on_thread_exit);
	rtm_glibc_settings_load();
	rtm_profile_init();
	rtm_statistics_init();
}

static void
start(void)
{
	rtm_lock_take(&boot_lock, RTM_RANK_BOOT);
	if (!atomic_load_explicit(&is_ready, memory_order_relaxed)) {
		start_locked();
		/* Pairs with the acquire order in rtm_boot_thread(). */
		atomic_store_explicit(&is_ready, true, memory_order_release);
	}
	rtm_lock_give(&boot_lock, RTM_RANK_BOOT);
	if (!atomic_exchange_explicit(
		&has_handlers, true, memory_order_relaxed))
		pthread_atfork(
		    before_fork, after_fork_in_parent, after_fork_in_child);
}

/*
 * Handlers of fork that are registered later run earlier, with our locks
 * free: so ours are registered as early as can be.
 */
static void __attribute__((constructor)) start_with_the_program(void)
{
	start();
	has_begun = true;
}

#if RTM_HAVE_PERCPU

/* A thread that cannot share is not asked again, unless it is too early. */
static bool
give_cache_up(struct rtm_thread_cache *cache)
{
	if (!rtm_cpu_cache_enter()) {
		cache->is_due = false;
		cache->is_kept = has_begun;
		return false;
	}
	rtm_recorder_change_cache();
	rtm_thread_cache_destroy();
	return true;
}

static bool
start_shared(void)
{
	if (!rtm_auto_starts_shared() || !rtm_cpu_cache_enter())
		return false;
	rtm_recorder_change_cache();
	rtm_auto_note_begin();
	return true;
}

#endif

/*
 * True if the thread has no cache of its own, or gives it up now, and shares
 * those of processors.
 */
static bool
share_processors(void)
{
#if RTM_HAVE_PERCPU
	struct rtm_thread_cache *cache = rtm_thread_cache_own;

	if (rtm_cpu_cache_is_mine())
		return true;
	if (cache == NULL ? !start_shared()
			  : !cache->is_due || !give_cache_up(cache))
		return false;
	/* If nobody tells of its end, an area stays behind. */
	rtm_thread_exit_arm(&rtm_front);
	return true;
#else
	return false;
#endif
}

static struct rtm_thread_cache *
make_cache(void)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_create();

	if (cache == NULL)
		return NULL;
	/* What a thread keeps that ends unseen is lost; the first never ends. */
	if (!rtm_thread_exit_arm(cache) && !rtm_thread_is_alone()) {
		rtm_thread_is_over = true;
		rtm_thread_cache_destroy();
		return NULL;
	}
#if RTM_HAVE_PERCPU
	rtm_auto_note_begin();
#endif
	return cache;
}

struct rtm_thread_cache *
rtm_boot_thread(void)
{
	if (!atomic_load_explicit(&is_ready, memory_order_acquire))
		start();
	if (rtm_thread_is_over || rtm_tracked_is_on || share_processors())
		return NULL;
	/* start() may have called malloc, and come here again. */
	return rtm_thread_cache_own != NULL ? rtm_thread_cache_own
					    : make_cache();
}
