// SPDX-License-Identifier: MIT
// From specifiers to files, by Node's rules: relative and absolute paths, file:
// URLs, builtins, packages in node_modules with "exports", "imports" and
// "main".
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/modules/loader.h"
#include "vm/builtins/builtins.h"

typedef struct Resolver {
  Runtime *rt;
  Isolate *iso;
  ResolveMode mode;
  const char *specifier, *referrer;
  char result[PATH_MAX];
} Resolver;

static bool is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// Joins and resolves "." and "..". False: too long.
static bool join(char *out, const char *directory, const char *path) {
  char text[2 * PATH_MAX];
  int length = path[0] == '/'
                   ? snprintf(text, sizeof text, "%s", path)
                   : snprintf(text, sizeof text, "%s/%s", directory, path);
  if (length < 0 || length >= PATH_MAX) return false;
  size_t used = 0;
  for (const char *p = text; *p != 0;) {
    while (*p == '/')
      p++;
    size_t n = strcspn(p, "/");
    if (n == 0) break;
    if (n == 2 && p[0] == '.' && p[1] == '.') {
      while (used > 0 && out[--used] != '/') {
      }
    } else if (!(n == 1 && p[0] == '.')) {
      out[used++] = '/';
      memcpy(out + used, p, n);
      used += n;
    }
    p += n;
  }
  if (used == 0) out[used++] = '/';
  out[used] = 0;
  return true;
}

static void directory_of(char *out, const char *path) {
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
  memcpy(out, slash == NULL ? "." : path, length);
  out[length] = 0;
}

// As in Node, with the files that led here.
static bool throw_not_required(Resolver *r) {
  Array *stack = rt_require_stack(r->iso, r->referrer);
  if (stack == NULL) return false;
  StringBuilder b;
  vm_builder_init(&b, r->iso);
  String *first =
      vm_string_format(r->iso, "Cannot find module '%s'", r->specifier);
  if (first != NULL) vm_builder_append(&b, first);
  for (uint32_t i = 0; first != NULL && i < stack->length; i++) {
    vm_builder_append_ascii(&b, i == 0 ? "\nRequire stack:\n- " : "\n- ");
    Value file = vm_get(r->iso, &stack->object, key_from_index(i));
    vm_builder_append(&b, value_as_string(file));
  }
  String *message = vm_builder_finish(&b);
  if (message == NULL || first == NULL) return false;
  rt_throw_coded(r->iso, "MODULE_NOT_FOUND", message, ERROR_ERROR);
  if (value_is_object(r->iso->exception)) {
    vm_put(r->iso, value_as_object(r->iso->exception),
           vm_key_from_c("requireStack"), value_from_cell(stack),
           PROPERTY_DEFAULT);
  }
  return false;
}

static bool throw_not_found(Resolver *r, const char *what) {
  if (r->mode == RESOLVE_REQUIRE) return throw_not_required(r);
  return rt_throw_coded(r->iso, "ERR_MODULE_NOT_FOUND",
                        vm_string_format(r->iso,
                                         "Cannot find %s '%s' imported from %s",
                                         what[0] == '/' ? "module" : "package",
                                         what, r->referrer),
                        ERROR_ERROR);
}

Value rt_package_json(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  Object *packages = value_as_object(rt->modules->packages.word);
  PropertyKey file;
  if (!rt_path_key(iso, path, &file)) return VALUE_EXCEPTION;
  Tri known = vm_has_own(iso, packages, file);
  if (known != 0) {
    return known < 0 ? VALUE_EXCEPTION : vm_get(iso, packages, file);
  }
  Value parsed = VALUE_UNDEFINED;
  if (is_file(path)) {
    size_t length;
    char *text = rt_read_file(iso, path, &length);
    if (text == NULL) return VALUE_EXCEPTION;
    parsed = rt_json_parse(iso, text, length, path);
    free(text);
    if (value_is_exception(parsed)) return parsed;
    if (!value_is_object(parsed)) parsed = VALUE_UNDEFINED;
  }
  vm_put(iso, packages, file, parsed, PROPERTY_DEFAULT);
  return parsed;
}

Value rt_package_scope(Runtime *rt, const char *path) {
  char directory[PATH_MAX], file[PATH_MAX + 16];
  if (strlen(path) >= PATH_MAX) return VALUE_UNDEFINED;
  directory_of(directory, path);
  for (;;) {
    const char *base = strrchr(directory, '/');
    if (base != NULL && strcmp(base, "/node_modules") == 0) break;
    snprintf(file, sizeof file, "%s/package.json", directory);
    Value parsed = rt_package_json(rt, file);
    if (!value_is_undefined(parsed)) return parsed;
    if (strcmp(directory, "/") == 0 || strchr(directory, '/') == NULL) break;
    directory_of(directory, directory);
  }
  return VALUE_UNDEFINED;
}

static bool finish_file(Resolver *r, const char *path) {
  char real[PATH_MAX];
  if (realpath(path, real) == NULL) return throw_not_found(r, path);
  strcpy(r->result, real);
  return true;
}

// require's LOAD_AS_FILE: exact, then with the known extensions.
static bool find_file(const char *path, char *out) {
  static const char *const extensions[] = {"", ".js", ".json", ".cjs", ".mjs"};
  for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
    int n = snprintf(out, PATH_MAX, "%s%s", path, extensions[i]);
    if (n > 0 && n < PATH_MAX && is_file(out)) return true;
  }
  return false;
}

static char *string_field(Resolver *r, Value object, const char *name) {
  if (!value_is_object(object)) return NULL;
  Value value = vm_get_of_value(r->iso, object, vm_key_from_c(name));
  if (!value_is_string(value)) return NULL;
  return vm_string_to_utf8(r->iso, value_as_string(value), NULL);
}

// LOAD_AS_DIRECTORY: package.json's main, then index.
static bool find_in_directory(Resolver *r, const char *directory, char *out) {
  char file[PATH_MAX + 32], joined[PATH_MAX];
  snprintf(file, sizeof file, "%s/package.json", directory);
  Value package = rt_package_json(r->rt, file);
  if (value_is_exception(package)) return false;
  char *main = string_field(r, package, "main");
  if (main != NULL) {
    bool found = join(joined, directory, main) &&
                 (find_file(joined, out) ||
                  (snprintf(file, sizeof file, "%s/index", joined) > 0 &&
                   find_file(file, out)));
    free(main);
    if (found) return true;
  }
  snprintf(file, sizeof file, "%s/index", directory);
  return strlen(file) < PATH_MAX && find_file(file, out);
}

static bool resolve_path(Resolver *r, const char *path) {
  char found[PATH_MAX];
  if (r->mode == RESOLVE_IMPORT) {
    if (is_file(path)) return finish_file(r, path);
    if (is_directory(path)) {
      return rt_throw_coded(
          r->iso, "ERR_UNSUPPORTED_DIR_IMPORT",
          vm_string_format(r->iso,
                           "Directory import '%s' is not supported resolving "
                           "ES modules imported from %s",
                           path, r->referrer),
          ERROR_ERROR);
    }
    return throw_not_found(r, path);
  }
  if (find_file(path, found)) return finish_file(r, found);
  if (is_directory(path) && find_in_directory(r, path, found)) {
    return finish_file(r, found);
  }
  return vm_has_exception(r->iso) ? false : throw_not_found(r, path);
}

static bool is_active_condition(Resolver *r, const char *name) {
  return strcmp(name, "default") == 0 || strcmp(name, "node") == 0 ||
         strcmp(name, "rill") == 0 ||
         strcmp(name, r->mode == RESOLVE_IMPORT ? "import" : "require") == 0;
}

// PACKAGE_TARGET_RESOLVE. 1: r->result filled, 0: no target, TRI_THREW.
static Tri resolve_target(Resolver *r, const char *package, Value target,
                          const char *star) {
  if (value_is_string(target)) {
    char *text = vm_string_to_utf8(r->iso, value_as_string(target), NULL);
    if (text == NULL) return TRI_THREW;
    char expanded[PATH_MAX];
    size_t used = 0;
    for (const char *p = text; *p != 0 && used < sizeof expanded - 1; p++) {
      if (*p == '*' && star != NULL) {
        int n = snprintf(expanded + used, sizeof expanded - used, "%s", star);
        used += n < 0 ? 0 : (size_t)n;
        if (used >= sizeof expanded) used = sizeof expanded - 1;
      } else {
        expanded[used++] = *p;
      }
    }
    expanded[used] = 0;
    free(text);
    char path[PATH_MAX];
    if (expanded[0] != '.') {
      // Of "imports": another package or a builtin.
      char referrer[PATH_MAX + 8];
      snprintf(referrer, sizeof referrer, "%s/x", package);
      char *found = rt_resolve(r->rt, expanded, referrer, r->mode);
      if (found == NULL) return TRI_THREW;
      snprintf(r->result, sizeof r->result, "%s", found);
      free(found);
      return 1;
    }
    if (!join(path, package, expanded)) return 0;
    return finish_file(r, path) ? 1 : TRI_THREW;
  }
  if (value_is_kind(target, CELL_ARRAY)) {
    uint32_t length = ((Array *)value_as_object(target))->length;
    for (uint32_t i = 0; i < length; i++) {
      Value item = vm_get(r->iso, value_as_object(target), key_from_index(i));
      if (value_is_exception(item)) return TRI_THREW;
      Tri found = resolve_target(r, package, item, star);
      if (found != 0) return found;
    }
    return 0;
  }
  if (!value_is_object(target)) return 0;
  KeyList keys;
  vm_key_list_init(&keys);
  Tri found = 0;
  if (!vm_own_keys(r->iso, value_as_object(target), &keys)) found = TRI_THREW;
  for (uint32_t i = 0; found == 0 && i < keys.count; i++) {
    if (!key_is_string(keys.keys[i])) continue;
    String *name = (String *)value_as_cell(keys.keys[i]);
    char *text = vm_string_to_utf8(r->iso, name, NULL);
    if (text != NULL && is_active_condition(r, text)) {
      Value inner = vm_get(r->iso, value_as_object(target), keys.keys[i]);
      found = value_is_exception(inner)
                  ? TRI_THREW
                  : resolve_target(r, package, inner, star);
    }
    free(text);
  }
  vm_key_list_free(&keys);
  return found;
}

// PACKAGE_IMPORTS_EXPORTS_RESOLVE: exact key, else the longest pattern.
static Tri resolve_mapping(Resolver *r, const char *package, Value map,
                           const char *subpath) {
  PropertyKey exact;
  String *name = vm_string_from_utf8(r->iso, subpath, strlen(subpath));
  if (name == NULL || !vm_string_to_key(r->iso, name, &exact)) {
    return TRI_THREW;
  }
  if (strchr(subpath, '*') == NULL) {
    Tri has = vm_has_own(r->iso, value_as_object(map), exact);
    if (has < 0) return TRI_THREW;
    if (has) {
      Value target = vm_get(r->iso, value_as_object(map), exact);
      if (value_is_exception(target)) return TRI_THREW;
      return resolve_target(r, package, target, NULL);
    }
  }
  KeyList keys;
  vm_key_list_init(&keys);
  if (!vm_own_keys(r->iso, value_as_object(map), &keys)) {
    vm_key_list_free(&keys);
    return TRI_THREW;
  }
  size_t best_length = 0, length = strlen(subpath);
  PropertyKey best = 0;
  char star[PATH_MAX] = "";
  for (uint32_t i = 0; i < keys.count; i++) {
    if (!key_is_string(keys.keys[i])) continue;
    char *pattern =
        vm_string_to_utf8(r->iso, (String *)value_as_cell(keys.keys[i]), NULL);
    char *at = pattern == NULL ? NULL : strchr(pattern, '*');
    if (at != NULL) {
      size_t head = (size_t)(at - pattern), tail = strlen(at + 1);
      if (length >= head + tail && head + 1 > best_length &&
          strncmp(pattern, subpath, head) == 0 &&
          strcmp(subpath + length - tail, at + 1) == 0 &&
          length - head - tail < sizeof star) {
        best_length = head + 1;
        best = keys.keys[i];
        memcpy(star, subpath + head, length - head - tail);
        star[length - head - tail] = 0;
      }
    }
    free(pattern);
  }
  Tri found = 0;
  if (best != 0) {
    Value target = vm_get(r->iso, value_as_object(map), best);
    found = value_is_exception(target)
                ? TRI_THREW
                : resolve_target(r, package, target, star);
  }
  vm_key_list_free(&keys);
  return found;
}

// Do the keys of "exports" name subpaths ("./x")? Else they are conditions.
static bool has_subpaths(Resolver *r, Value exports) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool result = false;
  if (vm_own_keys(r->iso, value_as_object(exports), &keys) && keys.count > 0 &&
      key_is_string(keys.keys[0])) {
    String *first = (String *)value_as_cell(keys.keys[0]);
    result = string_length(first) > 0 && vm_string_at(r->iso, first, 0) == '.';
  }
  vm_key_list_free(&keys);
  return result;
}

static bool resolve_in_package(Resolver *r, const char *package,
                               const char *subpath) {
  char file[PATH_MAX + 32], found[PATH_MAX];
  snprintf(file, sizeof file, "%s/package.json", package);
  Value json = rt_package_json(r->rt, file);
  if (value_is_exception(json)) return false;
  Value exports = VALUE_UNDEFINED;
  if (value_is_object(json)) {
    exports = vm_get_of_value(r->iso, json, KEY(exports));
    if (value_is_exception(exports)) return false;
  }
  if (!value_is_nullish(exports)) {
    Tri done;
    if (value_is_object(exports) && !value_is_kind(exports, CELL_ARRAY) &&
        has_subpaths(r, exports)) {
      done = resolve_mapping(r, package, exports, subpath);
    } else {
      done = strcmp(subpath, ".") == 0
                 ? resolve_target(r, package, exports, NULL)
                 : 0;
    }
    if (done != 0) return done > 0;
    return rt_throw_coded(
        r->iso, "ERR_PACKAGE_PATH_NOT_EXPORTED",
        vm_string_format(r->iso,
                         "Package subpath '%s' is not defined by \"exports\" "
                         "in %s imported from %s",
                         subpath, file, r->referrer),
        ERROR_ERROR);
  }
  if (strcmp(subpath, ".") == 0) {
    if (find_in_directory(r, package, found)) return finish_file(r, found);
    return vm_has_exception(r->iso) ? false : throw_not_found(r, r->specifier);
  }
  return join(found, package, subpath) && resolve_path(r, found);
}

static bool resolve_package(Resolver *r, const char *directory) {
  const char *specifier = r->specifier;
  size_t name_length = strcspn(specifier, "/");
  if (specifier[0] == '@' && specifier[name_length] == '/') {
    name_length += 1 + strcspn(specifier + name_length + 1, "/");
  }
  char subpath[PATH_MAX];
  if (snprintf(subpath, sizeof subpath, ".%s", specifier + name_length) >=
      (int)sizeof subpath) {
    return throw_not_found(r, specifier);
  }
  // A package may import itself by name.
  Value scope = rt_package_scope(r->rt, r->referrer);
  if (value_is_exception(scope)) return false;
  char at[PATH_MAX], package[2 * PATH_MAX];
  strcpy(at, directory);
  for (;;) {
    const char *base = strrchr(at, '/');
    if (base == NULL || strcmp(base, "/node_modules") != 0) {
      int n =
          snprintf(package, sizeof package, "%s/node_modules/%.*s",
                   strcmp(at, "/") == 0 ? "" : at, (int)name_length, specifier);
      if (n > 0 && n < PATH_MAX) {
        if (is_directory(package)) {
          return resolve_in_package(r, package, subpath);
        }
        char found[PATH_MAX];
        if (r->mode == RESOLVE_REQUIRE && find_file(package, found)) {
          return finish_file(r, found);
        }
      }
    }
    if (strcmp(at, "/") == 0 || base == NULL) break;
    directory_of(at, at);
  }
  char *own_name = string_field(r, scope, "name");
  bool is_self = own_name != NULL && strlen(own_name) == name_length &&
                 strncmp(own_name, specifier, name_length) == 0;
  free(own_name);
  if (is_self) {
    char file[PATH_MAX + 32];
    strcpy(at, directory);
    for (;;) {
      snprintf(file, sizeof file, "%s/package.json", at);
      if (is_file(file)) return resolve_in_package(r, at, subpath);
      if (strcmp(at, "/") == 0) break;
      directory_of(at, at);
    }
  }
  return throw_not_found(r, specifier);
}

// "#name": the "imports" of the package that the referrer belongs to.
static bool resolve_import_map(Resolver *r, const char *directory) {
  char at[PATH_MAX], file[PATH_MAX + 32];
  strcpy(at, directory);
  for (;;) {
    snprintf(file, sizeof file, "%s/package.json", at);
    Value json = rt_package_json(r->rt, file);
    if (value_is_exception(json)) return false;
    if (value_is_object(json)) {
      Value imports = vm_get_of_value(r->iso, json, vm_key_from_c("imports"));
      if (value_is_exception(imports)) return false;
      if (value_is_object(imports)) {
        Tri done = resolve_mapping(r, at, imports, r->specifier);
        if (done != 0) return done > 0;
      }
      break;
    }
    if (strcmp(at, "/") == 0) break;
    directory_of(at, at);
  }
  return rt_throw_coded(
      r->iso, "ERR_PACKAGE_IMPORT_NOT_DEFINED",
      vm_string_format(r->iso,
                       "Package import specifier \"%s\" is not defined "
                       "imported from %s",
                       r->specifier, r->referrer),
      ERROR_TYPE);
}

// file: URL -> path with %XX decoded, in place.
static void decode_url(char *text) {
  char *out = text;
  for (const char *p = text; *p != 0 && *p != '?' && *p != '#'; p++) {
    unsigned byte;
    if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1) {
      *out++ = (char)byte;
      p += 2;
    } else {
      *out++ = *p;
    }
  }
  *out = 0;
}

char *rt_resolve(Runtime *rt, const char *specifier, const char *referrer,
                 ResolveMode mode) {
  bool from_builtin =
      strncmp(referrer, "node:", 5) == 0 || strncmp(referrer, "rill:", 5) == 0;
  if (strncmp(specifier, "rill:internal/", 14) != 0 || from_builtin) {
    const char *builtin = rt_builtin_name(specifier);
    if (builtin != NULL) return strdup(builtin);
  }
  if (rt->options.deny_files) { // not even to see what exists
    vm_throw_error(rt->isolate, ERROR_ERROR,
                   "The host of this isolate allows no modules from disk: %s",
                   specifier);
    return NULL;
  }
  Resolver *r = calloc(1, sizeof *r);
  if (r == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  r->rt = rt;
  r->iso = rt->isolate;
  r->mode = mode;
  r->specifier = specifier;
  r->referrer = referrer;
  char directory[PATH_MAX], path[PATH_MAX];
  if (referrer[0] == '/' && strlen(referrer) < PATH_MAX) {
    directory_of(directory, referrer);
  } else if (getcwd(directory, sizeof directory) == NULL) {
    strcpy(directory, "/");
  }
  bool done;
  if (strlen(specifier) >= PATH_MAX) {
    done = throw_not_found(r, specifier);
  } else if (strncmp(specifier, "file:", 5) == 0) {
    snprintf(path, sizeof path, "%s",
             specifier + (strncmp(specifier, "file://", 7) == 0 ? 7 : 5));
    decode_url(path);
    done = resolve_path(r, path);
  } else if (specifier[0] == '/' || strcmp(specifier, ".") == 0 ||
             strcmp(specifier, "..") == 0 || strncmp(specifier, "./", 2) == 0 ||
             strncmp(specifier, "../", 3) == 0) {
    done = join(path, directory, specifier) ? resolve_path(r, path)
                                            : throw_not_found(r, specifier);
  } else if (specifier[0] == '#') {
    done = resolve_import_map(r, directory);
  } else if (strncmp(specifier, "node:", 5) == 0 ||
             strncmp(specifier, "rill:", 5) == 0) {
    done = rt_throw_coded(
        r->iso, "ERR_UNKNOWN_BUILTIN_MODULE",
        vm_string_format(r->iso, "No such built-in module: %s", specifier),
        ERROR_ERROR);
  } else if (specifier[0] == 0) {
    done = throw_not_found(r, specifier);
  } else {
    done = resolve_package(r, directory);
  }
  char *result = done ? strdup(r->result) : NULL;
  free(r);
  return result;
}
