// SPDX-License-Identifier: MIT
// The collector's own records: lists of cells in segments, which grow without
// copying and are joined without a walk; and where their memory comes from.
// Nobody could report that there is none, so a part of the program's own data
// is kept for when malloc has none: until then it costs no memory. What uses it
// tells the heap's owner, so that an error is thrown soon.
#include <stdlib.h>
#include <unistd.h>

#include "gc/heap.h"

_Noreturn void gc_exhausted(void) {
  static const char text[] = "rill: the system is out of memory\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(70);
  _exit(70);
}

enum { RESERVED_RECORDS = 64 };
typedef union Reserved {
  union Reserved *next;
  char bytes[GC_RECORD_BYTES];
} Reserved;
static Reserved reserved[RESERVED_RECORDS];
static Reserved *reserved_free; // given back
static uint32_t reserved_used;  // of the array, ever
static pthread_mutex_t reserved_lock = PTHREAD_MUTEX_INITIALIZER;

static void *take_reserved(void) {
  pthread_mutex_lock(&reserved_lock);
  Reserved *r = reserved_free;
  if (r)
    reserved_free = r->next;
  else if (reserved_used < RESERVED_RECORDS)
    r = &reserved[reserved_used++];
  pthread_mutex_unlock(&reserved_lock);
  return r;
}

void *gc_record_new(Heap *h, size_t bytes) {
  void *record = malloc(bytes);
  if (likely(record != NULL)) return record;
  record = take_reserved();
  if (!record) gc_exhausted();
  gc_tell_out_of_memory(h, false);
  return record;
}

void gc_record_free(void *record) {
  Reserved *r = record;
  if (r < reserved || r >= reserved + RESERVED_RECORDS) {
    free(record);
    return;
  }
  pthread_mutex_lock(&reserved_lock);
  r->next = reserved_free;
  reserved_free = r;
  pthread_mutex_unlock(&reserved_lock);
}

void gc_tell_out_of_memory(Heap *h, bool at_limit) {
  if (h->options.out_of_memory)
    h->options.out_of_memory(h->options.data, at_limit);
}

// Lists ------------------------------------------------------------------

enum {
  FIRST_CELLS = 61, // few isolates need more
  MORE_CELLS = (GC_RECORD_BYTES - sizeof(CellSegment)) / sizeof(GcCell *),
};

void gc_list_push(Heap *h, CellList *list, void *cell) {
  CellSegment *s = list->last;
  if (unlikely(!s || s->count == s->capacity)) {
    uint32_t capacity = s ? MORE_CELLS : FIRST_CELLS;
    CellSegment *more =
        gc_record_new(h, sizeof *more + capacity * sizeof more->cells[0]);
    *more = (CellSegment){.capacity = capacity};
    if (s)
      s->next = more;
    else
      list->first = more;
    list->last = s = more;
  }
  s->cells[s->count++] = cell;
}

void gc_list_join(CellList *list, CellList *more) {
  if (!more->first) return;
  if (list->last)
    list->last->next = more->first;
  else
    list->first = more->first;
  list->last = more->last;
  *more = (CellList){0};
}

GcCell *gc_list_take(CellList *list) {
  CellSegment *s = list->first;
  if (!s) return NULL;
  GcCell *cell = s->cells[s->begin++];
  if (s->begin == s->count) {
    list->first = s->next;
    if (!s->next) list->last = NULL;
    gc_record_free(s);
  }
  return cell;
}

static void free_segments(CellSegment *s) {
  for (CellSegment *next; s; s = next) {
    next = s->next;
    gc_record_free(s);
  }
}

void gc_list_free(CellList *list) {
  free_segments(list->first);
  *list = (CellList){0};
}

enum { PREFETCH_AHEAD = 8 };

static inline void prefetch(const CellSegment *s, uint32_t i) {
  if (i + PREFETCH_AHEAD >= s->count) return;
  const GcCell *ahead = s->cells[i + PREFETCH_AHEAD];
  __builtin_prefetch(ahead);
  __builtin_prefetch(&block_of(ahead)->bits[granule_of(ahead) / 64]);
}

// Those kept move to the front, over segments already read. Nothing was taken.
void gc_list_filter(Heap *h, CellList *list, bool (*keep)(Heap *, GcCell *)) {
  CellSegment *to = list->first;
  uint32_t kept = 0;
  for (CellSegment *s = list->first; s; s = s->next) {
    uint32_t count = s->count;
    for (uint32_t i = 0; i < count; i++) {
      prefetch(s, i);
      GcCell *cell = s->cells[i];
      if (!keep(h, cell)) continue;
      if (kept == to->capacity) {
        to->count = kept;
        to = to->next;
        kept = 0;
      }
      to->cells[kept++] = cell;
    }
  }
  if (kept == 0 && to == list->first) {
    gc_list_free(list);
    return;
  }
  to->count = kept;
  free_segments(to->next);
  to->next = NULL;
  list->last = to;
}
