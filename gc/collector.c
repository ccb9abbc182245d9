// SPDX-License-Identifier: MIT
// The collector threads: a few for the whole process, started when the first
// cycle is asked for. Each takes a heap off the queue and runs one cycle of it:
// stop to take the snapshot, mark, stop to finish, sweep.
//
// A stop is a request that the mutator answers at its next poll by doing the
// work itself; if it is in native state the collector does it, under the heap's
// lock, which gc_leave_native needs.
//
// Lock order: a heap's lock, then the queue's.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "gc/heap.h"

enum {
  MAX_THREADS = 4,
  SLICE_CELLS = 8192,            // between looks at the barrier's buffers
  PATIENCE_NS = 5 * 1000 * 1000, // how soon a mutator should answer
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static Heap *queue_first, *queue_last;
// Threads that wait for a mutator that does not answer (it may be in a long
// native function, or its thread is busy with another isolate) do not count
// against the limit: else a few of them would keep all other heaps waiting.
static int thread_count, idle_count, waiting_count, thread_limit;

static bool start_thread(void);

// Under lock. The stop that was asked for, on whatever thread.
void gc_do_requested_stop(Heap *h) {
  gc_record_wait(h, gc_now_ns() - h->requested_ns);
  if (h->request == STOP_BEGIN) {
    gc_stop_begin(h, h->options.trace_roots_later != NULL);
  } else {
    h->stop_finished = gc_stop_finish(h, FINISH_BUDGET);
  }
  h->request = STOP_NONE;
  gc_set_poll(h);
  pthread_cond_broadcast(&h->changed);
}

static void count_waiting(int change) {
  pthread_mutex_lock(&queue_lock);
  waiting_count += change;
  if (queue_first) start_thread();
  pthread_mutex_unlock(&queue_lock);
}

// False: cancelled.
static bool stop(Heap *h, StopKind kind) {
  pthread_mutex_lock(&h->lock);
  if (!h->cancel) {
    h->request = kind;
    h->requested_ns = gc_now_ns();
    gc_set_poll(h);
    if (h->mutator == MUTATOR_RUNNING && h->options.request_safepoint) {
      pthread_mutex_unlock(&h->lock);
      h->options.request_safepoint(h->options.data);
      pthread_mutex_lock(&h->lock);
    }
  }
  uint64_t patience = gc_now_ns() + PATIENCE_NS;
  bool is_waiting = false;
  while (!h->cancel && h->request != STOP_NONE) {
    if (h->mutator == MUTATOR_NATIVE) {
      gc_do_requested_stop(h);
    } else if (is_waiting) {
      gc_wait(h, 0);
    } else if (gc_now_ns() < patience) {
      gc_wait(h, patience);
    } else {
      is_waiting = true;
      count_waiting(1);
    }
  }
  if (is_waiting) count_waiting(-1);
  bool cancelled = h->cancel;
  pthread_mutex_unlock(&h->lock);
  return !cancelled;
}

static size_t slice(Heap *h) {
  if (likely(h->options.delay_seed == 0)) return SLICE_CELLS;
  return 1 + gc_delay_random(h, 64);
}

// Keeps the stack of cells short between parts of the roots. False: cancelled.
static bool mark_page(Heap *h) {
  gc_delay(h);
  gc_drain(&h->tracer, slice(h));
  return !gc_is_cancelled(h);
}

static bool mark(Heap *h) {
  for (;;) {
    gc_delay(h);
    bool empty = gc_drain(&h->tracer, slice(h));
    atomic_store_explicit(&h->marked_so_far, h->tracer.marked_cells,
                          memory_order_relaxed);
    bool more = gc_buffers_take(h);
    if (empty && !more) return true;
    if (gc_is_cancelled(h)) return false;
  }
}

static void record(Heap *h, GcPhase phase, uint64_t began) {
  pthread_mutex_lock(&h->lock);
  gc_record_phase(h, phase, began);
  pthread_mutex_unlock(&h->lock);
}

static void run_cycle(Heap *h) {
  uint64_t began = gc_now_ns(), processor_began = gc_processor_ns();
  if (!stop(h, STOP_BEGIN)) return;
  uint64_t start = gc_now_ns();
  for (uint32_t part = 0;
       h->options.trace_roots_later &&
       h->options.trace_roots_later(h->options.data, &h->tracer, part);
       part++) {
    if (!mark_page(h)) return;
  }
  gc_handles_trace(h, &h->tracer, mark_page);
  do {
    if (!mark(h)) return;
    record(h, GC_PHASE_MARK, start);
    start = gc_now_ns();
    gc_weak_before_stop(h);
    gc_delay(h);
    record(h, GC_PHASE_WEAK, start);
    if (!stop(h, STOP_FINISH)) return;
    start = gc_now_ns();
  } while (!h->stop_finished);
  if (!gc_weak_clear_beside(h)) return;
  record(h, GC_PHASE_WEAK, start);
  start = gc_now_ns();
  gc_find_finalizable(h);
  gc_sweep_all(h);
  pthread_mutex_lock(&h->lock);
  gc_record_phase(h, GC_PHASE_SWEEP, start);
  h->cycle.collector_cpu_ns = gc_processor_ns() - processor_began;
  pthread_mutex_unlock(&h->lock);
  gc_cycle_end(h);
  gc_told(GC_STRETCH_CYCLE, began);
}

static void *collector_main(void *unused) {
  (void)unused;
  pthread_mutex_lock(&queue_lock);
  for (;;) {
    while (!queue_first) {
      if (idle_count >= thread_limit) {
        thread_count--;
        pthread_mutex_unlock(&queue_lock);
        return NULL;
      }
      idle_count++;
      pthread_cond_wait(&queue_filled, &queue_lock);
      idle_count--;
    }
    Heap *h = queue_first;
    queue_first = h->next_queued;
    if (!queue_first) queue_last = NULL;
    h->is_queued = false;
    pthread_mutex_unlock(&queue_lock);
    run_cycle(h);
    pthread_mutex_lock(&h->lock);
    atomic_store_explicit(&h->cycle_active, false, memory_order_relaxed);
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    pthread_mutex_lock(&queue_lock);
  }
  return NULL;
}

// Under queue_lock. False: no thread, and none could be started.
static bool start_thread(void) {
  if (thread_limit == 0) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    thread_limit = processors < 1             ? 1
                   : processors < MAX_THREADS ? (int)processors
                                              : MAX_THREADS;
  }
  if (idle_count > 0 || thread_count - waiting_count >= thread_limit) {
    return true;
  }
  pthread_t thread;
  pthread_attr_t attributes;
  sigset_t all, before;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started =
      pthread_create(&thread, &attributes, collector_main, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (started) thread_count++;
  return thread_count > 0;
}

// Under the heap's lock. False: there can be no collector thread.
bool gc_collector_request(Heap *h) {
  if (h->cycle_active || h->cancel) return true;
  pthread_mutex_lock(&queue_lock);
  bool can = start_thread();
  if (can) {
    atomic_store_explicit(&h->cycle_active, true, memory_order_relaxed);
    h->next_queued = NULL;
    h->is_queued = true;
    if (queue_last)
      queue_last->next_queued = h;
    else
      queue_first = h;
    queue_last = h;
    pthread_cond_signal(&queue_filled);
  }
  pthread_mutex_unlock(&queue_lock);
  return can;
}

static void unqueue(Heap *h) {
  pthread_mutex_lock(&queue_lock);
  if (h->is_queued) {
    Heap *previous = NULL;
    for (Heap *q = queue_first; q != h; q = q->next_queued)
      previous = q;
    if (previous)
      previous->next_queued = h->next_queued;
    else
      queue_first = h->next_queued;
    if (queue_last == h) queue_last = previous;
    h->is_queued = false;
    atomic_store_explicit(&h->cycle_active, false, memory_order_relaxed);
  }
  pthread_mutex_unlock(&queue_lock);
}

void gc_cycle_cancel(Heap *h) {
  pthread_mutex_lock(&h->lock);
  __atomic_store_n(&h->cancel, true, __ATOMIC_RELAXED);
  h->request = STOP_NONE;
  pthread_cond_broadcast(&h->changed);
  unqueue(h);
  while (h->cycle_active)
    pthread_cond_wait(&h->changed, &h->lock);
  if (h->clearing) {
    atomic_store_explicit(&h->clearing, false, memory_order_relaxed);
    __atomic_fetch_sub(&gc_clearing_heaps, 1, __ATOMIC_SEQ_CST);
  }
  if (h->marking) {
    atomic_store_explicit(&h->marking, false, memory_order_relaxed);
    __atomic_fetch_sub(&gc_marking_heaps, 1, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&h->lock);
}
