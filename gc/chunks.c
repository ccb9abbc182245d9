// SPDX-License-Identifier: MIT
// Chunks: cut from regions of uncollectable libgc memory, shared by all heaps
// of the process. Regions are kept for good; the memory of a chunk that no heap
// uses is given back to the system, its addresses are not. libgc itself never
// collects, and begins with the second region: what it sets up takes a tenth of
// the time of a process that a small script has.
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
// <gc/gc.h> would find our own; this header includes the right one.
#include <gc/gc_mark.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "gc/heap.h"

enum {
  RESERVE_CHUNKS = 2,
  FIRST_REGION_CHUNKS = 2 + RESERVE_CHUNKS,
  LAST_REGION_CHUNKS = 16,
  TABLE_BITS = 13, // twice 13 bits above CHUNK_SHIFT: 47-bit addresses
  TABLE_ENTRIES = 1 << TABLE_BITS,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// libgc has a lock, but it takes it only if it made the threads itself.
static pthread_mutex_t libgc_lock = PTHREAD_MUTEX_INITIALIZER; // after `lock`
static bool libgc_is_ready;
// A stack, not a list: a free chunk has no page in memory. There is room for
// all chunks of all regions. The lowest RESERVE_CHUNKS are for what must not
// fail while the error that the system has no memory left is on its way.
static Chunk **free_chunks;
static size_t free_count, chunk_count;
static uint32_t region_chunks = FIRST_REGION_CHUNKS;

// Address to chunk, two levels. Entries are set before a chunk's first cell
// exists and stay while it has cells; conservative scans read them. Below the
// chunk's address an entry says whose it is: another heap may be giving it back
// to the system, so it must not be read to find that out.
typedef struct Leaf {
  uintptr_t _Atomic entries[TABLE_ENTRIES];
} Leaf;
static Leaf *_Atomic table[TABLE_ENTRIES];

static void init_libgc(void) { // under libgc_lock
  GC_set_no_dls(1);
  GC_set_dont_precollect(1);
  GC_set_markers_count(1);
  // Where the stack is is no matter to libgc, which never collects, but to find
  // out it would read /proc/self/maps.
  struct GC_stack_base stack = {.mem_base = __builtin_frame_address(0)};
  GC_set_stackbottom(NULL, &stack);
  GC_INIT();
  GC_disable();
  GC_set_warn_proc(GC_ignore_warn_proc);
  libgc_is_ready = true;
}

// 0: a heap of the process, whose chunks stay addressable.
static uintptr_t owner_bits(const GcHeap *heap) {
  uint32_t number = gc_heap_number(heap);
  return number ? 1 + number % (CHUNK_BYTES - 2) : 0;
}

static uintptr_t entry_of(const Chunk *chunk, const GcHeap *owner) {
  return (uintptr_t)chunk | owner_bits(owner);
}

static uintptr_t owner_bits_in(uintptr_t entry) {
  return entry & (CHUNK_BYTES - 1);
}

static Chunk *chunk_in(uintptr_t entry) {
  return chunk_of((const void *)entry);
}

// 0: they are nobody's any more.
static bool set_entries(uintptr_t start, size_t bytes, uintptr_t entry) {
  for (uintptr_t a = start; a < start + bytes; a += CHUNK_BYTES) {
    uintptr_t index = a >> CHUNK_SHIFT;
    if (index >> (2 * TABLE_BITS)) return false;
    Leaf *_Atomic *slot = &table[index >> TABLE_BITS];
    Leaf *leaf = atomic_load_explicit(slot, memory_order_acquire);
    if (!leaf) {
      leaf = mmap(NULL, sizeof(Leaf), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (leaf == MAP_FAILED) return false;
      atomic_store_explicit(slot, leaf, memory_order_release);
    }
    atomic_store_explicit(&leaf->entries[index & (TABLE_ENTRIES - 1)], entry,
                          memory_order_release);
  }
  return true;
}

static uintptr_t find_entry(uintptr_t address) {
  uintptr_t index = address >> CHUNK_SHIFT;
  if (index >> (2 * TABLE_BITS)) return 0;
  Leaf *leaf =
      atomic_load_explicit(&table[index >> TABLE_BITS], memory_order_acquire);
  if (!leaf) return 0;
  return atomic_load_explicit(&leaf->entries[index & (TABLE_ENTRIES - 1)],
                              memory_order_acquire);
}

static uintptr_t align_up(uintptr_t a) {
  return (a + CHUNK_BYTES - 1) & ~(uintptr_t)(CHUNK_BYTES - 1);
}

// libgc crashes where its own records find no memory. So where the process has
// a limit of its addresses, there have to be some for those, too.
static bool has_room_for_records(size_t bytes) {
  enum { RECORDS = 4 << 20 };
  struct rlimit addresses;
  if (getrlimit(RLIMIT_AS, &addresses) != 0 ||
      addresses.rlim_cur == RLIM_INFINITY)
    return true;
  void *room = mmap(NULL, bytes + RECORDS, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return false;
  munmap(room, bytes + RECORDS);
  return true;
}

static void *take_from_libgc(size_t bytes) {
  pthread_mutex_lock(&libgc_lock);
  void *taken = NULL;
  if (has_room_for_records(bytes)) {
    if (!libgc_is_ready) init_libgc();
    taken = GC_malloc_atomic_uncollectable(bytes);
  }
  pthread_mutex_unlock(&libgc_lock);
  return taken;
}

static void give_to_libgc(void *base) {
  pthread_mutex_lock(&libgc_lock);
  GC_free(base);
  pthread_mutex_unlock(&libgc_lock);
}

static void *take_first_region(size_t bytes) {
  void *taken = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return taken != MAP_FAILED ? taken : NULL;
}

// Under lock: adds the chunks of a new region to the free ones.
static void grow(void) {
  uint32_t count = region_chunks;
  Chunk **room =
      realloc(free_chunks, (chunk_count + count + 1) * sizeof(Chunk *));
  if (!room) return;
  free_chunks = room;
  char *base = NULL;
  while (count) {
    size_t bytes = (size_t)(count + 1) * CHUNK_BYTES;
    base = chunk_count ? take_from_libgc(bytes) : take_first_region(bytes);
    if (base) break;
    count /= 2;
  }
  // gc_word_is_cell takes low addresses for numbers.
  if ((uintptr_t)base <= UINT32_MAX) return;
  if (region_chunks < LAST_REGION_CHUNKS) region_chunks *= 2;
  uintptr_t first = align_up((uintptr_t)base);
  uintptr_t end = (uintptr_t)base + (size_t)(count + 1) * CHUNK_BYTES;
  // Lowest address on top: heaps stay dense.
  uintptr_t last = first;
  while (last + 2 * (uintptr_t)CHUNK_BYTES <= end)
    last += CHUNK_BYTES;
  for (uintptr_t a = last; a >= first; a -= CHUNK_BYTES) {
    free_chunks[free_count++] = (Chunk *)a;
    chunk_count++;
  }
}

// Memory of a chunk is zero: from the system, or given back to it by
// gc_chunk_release. So the descriptor of a block that was never used is too,
// which reads as a block without cells; it costs no page before its time.
static void init_chunk(Chunk *chunk, GcHeap *owner) {
  chunk->next = NULL;
  __atomic_store_n(&chunk->heap, owner, __ATOMIC_RELAXED);
  chunk->total_bytes = CHUNK_BYTES;
}

Chunk *gc_chunk_acquire(GcHeap *owner, bool from_reserve) {
  pthread_mutex_lock(&lock);
  if (free_count <= RESERVE_CHUNKS) grow();
  Chunk *chunk = NULL;
  if (free_count > (from_reserve ? 0 : RESERVE_CHUNKS))
    chunk = free_chunks[--free_count];
  pthread_mutex_unlock(&lock);
  if (!chunk) return NULL;
  init_chunk(chunk, owner);
  chunk->free_mask = ~UINT32_C(1);
  pthread_mutex_lock(&lock);
  bool entered =
      set_entries((uintptr_t)chunk, CHUNK_BYTES, entry_of(chunk, owner));
  pthread_mutex_unlock(&lock);
  if (entered) return chunk;
  gc_chunk_release(chunk);
  return NULL;
}

size_t gc_chunk_huge_bytes(size_t cell_bytes) {
  return align_up(cell_bytes + BLOCK_BYTES);
}

// Addresses for GROWTH times as much; memory for `total` bytes. They are not
// libgc's, which keeps a word for each page, used or not.
static Chunk *map_growable(size_t total) {
  enum { GROWTH = 64 };
  if (total > ((size_t)1 << 46) / GROWTH) return NULL;
  size_t mapped = total * GROWTH + CHUNK_BYTES;
  void *base = mmap(NULL, mapped, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return NULL;
  Chunk *chunk = (Chunk *)align_up((uintptr_t)base);
  if ((uintptr_t)base <= UINT32_MAX ||
      mprotect(chunk, total, PROT_READ | PROT_WRITE) != 0) {
    munmap(base, mapped);
    return NULL;
  }
  chunk->base = base;
  chunk->mapped_bytes = mapped;
  return chunk;
}

Chunk *gc_chunk_acquire_huge(GcHeap *owner, size_t cell_bytes, bool grows) {
  if (cell_bytes > ((size_t)1 << 46)) return NULL;
  size_t total = gc_chunk_huge_bytes(cell_bytes);
  Chunk *chunk = grows ? map_growable(total) : NULL;
  if (!chunk) {
    void *base = take_from_libgc(total + CHUNK_BYTES);
    if ((uintptr_t)base <= UINT32_MAX) return NULL;
    chunk = (Chunk *)align_up((uintptr_t)base);
    chunk->base = base;
    chunk->mapped_bytes = 0;
  }
  init_chunk(chunk, owner);
  chunk->total_bytes = total;
  chunk->is_huge = true;
  chunk->blocks[1].index = 1;
  chunk->blocks[1].class = CLASS_LARGE;
  chunk->blocks[1].block_count = 1;
  chunk->blocks[1].large_bytes = total - BLOCK_BYTES;
  pthread_mutex_lock(&lock);
  bool entered = set_entries((uintptr_t)chunk, total, entry_of(chunk, owner));
  pthread_mutex_unlock(&lock);
  if (entered) return chunk;
  gc_chunk_release(chunk);
  return NULL;
}

bool gc_chunk_grow(Chunk *chunk, size_t total) {
  uintptr_t end = (uintptr_t)chunk + chunk->total_bytes,
            last = (uintptr_t)chunk->base + chunk->mapped_bytes;
  size_t more = total - chunk->total_bytes;
  if (chunk->mapped_bytes == 0 || total < chunk->total_bytes ||
      more > last - end ||
      mprotect((void *)end, more, PROT_READ | PROT_WRITE) != 0) {
    return false;
  }
  pthread_mutex_lock(&lock);
  bool entered = set_entries(end, more, entry_of(chunk, chunk->heap));
  pthread_mutex_unlock(&lock);
  return entered;
}

void gc_chunk_release(Chunk *chunk) {
  size_t bytes = chunk->total_bytes;
  void *base = chunk->is_huge ? chunk->base : NULL;
  size_t mapped = chunk->mapped_bytes;
  pthread_mutex_lock(&lock);
  set_entries((uintptr_t)chunk, bytes, 0);
  pthread_mutex_unlock(&lock);
  allow_memory(chunk, bytes);
  if (mapped > 0) {
    munmap(base, mapped);
    return;
  }
  if (madvise(chunk, bytes, MADV_DONTNEED) != 0) memset(chunk, 0, bytes);
  if (base) {
    give_to_libgc(base);
    return;
  }
  pthread_mutex_lock(&lock);
  free_chunks[free_count++] = chunk;
  pthread_mutex_unlock(&lock);
}

// The heap that has the chunk; another one as soon as that has let go of it.
static GcHeap *owner_of(const Chunk *chunk) {
  return __atomic_load_n(&chunk->heap, __ATOMIC_ACQUIRE);
}

// The start of the allocated cell around the word; NULL: none. The block may be
// taken meanwhile, and one of mortal cells be given back and taken again:
// whatever was read of it before, where `alloc` is set a cell begins. Of dead
// mortal cells `fresh` is not set; where both are, read in this order, the cell
// is not dead, but for one that is being killed.
static void *resolve(const Chunk *chunk, uintptr_t word, bool is_mortal) {
  uintptr_t start = word & ~(uintptr_t)(BLOCK_BYTES - 1);
  const Block *block = &chunk->blocks[1];
  if (chunk->is_huge) {
    if (word < (uintptr_t)chunk + BLOCK_BYTES) return NULL;
    start = (uintptr_t)chunk + BLOCK_BYTES;
  } else {
    block = &chunk->blocks[(word >> BLOCK_SHIFT) & (CHUNK_BLOCKS - 1)];
  }
  uint8_t class = __atomic_load_n(&block->class, __ATOMIC_ACQUIRE);
  if (class == CLASS_NONE) {
    uint8_t to_head = __atomic_load_n(&block->to_head, __ATOMIC_ACQUIRE);
    if (!to_head) return NULL;
    block -= to_head;
    start -= (uintptr_t)to_head * BLOCK_BYTES;
    class = __atomic_load_n(&block->class, __ATOMIC_ACQUIRE);
    if (class != CLASS_LARGE) return NULL;
  }
  uint32_t granule = 0;
  if (class != CLASS_LARGE) {
    const ClassInfo *info = &gc_classes[class];
    uint32_t offset = (uint32_t)(word & (BLOCK_BYTES - 1));
    uint32_t index = (uint32_t)(((uint64_t)offset * info->reciprocal) >> 32);
    if (index >= info->cells) return NULL;
    granule = index * info->granules;
  }
  const BitWord *bits = &block->bits[granule / 64];
  uint64_t is_cell =
      is_mortal ? __atomic_load_n(&bits->fresh, __ATOMIC_ACQUIRE) : UINT64_MAX;
  is_cell &= __atomic_load_n(&bits->alloc, __ATOMIC_ACQUIRE);
  if (!((is_cell >> (granule % 64)) & 1)) return NULL;
  return (void *)(start + (size_t)granule * GC_GRANULE);
}

static void *resolve_own(GcHeap *heap, uintptr_t entry, uintptr_t word) {
  if (owner_bits_in(entry) != owner_bits(heap)) return NULL;
  const Chunk *chunk = chunk_in(entry);
  return owner_of(chunk) == heap ? resolve(chunk, word, false) : NULL;
}

void *gc_resolve(GcHeap *heap, uintptr_t word) {
  uintptr_t entry = find_entry(word);
  return entry ? resolve_own(heap, entry, word) : NULL;
}

// What is seen is there until this heap's cycle is over, dead or not
// (shared.c). The chunk may have gone to another heap, which marks its cells
// otherwise.
static void *resolve_mortal(uintptr_t entry, uintptr_t word) {
  const Chunk *chunk = chunk_in(entry);
  if (!gc_heap_is_mortal(owner_of(chunk))) return NULL;
  GcCell *cell = resolve(chunk, word, true);
  if (!cell || find_entry(word) != entry || !gc_heap_is_mortal(owner_of(chunk)))
    return NULL;
  return gc_mortal_see(cell) ? cell : NULL;
}

void *gc_resolve_root(GcHeap *heap, uintptr_t word) {
  uintptr_t entry = find_entry(word);
  if (!entry) return NULL;
  return owner_bits_in(entry) == 0 ? resolve_mortal(entry, word)
                                   : resolve_own(heap, entry, word);
}

bool gc_is_cell(GcHeap *heap, uintptr_t word) {
  uintptr_t entry = find_entry(word);
  if (!entry) return false;
  return owner_bits_in(entry) != owner_bits(heap) ||
         owner_of(chunk_in(entry)) != heap ||
         (uintptr_t)resolve_own(heap, entry, word) == word;
}
