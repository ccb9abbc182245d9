// SPDX-License-Identifier: MIT
// Rings of events. A ring has one writer, its thread, and one reader, the
// exporter: positions only grow, their low bits are places in the ring. A ring
// whose thread has ended is given to the next one that needs a ring.
#include "runtime/trace/events.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

enum { RING_BYTES = 1 << 20, MAX_TEXT = 4096 };

const char *const trace_level_names[] = {"off",  "error", "warn",
                                         "info", "debug", "trace"};
const char *const trace_category_names[] = {"app", "task", "http", "fetch",
                                            "fs",  "loop", "gc",   "jit"};
_Atomic uint8_t trace_levels[TRACE_CATEGORY_COUNT];

typedef struct Ring {
  struct Ring *next;
  uint32_t thread;
  _Atomic bool in_use;
  _Atomic uint64_t written, read; // bytes since the beginning
  _Atomic uint64_t dropped;
  _Alignas(8) char bytes[RING_BYTES];
} Ring;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Ring *rings; // under the lock; never freed
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local Ring *own;
static _Atomic uint64_t spans;

static void give_back(void *ring) {
  atomic_store_explicit(&((Ring *)ring)->in_use, false, memory_order_release);
}
static void make_key(void) {
  pthread_key_create(&key, give_back);
}

static Ring *take_ring(void) {
  pthread_once(&once, make_key);
  pthread_mutex_lock(&lock);
  Ring *ring = rings;
  while (ring != NULL && (atomic_load(&ring->in_use) ||
                          atomic_load(&ring->read) != ring->written))
    ring = ring->next;
  if (ring == NULL) {
    ring = malloc(sizeof *ring);
    if (ring != NULL) {
      memset(ring, 0, offsetof(Ring, bytes));
      ring->next = rings;
      rings = ring;
    }
  }
  if (ring != NULL) {
    ring->thread = (uint32_t)syscall(SYS_gettid);
    atomic_store(&ring->in_use, true);
    pthread_setspecific(key, ring);
  }
  pthread_mutex_unlock(&lock);
  return own = ring;
}

static size_t limited(const char *text) {
  return text == NULL ? 0 : strnlen(text, MAX_TEXT);
}

// Attributes that are too long are left out whole: half of them would be no
// JSON.
static void emit(const TraceEvent *head, const char *name,
                 const char *attributes) {
  Ring *ring = own != NULL ? own : take_ring();
  if (ring == NULL) return;
  size_t name_length = limited(name), length = limited(attributes);
  if (length == MAX_TEXT) length = 0;
  size_t bytes = (sizeof *head + name_length + length + 2 + 7) & ~(size_t)7;
  uint64_t at = atomic_load_explicit(&ring->written, memory_order_relaxed);
  uint64_t read = atomic_load_explicit(&ring->read, memory_order_acquire);
  size_t place = at & (RING_BYTES - 1), skipped = 0;
  if (RING_BYTES - place < bytes) skipped = RING_BYTES - place;
  if (at + skipped + bytes - read > RING_BYTES) {
    atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
    return;
  }
  if (skipped != 0) {
    memset(ring->bytes + place, 0, sizeof head->bytes);
    place = 0;
  }
  TraceEvent *e = (TraceEvent *)(void *)(ring->bytes + place);
  *e = *head;
  e->bytes = (uint32_t)bytes;
  e->thread = ring->thread;
  e->name_length = (uint32_t)name_length;
  e->attributes_length = (uint32_t)length;
  memcpy(e->text, name, name_length);
  e->text[name_length] = 0;
  if (length != 0) memcpy(e->text + name_length + 1, attributes, length);
  e->text[name_length + 1 + length] = 0;
  atomic_store_explicit(&ring->written, at + skipped + bytes,
                        memory_order_release);
}

uint64_t trace_span_begin(TraceCategory category, TraceLevel level,
                          uint32_t isolate, uint64_t parent, const char *name,
                          const char *attributes) {
  TraceEvent e = {
      .kind = TRACE_SPAN_BEGIN,
      .category = (uint8_t)category,
      .level = (uint8_t)level,
      .isolate = isolate,
      .time = uv_hrtime(),
      .span = 1 + atomic_fetch_add_explicit(&spans, 1, memory_order_relaxed),
      .parent = parent,
  };
  emit(&e, name, attributes);
  return e.span;
}

void trace_span_end(TraceCategory category, TraceLevel level, uint32_t isolate,
                    uint64_t span, const char *attributes) {
  if (span == 0) return;
  TraceEvent e = {
      .kind = TRACE_SPAN_END,
      .category = (uint8_t)category,
      .level = (uint8_t)level,
      .isolate = isolate,
      .time = uv_hrtime(),
      .span = span,
  };
  emit(&e, "", attributes);
}

void trace_instant(TraceCategory category, TraceLevel level, uint32_t isolate,
                   uint64_t span, const char *name, const char *attributes) {
  TraceEvent e = {
      .kind = TRACE_INSTANT,
      .category = (uint8_t)category,
      .level = (uint8_t)level,
      .isolate = isolate,
      .time = uv_hrtime(),
      .parent = span,
  };
  emit(&e, name, attributes);
}

void trace_stretch(TraceCategory category, TraceLevel level, uint32_t isolate,
                   uint64_t began, uint64_t ended, const char *name,
                   const char *attributes) {
  TraceEvent e = {
      .kind = TRACE_STRETCH,
      .category = (uint8_t)category,
      .level = (uint8_t)level,
      .isolate = isolate,
      .time = began,
      .duration = ended - began,
  };
  emit(&e, name, attributes);
}

// The next event of a ring that was there at `end`; NULL: none.
static const TraceEvent *next_of(Ring *ring) {
  uint64_t end = atomic_load_explicit(&ring->written, memory_order_acquire);
  uint64_t at = atomic_load_explicit(&ring->read, memory_order_relaxed);
  if (at == end) return NULL;
  size_t place = at & (RING_BYTES - 1);
  const TraceEvent *e = (const TraceEvent *)(void *)(ring->bytes + place);
  if (e->bytes != 0) return e;
  at += RING_BYTES - place;
  atomic_store_explicit(&ring->read, at, memory_order_release);
  return at == end ? NULL : (const TraceEvent *)(void *)ring->bytes;
}

uint64_t trace_events_drain(uint64_t until,
                            void (*each)(void *, const TraceEvent *),
                            void *data) {
  uint64_t dropped = 0;
  pthread_mutex_lock(&lock);
  Ring *first = rings;
  pthread_mutex_unlock(&lock);
  for (;;) {
    Ring *earliest = NULL;
    const TraceEvent *event = NULL;
    for (Ring *ring = first; ring != NULL; ring = ring->next) {
      const TraceEvent *e = next_of(ring);
      if (e == NULL || e->time + e->duration > until) continue;
      if (event == NULL ||
          e->time + e->duration < event->time + event->duration) {
        earliest = ring;
        event = e;
      }
    }
    if (event == NULL) break;
    each(data, event);
    atomic_fetch_add_explicit(&earliest->read, event->bytes,
                              memory_order_release);
  }
  for (Ring *ring = first; ring != NULL; ring = ring->next)
    dropped += atomic_load_explicit(&ring->dropped, memory_order_relaxed);
  return dropped;
}

// Filters -------------------------------------------------------------------

static int find(const char *const *names, int count, const char *text,
                size_t length) {
  for (int i = 0; i < count; i++) {
    if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0)
      return i;
  }
  return -1;
}

bool trace_filter_parse(const char *filter, uint8_t out[TRACE_CATEGORY_COUNT]) {
  int plain = TRACE_INFO, named[TRACE_CATEGORY_COUNT];
  for (int i = 0; i < TRACE_CATEGORY_COUNT; i++)
    named[i] = -1;
  for (const char *p = filter == NULL ? "" : filter; *p != 0;) {
    size_t length = strcspn(p, ",");
    const char *equals = memchr(p, '=', length);
    const char *level_text = equals == NULL ? p : equals + 1;
    size_t level_length = length - (size_t)(level_text - p);
    int level =
        find(trace_level_names, TRACE_TRACE + 1, level_text, level_length);
    if (level < 0) return false;
    if (equals == NULL) {
      plain = level;
    } else {
      int category = find(trace_category_names, TRACE_CATEGORY_COUNT, p,
                          (size_t)(equals - p));
      if (category < 0) return false;
      named[category] = level;
    }
    p += length;
    if (*p == ',') p++;
  }
  for (int i = 0; i < TRACE_CATEGORY_COUNT; i++)
    out[i] = (uint8_t)(named[i] < 0 ? plain : named[i]);
  return true;
}
