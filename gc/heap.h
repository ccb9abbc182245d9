// SPDX-License-Identifier: MIT
// What the files of gc/ share.
//
// Memory: chunks of 2 MiB, aligned to their size, cut from uncollectable libgc
// memory, but for the first few (chunks.c). Block 0 of a chunk holds the
// descriptors of all 32 blocks; the other blocks of 64 KiB hold cells of one
// size class each, or are part of a large cell. A huge cell has a chunk of its
// own, longer than 2 MiB. Masking an address gives its chunk, and its
// descriptor follows without a table; only conservative words need the chunk
// table.
//
// Bits: three per granule of 16 bytes, at the granule where a cell begins.
//   mark   reached in this cycle. Written by whoever marks: one thread.
//   fresh  allocated while marking; survives unmarked. Written by the mutator.
//   alloc  a cell is there, or is in a run handed to the mutator.
// Sweeping a block sets alloc = mark | fresh and clears the others.
//
// A block belongs to the mutator from gc_take_block until the next cycle's
// final stop, and to whoever took it off the unswept list while it is swept;
// lists are changed under `lock`.
#ifndef RILL_GC_HEAP_H
#define RILL_GC_HEAP_H

#include <pthread.h>
#include <stdatomic.h>

#include "gc/gc.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum {
  BLOCK_SHIFT = 16,
  BLOCK_BYTES = 1 << BLOCK_SHIFT,
  BLOCK_GRANULES = BLOCK_BYTES / GC_GRANULE,
  BLOCK_WORDS = BLOCK_GRANULES / 64,
  CHUNK_SHIFT = 21,
  CHUNK_BYTES = 1 << CHUNK_SHIFT,
  CHUNK_BLOCKS = CHUNK_BYTES / BLOCK_BYTES,
  MEDIUM_CLASS_COUNT = 6,
  CLASS_COUNT = GC_SIZE_CLASS_COUNT + MEDIUM_CLASS_COUNT,
  CLASS_LARGE = 254, // first block of a large or huge cell
  CLASS_NONE = 255,  // not in use, or within a large cell
  ROOM_FOR_LARGE = (CHUNK_BLOCKS - 1) * BLOCK_BYTES,
};

typedef struct ClassInfo {
  uint32_t bytes, granules, cells;
  uint32_t reciprocal;          // (offset * reciprocal) >> 32 = cell index
  uint64_t starts[BLOCK_WORDS]; // granules where a cell begins
} ClassInfo;
extern const ClassInfo gc_classes[CLASS_COUNT];
uint32_t gc_medium_class(size_t bytes); // bytes <= GC_MAX_MEDIUM

typedef struct BitWord {
  uint64_t mark, fresh, alloc;
} BitWord;

// Words that may be stray are looked up (gc_resolve) while blocks are taken,
// and while those of mortal cells are given back: what that reads is stored
// atomically, by set_class and its like.
typedef struct Block {
  BitWord bits[BLOCK_WORDS];
  struct Block *next;    // of its list
  size_t large_bytes;    // CLASS_LARGE: usable bytes
  uint32_t born;         // Heap.epoch when it was taken
  uint16_t search_word;  // no free cell below; mutator's
  uint16_t block_count;  // CLASS_LARGE within a chunk
  _Atomic bool is_early; // see gc_take_early_block
  uint8_t class;
  uint8_t index;   // in its chunk
  uint8_t to_head; // CLASS_NONE: the large cell begins that many blocks
                   // before; 0: not in use
} Block;

// The blocks of a class. Those which the mutator did not need since they were
// swept are sure to have room when they are swept again.
typedef enum BlockList {
  BLOCKS_ROOMY,  // swept, with free cells
  BLOCKS_TAKEN,  // by the mutator since they were swept, and those without room
  BLOCKS_SPARSE, // swept, and filled only if no others have room: see sweep.c
  BLOCK_LISTS,
} BlockList;

typedef struct Chunk {
  GcHeap *heap;
  struct Chunk *next, *previous;
  void *base;          // huge: what libgc or the system gave
  size_t mapped_bytes; // huge and able to grow: the system's; 0: libgc's
  size_t total_bytes;  // CHUNK_BYTES, or of a huge one a multiple
  uint32_t free_mask;  // bit i: block i is free
  uint32_t gone_mask;  // of those, the ones whose memory the system has
  bool is_huge;
  Block blocks[CHUNK_BLOCKS];
} Chunk;
_Static_assert(sizeof(Chunk) <= BLOCK_BYTES, "descriptors fit in block 0");

static inline Chunk *chunk_of(const void *p) {
  return (Chunk *)((uintptr_t)p & ~(uintptr_t)(CHUNK_BYTES - 1));
}
// Of a cell's start (any block of a chunk that is not huge).
static inline Block *block_of(const void *p) {
  return &chunk_of(p)
              ->blocks[((uintptr_t)p >> BLOCK_SHIFT) & (CHUNK_BLOCKS - 1)];
}
static inline uint32_t granule_of(const void *p) {
  return ((uintptr_t)p & (BLOCK_BYTES - 1)) / GC_GRANULE;
}
static inline char *block_start(const Block *b) {
  return (char *)chunk_of(b) + (size_t)b->index * BLOCK_BYTES;
}
static inline uint64_t load_bits(const uint64_t *word) {
  return __atomic_load_n(word, __ATOMIC_RELAXED);
}
static inline void store_bits(uint64_t *word, uint64_t bits) {
  __atomic_store_n(word, bits, __ATOMIC_RELAXED);
}
static inline void clear_bits(BitWord *word) {
  store_bits(&word->mark, 0);
  store_bits(&word->fresh, 0);
  store_bits(&word->alloc, 0);
}
static inline void set_class(Block *b, uint32_t c) {
  __atomic_store_n(&b->class, (uint8_t)c, __ATOMIC_RELEASE);
}
static inline void set_to_head(Block *b, uint32_t blocks) {
  __atomic_store_n(&b->to_head, (uint8_t)blocks, __ATOMIC_RELEASE);
}
static inline bool is_marked_or_fresh(const void *cell) {
  uint32_t g = granule_of(cell);
  const BitWord *w = &block_of(cell)->bits[g / 64];
  return ((load_bits(&w->mark) | load_bits(&w->fresh)) >> (g % 64)) & 1;
}
// Marks. False: was marked or fresh already.
static inline bool mark_cell(const void *cell) {
  uint32_t g = granule_of(cell);
  BitWord *w = &block_of(cell)->bits[g / 64];
  uint64_t bit = UINT64_C(1) << (g % 64), mark = load_bits(&w->mark);
  if ((mark | load_bits(&w->fresh)) & bit) return false;
  store_bits(&w->mark, mark | bit);
  return true;
}

// Marked and fresh: a mortal cell of the process (shared.c), and no other.
static inline bool is_mortal(const void *cell) {
  uint32_t g = granule_of(cell);
  const BitWord *w = &block_of(cell)->bits[g / 64];
  return ((load_bits(&w->mark) & load_bits(&w->fresh)) >> (g % 64)) & 1;
}

// In sanitizer builds the memory of dead cells must not be touched.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define forbid_memory(p, bytes) ASAN_POISON_MEMORY_REGION(p, bytes)
#define allow_memory(p, bytes) ASAN_UNPOISON_MEMORY_REGION(p, bytes)
enum { FORBIDS_MEMORY = 1 };
#else
#define forbid_memory(p, bytes) ((void)(p), (void)(bytes))
#define allow_memory(p, bytes) ((void)(p), (void)(bytes))
enum { FORBIDS_MEMORY = 0 };
#endif

// Chunks (chunks.c). Thread-safe, process-wide.
// NULL: out of memory. `from_reserve`: a small one is kept for what must not
// fail.
Chunk *gc_chunk_acquire(GcHeap *owner, bool from_reserve);
// For a cell of that size; `grows`: with addresses behind it, if there are any.
Chunk *gc_chunk_acquire_huge(GcHeap *owner, size_t cell_bytes, bool grows);
// What such a chunk has in all.
size_t gc_chunk_huge_bytes(size_t cell_bytes);
// False: no addresses left there, or no memory.
bool gc_chunk_grow(Chunk *, size_t total_bytes);
void gc_chunk_release(Chunk *);
// Is it the start of an allocated cell of the heap, or in another heap?
bool gc_is_cell(GcHeap *heap, uintptr_t word);
// The start of the allocated cell of `heap` that the word points into; NULL.
// Only while marking: what is left of a run looks like cells, but all of it is
// fresh.
void *gc_resolve(GcHeap *heap, uintptr_t word);
// The same, or a mortal cell of the process that is not dead, and has been
// seen.
void *gc_resolve_root(GcHeap *heap, uintptr_t word);

typedef struct Heap Heap;

// Does not point anywhere, for sure.
static inline bool gc_is_no_address(uintptr_t word) {
  return word < CHUNK_BYTES || word >> 47;
}

// Lists of cells, and the collector's other records (records.c). They never
// fail: without memory they come from a reserve, and then the heap's owner is
// told.
typedef struct CellSegment {
  struct CellSegment *next;
  uint32_t begin, count, capacity;
  GcCell *cells[];
} CellSegment;
typedef struct CellList {
  CellSegment *first, *last;
} CellList;
enum { GC_RECORD_BYTES = 32768 };
void *gc_record_new(Heap *, size_t bytes); // at most GC_RECORD_BYTES
void gc_record_free(void *);
void gc_list_push(Heap *, CellList *, void *cell);
// At the end; `more` is empty afterwards.
void gc_list_join(CellList *, CellList *more);
GcCell *gc_list_take(CellList *); // the first; NULL: none
void gc_list_filter(Heap *, CellList *, bool (*keep)(Heap *, GcCell *));
void gc_list_free(CellList *);
void gc_tell_out_of_memory(Heap *, bool at_limit);

// Cells whose kind has clear_weak. `added` are the mutator's, the rest the
// collector's while a cycle runs; in a stop all belongs to whoever does it.
typedef struct WeakCells {
  CellList added, cells;
  CellList clean; // need no look in the final stop
} WeakCells;
// Of ephemerons whose keys are not marked yet: what a key keeps alive, by open
// addressing. A key may be there many times.
typedef struct EphemeronMap {
  struct Ephemeron {
    uint64_t key, value; // key 0: free
  } * entries;
  size_t mask, count; // mask 0: no entries
  bool has_failed;    // some could not be added: all are looked at again
  bool is_retracing;
} EphemeronMap;

// Mark stack: segments, the newest on top.
enum { SEGMENT_ENTRIES = 4094 };
typedef struct GcSegment Segment;
struct GcSegment {
  struct GcSegment *below;
  size_t unused;
  uint64_t entries[SEGMENT_ENTRIES];
};
// Words still to be pushed.
typedef struct GcRange {
  const uint64_t *words;
  size_t count; // of records
  uint32_t record_words, references;
} Range;
// A buffer of overwritten words.
enum { BUFFER_ENTRIES = 1022 };
typedef struct Buffer {
  struct Buffer *next;
  size_t count;
  uint64_t words[BUFFER_ENTRIES];
} Buffer;

typedef struct HandlePage HandlePage;

enum { PAUSE_BUCKETS = 256 };
typedef struct PauseHistogram {
  uint64_t count;
  uint64_t total_ns, max_ns;
  uint64_t buckets[PAUSE_BUCKETS];
} PauseHistogram;

typedef enum { STOP_NONE, STOP_BEGIN, STOP_FINISH } StopKind;
enum {
  FINISH_BUDGET = 2000, // cells traced in a final stop before it is put off
  POLL_STOP = 1,
  POLL_FINALIZE = 2,
};
typedef enum { MUTATOR_RUNNING, MUTATOR_NATIVE } MutatorState;

// See pace.c. Changed in the stops and when a cycle ends; the mutator looks at
// it while marking only.
typedef struct Pace {
  uint64_t begun_at, finished_at; // `allocated` when marking did
  size_t live, fresh;             // bytes: reached; allocated while marking
  size_t marked_cells;            // in the last cycle
  size_t headroom; // what may be allocated in marking if it comes to as much
  bool was_behind; // the mutator was held up in this cycle
  uint64_t stepped_at; // mutator: `allocated` at the last step of that
  double growth; // foreseen: allocation while marking, as a share of `live`
} Pace;

struct Heap {
  GcHeap public;
  GcOptions options;
  uint32_t number; // unlike that of any other heap; not 0

  // The mutator's own.
  GcRun medium_runs[MEDIUM_CLASS_COUNT];
  Block *current[CLASS_COUNT]; // block of each run; NULL: none
  Buffer *buffer;              // being filled; may be NULL
  CellList new_finalizable;
  WeakCells weak, weak_beside;        // cleared in the final stop, and after it
  GcRoot roots;                       // head of the ring
  uint64_t *free_handle;              // NULL: none
  uint64_t *free_row;                 // NULL: none
  _Atomic(HandlePage *) handle_pages; // handles.c; the collector reads them
  void *stack_bottom;
  void *stack_top; // of a stopped or native mutator: scanned from here on
  uintptr_t native_registers[16];
  uint32_t slow_allocations;                    // for stress
  uint16_t borrowed_waste[GC_SIZE_CLASS_COUNT]; // see gc_allocate_slow
  bool is_finalizing;

  // Read at every poll; written under `lock`.
  _Atomic uint32_t poll;
  _Atomic bool marking;
  // After the final stop until weak cells are cleared: see gc_load_weak.
  _Atomic bool clearing;
  // Of final stops. Cells in blocks that were taken since the last one are
  // alive, whatever their bits.
  uint32_t epoch;

  pthread_mutex_t lock;
  pthread_cond_t changed; // any of what follows
  // Under lock.
  StopKind request;
  uint64_t requested_ns; // when it was
  MutatorState mutator;
  bool stop_finished;        // answer to STOP_FINISH
  bool cancel;               // heap is being destroyed
  _Atomic bool cycle_active; // from the request until a cycle is over
  bool is_queued;            // under the collectors' queue lock
  uint64_t cycles_begun, cycles_done;
  // The last round (shared.c) that the snapshot came after, and the last one
  // that the heap has marked for. Of whoever does the stops.
  uint64_t round_begun, round_done;
  GcCycleObserver observer; // NULL: none
  void *observer_data;
  struct Heap *next_queued;
  Chunk *chunks[CHUNK_BLOCKS]; // by number of free blocks
  Block *blocks[BLOCK_LISTS][CLASS_COUNT];
  Block *last_sparse[CLASS_COUNT]; // of the list, unless that is empty
  Block *early;                    // see gc_take_early_block
  Block *unswept[BLOCK_LISTS][CLASS_COUNT];
  Block *large, *unswept_large;
  bool may_sweep; // finalizable cells have been looked after
  Buffer *full_buffers, *free_buffers;
  CellList pending_finalizers;     // each with its kind; see sweep.c
  Chunk *surplus;                  // to be released once the lock is free
  size_t free_blocks, gone_blocks; // the latter are among the former
  size_t keep_free_blocks;         // what the next cycle will want
  // After the last cycle, for how much was alive: see pace.c. Set under lock.
  _Atomic bool is_oversize;
  size_t used_bytes; // blocks and huge chunks in use
  size_t chunk_bytes, peak_chunk_bytes;

  // The collector's.
  GcTracer tracer;
  uint64_t delay_state;
  CellList finalizable;
  CellList reached_ephemerons; // cells whose ephemerons are traced at the end
  EphemeronMap pending_ephemerons;
  size_t swept_live_bytes;

  Pace pace;
  _Atomic uint64_t allocated; // since the heap was made
  _Atomic int64_t external;
  _Atomic int64_t external_by_kind[GC_EXTERNAL_KINDS];
  _Atomic uint64_t trigger_at;    // by `allocated`, a cycle is due then
  _Atomic uint64_t stall_at;      // not marking: the mutator is held up then
  _Atomic uint64_t marked_so_far; // cells, in this cycle; a little late
  // Mutator: what gc_external_adjust has not told the two counters yet.
  int64_t external_pending;
  uint64_t allocated_pending;
  uint64_t reserve_until; // mutator: past the limit, blocks are given till then
  size_t live_bytes;

  // Figures (statistics.c), under lock.
  uint64_t phase_ns[GC_PHASES];
  uint64_t cycles_ns, collector_cpu_ns;
  uint64_t finalizers_told_ns; // the part of phase_ns that observers know
  size_t peak_live_bytes, overshoot_bytes;
  uint64_t overshoot_cycles;
  PauseHistogram *pauses, *waits, *stalls; // NULL: none yet
  GcCycle cycle;                           // the one under way
  _Atomic uint64_t polls;     // in stress mode; written by the mutator
  struct Heap *newer, *older; // all heaps; under statistics.c's lock
  struct StandIn *stand_in;   // mutator: see stand_in.c; NULL: none
};

static inline Heap *heap_of(GcHeap *h) {
  return (Heap *)h;
}
// Is the heap being destroyed?
static inline bool gc_is_cancelled(const Heap *h) {
  return __atomic_load_n(&h->cancel, __ATOMIC_RELAXED);
}
static inline GcRun *run_of(Heap *h, uint32_t c) {
  return c < GC_SIZE_CLASS_COUNT ? &h->public.runs[c]
                                 : &h->medium_runs[c - GC_SIZE_CLASS_COUNT];
}
// Cells that the mutator's run has not given out yet look allocated.
static inline bool is_in_run(Heap *h, const Block *b, const void *cell) {
  if (b->class >= CLASS_COUNT) return false;
  const GcRun *run = run_of(h, b->class);
  return (uintptr_t)cell >= run->cursor && (uintptr_t)cell < run->limit;
}
// Under lock: to the front of that list of its class.
static inline void push_block(Heap *h, BlockList list, Block *b) {
  b->next = h->blocks[list][b->class];
  h->blocks[list][b->class] = b;
}
uint64_t gc_processor_ns(void); // the calling thread's
// Tells the observer, if there is one, of what began then and ends now.
void gc_told(GcStretch, uint64_t began_ns);
// For tests: is this allocation to fail?
bool gc_is_to_fail(void);

// Blocks (allocate.c, large.c).
void gc_retire_runs(Heap *);  // at the end of marking
void gc_blacken_runs(Heap *); // at its start
// Under lock. NULL: out of memory.
Block *gc_take_free_blocks(Heap *, uint32_t count, bool from_reserve);
void gc_give_free_blocks(Heap *, Block *, uint32_t count); // under lock
// NULL: limit or out of memory.
void *gc_large_new(Heap *, size_t bytes, bool grows);
size_t gc_sweep_large(Heap *, Block *list); // live bytes
void gc_free_large(Heap *, Block *);        // one that is in no list
void gc_release_surplus(Heap *);
// The bits of a chunk's mask. (The compiler's builtin is a function elsewhere.)
static inline uint32_t gc_count_blocks(uint32_t mask) {
  mask -= mask >> 1 & 0x55555555;
  mask = (mask & 0x33333333) + (mask >> 2 & 0x33333333);
  return ((mask + (mask >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}
// Is more than half of it free?
static inline bool gc_is_chunk_sparse(const Chunk *chunk) {
  return gc_count_blocks(chunk->free_mask) > CHUNK_BLOCKS / 2;
}
void gc_free_all_blocks(Heap *);

// Marking (mark.c).
void gc_tracer_init(GcTracer *, GcHeap *);
void gc_tracer_free(GcTracer *);
// Traces up to `budget` cells. True: nothing is left.
bool gc_drain(GcTracer *, size_t budget);

// Weak cells (weak.c).
void gc_weak_begin(Heap *); // in the first stop
// When marking seems done: traces what ephemerons keep alive, too, from now on.
// False: over budget.
bool gc_weak_trace(Heap *, size_t budget);
void gc_ephemerons_marked(Heap *, GcCell *key);
void gc_weak_before_stop(Heap *); // collector: then looks for what is clean
void gc_weak_clear_in_stop(Heap *);
// After it; ends Heap.clearing. False: the heap is being destroyed.
bool gc_weak_clear_beside(Heap *);
void gc_weak_free(Heap *);
// While clearing: is it to be kept?
static inline bool is_kept(const Heap *h, const void *cell) {
  return is_marked_or_fresh(cell) ||
         __atomic_load_n(&block_of(cell)->born, __ATOMIC_RELAXED) == h->epoch;
}

// Sweeping (sweep.c).
void gc_sweep_begin(Heap *); // at the final stop, under lock
// Up to so many blocks of a class (at most 32) that were in that list. False:
// none is left.
bool gc_sweep_some(Heap *, BlockList, uint32_t c, uint32_t count);
// Before anything may be swept: one that has had room since the last cycle.
// Until the collector sweeps it, what is allocated there has to be `fresh`, and
// whoever looks at its bits needs the lock. NULL: none is needed or left.
Block *gc_take_early_block(Heap *, uint32_t c);
void gc_sweep_all(Heap *);
// Marks dead finalizable cells and makes them pending.
void gc_find_finalizable(Heap *);
enum { FINALIZE_BUDGET = 256 };                // cells at a poll
void gc_run_finalizers(Heap *, size_t budget); // mutator

// Barrier (barrier.c).
// Push the recorded words on the mark stack.
bool gc_buffers_take(Heap *);         // full ones; false: there was none
void gc_buffers_take_stopped(Heap *); // all, mutator stopped, under lock
void gc_buffers_free(Heap *);

// handles.c
// Traces all handles; `after_page` (NULL: none) says whether to go on.
void gc_handles_trace(Heap *, GcTracer *, bool (*after_page)(Heap *));
void gc_handles_free(Heap *);

// Cycles (cycle.c).
// Under lock, mutator stopped. `leaves_roots`: there will be
// GcOptions.trace_roots_later.
void gc_stop_begin(Heap *, bool leaves_roots);
// False: over budget, to be asked again. Under lock, mutator stopped.
bool gc_stop_finish(Heap *, size_t budget);
void gc_cycle_end(Heap *); // after sweeping
// For the mutator:
void gc_answer_poll(Heap *);
void gc_cycle_full(Heap *);  // waits for a whole cycle, then finalizes
void gc_cycle_start(Heap *); // asks for a cycle
// Under lock: the collector does the stops until `mutator` is set back.
void gc_park(Heap *, void *stack_top);
// At the end of a function whose frame must stay above those that it called.
#define gc_no_tail_call() __asm__ volatile("" ::: "memory")

// The pace (pace.c).
void gc_pace_begin(Heap *);   // in the first stop
void gc_pace_marked(Heap *);  // in the final one
void gc_pace_next(Heap *);    // after sweeping, under lock
void gc_cycle_if_due(Heap *); // mutator: asks for a cycle, or is held up
// Are `bytes` more below the limit? Collects if that may help.
bool gc_limit_allows(Heap *, size_t bytes);
size_t gc_used_bytes(Heap *); // under lock
void gc_set_poll(Heap *);     // under lock

// Figures (statistics.c). Those of a cycle under lock.
void gc_record_stop(Heap *, uint64_t ns);
void gc_record_wait(Heap *, uint64_t ns);
void gc_record_stall(Heap *, uint64_t ns);
// Counts the time since `began` to the phase; the time now.
uint64_t gc_record_phase(Heap *, GcPhase, uint64_t began);
void gc_record_cycle_end(Heap *); // before the next one's pace is set
void gc_statistics_add_heap(Heap *);
void gc_statistics_remove_heap(Heap *);
void gc_count_heap_bytes(int64_t change); // the process's, and their peak

// Aborts if a surviving cell refers to one that is not (verify.c). At the final
// stop, before the runs are retired.
void gc_verify(Heap *);
// At the first stop, before anything of the cycle is done: aborts if the last
// one left something undone, or an allocated cell refers to none.
void gc_verify_swept(Heap *);
static inline bool gc_is_verified(const Heap *h) {
  return unlikely(h->options.stress != 0 || h->options.verify);
}
// With a delay_seed: waits for a random time; and random numbers. Collector.
void gc_delay(Heap *);
uint32_t gc_delay_random(Heap *, uint32_t below);
// Aborts if a word that tracing `from` has just pushed, from `before` on, is
// not the start of an allocated cell.
void gc_check_words(GcTracer *, const GcCell *from, const uint64_t *before);

// For builds with ThreadSanitizer (stand_in.c).
#ifdef __SANITIZE_THREAD__
void gc_stand_in_reads(Heap *); // wherever the mutator may stop
void gc_stand_in_done(Heap *);  // when marking ends
void gc_stand_in_free(Heap *);
#else
static inline void gc_stand_in_reads(Heap *h) {
  (void)h;
}
static inline void gc_stand_in_done(Heap *h) {
  (void)h;
}
static inline void gc_stand_in_free(Heap *h) {
  (void)h;
}
#endif

// Waits, under lock, until `changed` or that time (0: no limit).
void gc_wait(Heap *, uint64_t until_ns);

// The check behind stress mode (verify.c), and what it shares with walks.
bool gc_walk_tracer_init(GcTracer *, Heap *); // false: no room
void gc_walk_tracer_free(GcTracer *);

// Process-wide cells (shared.c).
bool gc_heap_is_shared(const GcHeap *);
bool gc_heap_is_mortal(const GcHeap *);
// Small or medium, zeroed, but for the header; `bits` are those of all cells
// there. Under the space's lock. NULL: out of memory.
void *gc_take_shared_cell(Heap *, size_t bytes, BitWord bits,
                          bool from_reserve);
void gc_mortal_reached(GcTracer *, GcCell *); // is_mortal; by marking
void gc_mortal_overwritten(GcCell *);         // the same, by the barrier
_Noreturn void gc_fail_dead_mortal(const GcCell *);
void gc_round_joined(Heap *);   // a new heap, which is not listed yet
void gc_round_left(Heap *);     // about to be taken out
void gc_round_snapshot(Heap *); // in the first stop
void gc_round_marked(Heap *);   // in the last
void gc_tell_cycle(void);       // without a lock
// All heaps of the process (statistics.c): how many there are, as long as none
// can be made or closed; and each of them.
size_t gc_heaps_lock(void);
void gc_heaps_unlock(void);
void gc_heaps_visit(void (*visit)(Heap *, void *data), void *data);

// Collector threads (collector.c).
bool gc_collector_request(Heap *); // under lock; false: no thread to be had
void gc_do_requested_stop(Heap *); // under lock, mutator stopped
void gc_cycle_cancel(Heap *);      // before the heap is freed

// Spills the callee-saved registers, so that a scan of [result of the caller's
// frame, bottom) and of the array sees everything.
static inline __attribute__((always_inline)) void
capture_registers(uintptr_t r[16]) {
#if defined(__x86_64__)
  __asm__ volatile(
      "movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\t"
      "movq %%r12, 16(%0)\n\tmovq %%r13, 24(%0)\n\t"
      "movq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
      :
      : "r"(r)
      : "memory");
#elif defined(__aarch64__)
  __asm__ volatile(
      "stp x19, x20, [%0, #0]\n\tstp x21, x22, [%0, #16]\n\t"
      "stp x23, x24, [%0, #32]\n\tstp x25, x26, [%0, #48]\n\t"
      "stp x27, x28, [%0, #64]\n\tstr x29, [%0, #80]"
      :
      : "r"(r)
      : "memory");
#else
#error "capture_registers: unknown processor"
#endif
}

#endif
