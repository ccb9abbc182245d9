// SPDX-License-Identifier: MIT
// package.json files: each is read once.
#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"

#include <stdlib.h>
#include <string.h>

#include "vm/objects/hash_table.h"

// A map, so that looking for files that are not there makes no names. NULL:
// threw.
static MapObject *known_packages(Runtime *rt) {
  GcRoot *packages = &rt->modules->packages;
  if (!value_is_undefined(packages->word))
    return (MapObject *)value_as_cell(packages->word);
  MapObject *map = vm_object_allocate(rt->isolate, CELL_MAP, sizeof *map, NULL);
  gc_publish(&map->table, vm_hash_table_new(rt->isolate, 0));
  if (map->table == NULL) return NULL;
  packages->word = value_from_cell(map);
  return map;
}

Value rt_package_json(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  MapObject *packages = known_packages(rt);
  if (packages == NULL) return VALUE_EXCEPTION;
  String *name = vm_string_from_utf8(iso, path, strlen(path));
  if (name == NULL) return VALUE_EXCEPTION;
  Value file = value_from_cell(name);
  const HashEntry *known = vm_hash_table_find(iso, packages->table, file);
  if (known != NULL) return known->value;
  if (vm_has_exception(iso)) return VALUE_EXCEPTION;
  Value parsed = VALUE_UNDEFINED;
  if (rt_is_file(path)) {
    size_t length;
    char *text = rt_read_file(iso, path, &length);
    if (text == NULL) return VALUE_EXCEPTION;
    parsed = rt_json_parse(iso, text, length, path);
    free(text);
    if (value_is_exception(parsed)) return parsed;
    if (!value_is_object(parsed)) parsed = VALUE_UNDEFINED;
  }
  return vm_hash_table_set(iso, &packages->table, file, parsed)
             ? parsed
             : VALUE_EXCEPTION;
}

Value rt_package_scope(Runtime *rt, const char *path, char *directory) {
  char file[PATH_MAX + 16];
  if (strlen(path) >= PATH_MAX) return VALUE_UNDEFINED;
  rt_directory_of(directory, path);
  for (;;) {
    const char *base = strrchr(directory, '/');
    if (base != NULL && strcmp(base, "/node_modules") == 0) break;
    stpcpy(stpcpy(file, directory), "/package.json");
    Value parsed = rt_package_json(rt, file);
    if (!value_is_undefined(parsed)) return parsed;
    if (strcmp(directory, "/") == 0 || strchr(directory, '/') == NULL) break;
    rt_directory_of(directory, directory);
  }
  return VALUE_UNDEFINED;
}

char *rt_string_field(Isolate *iso, Value object, const char *name) {
  if (!value_is_object(object)) return NULL;
  Value value = vm_quiet_get(iso, value_as_object(object), vm_key_from_c(name));
  if (!value_is_string(value)) return NULL;
  char *text = vm_string_to_utf8(iso, value_as_string(value), NULL);
  if (text == NULL) vm_throw_out_of_memory(iso);
  return text;
}
