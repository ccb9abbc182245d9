// SPDX-License-Identifier: MIT
// The write barrier: overwritten words are recorded while their heap is being
// marked. Full buffers go to the collector at once, so that the final stop
// finds little.
#include <stdlib.h>

#include "gc/heap.h"

uint32_t gc_marking_heaps;

// Under lock.
static Buffer *new_buffer(Heap *h) {
  Buffer *b = h->free_buffers;
  if (b)
    h->free_buffers = b->next;
  else
    b = gc_record_new(h, sizeof *b);
  b->count = 0;
  return b;
}

static void change_buffer(Heap *h) {
  pthread_mutex_lock(&h->lock);
  if (h->buffer) {
    h->buffer->next = h->full_buffers;
    h->full_buffers = h->buffer;
  }
  h->buffer = new_buffer(h);
  pthread_mutex_unlock(&h->lock);
}

static inline void record(Heap *h, uint64_t old) {
  if (!gc_word_is_cell(old)) return;
  void *cell = (void *)(uintptr_t)old;
  if (is_marked_or_fresh(cell)) {
    if (unlikely(is_mortal(cell))) gc_mortal_overwritten(cell);
    return;
  }
  if (unlikely(!h->buffer || h->buffer->count == BUFFER_ENTRIES)) {
    change_buffer(h);
  }
  h->buffer->words[h->buffer->count++] = old;
}

void gc_barrier_slow(GcHeap *heap, uint64_t old_word) {
  Heap *h = heap_of(heap);
  if (!atomic_load_explicit(&h->marking, memory_order_relaxed)) return;
  record(h, old_word);
}

void gc_barrier_range_slow(GcHeap *heap, const uint64_t *words, size_t count) {
  Heap *h = heap_of(heap);
  if (!atomic_load_explicit(&h->marking, memory_order_relaxed)) return;
  for (size_t i = 0; i < count; i++)
    record(h, words[i]);
}

bool gc_is_marking(GcHeap *heap) {
  return atomic_load_explicit(&heap_of(heap)->marking, memory_order_relaxed);
}

__attribute__((no_sanitize("address"))) void
gc_barrier_conservatively(GcHeap *heap, const void *begin, const void *end) {
  Heap *h = heap_of(heap);
  if (!gc_is_marking(heap)) return;
  for (const uintptr_t *p = begin; p < (const uintptr_t *)end; p++) {
    void *cell = gc_is_no_address(*p) ? NULL : gc_resolve_root(heap, *p);
    if (cell) record(h, (uint64_t)(uintptr_t)cell);
  }
}

static void push_words(Heap *h, const Buffer *b) {
  for (size_t i = 0; i < b->count; i++) {
    if (!is_marked_or_fresh((void *)(uintptr_t)b->words[i])) {
      gc_trace_word(&h->tracer, b->words[i]);
    }
  }
}

// Under lock.
static void recycle(Heap *h, Buffer *list) {
  while (list) {
    Buffer *next = list->next;
    list->next = h->free_buffers;
    h->free_buffers = list;
    list = next;
  }
}

bool gc_buffers_take(Heap *h) {
  pthread_mutex_lock(&h->lock);
  Buffer *list = h->full_buffers;
  h->full_buffers = NULL;
  pthread_mutex_unlock(&h->lock);
  if (!list) return false;
  for (Buffer *b = list; b; b = b->next)
    push_words(h, b);
  pthread_mutex_lock(&h->lock);
  recycle(h, list);
  pthread_mutex_unlock(&h->lock);
  return true;
}

void gc_buffers_take_stopped(Heap *h) {
  for (Buffer *b = h->full_buffers; b; b = b->next)
    push_words(h, b);
  recycle(h, h->full_buffers);
  h->full_buffers = NULL;
  if (h->buffer) {
    push_words(h, h->buffer);
    h->buffer->count = 0;
  }
}

void gc_buffers_free(Heap *h) {
  recycle(h, h->full_buffers);
  h->full_buffers = NULL;
  if (h->buffer) gc_record_free(h->buffer);
  h->buffer = NULL;
  for (Buffer *b = h->free_buffers, *next; b; b = next) {
    next = b->next;
    gc_record_free(b);
  }
  h->free_buffers = NULL;
}
