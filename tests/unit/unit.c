/*
 * unit.c - what the suites of src/ share: deaths, and a back end to stand on
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "tests/unit/unit.h"
#include "back/heap_space.h"
#include "back/page_map.h"
#include "front/reserve.h"
#include "front/thread_cache.h"
#include "middle/size_class.h"
#include "middle/transfer_cache.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
act_in_child(void (*act)(void *with), void *with, int error_fd)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	dup2(error_fd, STDERR_FILENO);
	act(with);
	_exit(0);
}

/* What fits of all that comes out of the pipe. */
static void
read_all(int fd, char *text, size_t n_bytes)
{
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, text + length, n_bytes - 1 - length)) > 0)
		length += (size_t)n;
	text[length] = '\0';
}

void
unit_expect_signal(
    void (*act)(void *with), void *with, int signal_no, const char *words)
{
	char text[8192];
	int ends[2], status;
	pid_t child;

	test_require(pipe(ends) == 0);
	child = fork();
	test_require(child != -1);
	if (child == 0)
		act_in_child(act, with, ends[1]);
	close(ends[1]);
	read_all(ends[0], text, sizeof(text));
	close(ends[0]);
	test_require(waitpid(child, &status, 0) == child);
	test_require_msg(WIFSIGNALED(status) && WTERMSIG(status) == signal_no,
	    "status %#x, where signal %d was due", (unsigned)status, signal_no);
	test_require_msg(strstr(text, words) != NULL,
	    "\"%s\" was due, and this came: %.300s", words, text);
}

void
unit_expect_death(void (*act)(void *with), void *with, const char *words)
{
	unit_expect_signal(act, with, SIGABRT, words);
}

struct thread {
	pthread_t id;
	size_t number;
	void (*run)(size_t number);
};

static void *
run_thread(void *self)
{
	struct thread *thread = self;

	thread->run(thread->number);
	return NULL;
}

void
unit_run_threads(void (*run)(size_t number))
{
	struct thread threads[UNIT_THREADS];

	for (size_t i = 0; i < UNIT_THREADS; i++) {
		threads[i].number = i;
		threads[i].run = run;
		test_require(pthread_create(&threads[i].id, NULL, run_thread,
				 &threads[i]) == 0);
	}
	for (size_t i = 0; i < UNIT_THREADS; i++)
		pthread_join(threads[i].id, NULL);
}

void
unit_start_heap(bool is_roomy)
{
	const struct rtm_page_heap_config config = {
		.is_tight = !is_roomy,
		.is_huge = rtm_conf_default.huge_pages != 0,
		.n_exact_bins = rtm_conf_default.max_pages,
		.purge_slack_percent = rtm_conf_default.purge_slack_percent,
	};

	test_require(rtm_page_map_init(is_roomy) == is_roomy);
	rtm_page_heap_init(&config);
}

bool
unit_heap_is_one_piece(void)
{
	bool is_one_piece = rtm_heap_space_end() != 0;

	test_require(is_one_piece || test_is_slow());
	return is_one_piece;
}

void
unit_start_classes(void)
{
	unit_start_heap(true);
	rtm_size_class_init(&rtm_conf_default);
}

void
unit_go_to(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	test_require(sched_setaffinity(0, sizeof(one), &one) == 0);
}

static void *
wait_for_ever(void *unused)
{
	(void)unused;
	while (pause() != 0)
		;
	return NULL;
}

void
unit_start_thread(void)
{
	pthread_t thread;

	test_require(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
}

size_t
unit_used_pages(void)
{
	struct rtm_page_heap_stats now;

	rtm_transfer_cache_drain();
	rtm_page_heap_stats(&now);
	return now.used_pages;
}

void *
unit_take(sclass_t class)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_self();
	void *object = rtm_thread_cache_pop(cache, class);

	if (object == NULL)
		object = rtm_thread_cache_refill(cache, class);
	test_require(object != NULL);
	return object;
}

void
unit_give(sclass_t class, void *object)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_self();

	if (!rtm_thread_cache_push(cache, class, object))
		rtm_thread_cache_overflow(cache, class, object);
}

static size_t
count_packed(const struct rtm_pack *top)
{
	size_t n = 0;

	for (const struct rtm_pack *pack = top; pack != NULL;
	     pack = pack->below) {
		test_require(pack->n != 0 && pack->n <= RTM_PACK_OBJECTS);
		for (size_t i = 0; i < pack->n; i++)
			test_require(pack->objects[i] != NULL);
		n += pack->n;
	}
	return n;
}

/* Others may be taking some. */
void
unit_check_reserve(struct rtm_reserve *reserve)
{
	size_t n_bytes = 0;

	if (reserve == NULL)
		return;
	rtm_lock_take(&reserve->lock, RTM_RANK_RESERVE);
	for (unsigned c = 1; c < RTM_N_CLASSES; c++) {
		size_t n = count_packed(reserve->bins[c].top);

		test_require(n == reserve->bins[c].n_objects);
		test_require((n != 0) == (reserve->kept >> c & 1));
		n_bytes += rtm_reserve_bytes_of((sclass_t)c, n);
	}
	test_require(n_bytes == reserve->n_bytes);
	rtm_lock_give(&reserve->lock, RTM_RANK_RESERVE);
}

void
unit_check_layout(void)
{
	struct rtm_thread_cache *cache = rtm_thread_cache_self();
	rtm_slot_t *slots = (rtm_slot_t *)cache;
	size_t n_bytes = 0, slot = sizeof(*cache) / sizeof(*slots);

	for (unsigned c = 0; c <= rtm_size_class_last; c++) {
		const struct rtm_bin *bin = &cache->bins[c];

		test_require(cache->cold[c].base == slot);
		test_require(slots[slot] == NULL);
		test_require(bin->cur >= slot && bin->cur <= bin->end);
		for (size_t i = slot + 1; i <= bin->cur; i++)
			test_require(slots[i] != NULL);
		n_bytes += (bin->end - slot) * rtm_size_classes[c].size;
		slot = bin->end + 1u;
	}
	test_require(slot == cache->n_slots_used);
	test_require(slot <= RTM_SLAB_SLOTS);
	test_require(n_bytes == cache->capacity_bytes);
	unit_check_reserve(cache->reserve);
}
