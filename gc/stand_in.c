// SPDX-License-Identifier: MIT
// A stand-in for the collector (GcOptions.stand_in): wherever the mutator may
// stop, it reads the cells that the C stack refers to, and what these refer to,
// as marking would if a cycle began just there. To ThreadSanitizer it is a
// thread of its own, which has seen all that the mutator did before and of
// which the mutator sees nothing until the next final stop. So every plain
// store afterwards to a word that the collector may be reading is reported,
// whenever a collector would really have read it.
#include "gc/heap.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#include <stdlib.h>
#include <ucontext.h>

enum {
  STACK_BYTES = 1 << 18, // the stand-in's own
  STACK_WORDS = 4096,    // of the mutator's, looked at
  SEEN = 256,            // cells that are not read twice in a row
  // Places of the program (see count_place). There the stand-in reads so many
  // times, at the first few of them deeper, and then once in so many.
  PLACES = 1 << 16,
  PLACE_WORDS = 96,
  OFTEN = 24,
  MOST = 100000, // in all
  NEW = 3,
  SELDOM = 64,
  DEEP_CELLS = 500,
  // Larger cells are read as seldom, and when it reads deeper, until so many
  // bytes of them have been read.
  LARGE_BYTES = 4096,
  LARGE_MOST = 1 << 28,
};

struct StandIn {
  Heap *heap;
  GcTracer tracer;
  void *fiber, *mutator_fiber;
  ucontext_t context, mutator;
  const uintptr_t *begin, *end; // of the C stack, where to look
  bool reads_deeper, reads_large;
  uint32_t times, reads;
  size_t large_bytes; // of large cells that were read
  uint16_t places[PLACES];
  const GcCell *seen[SEEN];
  char stack[STACK_BYTES];
};

static void run(unsigned high, unsigned low);

static struct StandIn *make(Heap *h) {
  struct StandIn *volatile s = calloc(1, sizeof *s);
  if (!s) return NULL;
  if (!gc_walk_tracer_init(&s->tracer, h)) {
    free(s);
    return NULL;
  }
  s->tracer.is_verifying = true;
  s->heap = h;
  getcontext(&s->context);
  s->context.uc_stack.ss_sp = s->stack;
  s->context.uc_stack.ss_size = sizeof s->stack;
  makecontext(&s->context, (void (*)(void))run, 2,
              (unsigned)((uintptr_t)s >> 32), (unsigned)(uintptr_t)s);
  s->fiber = __tsan_create_fiber(0);
  __tsan_set_fiber_name(s->fiber, "stand-in for the collector");
  return h->stand_in = s;
}

// What was read may be swept.
void gc_stand_in_done(Heap *h) {
  if (!h->stand_in) return;
  void *self = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(h->stand_in->fiber, 0);
  __tsan_switch_to_fiber(self, 0);
}

void gc_stand_in_free(Heap *h) {
  if (!h->stand_in) return;
  gc_stand_in_done(h);
  gc_walk_tracer_free(&h->stand_in->tracer);
  __tsan_destroy_fiber(h->stand_in->fiber);
  free(h->stand_in);
  h->stand_in = NULL;
}

static __attribute__((no_sanitize("thread"))) void
read_cell(struct StandIn *s, const GcCell *cell) {
  const Heap *h = s->heap;
  uint8_t kind = *(const volatile uint8_t *)&cell->kind;
  const GcCell **seen = &s->seen[((uintptr_t)cell >> 4) % SEEN];
  if (kind == 0 || kind >= h->options.kind_count || *seen == cell) return;
  size_t bytes = gc_cell_bytes(cell);
  if (bytes > LARGE_BYTES) {
    if (!s->reads_large || s->large_bytes > LARGE_MOST) return;
    s->large_bytes += bytes;
  }
  *seen = cell;
  void (*trace)(GcTracer *, GcCell *) = h->options.kinds[kind].trace;
  if (trace) trace(&s->tracer, (GcCell *)(uintptr_t)cell);
}

// Not while anything is being swept.
static bool may_read(Heap *h) {
  pthread_mutex_lock(&h->lock);
  bool may = !atomic_load_explicit(&h->cycle_active, memory_order_relaxed) ||
             atomic_load_explicit(&h->marking, memory_order_relaxed);
  pthread_mutex_unlock(&h->lock);
  return may;
}

// How often has the mutator been here? What looks like return addresses above
// tells where it is.
static __attribute__((no_sanitize("thread"))) uint32_t
count_place(struct StandIn *s, const uintptr_t *begin) {
  extern const char __executable_start, etext;
  const uintptr_t *end = begin + PLACE_WORDS;
  if (end > (const uintptr_t *)s->heap->stack_bottom)
    end = s->heap->stack_bottom;
  uint64_t place = 0;
  for (const uintptr_t *p = begin; p < end; p++) {
    uintptr_t word = *(const volatile uintptr_t *)p;
    if (word >= (uintptr_t)&__executable_start && word < (uintptr_t)&etext)
      place = (place ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  }
  uint16_t *times = &s->places[place >> 48];
  return *times < UINT16_MAX ? ++*times : *times;
}

static __attribute__((no_sanitize("thread"))) void read_all(struct StandIn *s) {
  Heap *h = s->heap;
  GcTracer *t = &s->tracer;
  uint32_t deeper = s->reads_deeper ? DEEP_CELLS : 0;
  memset(s->seen, 0, sizeof s->seen);
  for (const uintptr_t *p = s->begin; p < s->end; p++) {
    uintptr_t word = *(const volatile uintptr_t *)p;
    if (gc_is_no_address(word)) continue;
    const GcCell *cell = gc_resolve(&h->public, word);
    if (cell) read_cell(s, cell);
  }
  while (t->top > t->base) {
    uint64_t word = *--t->top;
    const GcCell *cell = (const GcCell *)(uintptr_t)word;
    uint64_t *top = t->top;
    if (chunk_of(cell)->heap == t->heap && gc_is_cell(t->heap, word))
      read_cell(s, cell);
    if (deeper > 0)
      deeper--;
    else
      t->top = top;
  }
}

static __attribute__((no_sanitize("thread"))) void run(unsigned high,
                                                       unsigned low) {
  struct StandIn *s = (struct StandIn *)((uintptr_t)high << 32 | low);
  for (;;) {
    read_all(s);
    __tsan_switch_to_fiber(s->mutator_fiber, __tsan_switch_to_fiber_no_sync);
    swapcontext(&s->context, &s->mutator);
  }
}

static __attribute__((noinline, no_sanitize("thread"))) void
let_it_read(Heap *h, const uintptr_t *begin) {
  struct StandIn *s = h->stand_in ? h->stand_in : make(h);
  if (!s) return;
  uint32_t times = count_place(s, begin);
  bool is_seldom = ++s->times % SELDOM == 0;
  if (!is_seldom && (times > OFTEN || s->reads > MOST)) return;
  if (!may_read(h)) return;
  s->reads++;
  s->reads_deeper = times <= NEW && s->reads <= MOST;
  s->reads_large = s->reads_deeper || is_seldom;
  s->begin = begin;
  s->end = h->stack_bottom;
  if (s->end - begin > STACK_WORDS) s->end = begin + STACK_WORDS;
  s->mutator_fiber = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(s->fiber, 0);
  swapcontext(&s->mutator, &s->context);
}

void gc_stand_in_reads(Heap *h) {
  __builtin_unwind_init();
  let_it_read(h, __builtin_frame_address(0));
  gc_no_tail_call();
}
#endif
