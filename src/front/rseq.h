/*
 * rseq.h - steps on a processor's own bins that happen whole or not at all
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A restartable sequence (rseq(2), Linux 4.18) is a piece of code that the
 * kernel restarts if the thread was preempted, moved or interrupted by a
 * signal meanwhile.  So a thread that reads the number of its processor and
 * then works on what belongs to that processor needs neither lock nor atomic
 * instruction, as long as one single store, the last instruction, makes all
 * of it valid.  (Desnoyers, librseq; Hunter and others, tcmalloc.)
 *
 * Each section below is this, in the words of pseudo-code, for a slab that the
 * caller takes for his processor's, and that is not NULL:
 *
 *	restart:
 *		area->section = &descriptor	(the address of what follows)
 *	start:					(restarts from here on)
 *		cpu = area->cpu_id              (-2, -1: not registered)
 *		if view->slabs[cpu] is not slab: leave, ABORTED
 *		... read, and write where nobody reads ...
 *		store of 16 bits		(the commit)
 *	end:
 *
 *	pop:       cur = slab.bins[c].cur; object = slab[cur]
 *	           if object is NULL: leave, NULL
 *	           slab.bins[c].cur = cur - 1
 *	push:      if cur >= slab.bins[c].end: leave, FULL
 *	           slab[cur + 1] = object
 *	           slab.bins[c].cur = cur + 1
 *	take:      (n is not 0, for give neither)
 *	           k = min(n, cur - base); if k <= 0: leave, 0
 *	           out[0 .. k) = slab[cur - k + 1 .. cur]
 *	           slab.bins[c].cur = cur - k
 *	give:      k = min(n, end - cur); if k <= 0: leave, 0
 *	           slab[cur + 1 .. cur + k] = in[n - k .. n)
 *	           slab.bins[c].cur = cur + k
 *	resize:    if end is not the one expected, or cur > new end:
 *	           leave, FULL (and so if the slab is another)
 *	           slab.bins[c].end = new end
 *
 * The rules, of which each is somebody's fault once:
 *
 *   - the number of the processor is read inside of the section.  Each that
 *     the kernel may write has its place in the view, the negative ones of a
 *     thread that is not registered, too, and any number of processors that
 *     Linux can be built for: what is mapped needs no compare;
 *   - the descriptor has 32 bytes, aligned so, and is never unmapped;
 *   - the abort label lies outside of the section, behind the signature that
 *     was told when the area was registered;
 *   - nothing is called, no stack is used, and a handler of a signal that
 *     uses sections of its own does not harm: it restarts ours;
 *   - "aborted" is none of the results: whoever is single-stepped is aborted
 *     each time, and goes the slow way after a few tries.
 *
 * The slab comes from the caller, who keeps it from call to call.  So what is
 * found in it waits for its address alone, and not for three loads in a row
 * (the area, the number, the table): a compare, and a branch that is predicted,
 * check it meanwhile.  In turns of 1000 objects that are made, then freed,
 * finding the slab took 20 % more time than a thread's cache does, and
 * checking it, with two instructions more, takes 11 % (Zen 4).
 */
#ifndef RTM_FRONT_RSEQ_H
#define RTM_FRONT_RSEQ_H

#include "base/compiler.h"

#if RTM_HAVE_PERCPU && RTM_CPU_X86
#include "front/rseq_x86_64.h"
#elif RTM_HAVE_PERCPU
#include "front/rseq_aarch64.h"
#endif

#endif
