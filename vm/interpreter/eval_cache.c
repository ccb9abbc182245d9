// SPDX-License-Identifier: MIT
// A table with a few places for each hash, the newest first. The texts
// themselves are those of the templates' sources.
#include "vm/interpreter/eval_cache.h"

#include <stdlib.h>
#include <string.h>

#include "vm/objects/isolate.h"
#include "vm/syntax/syntax.h"

enum {
  SETS = 128,
  WAYS = 4,
  PLACES = SETS * WAYS,
  LONGEST = 16384,
  MOST_BYTES = 1 << 20, // of all texts
};

typedef struct Entry {
  uint32_t hash, length, split;
  uint8_t kind, is_wide;
  Template *template; // NULL: none
} Entry;

typedef struct EvalCache {
  Entry places[PLACES];
  size_t bytes;          // of the texts
  uint32_t seen[PLACES]; // hashes of texts that were compiled once
  uint32_t hand;         // the place that is cleared next for want of room
} EvalCache;

static bool is_same(const Entry *entry, const EvalText *text) {
  const StringView *view = &text->view;
  if (entry->template == NULL || entry->hash != text->hash ||
      entry->length != view->length || entry->split != text->split ||
      entry->kind != text->kind || entry->is_wide != view->is_wide)
    return false;
  const SourceFile *file = entry->template->source;
  unsigned wide = view->is_wide;
  const char *units = file->units;
  if (text->kind == EVAL_TEXT_SCRIPT)
    return memcmp(units, view->units, (size_t)view->length << wide) == 0;
  size_t body_length = view->length - text->split;
  size_t body = file->length - (sizeof SYNTAX_FUNCTION_END - 1) - body_length;
  size_t parameters = body - (sizeof SYNTAX_FUNCTION_MIDDLE - 1) - text->split;
  size_t split = (size_t)text->split << wide;
  return memcmp(units + (parameters << wide), view->units, split) == 0 &&
         memcmp(units + (body << wide), (const char *)view->units + split,
                body_length << wide) == 0;
}

static Entry *set_of(Isolate *iso, const EvalText *text) {
  return &iso->eval_cache->places[text->hash % SETS * WAYS];
}

Template *vm_eval_cache_find(Isolate *iso, const EvalText *text) {
  if (iso->eval_cache == NULL) return NULL;
  const Entry *set = set_of(iso, text);
  for (int i = 0; i < WAYS; i++)
    if (is_same(&set[i], text)) return vm_template_retain(set[i].template);
  return NULL;
}

static void clear(EvalCache *cache, Entry *entry) {
  if (entry->template == NULL) return;
  cache->bytes -= (size_t)entry->length << entry->is_wide;
  vm_template_release(entry->template);
  entry->template = NULL;
}

// Remembers the hash in its set, unless it is there.
static bool is_seen(uint32_t *set, uint32_t hash) {
  for (int i = 0; i < WAYS; i++)
    if (set[i] == hash) return true;
  memmove(set + 1, set, (WAYS - 1) * sizeof *set);
  set[0] = hash;
  return false;
}

void vm_eval_cache_insert(Isolate *iso, const EvalText *text,
                          Template *template) {
  if (text->view.length > LONGEST) return;
  if (iso->eval_cache == NULL) {
    iso->eval_cache = calloc(1, sizeof *iso->eval_cache);
    if (iso->eval_cache == NULL) return;
  }
  EvalCache *cache = iso->eval_cache;
  if (!is_seen(&cache->seen[text->hash % SETS * WAYS], text->hash)) return;
  Entry *set = set_of(iso, text);
  clear(cache, &set[WAYS - 1]);
  memmove(set + 1, set, (WAYS - 1) * sizeof *set);
  set[0].template = NULL;
  cache->bytes += (size_t)text->view.length << text->view.is_wide;
  while (cache->bytes > MOST_BYTES)
    clear(cache, &cache->places[cache->hand++ % PLACES]);
  set[0] = (Entry){.hash = text->hash,
                   .length = text->view.length,
                   .split = text->split,
                   .kind = text->kind,
                   .is_wide = text->view.is_wide,
                   .template = vm_template_retain(template)};
}

void vm_eval_cache_free(Isolate *iso) {
  if (iso->eval_cache == NULL) return;
  for (int i = 0; i < PLACES; i++)
    clear(iso->eval_cache, &iso->eval_cache->places[i]);
  free(iso->eval_cache);
  iso->eval_cache = NULL;
}
