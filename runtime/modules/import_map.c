// SPDX-License-Identifier: MIT
// Import maps (HTML standard, "resolve a module specifier"). Keys and addresses
// that are paths or file: URLs are kept as absolute paths.
#include "runtime/modules/import_map.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"

typedef struct MapEntry {
  char *key, *address; // address NULL: forbidden
} MapEntry;

// Sorted by key, descending: of the prefixes that match the longest is first.
typedef struct SpecifierMap {
  MapEntry *entries;
  uint32_t count;
} SpecifierMap;

typedef struct MapScope {
  char *prefix;
  SpecifierMap map;
} MapScope;

struct ImportMap {
  SpecifierMap imports;
  MapScope *scopes; // sorted like entries
  uint32_t scope_count;
};

// A path or file: URL as an absolute path that keeps a slash at its end, any
// other text as it is; malloc'ed. NULL: out of memory or too long.
static char *normalized(const char *text, const char *directory) {
  const char *path = text;
  if (strncmp(text, "file:", 5) == 0) {
    path += strncmp(text, "file://", 7) == 0 ? 7 : 5;
  } else if (!rt_is_path_specifier(text)) {
    return strdup(text);
  }
  char joined[PATH_MAX + 1];
  if (!rt_path_join(joined, directory, path)) return NULL;
  size_t length = strlen(joined), given = strlen(path);
  if (given > 0 && path[given - 1] == '/' && joined[length - 1] != '/') {
    strcpy(joined + length, "/");
  }
  return strdup(joined);
}

static bool has_scheme(const char *text) {
  size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
  return n > 0 && text[n] == ':';
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const MapEntry *)b)->key, ((const MapEntry *)a)->key);
}
static int by_prefix(const void *a, const void *b) {
  return strcmp(((const MapScope *)b)->prefix, ((const MapScope *)a)->prefix);
}

static void specifier_map_free(SpecifierMap *map) {
  for (uint32_t i = 0; i < map->count; i++) {
    free(map->entries[i].key);
    free(map->entries[i].address);
  }
  free(map->entries);
}

void rt_import_map_free(ImportMap *map) {
  if (map == NULL) return;
  specifier_map_free(&map->imports);
  for (uint32_t i = 0; i < map->scope_count; i++) {
    free(map->scopes[i].prefix);
    specifier_map_free(&map->scopes[i].map);
  }
  free(map->scopes);
  free(map);
}

// Where the reading is.
typedef struct MapReader {
  Isolate *iso;
  const char *path;
  char directory[PATH_MAX];
} MapReader;

static bool throw_shape(MapReader *reader, const char *what) {
  vm_throw_type(reader->iso, "Import map %s: %s must be an object",
                reader->path, what);
  return false;
}

static bool throw_no_memory(Isolate *iso) {
  if (!vm_has_exception(iso)) vm_throw_out_of_memory(iso);
  return false;
}

// The own string keys, to be walked. False: threw.
static bool keys_of(Isolate *iso, Value object, KeyList *keys) {
  vm_key_list_init(keys);
  return vm_own_keys(iso, value_as_object(object), keys);
}

static char *key_text(MapReader *reader, PropertyKey key) {
  String *name = vm_key_to_string(reader->iso, key);
  char *text = name == NULL ? NULL : vm_string_to_utf8(reader->iso, name, NULL);
  char *result = text == NULL ? NULL : normalized(text, reader->directory);
  free(text);
  return result;
}

// An address that is a bare specifier or no string means nothing: forbidden.
static bool read_address(MapReader *reader, Value value, char **out) {
  *out = NULL;
  if (!value_is_string(value)) return true;
  char *text = vm_string_to_utf8(reader->iso, value_as_string(value), NULL);
  if (text == NULL) return false;
  if (rt_is_path_specifier(text) || has_scheme(text)) {
    *out = normalized(text, reader->directory);
    free(text);
    return *out != NULL;
  }
  free(text);
  return true;
}

static bool read_specifiers(MapReader *reader, Value object,
                            SpecifierMap *out) {
  Isolate *iso = reader->iso;
  KeyList keys;
  bool done = keys_of(iso, object, &keys);
  if (done) out->entries = calloc(keys.count + 1, sizeof *out->entries);
  done = done && out->entries != NULL;
  for (uint32_t i = 0; done && i < keys.count; i++) {
    Value value = vm_get(iso, value_as_object(object), keys.keys[i]);
    MapEntry *entry = &out->entries[out->count];
    entry->key = key_text(reader, keys.keys[i]);
    done = entry->key != NULL && !value_is_exception(value) &&
           read_address(reader, value, &entry->address);
    if (entry->key != NULL) out->count++;
    // The address of a prefix is a prefix.
    size_t key_length = done ? strlen(entry->key) : 0;
    size_t length = entry->address == NULL ? 0 : strlen(entry->address);
    if (key_length > 0 && entry->key[key_length - 1] == '/' && length > 0 &&
        entry->address[length - 1] != '/') {
      free(entry->address);
      entry->address = NULL;
    }
  }
  if (!done) return throw_no_memory(iso);
  if (out->count > 1)
    qsort(out->entries, out->count, sizeof *out->entries, by_key);
  return true;
}

static bool read_scopes(MapReader *reader, Value object, ImportMap *map) {
  Isolate *iso = reader->iso;
  KeyList keys;
  bool done = keys_of(iso, object, &keys);
  if (done) map->scopes = calloc(keys.count + 1, sizeof *map->scopes);
  done = done && map->scopes != NULL;
  for (uint32_t i = 0; done && i < keys.count; i++) {
    Value value = vm_get(iso, value_as_object(object), keys.keys[i]);
    if (!value_is_object(value)) {
      done = value_is_exception(value) ? false : throw_shape(reader, "a scope");
      break;
    }
    MapScope *scope = &map->scopes[map->scope_count];
    scope->prefix = key_text(reader, keys.keys[i]);
    done = scope->prefix != NULL;
    if (done) {
      map->scope_count++;
      done = read_specifiers(reader, value, &scope->map);
    }
  }
  if (!done) return throw_no_memory(iso);
  if (map->scope_count > 1)
    qsort(map->scopes, map->scope_count, sizeof *map->scopes, by_prefix);
  return true;
}

static bool read_map(MapReader *reader, Value json, ImportMap *map) {
  Isolate *iso = reader->iso;
  if (!value_is_object(json)) return throw_shape(reader, "it");
  Object *o = value_as_object(json);
  Value imports = vm_get(iso, o, vm_key_from_c("imports"));
  Value scopes = value_is_exception(imports)
                     ? imports
                     : vm_get(iso, o, vm_key_from_c("scopes"));
  if (value_is_exception(scopes)) return false;
  if (!value_is_undefined(imports)) {
    if (!value_is_object(imports)) return throw_shape(reader, "\"imports\"");
    if (!read_specifiers(reader, imports, &map->imports)) return false;
  }
  if (value_is_undefined(scopes)) return true;
  if (!value_is_object(scopes)) return throw_shape(reader, "\"scopes\"");
  return read_scopes(reader, scopes, map);
}

ImportMap *rt_import_map_read(Isolate *iso, const char *path) {
  size_t length;
  char real[PATH_MAX];
  char *text = rt_read_file(iso, path, &length);
  if (text == NULL) return NULL;
  MapReader *reader = calloc(1, sizeof *reader);
  ImportMap *map = calloc(1, sizeof *map);
  if (reader == NULL || map == NULL || realpath(path, real) == NULL) {
    throw_no_memory(iso);
  } else {
    reader->iso = iso;
    reader->path = path;
    rt_directory_of(reader->directory, real);
    Value json = rt_json_parse(iso, text, length, path);
    if (!value_is_exception(json)) (void)!read_map(reader, json, map);
  }
  free(text);
  free(reader);
  if (!vm_has_exception(iso)) return map;
  rt_import_map_free(map);
  return NULL;
}

static Tri throw_forbidden(Isolate *iso, const char *specifier,
                           const char *referrer) {
  rt_throw_coded(
      iso, "ERR_IMPORT_MAP_FORBIDS",
      vm_string_format(iso, "The import map forbids '%s' imported from %s",
                       specifier, referrer),
      ERROR_TYPE);
  return TRI_THREW;
}

// "Resolve an imports match"
static Tri resolve_match(Isolate *iso, const SpecifierMap *map,
                         const char *specifier, const char *referrer,
                         char *out) {
  for (uint32_t i = 0; i < map->count; i++) {
    const MapEntry *entry = &map->entries[i];
    size_t length = strlen(entry->key);
    if (strncmp(entry->key, specifier, length) != 0) continue;
    const char *rest = specifier + length;
    if (*rest != 0 && (length == 0 || entry->key[length - 1] != '/')) continue;
    if (entry->address == NULL) {
      return throw_forbidden(iso, specifier, referrer);
    }
    char joined[PATH_MAX];
    int n = snprintf(out, PATH_MAX, "%s%s", entry->address, rest);
    if (n < 0 || n >= PATH_MAX)
      return throw_forbidden(iso, specifier, referrer);
    // What follows a prefix must not lead out of it.
    if (*rest != 0 && out[0] == '/' &&
        (!rt_path_join(joined, "/", out) ||
         strncmp(joined, entry->address, strlen(entry->address)) != 0)) {
      return throw_forbidden(iso, specifier, referrer);
    }
    return 1;
  }
  return 0;
}

Tri rt_import_map_resolve(Isolate *iso, const ImportMap *map,
                          const char *specifier, const char *referrer,
                          const char *directory, char *out) {
  char *wanted = normalized(specifier, directory);
  if (wanted == NULL) {
    vm_throw_out_of_memory(iso);
    return TRI_THREW;
  }
  Tri found = 0;
  for (uint32_t i = 0; found == 0 && i < map->scope_count; i++) {
    const char *prefix = map->scopes[i].prefix;
    size_t length = strlen(prefix);
    bool applies = length > 0 && prefix[length - 1] == '/'
                       ? strncmp(prefix, referrer, length) == 0
                       : strcmp(prefix, referrer) == 0;
    if (applies)
      found = resolve_match(iso, &map->scopes[i].map, wanted, referrer, out);
  }
  if (found == 0)
    found = resolve_match(iso, &map->imports, wanted, referrer, out);
  free(wanted);
  return found;
}
