// SPDX-License-Identifier: MIT
// CommonJS modules as ES modules see them: default is module.exports, and each
// export that the text shows (export_scan.h) has its name. The file runs when
// its turn comes in the evaluation of the graph, not while that is loaded.
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/export_scan.h"
#include "runtime/modules/loader.h"

// The names found so far, and the files whose text has been looked at.
typedef struct NameSearch {
  Runtime *rt;
  String **names; // atoms kept for good, the first of them "default"
  uint32_t count, capacity;
  char **visited; // resolved paths
  uint32_t visited_count;
} NameSearch;

static bool add_name(NameSearch *search, String *name) {
  name = vm_string_intern_for_good(search->rt->isolate, name);
  if (name == NULL) return false;
  for (uint32_t i = 0; i < search->count; i++)
    if (search->names[i] == name) return true;
  if (search->count == search->capacity) {
    uint32_t capacity = search->capacity ? search->capacity * 2 : 32;
    String **names = realloc(search->names, capacity * sizeof *names);
    if (names == NULL) {
      vm_throw_out_of_memory(search->rt->isolate);
      return false;
    }
    search->names = names;
    search->capacity = capacity;
  }
  search->names[search->count++] = name;
  return true;
}

static bool search_text(NameSearch *search, const char *path, const char *text,
                        size_t length);

// NULL: it is no CommonJS, or threw.
static char *script_text(Runtime *rt, const char *path, size_t *length) {
  switch (rt_file_format(rt, path)) {
  case FORMAT_MODULE:
  case FORMAT_JSON:
  case FORMAT_THREW:
    return NULL;
  case FORMAT_SAVED:
    return rt_saved_commonjs_text(rt, path, length);
  default:
    return rt_read_file(rt->isolate, path, length);
  }
}

// What `module.exports = require(specifier)` adds. A module that is not there
// adds nothing: require() will tell, if it is ever called.
static bool search_reexport(NameSearch *search, const char *path,
                            TextPiece specifier) {
  Isolate *iso = search->rt->isolate;
  char *name = strndup(specifier.start, specifier.length);
  char *resolved =
      name == NULL ? NULL
                   : rt_resolve(search->rt, name, path, RESOLVE_REQUIRE, NULL);
  if (name == NULL) vm_throw_out_of_memory(iso);
  free(name);
  size_t length;
  char *text = resolved == NULL || resolved[0] != '/'
                   ? NULL
                   : script_text(search->rt, resolved, &length);
  bool done = true;
  if (text != NULL) {
    done = search_text(search, resolved, text, length);
  } else if (vm_has_exception(iso)) {
    done = !vm_is_terminating(iso) && !vm_is_out_of_memory(iso);
    if (done) vm_take_exception(iso);
  }
  free(text);
  free(resolved);
  return done;
}

static bool search_text(NameSearch *search, const char *path, const char *text,
                        size_t length) {
  for (uint32_t i = 0; i < search->visited_count; i++)
    if (strcmp(search->visited[i], path) == 0) return true;
  char **visited =
      realloc(search->visited, (search->visited_count + 1) * sizeof *visited);
  char *copy = visited == NULL ? NULL : strdup(path);
  if (visited != NULL) search->visited = visited;
  ExportScan scan = {0};
  bool done = copy != NULL;
  if (done) {
    search->visited[search->visited_count++] = copy;
    done = rt_scan_exports(text, length, &scan);
  }
  if (!done) vm_throw_out_of_memory(search->rt->isolate);
  for (uint32_t i = 0; done && i < scan.names.count; i++) {
    TextPiece piece = scan.names.items[i];
    String *name =
        vm_string_from_utf8(search->rt->isolate, piece.start, piece.length);
    done = name != NULL && add_name(search, name);
  }
  for (uint32_t i = 0; done && i < scan.reexports.count; i++)
    done = search_reexport(search, path, scan.reexports.items[i]);
  rt_release_scan(&scan);
  return done;
}

// A module that has been required shows what it has, not what its text says.
static bool add_keys(NameSearch *search, Value exports) {
  if (!value_is_object(exports)) return true;
  Isolate *iso = search->rt->isolate;
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, value_as_object(exports), &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    if (key_is_string(keys.keys[i]))
      done = add_name(search, (String *)value_as_cell(keys.keys[i]));
  }
  return done;
}

// The exports of a required module that has run to its end, else EMPTY.
static Value loaded_exports(Isolate *iso, const char *path) {
  Value known = rt_commonjs_known(iso, path);
  if (!value_is_object(known)) {
    return value_is_exception(known) ? known : VALUE_EMPTY;
  }
  Value loaded = vm_get(iso, value_as_object(known), vm_key_from_c("loaded"));
  if (loaded != VALUE_TRUE) {
    return value_is_exception(loaded) ? loaded : VALUE_EMPTY;
  }
  return vm_get(iso, value_as_object(known), KEY(exports));
}

static bool set_exports(Isolate *iso, Module *module, Value exports) {
  if (!vm_module_set_export(iso, module, ATOM(default_), exports)) return false;
  if (!value_is_object(exports)) return true;
  CellList *names = module->export_names;
  for (uint32_t i = 1; i < names->cell.extra; i++) {
    String *name = (String *)(uintptr_t)names->words[i];
    PropertyKey key;
    if (!vm_string_to_key(iso, name, &key)) return false;
    Tri has = vm_has_own(iso, value_as_object(exports), key);
    if (has < 0) return false;
    if (!has) continue;
    Value value = vm_get(iso, value_as_object(exports), key);
    if (value_is_exception(value) ||
        !vm_module_set_export(iso, module, name, value)) {
      return false;
    }
  }
  return true;
}

// host_value: the Code of the file.
static bool evaluate(Isolate *iso, Module *module, void *data) {
  char *path = vm_string_to_utf8(iso, module->name, NULL);
  if (path == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  Value known = rt_commonjs_known(iso, path);
  Value exports;
  if (value_is_object(known)) {
    exports = vm_get(iso, value_as_object(known), KEY(exports));
  } else if (value_is_exception(known)) {
    exports = known;
  } else {
    Code *code = (Code *)value_as_cell(module->host_value);
    exports = rt_commonjs_run(rt_of(iso), code, path, VALUE_UNDEFINED);
  }
  free(path);
  gc_store_word(iso->heap, &module->host_value, VALUE_UNDEFINED);
  return !value_is_exception(exports) && set_exports(iso, module, exports);
}

Module *rt_commonjs_module_new(Runtime *rt, const char *path, Code *code,
                               const char *text, size_t length) {
  Isolate *iso = rt->isolate;
  NameSearch search = {.rt = rt};
  Value exports = loaded_exports(iso, path);
  bool done = !value_is_exception(exports) && add_name(&search, ATOM(default_));
  if (done) {
    done = value_is_empty(exports) ? search_text(&search, path, text, length)
                                   : add_keys(&search, exports);
  }
  Module *module = NULL;
  String *name = done ? vm_string_from_utf8(iso, path, strlen(path)) : NULL;
  if (name != NULL) {
    module = vm_synthetic_module_new(iso, name, search.names, search.count,
                                     evaluate, NULL);
  }
  if (module != NULL) {
    module->exports_by_text = true;
    gc_store_word(iso->heap, &module->host_value, value_from_cell(code));
  }
  for (uint32_t i = 0; i < search.visited_count; i++)
    free(search.visited[i]);
  free(search.visited);
  free(search.names);
  return module;
}
