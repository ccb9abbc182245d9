// SPDX-License-Identifier: MIT
// Handles: words outside of any cell, in pages that the collector reads beside
// the mutator. A used word is overwritten with the barrier, as a word of a cell
// is; a free one holds the next free one, as a word that is no cell. A page is
// a row, or its words are handles; a free row's first word holds the next free
// row. Pages stay until the heap is destroyed, so whoever reads one needs no
// lock.
#include <stdlib.h>

#include "gc/heap.h"

struct HandlePage {
  HandlePage *next;
  uint64_t words[GC_HANDLE_ROW];
};

// What a free word holds: an address with tag bits that no cell has.
static uint64_t free_link(const uint64_t *next) {
  return (uint64_t)(uintptr_t)next | GC_NO_CELL;
}

// Its words are written, if only by GC_NO_CELL.
static void publish_page(Heap *h, HandlePage *page) {
  gc_external_hold(&h->public, sizeof *page);
  page->next = atomic_load_explicit(&h->handle_pages, memory_order_relaxed);
  atomic_store_explicit(&h->handle_pages, page, memory_order_release);
}

static HandlePage *new_page(Heap *h) {
  HandlePage *page = malloc(sizeof *page);
  if (page == NULL) return NULL;
  for (uint32_t i = 0; i < GC_HANDLE_ROW; i++)
    page->words[i] = GC_NO_CELL;
  publish_page(h, page);
  return page;
}

// Takes a free word off its list; the collector may be reading it.
static uint64_t *take(uint64_t **list) {
  uint64_t *word = *list;
  *list = (uint64_t *)(uintptr_t)(*word & ~GC_NO_CELL);
  gc_publish(word, GC_NO_CELL);
  return word;
}

uint64_t *gc_handle_row_new(GcHeap *heap) {
  Heap *h = heap_of(heap);
  if (h->free_row != NULL) return take(&h->free_row);
  HandlePage *page = new_page(h);
  return page == NULL ? NULL : page->words;
}

void gc_handle_row_free(GcHeap *heap, uint64_t *row) {
  Heap *h = heap_of(heap);
  gc_store_word(heap, &row[0], free_link(h->free_row));
  for (uint32_t i = 1; i < GC_HANDLE_ROW; i++)
    gc_store_word(heap, &row[i], GC_NO_CELL);
  h->free_row = row;
}

static bool add_handles(GcHeap *heap) {
  uint64_t *row = gc_handle_row_new(heap);
  if (row == NULL) return false;
  for (uint32_t i = 0; i < GC_HANDLE_ROW; i++)
    gc_publish(&row[i], free_link(i + 1 < GC_HANDLE_ROW ? &row[i + 1] : NULL));
  heap_of(heap)->free_handle = row;
  return true;
}

bool gc_handle_add(GcHeap *heap, GcHandle *handle, uint64_t word) {
  Heap *h = heap_of(heap);
  if (unlikely(h->free_handle == NULL) && !add_handles(heap)) {
    handle->word = NULL;
    return false;
  }
  handle->word = take(&h->free_handle);
  // Whatever this was loaded from is part of the snapshot, or it is new.
  gc_publish(handle->word, word);
  return true;
}

void gc_handle_remove(GcHeap *heap, GcHandle *handle) {
  if (handle->word == NULL) return;
  Heap *h = heap_of(heap);
  gc_store_word(heap, handle->word, free_link(h->free_handle));
  h->free_handle = handle->word;
  handle->word = NULL;
}

void gc_handles_trace(Heap *h, GcTracer *t, bool (*after_page)(Heap *)) {
  HandlePage *page =
      atomic_load_explicit(&h->handle_pages, memory_order_acquire);
  for (; page != NULL; page = page->next) {
    gc_trace_words(t, page->words, GC_HANDLE_ROW);
    if (after_page != NULL && !after_page(h)) return;
  }
}

void gc_handles_free(Heap *h) {
  HandlePage *page =
      atomic_load_explicit(&h->handle_pages, memory_order_relaxed);
  while (page != NULL) {
    HandlePage *next = page->next;
    free(page);
    page = next;
  }
}
