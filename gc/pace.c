// SPDX-License-Identifier: MIT
// The pace. A heap is to stay below GOAL times its live bytes, or some MiB more
// than them if it is small, while cycles are as rare as that allows. So a cycle
// begins when what will be allocated until marking ends just fits; how much
// that is, is learnt from the cycles before. A mutator that allocates faster
// than foreseen is held up in small steps, by how far marking has come.
//
// What is allocated while marking survives the cycle, dead or not. So after it
// there are `live` bytes that were reached and `fresh` ones that may be
// garbage.
#include "gc/heap.h"

enum {
  // Beyond the live bytes of small heaps: some megabytes are marked in a
  // millisecond, in which a fast mutator allocates as many.
  LEAST_ROOM = 8 << 20,
  LEAST_FACTOR = 4, // of the live bytes, besides that
  LARGEST_LEAST_ROOM = 24 << 20,
  LEAST_HEADROOM = 4 << 20,
  MIN_STALL_NS = 20 * 1000,
  MAX_STALL_NS = 500 * 1000,
  // Allocated between two steps: at its slowest the mutator gets 64 MB/s.
  STEP_BYTES = 32 << 10,
  MAX_STEPS = 32,
};
// A little below two: descriptors and what is left over in blocks count too.
static const double GOAL = 1.85;
static const double FIRST_GROWTH = 0.25;
static const double MARGIN = 1.25; // of what is foreseen

void gc_pace_begin(Heap *h) {
  h->pace.begun_at = atomic_load_explicit(&h->allocated, memory_order_relaxed);
  h->pace.stepped_at = h->pace.begun_at;
  h->pace.was_behind = false;
  atomic_store_explicit(&h->marked_so_far, 0, memory_order_relaxed);
}

void gc_pace_marked(Heap *h) {
  Pace *p = &h->pace;
  p->finished_at = atomic_load_explicit(&h->allocated, memory_order_relaxed);
  p->marked_cells = h->tracer.marked_cells;
  // Sweeping, which sets the next start, may have to wait for its thread.
  atomic_store_explicit(&h->stall_at, p->finished_at + p->headroom,
                        memory_order_relaxed);
}

// How much is allocated while a byte is marked: quick to believe that it is
// much, for too late a beginning is what must not be. If the mutator was held
// up, it would have been more.
static void learn(Pace *p) {
  if (p->growth == 0) p->growth = FIRST_GROWTH;
  if (p->live == 0) return;
  double last = (double)p->fresh / (double)p->live;
  if (p->was_behind) last *= MARGIN;
  p->growth = last > p->growth ? last : (3 * p->growth + last) / 4;
}

// What a heap may hold besides its live bytes.
static double room_beyond(double live, bool is_asked) {
  double room = (GOAL - 1) * live, least = LEAST_ROOM + LEAST_FACTOR * live;
  if (least > LARGEST_LEAST_ROOM) least = LARGEST_LEAST_ROOM;
  return room < least && !is_asked ? least : room;
}

void gc_pace_next(Heap *h) {
  Pace *p = &h->pace;
  size_t survived = h->swept_live_bytes;
  uint64_t meanwhile = p->finished_at - p->begun_at; // external memory, too
  p->fresh = meanwhile < survived / 2 ? (size_t)meanwhile : survived / 2;
  p->live = survived - p->fresh;
  learn(p);
  size_t asked = h->options.trigger_bytes;
  double live = (double)p->live, fresh = (double)p->fresh, until;
  double all = room_beyond(live, asked != 0);
  double least = asked                  ? (double)asked
                 : all < 2 * LEAST_ROOM ? all / 2
                                        : LEAST_ROOM;
  if (h->options.stop_the_world) {
    until = 0.75 * live;
  } else {
    double meanwhile = MARGIN * p->growth * live;
    if (meanwhile > all / 2) meanwhile = all / 2;
    until = all - fresh - meanwhile;
    if (until < live / 16) until = live / 16;
  }
  if (until < least) until = least;
  double headroom = all - fresh - until;
  if (headroom < LEAST_HEADROOM) headroom = LEAST_HEADROOM;
  // Half of what is left below the limit each.
  double max = (double)h->options.max_bytes;
  if (max > 0) {
    double left = (max - (double)gc_used_bytes(h)) / 2;
    if (left < max / 32) left = max / 32;
    if (until > left) until = left;
    if (headroom > left) headroom = left;
  }
  if (until < BLOCK_BYTES) until = BLOCK_BYTES;
  size_t room = (size_t)until;
  p->headroom = (size_t)headroom;
  // Most of what is not alive in the blocks that stay will be used, too.
  size_t wanted = room + 2 * p->headroom;
  size_t unused = h->used_bytes > survived ? h->used_bytes - survived : 0;
  wanted -= unused / 4 * 3 < wanted ? unused / 4 * 3 : wanted;
  h->keep_free_blocks = wanted / BLOCK_BYTES + 2 * CHUNK_BLOCKS;
  atomic_store_explicit(&h->is_oversize,
                        h->chunk_bytes > 2 * survived &&
                            h->chunk_bytes > survived + 4 * LEAST_ROOM,
                        memory_order_relaxed);
  uint64_t trigger = p->finished_at + room;
  atomic_store_explicit(&h->trigger_at, trigger, memory_order_relaxed);
  atomic_store_explicit(&h->stall_at, trigger + p->headroom / 4,
                        memory_order_relaxed);
}

// How far the mutator has run ahead of marking: 1: by all that there is room
// for. As soon as more was marked than was alive before, there is more room.
static double ahead_of_marking(Heap *h, uint64_t allocated) {
  const Pace *p = &h->pace;
  double headroom = (double)p->headroom,
         since = (double)(allocated - p->begun_at), done = 1, more = 0;
  if (p->marked_cells > 0) {
    done =
        (double)atomic_load_explicit(&h->marked_so_far, memory_order_relaxed) /
        (double)p->marked_cells;
    if (done > 1) {
      more = (done - 1) * GOAL * (double)p->live;
      done = 1;
    }
  }
  // A start is given: the marking thread may not be running yet.
  double allowed = headroom * (0.25 + 0.75 * done) + more;
  return (since - allowed) / headroom;
}

static double ahead(Heap *h) {
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  if (atomic_load_explicit(&h->marking, memory_order_relaxed)) {
    return ahead_of_marking(h, allocated);
  }
  if (!atomic_load_explicit(&h->cycle_active, memory_order_relaxed)) return 0;
  uint64_t stall_at = atomic_load_explicit(&h->stall_at, memory_order_relaxed);
  return ((double)allocated - (double)stall_at) / (2 * LEAST_ROOM);
}

static __attribute__((noinline)) void stall(Heap *h, uint64_t ns) {
  uint64_t start = gc_now_ns();
  pthread_mutex_lock(&h->lock);
  gc_park(h, __builtin_frame_address(0));
  while (gc_now_ns() < start + ns && ahead(h) > 0)
    gc_wait(h, start + ns);
  h->mutator = MUTATOR_RUNNING;
  h->pace.was_behind = true;
  gc_record_stall(h, gc_now_ns() - start);
  pthread_mutex_unlock(&h->lock);
}

void gc_cycle_if_due(Heap *h) {
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  if (allocated < atomic_load_explicit(&h->trigger_at, memory_order_relaxed)) {
    return;
  }
  if (!atomic_load_explicit(&h->cycle_active, memory_order_relaxed)) {
    gc_cycle_start(h);
    return;
  }
  // By what was allocated, not by how often this is asked: a block taken may
  // have room for one cell only.
  uint64_t steps = (allocated - h->pace.stepped_at) / STEP_BYTES;
  if (steps == 0) return;
  // Of external memory, many steps may come at once.
  if (steps > MAX_STEPS) steps = MAX_STEPS;
  h->pace.stepped_at = allocated;
  double by = ahead(h);
  uint64_t ns = by <= 0     ? 0
                : by > 0.25 ? steps * MAX_STALL_NS
                            : (uint64_t)(4 * by * MAX_STALL_NS);
  if (ns < MIN_STALL_NS) return;
  __builtin_unwind_init();
  stall(h, ns);
  gc_no_tail_call();
}
