// SPDX-License-Identifier: MIT
// A table with one place for each hash.
#include "vm/interpreter/eval_cache.h"

#include <stdlib.h>
#include <string.h>

#include "vm/objects/isolate.h"

enum { SIZE = 64, LONGEST = 16384 };

typedef struct Entry {
  EvalText text; // view.units is the entry's own
  Template *template;
} Entry;

struct EvalCache {
  Entry entries[SIZE];
};

static size_t bytes_of(const StringView *view) {
  return (size_t)view->length * (view->is_wide ? 2 : 1);
}

static bool is_same(const EvalText *a, const EvalText *b) {
  return a->hash == b->hash && a->view.length == b->view.length &&
         a->view.is_wide == b->view.is_wide && a->split == b->split &&
         a->kind == b->kind &&
         memcmp(a->view.units, b->view.units, bytes_of(&a->view)) == 0;
}

Template *vm_eval_cache_find(Isolate *iso, const EvalText *text) {
  if (iso->eval_cache == NULL) return NULL;
  const Entry *entry = &iso->eval_cache->entries[text->hash % SIZE];
  return entry->template != NULL && is_same(&entry->text, text)
             ? vm_template_retain(entry->template)
             : NULL;
}

static void clear(Entry *entry) {
  if (entry->template == NULL) return;
  free((void *)entry->text.view.units);
  vm_template_release(entry->template);
  entry->template = NULL;
}

void vm_eval_cache_insert(Isolate *iso, const EvalText *text,
                          Template *template) {
  if (text->view.length > LONGEST) return;
  if (iso->eval_cache == NULL) {
    iso->eval_cache = calloc(1, sizeof *iso->eval_cache);
    if (iso->eval_cache == NULL) return;
  }
  size_t size = bytes_of(&text->view);
  void *units = malloc(size + 1);
  if (units == NULL) return;
  memcpy(units, text->view.units, size);
  Entry *entry = &iso->eval_cache->entries[text->hash % SIZE];
  clear(entry);
  entry->text = *text;
  entry->text.view.units = units;
  entry->template = vm_template_retain(template);
}

void vm_eval_cache_free(Isolate *iso) {
  if (iso->eval_cache == NULL) return;
  for (int i = 0; i < SIZE; i++)
    clear(&iso->eval_cache->entries[i]);
  free(iso->eval_cache);
  iso->eval_cache = NULL;
}
