// SPDX-License-Identifier: MIT
// From specifiers to files, by Node's rules: import maps, relative and absolute
// paths, file: URLs, builtins; packages are in package_resolver.c.
#include "runtime/modules/resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/modules/data_url.h"
#include "runtime/modules/import_map.h"

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

bool rt_throw_not_found(Resolver *r, const char *what) {
  if (r->mode == RESOLVE_REQUIRE) return throw_not_required(r);
  return rt_throw_coded(r->iso, "ERR_MODULE_NOT_FOUND",
                        vm_string_format(r->iso,
                                         "Cannot find %s '%s' imported from %s",
                                         what[0] == '/' ? "module" : "package",
                                         what, r->referrer),
                        ERROR_ERROR);
}

bool rt_resolve_file(Resolver *r, const char *path) {
  char real[PATH_MAX];
  if (realpath(path, real) == NULL) {
    if (errno != ENOMEM) return rt_throw_not_found(r, path);
    vm_throw_out_of_memory(r->iso);
    return false;
  }
  strcpy(r->result, real);
  return true;
}

bool rt_find_file(const char *path, char *out) {
  static const char *const extensions[] = {"", ".js", ".json"};
  for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
    int n = snprintf(out, PATH_MAX, "%s%s", path, extensions[i]);
    if (n > 0 && n < PATH_MAX && rt_is_file(out)) return true;
  }
  return false;
}

bool rt_find_in_directory(Resolver *r, const char *directory, char *out) {
  char file[PATH_MAX + 32], joined[PATH_MAX];
  snprintf(file, sizeof file, "%s/package.json", directory);
  Value package = rt_package_json(r->rt, file);
  if (value_is_exception(package)) return false;
  char *main = rt_string_field(r->iso, package, "main");
  if (main != NULL) {
    bool found = rt_path_join(joined, directory, main) &&
                 (rt_find_file(joined, out) ||
                  (snprintf(file, sizeof file, "%s/index", joined) > 0 &&
                   rt_find_file(file, out)));
    free(main);
    if (found) return true;
  } else if (vm_has_exception(r->iso)) {
    return false;
  }
  snprintf(file, sizeof file, "%s/index", directory);
  return strlen(file) < PATH_MAX && rt_find_file(file, out);
}

// "x/", ".", "x/..": no file can be meant.
static bool names_directory(const char *specifier) {
  const char *slash = strrchr(specifier, '/');
  const char *last = slash == NULL ? specifier : slash + 1;
  return strcmp(last, "") == 0 || strcmp(last, ".") == 0 ||
         strcmp(last, "..") == 0;
}

// What a TypeScript file calls by the name that a compiler would give it,
// "x.js" for x.ts, if no such file is there. False: not so.
static bool find_typescript(const Resolver *r, const char *path, char *out) {
  size_t length = strlen(path);
  if (!rt_is_typescript(r->referrer) || length >= PATH_MAX) return false;
  if (!rt_has_extension(path, ".js") && !rt_has_extension(path, ".mjs") &&
      !rt_has_extension(path, ".cjs")) {
    return false;
  }
  strcpy(out, path);
  out[length - 2] = 't';
  return !rt_is_file(path) && rt_is_file(out);
}

bool rt_resolve_path(Resolver *r, const char *path) {
  char found[PATH_MAX];
  if (find_typescript(r, path, found)) return rt_resolve_file(r, found);
  if (r->mode == RESOLVE_IMPORT) {
    if (rt_is_file(path)) return rt_resolve_file(r, path);
    if (rt_is_directory(path)) {
      return rt_throw_coded(
          r->iso, "ERR_UNSUPPORTED_DIR_IMPORT",
          vm_string_format(r->iso,
                           "Directory import '%s' is not supported resolving "
                           "ES modules imported from %s",
                           path, r->referrer),
          ERROR_ERROR);
    }
    return rt_throw_not_found(r, path);
  }
  if (!names_directory(r->specifier) && rt_find_file(path, found)) {
    return rt_resolve_file(r, found);
  }
  if (rt_is_directory(path) && rt_find_in_directory(r, path, found)) {
    return rt_resolve_file(r, found);
  }
  return vm_has_exception(r->iso) ? false : rt_throw_not_found(r, path);
}

// A path or file: URL. Of an import it is a URL: %XX is decoded, and a query or
// fragment makes a module of its own of the same file.
static bool resolve_path_specifier(Resolver *r, const char *directory,
                                   const char *text, char **suffix) {
  char path[PATH_MAX], joined[PATH_MAX];
  if (strlen(text) >= sizeof path) return rt_throw_not_found(r, text);
  strcpy(path, text);
  if (r->mode == RESOLVE_IMPORT) {
    size_t end = strcspn(path, "?#");
    if (path[end] != 0 && suffix != NULL) {
      *suffix = strdup(path + end);
      if (*suffix == NULL) {
        vm_throw_out_of_memory(r->iso);
        return false;
      }
    }
    path[end] = 0;
    if (!rt_decode_path(path)) {
      return rt_throw_coded(
          r->iso, "ERR_INVALID_MODULE_SPECIFIER",
          vm_string_format(r->iso,
                           "Invalid module \"%s\" must not include encoded "
                           "\"/\" characters imported from %s",
                           text, r->referrer),
          ERROR_TYPE);
    }
  }
  return rt_path_join(joined, directory, path) ? rt_resolve_path(r, joined)
                                               : rt_throw_not_found(r, text);
}

// What the import map, if there is one, makes of the specifier.
static bool apply_import_map(Resolver *r, const char *directory, char *mapped) {
  if (r->mode != RESOLVE_IMPORT || r->rt->options.import_map == NULL) {
    return true;
  }
  ImportMap **map = &r->rt->modules->import_map;
  if (*map == NULL) {
    *map = rt_import_map_read(r->iso, r->rt->options.import_map);
    if (*map == NULL) return false;
  }
  Tri found = rt_import_map_resolve(r->iso, *map, r->specifier, r->referrer,
                                    directory, mapped);
  if (found > 0) r->specifier = mapped;
  return found >= 0;
}

static bool resolve(Resolver *r, char **suffix) {
  char directory[PATH_MAX], mapped[PATH_MAX];
  if (r->referrer[0] == '/' && strlen(r->referrer) < PATH_MAX) {
    rt_directory_of(directory, r->referrer);
  } else if (getcwd(directory, sizeof directory) == NULL) {
    strcpy(directory, "/");
  }
  if (strlen(r->specifier) >= PATH_MAX) {
    return rt_throw_not_found(r, r->specifier);
  }
  // No builtin module has a require function: a script can give its own any
  // name (module.filename).
  bool from_builtin =
      r->mode == RESOLVE_IMPORT && (strncmp(r->referrer, "node:", 5) == 0 ||
                                    strncmp(r->referrer, "rill:", 5) == 0);
  if (!from_builtin && !apply_import_map(r, directory, mapped)) return false;
  const char *specifier = r->specifier;
  const char *builtin = rt_builtin_name(specifier);
  if (builtin != NULL &&
      (from_builtin || strncmp(specifier, "rill:internal/", 14) != 0)) {
    snprintf(r->result, sizeof r->result, "%s", builtin);
    return true;
  }
  if (r->rt->options.deny_files) { // not even to see what exists
    vm_throw_error(r->iso, ERROR_ERROR,
                   "The host of this isolate allows no modules from disk: %s",
                   specifier);
    return false;
  }
  if (rt_is_data_url(r->referrer) && specifier[0] != '/' &&
      strncmp(specifier, "file:", 5) != 0) {
    return rt_throw_coded(
        r->iso, "ERR_UNSUPPORTED_RESOLVE_REQUEST",
        vm_string_format(r->iso,
                         "Failed to resolve module specifier \"%s\" from a "
                         "data: URL: it is neither absolute nor a builtin",
                         specifier),
        ERROR_TYPE);
  }
  if (strncmp(specifier, "file:", 5) == 0) {
    specifier += strncmp(specifier, "file://", 7) == 0 ? 7 : 5;
    return resolve_path_specifier(r, directory, specifier, suffix);
  }
  if (rt_is_path_specifier(specifier)) {
    return resolve_path_specifier(r, directory, specifier, suffix);
  }
  if (specifier[0] == '#') return rt_resolve_private(r, directory);
  size_t scheme = strspn(specifier, "abcdefghijklmnopqrstuvwxyz+-.");
  if (scheme > 1 && specifier[scheme] == ':') {
    bool is_builtin = strncmp(specifier, "node:", 5) == 0 ||
                      strncmp(specifier, "rill:", 5) == 0;
    return rt_throw_coded(
        r->iso,
        is_builtin ? "ERR_UNKNOWN_BUILTIN_MODULE"
                   : "ERR_UNSUPPORTED_ESM_URL_SCHEME",
        vm_string_format(r->iso,
                         is_builtin ? "No such built-in module: %s"
                                    : "Modules come from files and from data:, "
                                      "node: and rill: alone: %s",
                         specifier),
        ERROR_ERROR);
  }
  if (specifier[0] == 0) return rt_throw_not_found(r, specifier);
  return rt_resolve_package(r, directory);
}

char *rt_resolve(Runtime *rt, const char *specifier, const char *referrer,
                 ResolveMode mode, char **suffix) {
  if (suffix != NULL) *suffix = NULL;
  if (mode == RESOLVE_IMPORT && rt_is_data_url(specifier)) {
    char *url = strdup(specifier);
    if (url == NULL) vm_throw_out_of_memory(rt->isolate);
    return url;
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
  char *result = resolve(r, suffix) ? strdup(r->result) : NULL;
  free(r);
  if (result == NULL && !vm_has_exception(rt->isolate)) {
    vm_throw_out_of_memory(rt->isolate);
  }
  return result;
}
