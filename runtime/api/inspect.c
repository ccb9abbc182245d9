// SPDX-License-Identifier: MIT
// What a script did: lines by their counters, and top-level variables.
#include <stdlib.h>

#include "runtime/api/api.h"
#include "vm/bytecode/coverage.h"
#include "vm/interpreter/code.h"

typedef struct LineCount {
  uint32_t line;
  uint64_t count;
} LineCount;

static int compare_lines(const void *a, const void *b) {
  const LineCount *one = a, *two = b;
  if (one->line != two->line) return one->line < two->line ? -1 : 1;
  return one->count < two->count ? -1 : one->count > two->count;
}

// False: out of memory.
static bool visit_file(const CoverageFile *file, const char *name,
                       rill_line_visitor visitor, void *data) {
  uint32_t count = file->statement_count;
  LineCount *lines = malloc((count + 1) * sizeof *lines);
  if (lines == NULL) return false;
  for (uint32_t i = 0; i < count; i++) {
    const CoverageCounter *c = &file->statements[i];
    lines[i].line = vm_source_position(file->source, c->start).line;
    lines[i].count = atomic_load_explicit(c->count, memory_order_relaxed);
  }
  qsort(lines, count, sizeof *lines, compare_lines);
  for (uint32_t i = 0; i < count; i++) { // the last of a line has the most
    if (i + 1 == count || lines[i + 1].line != lines[i].line)
      visitor(data, name, lines[i].line, lines[i].count);
  }
  free(lines);
  return true;
}

bool rill_executed_lines(rill_isolate *api, const char *wanted,
                         rill_line_visitor visitor, void *data) {
  api_use(api);
  if (api->coverage == NULL) {
    api_fail_host(api, "rill_options.count_lines is not set");
    return false;
  }
  bool done = true;
  // The visitor may evaluate more: files are only ever added, at the front.
  pthread_mutex_lock(&api->coverage->lock);
  const CoverageFile *file = api->coverage->files;
  pthread_mutex_unlock(&api->coverage->lock);
  for (; done && file != NULL; file = file->next) {
    char *name = vm_string_to_utf8(api->iso, file->source->name, NULL);
    if (name == NULL) {
      done = false;
    } else if (wanted == NULL || strcmp(name, wanted) == 0) {
      done = visit_file(file, name, visitor, data);
    }
    free(name);
  }
  if (!done) api_fail_host(api, "Out of memory");
  return done;
}

void rill_reset_lines(rill_isolate *api) {
  api_use(api);
  if (api->coverage == NULL) return;
  pthread_mutex_lock(&api->coverage->lock);
  for (CoverageFile *f = api->coverage->files; f != NULL; f = f->next)
    for (uint32_t i = 0; i < f->statement_count; i++)
      atomic_store_explicit(f->statements[i].count, 0, memory_order_relaxed);
  pthread_mutex_unlock(&api->coverage->lock);
}

// Own data properties that are initialized and have names. False: threw.
static bool add_variables(Isolate *iso, Object *to, Object *from,
                          bool enumerable) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, from, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    PropertyDescriptor d;
    Tri there =
        key_is_symbol(key) ? 0 : vm_get_own_property(iso, from, key, &d);
    if (there == TRI_THREW) {
      done = false;
    } else if (there == 1 && !descriptor_is_accessor(&d) &&
               !value_is_empty(d.value) &&
               (!enumerable || (d.attributes & PROPERTY_ENUMERABLE) != 0)) {
      done = vm_create_data(iso, to, key, d.value) != TRI_THREW;
    }
  }
  vm_key_list_free(&keys);
  return done;
}

rill_value rill_variables(rill_isolate *api) {
  api_use(api);
  Isolate *iso = api->iso;
  Object *variables = vm_object_new_with(iso, NULL);
  return add_variables(iso, variables, iso->realm->lexicals, false) &&
                 add_variables(iso, variables, iso->realm->global, true)
             ? api_handle(api, value_from_cell(variables))
             : api_fail(api);
}
