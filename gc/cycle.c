// SPDX-License-Identifier: MIT
// Cycles of collection: what happens in the two stops, stops as seen by the
// mutator, whole cycles in one stop, and the pace.
#include <time.h>

#include "gc/heap.h"

enum {
  DEFAULT_TRIGGER = 16 << 20,
  FINISH_BUDGET = 2000, // cells traced in a final stop before it is put off
};

uint64_t gc_now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void gc_set_poll(Heap *h) {
  uint32_t poll = (h->request != STOP_NONE) |
                  (h->pending_finalizers.count && !h->is_finalizing ? 2 : 0);
  atomic_store_explicit(&h->poll, poll, memory_order_release);
}

// The snapshot is taken: everything reachable now survives this cycle.
void gc_stop_begin(Heap *h) {
  GcTracer *t = &h->tracer;
  atomic_store_explicit(&h->marking, true, memory_order_relaxed);
  __atomic_fetch_add(&gc_marking_heaps, 1, __ATOMIC_SEQ_CST);
  t->marked_cells = 0;
  h->cycles_begun++;
  h->cycle_wanted = false;
  h->cycle_begin_allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  gc_blacken_runs(h);
  if (h->options.trace_roots) h->options.trace_roots(h->options.data, t);
  for (GcRoot *r = h->roots.next; r != &h->roots; r = r->next) {
    gc_trace_word(t, r->word);
  }
  for (size_t i = 0; i < h->pending_finalizers.count; i++) {
    mark_cell(h->pending_finalizers.cells[i]);
  }
  gc_trace_conservatively(t, h->native_registers, h->native_registers + 16);
  gc_trace_conservatively(t, h->stack_top, h->stack_bottom);
}

static bool trace_ephemerons(Heap *h, size_t budget) {
  GcTracer *t = &h->tracer;
  size_t before;
  do {
    before = t->marked_cells;
    for (size_t i = 0; i < h->weak.count; i++) {
      GcCell *cell = h->weak.cells[i];
      const GcKind *kind = &h->options.kinds[cell->kind];
      if (kind->trace_ephemerons && is_marked_or_fresh(cell)) {
        kind->trace_ephemerons(t, cell);
      }
    }
    if (!gc_drain(t, budget)) return false;
  } while (t->marked_cells != before);
  return true;
}

static void clear_weak(Heap *h) {
  size_t kept = 0;
  for (size_t i = 0; i < h->weak.count; i++) {
    GcCell *cell = h->weak.cells[i];
    if (!is_marked_or_fresh(cell)) continue;
    const GcKind *kind = &h->options.kinds[cell->kind];
    if (kind->clear_weak) kind->clear_weak(&h->tracer, cell);
    h->weak.cells[kept++] = cell;
  }
  h->weak.count = kept;
}

// False: there is more to mark than the budget allows, go on concurrently.
bool gc_stop_finish(Heap *h, size_t budget) {
  gc_buffers_take_stopped(h);
  if (!gc_drain(&h->tracer, budget)) return false;
  if (!trace_ephemerons(h, budget)) return false;
  clear_weak(h);
  gc_retire_runs(h);
  atomic_store_explicit(&h->marking, false, memory_order_relaxed);
  __atomic_fetch_sub(&gc_marking_heaps, 1, __ATOMIC_SEQ_CST);
  for (size_t i = 0; i < h->new_finalizable.count; i++) {
    if (!gc_vector_push(&h->finalizable, h->new_finalizable.cells[i])) {
      gc_exhausted();
    }
  }
  h->new_finalizable.count = 0;
  gc_sweep_begin(h);
  return true;
}

// A cycle is swept to its end: sets the next one's start.
void gc_cycle_end(Heap *h) {
  pthread_mutex_lock(&h->lock);
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  h->live_bytes = h->swept_live_bytes;
  size_t room = h->live_bytes - h->live_bytes / 4;
  size_t least =
      h->options.trigger_bytes ? h->options.trigger_bytes : DEFAULT_TRIGGER;
  if (room < least) room = least;
  size_t used = gc_used_bytes(h);
  if (h->options.max_bytes && used < h->options.max_bytes) {
    size_t left = (h->options.max_bytes - used) / 2;
    if (room > left) room = left;
  }
  if (room < BLOCK_BYTES) room = BLOCK_BYTES;
  atomic_store_explicit(&h->trigger_at, allocated + room, memory_order_relaxed);
  h->cycles_done++;
  pthread_mutex_unlock(&h->lock);
}

static __attribute__((noinline)) void cycle_on_mutator(Heap *h) {
  uint64_t start = gc_now_ns();
  h->stack_top = __builtin_frame_address(0);
  pthread_mutex_lock(&h->lock);
  gc_stop_begin(h);
  gc_stop_finish(h, SIZE_MAX);
  pthread_mutex_unlock(&h->lock);
  uint64_t marked = gc_now_ns();
  gc_find_finalizable(h);
  gc_sweep_all(h);
  gc_cycle_end(h);
  uint64_t end = gc_now_ns();
  pthread_mutex_lock(&h->lock);
  h->mark_ns += marked - start;
  h->sweep_ns += end - marked;
  gc_record_pause(h, end - start);
  pthread_mutex_unlock(&h->lock);
  gc_run_finalizers(h);
}

void gc_cycle_in_one_stop(Heap *h) {
  __builtin_unwind_init();
  cycle_on_mutator(h);
  __asm__ volatile("" ::: "memory"); // no tail call: the frame is scanned
}

void gc_answer_poll(Heap *h) {
  gc_run_finalizers(h);
}

void gc_cycle_full(Heap *h) {
  gc_cycle_in_one_stop(h);
}

void gc_cycle_for_stress(Heap *h) {
  gc_cycle_in_one_stop(h);
}

void gc_cycle_if_due(Heap *h) {
  if (atomic_load_explicit(&h->allocated, memory_order_relaxed) <
      atomic_load_explicit(&h->trigger_at, memory_order_relaxed)) {
    return;
  }
  gc_cycle_in_one_stop(h);
}

void gc_cycle_cancel(Heap *h) {
  (void)h;
}

size_t gc_used_bytes(Heap *h) {
  int64_t external = atomic_load_explicit(&h->external, memory_order_relaxed);
  return h->used_bytes + (external > 0 ? (size_t)external : 0);
}

static bool fits(Heap *h, size_t bytes) {
  pthread_mutex_lock(&h->lock);
  size_t used = gc_used_bytes(h);
  pthread_mutex_unlock(&h->lock);
  return used <= h->options.max_bytes && bytes <= h->options.max_bytes - used;
}

// For single blocks a collection that did not help is not repeated until a 32nd
// of the limit was allocated.
bool gc_limit_allows(Heap *h, size_t bytes) {
  size_t max = h->options.max_bytes;
  if (max == 0 || fits(h, bytes)) return true;
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  bool is_block = bytes <= BLOCK_BYTES;
  if (bytes > max || (is_block && allocated < h->vain_until)) return false;
  gc_cycle_full(h);
  if (fits(h, bytes)) return true;
  if (is_block) h->vain_until = allocated + max / 32;
  return false;
}
