// SPDX-License-Identifier: MIT
// Cycles of collection: what happens in the two stops, stops as seen by the
// mutator, and whole cycles in one stop.
#include <time.h>

#include "gc/heap.h"

static uint64_t read_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t gc_now_ns(void) {
  return read_clock(CLOCK_MONOTONIC);
}

uint64_t gc_processor_ns(void) {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void gc_set_poll(Heap *h) {
  uint32_t poll =
      (h->request != STOP_NONE ? POLL_STOP : 0) |
      (h->pending_finalizers.first && !h->is_finalizing ? POLL_FINALIZE : 0);
  atomic_store_explicit(&h->poll, poll, memory_order_release);
}

// The snapshot is taken: everything reachable now survives this cycle.
void gc_stop_begin(Heap *h, bool leaves_roots) {
  GcTracer *t = &h->tracer;
  if (unlikely(h->options.verify)) gc_verify_swept(h);
  atomic_store_explicit(&h->marking, true, memory_order_relaxed);
  __atomic_fetch_add(&gc_marking_heaps, 1, __ATOMIC_SEQ_CST);
  t->marked_cells = 0;
  memset(t->common, 0, sizeof t->common);
  t->traces_ephemerons = false;
  gc_pace_begin(h);
  h->cycles_begun++;
  h->cycle = (GcCycle){.begin = gc_now_ns(), .live_before = h->live_bytes};
  gc_round_snapshot(h);
  gc_blacken_runs(h);
  gc_weak_begin(h);
  t->leaves_roots = leaves_roots;
  if (h->options.trace_roots) h->options.trace_roots(h->options.data, t);
  t->leaves_roots = false;
  for (GcRoot *r = h->roots.next; r != &h->roots; r = r->next) {
    gc_trace_word(t, r->word);
  }
  gc_trace_conservatively(t, h->native_registers, h->native_registers + 16);
  gc_trace_conservatively(t, h->stack_top, h->stack_bottom);
  gc_record_phase(h, GC_PHASE_ROOTS, h->cycle.begin);
}

// False: there is more to mark than the budget allows, or something large.
static bool finish_marking(Heap *h, size_t budget) {
  uint64_t at = gc_now_ns();
  gc_buffers_take_stopped(h);
  bool is_marked = gc_drain(&h->tracer, budget);
  at = gc_record_phase(
      h, h->options.stop_the_world ? GC_PHASE_MARK : GC_PHASE_FINAL, at);
  if (!is_marked) return false;
  bool is_done = gc_weak_trace(h, budget);
  gc_record_phase(h, GC_PHASE_WEAK, at);
  return is_done;
}

// False: go on concurrently.
bool gc_stop_finish(Heap *h, size_t budget) {
  gc_stand_in_done(h);
  h->tracer.puts_off_large = budget != SIZE_MAX;
  bool is_done = finish_marking(h, budget);
  h->tracer.puts_off_large = false;
  if (!is_done) return false;
  if (gc_is_verified(h)) gc_verify(h);
  uint64_t at = gc_now_ns();
  gc_weak_clear_in_stop(h);
  at = gc_record_phase(h, GC_PHASE_WEAK, at);
  gc_pace_marked(h);
  gc_round_marked(h);
  gc_retire_runs(h);
  atomic_store_explicit(&h->marking, false, memory_order_relaxed);
  __atomic_fetch_sub(&gc_marking_heaps, 1, __ATOMIC_SEQ_CST);
  gc_list_join(&h->finalizable, &h->new_finalizable);
  gc_sweep_begin(h);
  gc_record_phase(h, GC_PHASE_FINAL, at);
  return true;
}

// A cycle is swept to its end: sets the next one's start.
void gc_cycle_end(Heap *h) {
  gc_tell_cycle();
  pthread_mutex_lock(&h->lock);
  h->live_bytes = h->swept_live_bytes;
  gc_record_cycle_end(h);
  gc_pace_next(h);
  h->cycles_done++;
  GcCycle cycle = h->cycle;
  cycle.number = h->cycles_done;
  GcCycleObserver observer = h->observer;
  void *data = h->observer_data;
  pthread_mutex_unlock(&h->lock);
  if (observer != NULL) observer(data, &cycle);
}

// The mutator's C stack is scanned from the frame of the noinline functions
// below; their callers have spilled the registers into their own frames, which
// are above. gc_no_tail_call keeps these frames there.
static __attribute__((noinline)) void cycle_on_mutator(Heap *h) {
  uint64_t start = gc_now_ns();
  pthread_mutex_lock(&h->lock);
  h->stack_top = __builtin_frame_address(0);
  gc_stop_begin(h, false);
  gc_handles_trace(h, &h->tracer, NULL);
  gc_stop_finish(h, SIZE_MAX);
  pthread_mutex_unlock(&h->lock);
  gc_weak_clear_beside(h);
  uint64_t marked = gc_now_ns();
  gc_find_finalizable(h);
  gc_sweep_all(h);
  pthread_mutex_lock(&h->lock);
  gc_record_stop(h, gc_record_phase(h, GC_PHASE_SWEEP, marked) - start);
  gc_told(GC_STRETCH_WHOLE_CYCLE, start);
  pthread_mutex_unlock(&h->lock);
  gc_cycle_end(h);
}

static void cycle_in_one_stop(Heap *h) {
  __builtin_unwind_init();
  cycle_on_mutator(h);
  gc_no_tail_call();
}

static __attribute__((noinline)) void answer_stop(Heap *h) {
  uint64_t start = gc_now_ns();
  pthread_mutex_lock(&h->lock);
  if (h->request != STOP_NONE) {
    h->stack_top = __builtin_frame_address(0);
    gc_do_requested_stop(h);
    gc_record_stop(h, gc_now_ns() - start);
    gc_told(GC_STRETCH_STOP, start);
  }
  pthread_mutex_unlock(&h->lock);
}

void gc_answer_poll(Heap *h) {
  __builtin_unwind_init();
  answer_stop(h);
  if (atomic_load_explicit(&h->poll, memory_order_relaxed) & POLL_FINALIZE) {
    gc_run_finalizers(h, FINALIZE_BUDGET);
  }
  gc_no_tail_call();
}

void gc_wait(Heap *h, uint64_t until_ns) {
  if (until_ns == 0) {
    pthread_cond_wait(&h->changed, &h->lock);
    return;
  }
  struct timespec t = {.tv_sec = (time_t)(until_ns / 1000000000u),
                       .tv_nsec = (long)(until_ns % 1000000000u)};
  pthread_cond_timedwait(&h->changed, &h->lock, &t);
}

void gc_park(Heap *h, void *stack_top) {
  h->stack_top = stack_top;
  h->mutator = MUTATOR_NATIVE;
  if (h->request != STOP_NONE) pthread_cond_broadcast(&h->changed);
}

static __attribute__((noinline)) bool wait_for_whole_cycle(Heap *h) {
  pthread_mutex_lock(&h->lock);
  uint64_t wanted = h->cycles_begun + 1;
  gc_park(h, __builtin_frame_address(0));
  bool can = true;
  while (can && h->cycles_done < wanted) {
    can = gc_collector_request(h);
    if (can) gc_wait(h, 0);
  }
  h->mutator = MUTATOR_RUNNING;
  pthread_mutex_unlock(&h->lock);
  return can;
}

void gc_cycle_full(Heap *h) {
  __builtin_unwind_init();
  if (h->options.stop_the_world || !wait_for_whole_cycle(h)) {
    cycle_on_mutator(h);
  }
  gc_run_finalizers(h, SIZE_MAX);
  gc_no_tail_call();
}

void gc_cycle_start(Heap *h) {
  if (h->options.stop_the_world) {
    cycle_in_one_stop(h);
    gc_run_finalizers(h, SIZE_MAX);
    return;
  }
  pthread_mutex_lock(&h->lock);
  bool can = gc_collector_request(h);
  pthread_mutex_unlock(&h->lock);
  if (!can) cycle_in_one_stop(h);
}

static __attribute__((noinline)) void enter_native(Heap *h, void *stack_top) {
  pthread_mutex_lock(&h->lock);
  gc_park(h, stack_top);
  pthread_mutex_unlock(&h->lock);
}

// Nothing here may use a callee-saved register before they are captured; so
// the rest is another function.
__attribute__((no_sanitize("thread"), no_sanitize("address"))) void
gc_enter_native(GcHeap *heap) {
  capture_registers(heap_of(heap)->native_registers);
  enter_native(heap_of(heap), __builtin_frame_address(0));
}

void gc_leave_native(GcHeap *heap) {
  Heap *h = heap_of(heap);
  if (pthread_mutex_trylock(&h->lock) != 0) {
    // Most likely the collector is stopping this heap.
    uint64_t start = gc_now_ns();
    pthread_mutex_lock(&h->lock);
    gc_record_stop(h, gc_now_ns() - start);
  }
  h->mutator = MUTATOR_RUNNING;
  memset(h->native_registers, 0, sizeof h->native_registers);
  pthread_mutex_unlock(&h->lock);
  gc_safepoint(heap);
}

size_t gc_used_bytes(Heap *h) {
  int64_t external = atomic_load_explicit(&h->external, memory_order_relaxed);
  return h->used_bytes + (external > 0 ? (size_t)external : 0);
}

static bool fits_within(Heap *h, size_t bytes, size_t limit) {
  pthread_mutex_lock(&h->lock);
  size_t used = gc_used_bytes(h);
  pthread_mutex_unlock(&h->lock);
  return used <= limit && bytes <= limit - used;
}

static bool fits(Heap *h, size_t bytes) {
  return fits_within(h, bytes, h->options.max_bytes);
}

static bool names_matter(const Heap *h) {
  return atomic_load_explicit(&h->external_by_kind[GC_EXTERNAL_NAMES],
                              memory_order_relaxed) >
         (int64_t)(h->options.max_bytes / 16);
}

// Past the limit, single blocks come from a reserve of a 16th of it: an error
// is on its way, whoever handles it needs room, and after it most of the heap
// may be garbage. When the reserve is used up there is another collection and,
// if that does not help, another error. Past five quarters of the limit, as
// external memory may be at once, every block is one.
bool gc_limit_allows(Heap *h, size_t bytes) {
  size_t max = h->options.max_bytes;
  if (max == 0 || fits(h, bytes)) return true;
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  bool is_block = bytes <= BLOCK_BYTES;
  if (bytes > max) return false;
  if (is_block && allocated < h->reserve_until &&
      fits_within(h, bytes, max + max / 4))
    return true;
  gc_cycle_full(h);
  // Names die a cycle or two after the last that had them (shared.c).
  for (int i = 0; i < 2 && !fits(h, bytes) && names_matter(h); i++)
    gc_cycle_full(h);
  if (fits(h, bytes)) return true;
  if (is_block) h->reserve_until = allocated + max / 16;
  return false;
}

bool gc_has_room(GcHeap *heap) {
  Heap *h = heap_of(heap);
  if (h->options.max_bytes == 0 || fits(h, BLOCK_BYTES)) return true;
  gc_cycle_full(h);
  return fits(h, BLOCK_BYTES);
}
