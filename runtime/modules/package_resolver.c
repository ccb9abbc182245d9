// SPDX-License-Identifier: MIT
// Packages: node_modules, "exports" and "imports" of package.json, by the
// algorithms of Node's documentation (PACKAGE_RESOLVE and what it calls).
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/resolver.h"

// What a target came to.
typedef enum {
  TARGET_NONE, // no condition applies: the next one may
  TARGET_NULL, // forbidden
  TARGET_FOUND,
  TARGET_THREW,
} Target;

static bool is_active_condition(Resolver *r, const char *name) {
  if (strcmp(name, "default") == 0 || strcmp(name, "node") == 0 ||
      strcmp(name, "rill") == 0 || strcmp(name, "module-sync") == 0 ||
      strcmp(name, r->mode == RESOLVE_IMPORT ? "import" : "require") == 0) {
    return true;
  }
  size_t length = strlen(name);
  for (const char *p = r->rt->options.conditions; p != NULL && *p != 0;) {
    size_t n = strcspn(p, ",");
    if (n == length && memcmp(p, name, n) == 0) return true;
    p += n + (p[n] == ',');
  }
  return false;
}

// The keys of an object, as malloc'ed strings in their order.
typedef struct Names {
  char **items;
  uint32_t count;
} Names;

static void names_free(Names *names) {
  for (uint32_t i = 0; i < names->count; i++)
    free(names->items[i]);
  free(names->items);
}

static bool names_of(Isolate *iso, Object *o, Names *out) {
  *out = (Names){0};
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  if (done) out->items = calloc(keys.count + 1, sizeof *out->items);
  for (uint32_t i = 0; done && out->items != NULL && i < keys.count; i++) {
    String *name = vm_key_to_string(iso, keys.keys[i]);
    char *text = name == NULL ? NULL : vm_string_to_utf8(iso, name, NULL);
    done = text != NULL;
    if (done) out->items[out->count++] = text;
  }
  if (done && out->items != NULL) return true;
  names_free(out);
  if (!vm_has_exception(iso)) vm_throw_out_of_memory(iso);
  return false;
}

static Value member(Isolate *iso, Value object, const char *name) {
  String *text = vm_string_from_utf8(iso, name, strlen(name));
  PropertyKey key;
  if (text == NULL || !vm_string_to_key(iso, text, &key)) {
    return VALUE_EXCEPTION;
  }
  return vm_get(iso, value_as_object(object), key);
}

// A ".", "..", "node_modules" or empty segment.
static bool has_forbidden_segment(const char *path) {
  while (*path != 0) {
    size_t n = strcspn(path, "/\\");
    if (n == 0 || (n == 1 && path[0] == '.') ||
        (n == 2 && memcmp(path, "..", 2) == 0) ||
        (n == 12 && memcmp(path, "node_modules", 12) == 0))
      return true;
    path += n + (path[n] != 0);
  }
  return false;
}

static Target throw_target(Resolver *r, const char *package, const char *target,
                           bool is_private) {
  rt_throw_coded(
      r->iso, "ERR_INVALID_PACKAGE_TARGET",
      vm_string_format(r->iso,
                       "Invalid \"%s\" target \"%s\" defined for '%s' in the "
                       "package config %s/package.json imported from %s",
                       is_private ? "imports" : "exports", target, r->specifier,
                       package, r->referrer),
      ERROR_ERROR);
  return TARGET_THREW;
}

// `text` with `star` in place of every '*'. NULL: out of memory, thrown.
static char *expand(Isolate *iso, const char *text, const char *star) {
  size_t length = strlen(text) + 1, stars = 0;
  for (const char *p = text; star != NULL && *p != 0; p++)
    stars += *p == '*';
  char *out = malloc(length + stars * (star == NULL ? 0 : strlen(star)));
  if (out == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  char *at = out;
  for (const char *p = text; *p != 0; p++) {
    if (*p == '*' && star != NULL) {
      at = stpcpy(at, star);
    } else {
      *at++ = *p;
    }
  }
  *at = 0;
  return out;
}

// `is_private`: of "imports", which may lead to other packages and builtins.
static Target resolve_text(Resolver *r, const char *package, const char *text,
                           const char *star, bool is_private) {
  char *expanded = expand(r->iso, text, star);
  if (expanded == NULL) return TARGET_THREW;
  Target result = TARGET_THREW;
  char path[PATH_MAX];
  if (strncmp(text, "./", 2) != 0) {
    if (!is_private || text[0] == '#' || rt_is_path_specifier(text)) {
      result = throw_target(r, package, text, is_private);
    } else {
      char referrer[PATH_MAX + 16];
      snprintf(referrer, sizeof referrer, "%s/package.json", package);
      char *found = rt_resolve(r->rt, expanded, referrer, r->mode, NULL);
      if (found != NULL) {
        snprintf(r->result, sizeof r->result, "%s", found);
        result = TARGET_FOUND;
      }
      free(found);
    }
  } else if (has_forbidden_segment(text + 2)) {
    result = throw_target(r, package, text, is_private);
  } else if (star != NULL && has_forbidden_segment(star)) {
    rt_throw_coded(
        r->iso, "ERR_INVALID_MODULE_SPECIFIER",
        vm_string_format(r->iso,
                         "Invalid module \"%s\" request is not a valid match "
                         "of a pattern in %s/package.json imported from %s",
                         r->specifier, package, r->referrer),
        ERROR_TYPE);
  } else if (!rt_path_join(path, package, expanded)) {
    rt_throw_not_found(r, r->specifier);
  } else if (rt_resolve_file(r, path)) {
    result = TARGET_FOUND;
  }
  free(expanded);
  return result;
}

static bool is_invalid_target_error(Isolate *iso) {
  if (!value_is_object(iso->exception)) return false;
  char *code = rt_string_field(iso, iso->exception, "code");
  bool result = code != NULL && strcmp(code, "ERR_INVALID_PACKAGE_TARGET") == 0;
  free(code);
  return result;
}

// PACKAGE_TARGET_RESOLVE
static Target resolve_target(Resolver *r, const char *package, Value target,
                             const char *star, bool is_private) {
  Isolate *iso = r->iso;
  if (value_is_string(target)) {
    char *text = vm_string_to_utf8(iso, value_as_string(target), NULL);
    if (text == NULL) {
      vm_throw_out_of_memory(iso);
      return TARGET_THREW;
    }
    Target result = resolve_text(r, package, text, star, is_private);
    free(text);
    return result;
  }
  if (value_is_null(target)) return TARGET_NULL;
  if (!value_is_object(target)) {
    return throw_target(r, package, "(no string)", is_private);
  }
  Names names;
  if (!names_of(iso, value_as_object(target), &names)) return TARGET_THREW;
  bool is_list = value_is_kind(target, CELL_ARRAY);
  Target result = is_list ? TARGET_NULL : TARGET_NONE;
  for (uint32_t i = 0; i < names.count; i++) {
    if (is_list && strcmp(names.items[i], "length") == 0) break;
    if (!is_list && !is_active_condition(r, names.items[i])) continue;
    Value inner = member(iso, target, names.items[i]);
    // What an invalid target threw gives way to the next of a list.
    if (result == TARGET_THREW) vm_take_exception(iso);
    result = value_is_exception(inner)
                 ? TARGET_THREW
                 : resolve_target(r, package, inner, star, is_private);
    if (is_list ? result == TARGET_FOUND : result != TARGET_NONE) break;
    if (result == TARGET_THREW && !is_invalid_target_error(iso)) break;
  }
  names_free(&names);
  return result;
}

// PATTERN_KEY_COMPARE: the longer part before the star wins, then the longer
// key.
static bool is_better_pattern(const char *key, const char *than) {
  if (than == NULL) return true;
  size_t a = strcspn(key, "*"), b = strcspn(than, "*");
  return a != b ? a > b : strlen(key) > strlen(than);
}

// PACKAGE_IMPORTS_EXPORTS_RESOLVE
static Target resolve_mapping(Resolver *r, const char *package, Value map,
                              const char *name, bool is_private) {
  size_t length = strlen(name);
  if (length > 0 && name[length - 1] == '/') return TARGET_NONE;
  Names names;
  if (!names_of(r->iso, value_as_object(map), &names)) return TARGET_THREW;
  const char *best = NULL;
  bool is_exact = false;
  for (uint32_t i = 0; i < names.count && !is_exact; i++) {
    const char *key = names.items[i], *star = strchr(key, '*');
    if (star == NULL) {
      is_exact = strcmp(key, name) == 0;
      if (is_exact) best = key;
      continue;
    }
    size_t head = (size_t)(star - key), tail = strlen(star + 1);
    if (strchr(star + 1, '*') == NULL && length > head + tail &&
        strncmp(key, name, head) == 0 &&
        strcmp(name + length - tail, star + 1) == 0 &&
        is_better_pattern(key, best))
      best = key;
  }
  Target result = TARGET_NONE;
  Value target = best == NULL ? VALUE_UNDEFINED : member(r->iso, map, best);
  if (value_is_exception(target)) {
    result = TARGET_THREW;
  } else if (is_exact) {
    result = resolve_target(r, package, target, NULL, is_private);
  } else if (best != NULL) {
    size_t head = strcspn(best, "*");
    char *star = strndup(name + head, length - strlen(best) + 1);
    if (star == NULL) vm_throw_out_of_memory(r->iso);
    result = star == NULL
                 ? TARGET_THREW
                 : resolve_target(r, package, target, star, is_private);
    free(star);
  }
  names_free(&names);
  return result;
}

// Do the keys of "exports" name subpaths ("./x")? Else they are conditions.
static Tri has_subpaths(Resolver *r, const char *package, Value exports) {
  if (!value_is_object(exports) || value_is_kind(exports, CELL_ARRAY)) return 0;
  Names names;
  if (!names_of(r->iso, value_as_object(exports), &names)) return TRI_THREW;
  uint32_t dots = 0;
  for (uint32_t i = 0; i < names.count; i++)
    dots += names.items[i][0] == '.';
  Tri result = dots > 0;
  if (dots != 0 && dots != names.count) {
    rt_throw_coded(
        r->iso, "ERR_INVALID_PACKAGE_CONFIG",
        vm_string_format(r->iso,
                         "Invalid package config %s/package.json: \"exports\" "
                         "cannot contain some keys starting with '.' and some "
                         "not",
                         package),
        ERROR_ERROR);
    result = TRI_THREW;
  }
  names_free(&names);
  return result;
}

// PACKAGE_EXPORTS_RESOLVE
static bool resolve_exports(Resolver *r, const char *package, Value exports,
                            const char *subpath) {
  bool is_main = strcmp(subpath, ".") == 0;
  Tri subpaths = has_subpaths(r, package, exports);
  if (subpaths < 0) return false;
  Target found = TARGET_NONE;
  if (subpaths) {
    found = resolve_mapping(r, package, exports, subpath, false);
  } else if (is_main) {
    found = resolve_target(r, package, exports, NULL, false);
  }
  if (found == TARGET_FOUND) return true;
  if (found == TARGET_THREW) return false;
  return rt_throw_coded(
      r->iso, "ERR_PACKAGE_PATH_NOT_EXPORTED",
      is_main
          ? vm_string_format(r->iso,
                             "No \"exports\" main defined in "
                             "%s/package.json imported from %s",
                             package, r->referrer)
          : vm_string_format(r->iso,
                             "Package subpath '%s' is not defined by "
                             "\"exports\" in %s/package.json imported from %s",
                             subpath, package, r->referrer),
      ERROR_ERROR);
}

// The "exports" of a package.json; undefined: none.
static Value exports_of(Isolate *iso, Value package_json) {
  if (!value_is_object(package_json)) return VALUE_UNDEFINED;
  Value exports = vm_get(iso, value_as_object(package_json), KEY(exports));
  return value_is_null(exports) ? VALUE_UNDEFINED : exports;
}

static bool resolve_in_package(Resolver *r, const char *package,
                               const char *subpath) {
  char file[PATH_MAX + 32], found[PATH_MAX];
  snprintf(file, sizeof file, "%s/package.json", package);
  Value json = rt_package_json(r->rt, file);
  Value exports = value_is_exception(json) ? json : exports_of(r->iso, json);
  if (value_is_exception(exports)) return false;
  if (!value_is_undefined(exports)) {
    return resolve_exports(r, package, exports, subpath);
  }
  if (strcmp(subpath, ".") == 0) {
    if (rt_find_in_directory(r, package, found)) {
      return rt_resolve_file(r, found);
    }
    return vm_has_exception(r->iso) ? false
                                    : rt_throw_not_found(r, r->specifier);
  }
  return rt_path_join(found, package, subpath)
             ? rt_resolve_path(r, found)
             : rt_throw_not_found(r, r->specifier);
}

// PACKAGE_RESOLVE
bool rt_resolve_package(Resolver *r, const char *directory) {
  const char *specifier = r->specifier;
  size_t length = strcspn(specifier, "/");
  if (specifier[0] == '@') {
    if (specifier[length] == '/') {
      length += 1 + strcspn(specifier + length + 1, "/");
    } else {
      length = 0;
    }
  }
  if (length == 0 || specifier[0] == '.' ||
      strcspn(specifier, "\\%") < length) {
    if (r->mode == RESOLVE_REQUIRE) return rt_throw_not_found(r, specifier);
    return rt_throw_coded(
        r->iso, "ERR_INVALID_MODULE_SPECIFIER",
        vm_string_format(r->iso,
                         "Invalid module \"%s\" is not a valid package name "
                         "imported from %s",
                         specifier, r->referrer),
        ERROR_TYPE);
  }
  char at[PATH_MAX], package[PATH_MAX], subpath[PATH_MAX + 1];
  snprintf(subpath, sizeof subpath, ".%s", specifier + length);
  // PACKAGE_SELF_RESOLVE: a package that has "exports" may name itself.
  Value scope = rt_package_scope(r->rt, r->referrer, at);
  Value exports = value_is_exception(scope) ? scope : exports_of(r->iso, scope);
  if (value_is_exception(exports)) return false;
  char *own = rt_string_field(r->iso, scope, "name");
  bool is_self = own != NULL && !value_is_undefined(exports) &&
                 strlen(own) == length && strncmp(own, specifier, length) == 0;
  free(own);
  if (vm_has_exception(r->iso)) return false;
  if (is_self) return resolve_exports(r, at, exports, subpath);
  strcpy(at, directory);
  for (;;) {
    const char *base = strrchr(at, '/');
    if (base == NULL || strcmp(base, "/node_modules") != 0) {
      int n = snprintf(package, sizeof package, "%s/node_modules/%.*s",
                       strcmp(at, "/") == 0 ? "" : at, (int)length, specifier);
      if (n > 0 && n < PATH_MAX) {
        if (rt_is_directory(package)) {
          return resolve_in_package(r, package, subpath);
        }
        char found[PATH_MAX];
        if (r->mode == RESOLVE_REQUIRE && subpath[1] == 0 &&
            rt_find_file(package, found)) {
          return rt_resolve_file(r, found);
        }
      }
    }
    if (strcmp(at, "/") == 0 || base == NULL) break;
    rt_directory_of(at, at);
  }
  snprintf(package, sizeof package, "%.*s", (int)length, specifier);
  return rt_throw_not_found(r, package);
}

// PACKAGE_IMPORTS_RESOLVE
bool rt_resolve_private(Resolver *r, const char *directory) {
  char package[PATH_MAX], file[PATH_MAX + 16];
  snprintf(file, sizeof file, "%s/x", directory);
  Value json = rt_package_scope(r->rt, file, package);
  if (value_is_exception(json)) return false;
  bool is_valid = strcmp(r->specifier, "#") != 0;
  if (is_valid && value_is_object(json)) {
    Value imports =
        vm_get(r->iso, value_as_object(json), vm_key_from_c("imports"));
    if (value_is_exception(imports)) return false;
    Target found =
        value_is_object(imports)
            ? resolve_mapping(r, package, imports, r->specifier, true)
            : TARGET_NONE;
    if (found == TARGET_FOUND) return true;
    if (found == TARGET_THREW) return false;
  }
  return rt_throw_coded(
      r->iso,
      is_valid ? "ERR_PACKAGE_IMPORT_NOT_DEFINED"
               : "ERR_INVALID_MODULE_SPECIFIER",
      value_is_object(json)
          ? vm_string_format(r->iso,
                             "Package import specifier \"%s\" is not defined "
                             "in package %s/package.json imported from %s",
                             r->specifier, package, r->referrer)
          : vm_string_format(r->iso,
                             "Package import specifier \"%s\" is not defined "
                             "imported from %s",
                             r->specifier, r->referrer),
      ERROR_TYPE);
}
