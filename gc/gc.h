// SPDX-License-Identifier: MIT
// The heap: everything that a script can reach is a cell of it. This header is
// all that the rest of the project knows of memory management.
//
// A heap belongs to one isolate and is used by one thread at a time, the
// mutator; marking and sweeping run on a collector thread beside it. Marking is
// by snapshot at the beginning: a word of a cell must not be overwritten
// without gc_store_word (or gc_barrier_range before the overwriting), so that
// the collector sees what the word held. Filling a fresh cell needs no barrier.
//
// Cells never move. The C stack of the mutator is scanned conservatively, and
// interior pointers on it count: C code needs no handles. Heap words must hold
// the address of a cell's start. Memory from malloc is not scanned: register
// it as a root (GcRoot) or trace it from the cell that owns it.
//
// A stop of the mutator can happen inside of any allocation, gc_safepoint and
// gc_leave_native, nowhere else.
#ifndef RILL_GC_GC_H
#define RILL_GC_GC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rill/memory.h"

// The first word of every cell. kind is an index in GcOptions.kinds and never
// 0; the rest is the kind's own.
typedef struct GcCell {
  uint8_t kind;
  uint8_t flags;
  uint16_t aux;
  uint32_t extra;
} GcCell;
_Static_assert(sizeof(GcCell) == 8, "one word");

typedef struct GcHeap GcHeap;
typedef struct GcTracer GcTracer;

// What the collector knows of a kind of cell. Any entry may be NULL.
typedef struct GcKind {
  const char *name;
  // Reports every reference in the cell. Runs on the collector thread while the
  // mutator may be changing the cell: reads each word once, follows pointers to
  // nothing but what the cell owns for good, tolerates zero words. NULL: the
  // cell holds no references.
  void (*trace)(GcTracer *, GcCell *);
  // For cells given to gc_add_weak: drops the words whose cells are not marked
  // (gc_is_marked). With the mutator stopped, or, if `clears_beside`, beside
  // it: then it writes only words whose cells are not marked, atomically and by
  // compare-and-swap where the mutator may write them too; the mutator reads
  // such words by gc_load_weak.
  void (*clear_weak)(GcTracer *, GcCell *);
  // For cells given to gc_add_finalizer, once dead: frees what is outside the
  // heap. On the mutator's thread, at a safepoint or in gc_heap_destroy. Must
  // not touch other cells nor allocate.
  void (*finalize)(GcHeap *, GcCell *);
  // To shorten the stop: is everything marked that clear_weak would look at?
  // Then it is not called. Runs beside the mutator, under the rules of `trace`.
  bool (*weak_is_clean)(GcTracer *, GcCell *);
  bool clears_beside;
} GcKind;

typedef struct GcOptions {
  const GcKind *kinds; // kinds[0] is unused
  uint32_t kind_count;
  // Reports the isolate's own roots, with the mutator stopped.
  void (*trace_roots)(void *data, GcTracer *);
  // What trace_roots left for later, if it was told that it may
  // (gc_leaves_roots): a part at a time, from 0 on, beside the mutator. Words
  // that were left must not change before gc_barrier_conservatively was told of
  // them. False: there is no such part. May be NULL.
  bool (*trace_roots_later)(void *data, GcTracer *, uint32_t part);
  // The collector wants gc_safepoint called soon. Any thread; must not block.
  void (*request_safepoint)(void *data);
  // An allocation passed max_bytes and a full collection did not help. Called
  // on the mutator's thread from within the allocation, which succeeds from the
  // reserve all the same; the callback arranges for an error to be thrown soon.
  // At the limit the error may be let go if gc_has_room then. On any thread, if
  // the collector lacked memory for its own records.
  void (*out_of_memory)(void *data, bool at_limit);
  void *data;
  size_t max_bytes;    // 0: no limit
  bool stop_the_world; // no collector thread: whole cycles in one stop
  // For tests. Every allocation is a slow one and every Nth collects, freed
  // cells are poisoned, marking is verified; 0: off.
  uint32_t stress;
  // With stress, in builds with ThreadSanitizer: see gc/stand_in.c.
  bool stand_in;
  // Check the whole heap before a cycle begins and when its marking has ended.
  bool verify;
  // The collector works in small slices with random delays in between: other
  // interleavings for each seed; 0: off.
  uint64_t delay_seed;
  size_t trigger_bytes; // of allocation at least between cycles; 0: default
} GcOptions;

// NULL: out of memory. The calling thread is the mutator.
GcHeap *gc_heap_create(const GcOptions *);
// Runs all outstanding finalizers, frees every cell.
void gc_heap_destroy(GcHeap *);
// The calling thread becomes the mutator; the heap must be in native state or
// never have left its creator's hands. `stack_bottom`: the highest address of
// the C stack that may hold references; NULL: the thread's whole stack.
void gc_heap_adopt(GcHeap *, void *stack_bottom);

// The calling thread's C stack. NULL: the system does not tell.
typedef struct GcThreadStack {
  uintptr_t low;  // the lowest usable address, above the guard
  uintptr_t high; // above all frames of C functions
} GcThreadStack;
const GcThreadStack *gc_thread_stack(void);

// Allocation ------------------------------------------------------------

enum {
  GC_GRANULE = 16,
  GC_MAX_SMALL = 8192,
  GC_MAX_MEDIUM = 32768,
  GC_SIZE_CLASS_COUNT = 40,
};

// A run of free cells of one size class.
typedef struct GcRun {
  uintptr_t cursor, limit;
} GcRun;
// The part of the heap that inline code uses; the rest is private to gc/.
struct GcHeap {
  GcRun runs[GC_SIZE_CLASS_COUNT];
};
// Size class of (bytes + 15) / 16, and bytes of a cell of a class.
extern const uint8_t gc_class_of_granules[GC_MAX_SMALL / GC_GRANULE + 1];
extern const uint16_t gc_class_bytes[GC_SIZE_CLASS_COUNT];

void *gc_allocate_slow(GcHeap *, uint32_t size_class);

// Up to 256 bytes every multiple of 16 is a class, in order.
static inline __attribute__((always_inline)) uint32_t
gc_size_class(size_t bytes) {
  return bytes <= 256
             ? (uint32_t)((bytes + GC_GRANULE - 1) / GC_GRANULE) - 1
             : gc_class_of_granules[(bytes + GC_GRANULE - 1) / GC_GRANULE];
}

// A cell of `bytes` bytes (8 to GC_MAX_SMALL), 16-byte aligned, zeroed but
// for its kind. Never NULL: past the limit it comes from a reserve and
// GcOptions.out_of_memory is told.
static inline __attribute__((always_inline, returns_nonnull)) void *
gc_allocate(GcHeap *heap, size_t bytes, uint8_t kind) {
  uint32_t class = gc_size_class(bytes);
  GcRun *run = &heap->runs[class];
  char *cell = (char *)run->cursor;
  size_t rounded =
      bytes <= 256 ? (bytes + 15) & ~(size_t)15 : (size_t)gc_class_bytes[class];
  uintptr_t next = run->cursor + rounded;
  if (__builtin_expect(next <= run->limit, 1)) {
    run->cursor = next;
  } else {
    cell = (char *)gc_allocate_slow(heap, class);
  }
  if (__builtin_constant_p(bytes) || bytes > 256) {
    memset(cell, 0, (bytes + 7) & ~(size_t)7);
  } else {
    // A call of memset would cost more than the work.
    typedef uint64_t Pair __attribute__((vector_size(16), may_alias));
    for (size_t i = 0; i < rounded; i += 16) {
      *(Pair *)(void *)(cell + i) = (Pair){0, 0};
      __asm__("" : "+r"(i)); // keeps the loop from becoming that call
    }
  }
  __atomic_store_n((uint64_t *)(void *)cell, (uint64_t)kind, __ATOMIC_RELEASE);
  return cell;
}
// A cell of any size, zeroed. NULL: past the limit or out of memory (after a
// full collection); nothing is thrown here.
void *gc_allocate_large(GcHeap *, size_t bytes, uint8_t kind)
    __attribute__((warn_unused_result));
// The same for cells that tend to grow: those of some megabytes can do so where
// they are.
void *gc_allocate_growable(GcHeap *, size_t bytes, uint8_t kind)
    __attribute__((warn_unused_result));
// The cell has at least so many bytes then, zeroed. False: it cannot grow, or
// past the limit or out of memory; nothing has changed. May stop the mutator.
bool gc_grow(GcHeap *, void *cell, size_t bytes)
    __attribute__((warn_unused_result));
// A cell of up to GC_MAX_MEDIUM bytes that nobody could do without. Never NULL,
// as gc_allocate.
void *gc_allocate_certain(GcHeap *, size_t bytes, uint8_t kind)
    __attribute__((returns_nonnull));
// By size; NULL as gc_allocate_large.
static inline void *gc_allocate_any(GcHeap *heap, size_t bytes, uint8_t kind) {
  return bytes <= GC_MAX_SMALL ? gc_allocate(heap, bytes, kind)
                               : gc_allocate_large(heap, bytes, kind);
}
// The bytes that a cell's size class really gives (>= what was asked).
size_t gc_cell_bytes(const void *cell);
static inline size_t gc_rounded_bytes(size_t bytes) {
  return bytes <= GC_MAX_SMALL ? gc_class_bytes[gc_size_class(bytes)]
                               : (bytes + 15) & ~(size_t)15;
}

// Process-wide cells, never freed, never traced: they hold no references into
// any isolate's heap. Any thread. Zeroed. NULL: out of memory.
void *gc_allocate_shared(size_t bytes, uint8_t kind);
// The same, from the process's reserve if the system has no memory left: for
// the few cells of the engine's own that nobody could do without.
void *gc_allocate_shared_reserved(size_t bytes, uint8_t kind);

// Process-wide cells that die when nobody has them any more: they hold no
// references, and `aux` of their header is the collector's. Whoever makes them
// keeps them in a table, which any thread may read, and runs the rounds that
// find out which are dead: see gc/shared.c. Zeroed, and seen. NULL: out of
// memory.
void *gc_allocate_mortal(size_t bytes, uint8_t kind);
enum { GC_MORTAL = 1, GC_DEAD = 2, GC_ROUND_SHIFT = 2 };
// Of the round under way or the last one. In a cell there is as much of it as
// `aux` has room for: one that is not seen dies long before it comes round.
extern uint64_t gc_round;
static inline uint16_t gc_mortal_stamp(void) {
  return (uint16_t)(__atomic_load_n(&gc_round, __ATOMIC_ACQUIRE)
                        << GC_ROUND_SHIFT |
                    GC_MORTAL);
}
// The mutator has found it in the table and is to have it. False: it is dead,
// as if it had not been there.
static inline bool gc_mortal_see(GcCell *cell) {
  uint16_t state = __atomic_load_n(&cell->aux, __ATOMIC_ACQUIRE),
           stamp = gc_mortal_stamp();
  while (__builtin_expect(state != stamp, 0)) {
    if (state & GC_DEAD) return false;
    if (!(state & GC_MORTAL) ||
        __atomic_compare_exchange_n(&cell->aux, &state, stamp, true,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return true;
  }
  return true;
}
// It stays for good: whoever does it keeps it from being killed meanwhile, and
// takes it out of the table.
static inline void gc_mortal_keep(GcCell *cell) {
  __atomic_store_n(&cell->aux, 0, __ATOMIC_RELEASE);
}
// When a round is over. False: the cell was seen in it.
bool gc_mortal_kill(GcCell *);
// When another round is over; and after many of them.
void gc_mortals_free(GcCell *const *, size_t count);
void gc_mortals_freed(void);
// One at a time.
void gc_round_begin(void);
bool gc_round_is_over(void);
// Asks for a cycle of all heaps that it waits for: some may be idle.
void gc_round_hurry(void);
// Called when a cycle is nearly over or a heap has been closed, by the thread
// that did it, which holds no lock.
void gc_on_cycles(void (*)(void));

// For tests: asked at every allocation of heaps in stress mode, of shared cells
// and of external memory; true: that allocation fails as one past the limit
// does. NULL: nobody is asked. Any thread may be the one that asks.
void gc_fail_allocations(bool (*fails)(void));

// The system has no memory left, nor has the reserve any: ends the process.
// Only where no caller could do better.
_Noreturn void gc_exhausted(void);

// Memory outside the heap that a cell keeps alive: counts towards the limit and
// the pace. Mutator's thread, finalizers included.
typedef enum GcExternal {
  GC_EXTERNAL_BUFFERS,
  GC_EXTERNAL_NATIVE, // what libraries, regexp/ or eval's compiler made
  GC_EXTERNAL_NAMES,  // atoms: of the process, charged to who made them
  GC_EXTERNAL_KINDS,
} GcExternal;
void gc_external_adjust(GcHeap *, GcExternal, int64_t bytes);
// The same of GC_EXTERNAL_NATIVE, for memory that no collection gives back, as
// that of sleeps: counts towards the limit, not the pace. Mutator's thread.
void gc_external_hold(GcHeap *, int64_t bytes);
// Names that heaps were charged for, by the numbers of those, have died. Any
// thread; heaps that are closed meanwhile are left out.
typedef struct GcReturn {
  uint32_t heap_number;
  size_t bytes;
} GcReturn;
void gc_external_return_names(const GcReturn *, size_t count);
uint32_t gc_heap_number(const GcHeap *);
// Whether the heap is below its limit, after a full collection if need be: most
// of what led to an error may have been dropped by whoever caught it.
bool gc_has_room(GcHeap *);
// True if `bytes` more stay below the limit, after a full collection if needed.
// Call it before much external memory is allocated: it is a safepoint, too.
bool gc_reserve_external(GcHeap *, size_t bytes);

// Barrier ----------------------------------------------------------------

// Number of heaps of the process that are being marked.
extern uint32_t gc_marking_heaps;
void gc_barrier_slow(GcHeap *, uint64_t old_word);
static inline bool gc_barrier_is_on(void) {
  return __builtin_expect(
      __atomic_load_n(&gc_marking_heaps, __ATOMIC_RELAXED) != 0, 0);
}
// Overwrites a word of a cell (a Value or a pointer).
static inline void gc_store_word(GcHeap *heap, uint64_t *slot, uint64_t word) {
  if (gc_barrier_is_on()) gc_barrier_slow(heap, *slot);
  __atomic_store_n(slot, word, __ATOMIC_RELEASE);
}
// Stores over a word that holds no cell: NULL, a constant, or what was in the
// cell before this use of it. The cell stored is complete.
#define gc_publish(slot, word)                                                 \
  __atomic_store_n((slot), (word), __ATOMIC_RELEASE)
// gc_store_pointer(heap, &cell->field, pointer)
#define gc_store_pointer(heap, slot, pointer)                                  \
  do {                                                                         \
    __typeof__(*(slot)) gc_new_pointer_ = (pointer);                           \
    gc_store_word((heap), (uint64_t *)(void *)(slot),                          \
                  (uint64_t)(uintptr_t)gc_new_pointer_);                       \
  } while (0)
void gc_barrier_range_slow(GcHeap *, const uint64_t *words, size_t count);
// Call it before words of a cell are overwritten, moved away or dropped in bulk
// (memmove, truncation, a resumed fiber's registers). Words that are not
// initialized, or left over from dead cells, do no harm.
static inline void gc_barrier_range(GcHeap *heap, const uint64_t *words,
                                    size_t count) {
  if (gc_barrier_is_on()) gc_barrier_range_slow(heap, words, count);
}
// Moves words of a cell that the collector may be reading; call
// gc_barrier_range for what is overwritten. Ranges may overlap.
static inline void gc_move_words(uint64_t *to, const uint64_t *from,
                                 size_t count) {
#ifdef __SANITIZE_THREAD__
  if (to < from) {
    for (size_t i = 0; i < count; i++)
      gc_publish(&to[i], from[i]);
  } else {
    while (count-- > 0)
      gc_publish(&to[count], from[count]);
  }
#else
  // Copies of aligned words are not torn on the processors that rill is for.
  memmove(to, from, count * sizeof(uint64_t));
#endif
}
// Call it with a cell got from a weak reference: keeps it for this cycle.
static inline void gc_barrier_weak_read(GcHeap *heap, const void *cell) {
  if (gc_barrier_is_on()) gc_barrier_slow(heap, (uint64_t)(uintptr_t)cell);
}

// Number of heaps of the process whose weak cells are being cleared.
extern uint32_t gc_clearing_heaps;
uint64_t gc_load_weak_slow(GcHeap *, const uint64_t *slot, uint64_t dead);
// A weak word of a cell whose kind clears_beside; `dead` if what it refers to
// is not there any more, though the word may not tell yet.
static inline uint64_t gc_load_weak(GcHeap *heap, const uint64_t *slot,
                                    uint64_t dead) {
  return __builtin_expect(
             __atomic_load_n(&gc_clearing_heaps, __ATOMIC_ACQUIRE) != 0, 0)
             ? gc_load_weak_slow(heap, slot, dead)
             : __atomic_load_n(slot, __ATOMIC_RELAXED);
}

// Mutator: is this heap being marked?
bool gc_is_marking(GcHeap *);
// The same as gc_barrier_range for words that may hold anything, outside of any
// cell: they belong to the snapshot and are about to change.
void gc_barrier_conservatively(GcHeap *, const void *begin, const void *end);

// Tracing (from GcKind.trace and GcOptions.trace_roots) --------------------

// The tracer's stack of words to look at, and what is private to gc/.
enum { GC_TRACER_RING = 32, GC_TRACER_COMMON = 16 };
struct GcTracer {
  uint64_t *top, *limit;
  uint64_t *base; // of the segment on top
  struct GcSegment *segment, *spare;
  GcHeap *heap;
  GcCell *ring[GC_TRACER_RING]; // between stack and tracing: being prefetched
  uint32_t ring_at, in_ring;
  // Parts of large cells that wait until the stack is empty.
  struct GcRange *ranges;
  uint32_t range_count, range_capacity;
  bool is_draining;    // only then: a range is part of a marked cell
  size_t marked_cells; // so far in this cycle
  uint64_t common[GC_TRACER_COMMON]; // pushed in this cycle, while draining
  bool traces_ephemerons;
  bool is_verifying;
  bool leaves_roots;
  bool puts_off_large; // in a stop, which must not wait for a large cell
};
void gc_trace_push_slow(GcTracer *, uint64_t word);
// Values and pointers alike: no tag above, constants have bit 1 set. The heap
// never lies in the first 4 GiB of addresses, so cells may hold small plain
// numbers.
static inline bool gc_word_is_cell(uint64_t word) {
  return word > UINT32_MAX && (word & UINT64_C(0xfffe000000000002)) == 0;
}

// A Value or pointer; whatever is no cell of the heap being traced is ignored:
// numbers, constants, plain 32-bit numbers, shared cells.
static inline void gc_trace_word(GcTracer *tracer, uint64_t word) {
  if (!gc_word_is_cell(word)) return;
  if (__builtin_expect(tracer->top == tracer->limit, 0)) {
    gc_trace_push_slow(tracer, word);
  } else {
    *tracer->top++ = word;
  }
}
// Words of the cell being traced. Of many, the rest may be read later.
void gc_trace_words(GcTracer *, const uint64_t *words, size_t count);
// Records of `words` words each in the cell being traced, of which the first
// `references` are to be traced.
void gc_trace_records(GcTracer *, const uint64_t *records, size_t count,
                      uint32_t words, uint32_t references);
// A field of a cell, by its address: the mutator may be storing to it, by
// gc_store_word, while this thread reads.
static inline void gc_trace_field(GcTracer *tracer, const void *field) {
  gc_trace_word(tracer,
                __atomic_load_n((const uint64_t *)field, __ATOMIC_ACQUIRE));
}
// A field that is the same in very many cells, such as the shape of objects: it
// is not told again and again.
static inline void gc_trace_common(GcTracer *tracer, const void *field) {
  uint64_t word = __atomic_load_n((const uint64_t *)field, __ATOMIC_ACQUIRE);
  uint64_t *seen = &tracer->common[(word >> 4 ^ word >> 8) % GC_TRACER_COMMON];
  if (*seen == word) return;
  if (tracer->is_draining) *seen = word;
  gc_trace_word(tracer, word);
}
// A pointer that no other thread stores to meanwhile.
static inline void gc_trace_cell(GcTracer *tracer, const void *cell_or_null) {
  gc_trace_word(tracer, (uint64_t)(uintptr_t)cell_or_null);
}
// Words that may hold anything, interior pointers too.
void gc_trace_conservatively(GcTracer *, const void *begin, const void *end);
// May trace_roots leave something for trace_roots_later?
static inline bool gc_leaves_roots(const GcTracer *tracer) {
  return tracer->leaves_roots;
}
// From clear_weak: will the cell survive? Cells of other heaps, shared cells
// and words that are no pointers survive.
bool gc_is_marked(GcTracer *, uint64_t word);
// Ephemerons: `trace` of a cell that holds some asks whether to leave them for
// later, when it will be called again; else it tells of each. The key may be
// marked at any time afterwards.
bool gc_defers_ephemerons(GcTracer *, GcCell *);
void gc_trace_ephemeron(GcTracer *, uint64_t key, uint64_t value);

// Roots, weak cells, finalizers --------------------------------------------

// A root outside of any cell, linked while it is added. Each stop looks at all
// roots: what there may be thousands of has handles instead.
typedef struct GcRoot {
  struct GcRoot *next, *previous;
  uint64_t word; // written plainly, on the mutator's thread
} GcRoot;
void gc_root_add(GcHeap *, GcRoot *, uint64_t word);
void gc_root_remove(GcHeap *, GcRoot *);

// A word outside of any cell that the collector reads beside the mutator, so
// that a million of them lengthen no stop. A zeroed handle is not in use. All
// on the mutator's thread.
typedef struct GcHandle {
  uint64_t *word; // NULL: not in use
} GcHandle;
// False: no memory, and the handle is not in use.
bool gc_handle_add(GcHeap *, GcHandle *, uint64_t word);
void gc_handle_remove(GcHeap *, GcHandle *); // nothing if it is not in use
// Of a handle in use.
static inline uint64_t gc_handle_word(const GcHandle *handle) {
  return *handle->word;
}
static inline void gc_handle_set(GcHeap *heap, const GcHandle *handle,
                                 uint64_t word) {
  gc_store_word(heap, handle->word, word);
}
// The same in rows, for tables: a word is known by its place alone. All words
// are GC_NO_CELL at first; whoever has the row writes them with gc_store_word.
// NULL: no memory. A freed row is the next one's, or its words become handles.
enum { GC_HANDLE_ROW = 510 };
#define GC_NO_CELL (UINT64_C(0xfffe) << 48)
uint64_t *gc_handle_row_new(GcHeap *);
void gc_handle_row_free(GcHeap *, uint64_t *row);

// The kind's clear_weak runs for this cell from now on, in every cycle that it
// survives.
void gc_add_weak(GcHeap *, void *cell);
// The kind's finalize runs once the cell is dead.
void gc_add_finalizer(GcHeap *, void *cell);

// Control -----------------------------------------------------------------

// Answers a request of the collector; cheap if there is none.
void gc_safepoint(GcHeap *);
// Between these two the mutator touches no cell and the collector does not wait
// for it. They spill the registers themselves.
void gc_enter_native(GcHeap *);
void gc_leave_native(GcHeap *);
typedef enum { GC_FULL, GC_START } GcCollectMode;
// GC_FULL: a whole cycle, waited for. GC_START: asks for one.
void gc_collect(GcHeap *, GcCollectMode);
// Nanoseconds of CLOCK_MONOTONIC, as uv_hrtime has them. Any thread.
uint64_t gc_now_ns(void);
// What the collector did, by that clock.
typedef enum GcStretch {
  GC_STRETCH_CYCLE,       // on the collector's thread
  GC_STRETCH_STOP,        // of the mutator, on its thread
  GC_STRETCH_WHOLE_CYCLE, // in one stop
} GcStretch;
// For those who trace: called for all heaps of the process; NULL: no more. It
// may be called a last time shortly after that. It must not call gc/.
typedef void (*GcObserver)(GcStretch, uint64_t began_ns, uint64_t ended_ns);
void gc_observe(GcObserver);
// Collects (GC_FULL), then calls `visit` for each cell that is alive, and maybe
// for some that died since. It must not allocate, nor call anything of gc/.
void gc_visit_cells(GcHeap *, void (*visit)(void *data, GcCell *), void *data);

// Walks, for snapshots of the heap: on the mutator's thread. Right after a full
// collection, what is reached from the roots is what survived it. NULL: out of
// memory.
typedef struct GcWalk GcWalk;
GcWalk *gc_walk_begin(GcHeap *, void (*visit)(void *data, GcCell *),
                      void *data);
void gc_walk_end(GcWalk *);
// Visits what the roots refer to, or what a cell does, shared cells included;
// some cells more than once.
void gc_walk_roots(GcWalk *);
void gc_walk_references(GcWalk *, GcCell *);
// A number that no other cell has, the same for as long as the cell lives; odd,
// and 0 beyond the first 32 GiB.
uint32_t gc_cell_number(const void *cell);

typedef rill_gc_times GcTimes;
typedef rill_gc_statistics GcStats;
// Any thread; `size` is set, not looked at.
void gc_stats(GcHeap *, GcStats *out);
// Of all heaps of the process, closed ones included. Any thread.
void gc_process_stats(GcStats *out);

// Where the time of a cycle goes (rill/memory.h).
typedef enum GcPhase {
  GC_PHASE_ROOTS,
  GC_PHASE_MARK,
  GC_PHASE_FINAL,
  GC_PHASE_WEAK,
  GC_PHASE_SWEEP,
  GC_PHASE_FINALIZERS,
  GC_PHASES,
} GcPhase;

// What is told at the end of a cycle. Times in nanoseconds of the monotonic
// clock.
typedef struct GcCycle {
  uint64_t number; // from 1
  uint64_t begin, end;
  // FINALIZERS: run since the last cycle ended.
  uint64_t phase_ns[GC_PHASES];
  uint64_t collector_cpu_ns;
  uint64_t stop_total_ns, stop_max_ns; // stops of the mutator in this cycle
  uint64_t wait_max_ns;                // until it answered
  uint64_t stall_total_ns;
  uint32_t stops, stalls;
  size_t live_before, live_after; // after the last cycle, and after this one
  size_t heap_bytes;
  size_t overshoot_bytes;
} GcCycle;
// Calls the observer after every cycle, on whichever thread ended it, with no
// lock held; NULL: nobody. Mutator's thread. It must be fast and must not touch
// the heap.
typedef void (*GcCycleObserver)(void *data, const GcCycle *);
void gc_observe_cycles(GcHeap *, GcCycleObserver, void *data);

#endif
