// SPDX-License-Identifier: MIT
// What a script did: lines by their counters, top-level variables, and the
// variables at lines that the host asked for.
#include <stdlib.h>

#include "runtime/api/api.h"
#include "vm/bytecode/coverage.h"
#include "vm/interpreter/inspection.h"

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

rill_value rill_variables(rill_isolate *api) {
  api_use(api);
  Isolate *iso = api->iso;
  Object *variables = vm_object_new_with(iso, NULL);
  return variables != NULL && vm_add_globals(iso, variables)
             ? api_handle(api, value_from_cell(variables))
             : api_fail(api);
}

// Break lines -----------------------------------------------------------------

typedef struct ApiBreak {
  rill_break_hook hook;
  void *data;
  String *file; // atom
  uint32_t line;
} ApiBreak;

static rill_value call_hook(rill_isolate *api, void *data, rill_value variables,
                            size_t count, const rill_value *arguments) {
  const ApiBreak *b = data;
  const char *file = api_string_text(api, b->file, NULL);
  return file != NULL && b->hook(api, b->data, file, b->line, variables)
             ? variables
             : NULL;
}

// Inspection.reached.
static bool reached(Isolate *iso, void *asker, Value variables) {
  ApiBreak b = *(const ApiBreak *)asker; // the hook may take it back
  NativeCall call = {.this_value = variables, .new_target = VALUE_UNDEFINED};
  Value result = api_call_host(rt_of(iso)->embedder, &call, call_hook, &b);
  // A failure without a reason is one all the same.
  if (value_is_undefined(result))
    vm_throw_error(iso, ERROR_ERROR, "the hook of line %u failed", b.line);
  return value_is_object(result);
}

static void drop_file(rill_isolate *api, BreakFile *file) {
  BreakFile **at = &api->inspection.files;
  while (*at != file)
    at = &(*at)->next;
  *at = file->next;
  free(file->askers);
  free(file->lines);
  free(file);
  if (api->inspection.files == NULL) api->iso->inspection = NULL;
}

static void drop_line(rill_isolate *api, BreakFile *file, uint32_t i) {
  free(file->askers[i]);
  file->count--;
  file->askers[i] = file->askers[file->count];
  file->lines[i] = file->lines[file->count];
  if (file->count == 0) drop_file(api, file);
}

void api_free_breaks(rill_isolate *api) {
  while (api->inspection.files != NULL)
    drop_line(api, api->inspection.files, 0);
}

// NULL: out of memory.
static BreakFile *add_file(rill_isolate *api, String *name) {
  BreakFile *file = calloc(1, sizeof *file);
  if (file == NULL) return NULL;
  *file = (BreakFile){.next = api->inspection.files, .name = name};
  api->inspection.files = file;
  api->inspection.reached = reached;
  api->iso->inspection = &api->inspection;
  return file;
}

static bool add_line(BreakFile *file, const ApiBreak *given) {
  size_t count = file->count + 1u;
  uint32_t *lines = realloc(file->lines, count * sizeof *lines);
  if (lines != NULL) file->lines = lines;
  void **askers = realloc(file->askers, count * sizeof *askers);
  if (askers != NULL) file->askers = askers;
  ApiBreak *b = malloc(sizeof *b);
  if (lines == NULL || askers == NULL || b == NULL) {
    free(b);
    return false;
  }
  *b = *given;
  lines[file->count] = b->line;
  askers[file->count++] = b;
  return true;
}

bool rill_break_at(rill_isolate *api, const char *file_name, uint32_t line,
                   rill_break_hook hook, void *data) {
  api_use(api);
  if (file_name == NULL || line == 0 || line > INT32_MAX) {
    api_fail_host(api, "rill_break_at needs a file and a line from 1 on");
    return false;
  }
  ApiBreak given = {hook, data, vm_atom_from_c(file_name), line};
  BreakFile *file =
      given.file == NULL ? NULL : vm_break_file(&api->inspection, given.file);
  uint32_t i = 0;
  while (file != NULL && i < file->count && file->lines[i] != line)
    i++;
  bool known = file != NULL && i < file->count;
  if (hook == NULL) {
    if (known) drop_line(api, file, i);
    return true;
  }
  if (known) {
    *(ApiBreak *)file->askers[i] = given;
    return true;
  }
  if (file == NULL && given.file != NULL) file = add_file(api, given.file);
  if (file != NULL && add_line(file, &given)) return true;
  if (file != NULL && file->count == 0) drop_file(api, file);
  api_fail_host(api, "Out of memory");
  return false;
}
