// SPDX-License-Identifier: MIT
// import.meta: url, filename, dirname, resolve.
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"

// import.meta.url of a resolved file or builtin.
static String *url_of(Isolate *iso, const char *resolved, const char *suffix) {
  char *url = resolved[0] == '/' ? rt_file_url(resolved) : strdup(resolved);
  String *result = NULL;
  if (url == NULL) {
    vm_throw_out_of_memory(iso);
  } else {
    result = vm_string_format(iso, "%s%s", url, suffix == NULL ? "" : suffix);
  }
  free(url);
  return result;
}

// A path need not exist: its URL is known all the same, as in Node.
static Value resolve_missing(Isolate *iso, const char *specifier,
                             const char *referrer) {
  char directory[PATH_MAX], path[PATH_MAX], file[PATH_MAX];
  Value error = vm_take_exception(iso);
  char *code = rt_string_field(iso, error, "code");
  bool is_missing = code != NULL && strcmp(code, "ERR_MODULE_NOT_FOUND") == 0 &&
                    rt_is_path_specifier(specifier) && referrer[0] == '/';
  free(code);
  if (vm_has_exception(iso)) return VALUE_EXCEPTION;
  size_t length = strcspn(specifier, "?#");
  if (is_missing && length < sizeof file) {
    memcpy(file, specifier, length);
    file[length] = 0;
    rt_directory_of(directory, referrer);
    is_missing = rt_decode_path(file) && rt_path_join(path, directory, file);
  }
  if (!is_missing) return vm_throw(iso, error);
  String *url = url_of(iso, path, specifier + length);
  return url == NULL ? VALUE_EXCEPTION : value_from_cell(url);
}

static Value import_meta_resolve(Isolate *iso, const NativeCall *call) {
  String *specifier = vm_to_string(iso, native_argument(call, 0));
  if (specifier == NULL) return VALUE_EXCEPTION;
  char *text = vm_string_to_utf8(iso, specifier, NULL);
  char *referrer =
      vm_string_to_utf8(iso, value_as_string(native_slot(call, 0)), NULL);
  Value result = VALUE_EXCEPTION;
  if (text == NULL || referrer == NULL) {
    vm_throw_out_of_memory(iso);
  } else {
    char *suffix, *found = rt_resolve(rt_of(iso), text, referrer,
                                      RESOLVE_IMPORT, &suffix);
    if (found != NULL) {
      String *url = url_of(iso, found, suffix);
      if (url != NULL) result = value_from_cell(url);
    } else if (!vm_is_terminating(iso)) {
      result = resolve_missing(iso, text, referrer);
    }
    free(found);
    free(suffix);
  }
  free(text);
  free(referrer);
  return result;
}

static void put_text(Isolate *iso, Object *o, PropertyKey key, String *text) {
  if (text != NULL)
    vm_put(iso, o, key, value_from_cell(text), PROPERTY_DEFAULT);
}

void rt_import_meta(Runtime *rt, Object *meta, Module *module) {
  Isolate *iso = rt->isolate;
  char *path = vm_string_to_utf8(iso, module->name, NULL);
  char *suffix =
      value_is_string(module->host_value)
          ? vm_string_to_utf8(iso, value_as_string(module->host_value), NULL)
          : NULL;
  if (path == NULL) return;
  if (path[0] == '/' && strlen(path) < PATH_MAX) {
    char directory[PATH_MAX];
    rt_directory_of(directory, path);
    put_text(iso, meta, KEY(dirname), vm_string_from_c(iso, directory));
    put_text(iso, meta, KEY(filename), module->name);
  }
  NativeFunction *resolve =
      vm_native_new(iso, import_meta_resolve, ATOM(resolve), 1, 1, false);
  resolve->slots[0] = value_from_cell(module->name);
  vm_put(iso, meta, KEY(resolve), value_from_cell(resolve), PROPERTY_DEFAULT);
  put_text(iso, meta, KEY(url), url_of(iso, path, suffix));
  free(path);
  free(suffix);
}
