// SPDX-License-Identifier: MIT
// The loader: answers the VM's requests for modules, from the cache or by
// reading the file at once (a module graph is read before anything of it runs).
#include "runtime/modules/loader.h"
#include "runtime/embedder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/files/call.h"
#include "runtime/io/request.h"
#include "runtime/modules/data_url.h"
#include "runtime/modules/import_map.h"
#include "runtime/modules/paths.h"
#include "runtime/values.h"
#include "vm/bytecode/serialize.h"
#include "vm/objects/buffer.h"

ModuleCache *rt_module_cache_new(void) {
  return calloc(1, sizeof(ModuleCache));
}

void rt_module_cache_init(Runtime *rt) {
  ModuleCache *cache = rt->modules;
  GcHeap *heap = rt->isolate->heap;
  gc_root_add(heap, &cache->packages, VALUE_UNDEFINED);
  gc_root_add(heap, &cache->realm, value_from_cell(rt->isolate->realm));
  gc_root_add(heap, &cache->main, VALUE_UNDEFINED);
  gc_root_add(heap, &cache->module_prototype, VALUE_UNDEFINED);
}

void rt_module_cache_free(Runtime *rt, ModuleCache *cache) {
  if (cache == NULL) return;
  if (cache->main.next != NULL) { // else the runtime could not be made
    GcHeap *heap = rt->isolate->heap;
    gc_root_remove(heap, &cache->packages);
    gc_root_remove(heap, &cache->realm);
    gc_root_remove(heap, &cache->main);
    gc_root_remove(heap, &cache->module_prototype);
  }
  rt_import_map_free(cache->import_map);
  free(cache);
}

bool rt_throw_coded(Isolate *iso, const char *code, String *message,
                    ErrorType type) {
  if (message == NULL) return false;
  Object *error = vm_error_new(iso, type, message);
  if (rt_put_text(iso, error, "code", code))
    vm_throw(iso, value_from_cell(error));
  return false;
}

Object *rt_module_table(Isolate *iso, ModuleTable table) {
  Realm *realm = iso->realm;
  PropertyKey keys[] = {vm_key_from_c("records"), vm_key_from_c("commonjs")};
  if (!value_is_object(realm->host_defined)) {
    Object *tables = vm_object_new_with(iso, NULL);
    gc_store_word(iso->heap, &realm->host_defined, value_from_cell(tables));
    for (int i = 0; i < 2; i++) {
      vm_put(iso, tables, keys[i],
             value_from_cell(vm_object_new_with(iso, NULL)), PROPERTY_DEFAULT);
    }
  }
  return value_as_object(
      vm_get(iso, value_as_object(realm->host_defined), keys[table]));
}

bool rt_path_key(Isolate *iso, const char *path, PropertyKey *out) {
  String *name = vm_string_from_utf8(iso, path, strlen(path));
  return name != NULL && vm_string_to_key(iso, name, out);
}

char *rt_read_file(Isolate *iso, const char *path, size_t *length) {
  FileCall call = {.operation = IO_OPERATION_READ_FILE, .position = -1};
  if (path != NULL) {
    call.path = strdup(path);
    if (call.path == NULL) {
      vm_throw_out_of_memory(iso);
      return NULL;
    }
  }
  rt_file_call_run(&call);
  char *bytes = NULL;
  if (call.error == UV_ENOMEM) {
    vm_throw_out_of_memory(iso);
  } else if (call.error != 0) {
    vm_throw(iso,
             rt_system_error(iso, call.error, call.failed_call, path, NULL));
  } else {
    bytes = realloc(call.bytes, call.length + 1);
    if (bytes == NULL) {
      vm_throw_out_of_memory(iso);
    } else {
      call.bytes = NULL;
      bytes[call.length] = 0;
      *length = call.length;
    }
  }
  rt_file_call_release(&call);
  return bytes;
}

static void skip_byte_order_mark(const char **text, size_t *length) {
  if (*length < 3 || memcmp(*text, "\xef\xbb\xbf", 3) != 0) return;
  *text += 3;
  *length -= 3;
}

static Value text_value(Isolate *iso, const char *text, size_t length) {
  skip_byte_order_mark(&text, &length);
  return rt_utf8_value(iso, text, length);
}

Value rt_json_parse(Isolate *iso, const char *utf8, size_t length,
                    const char *path) {
  Value text = text_value(iso, utf8, length);
  if (value_is_exception(text)) return text;
  Value parse =
      vm_get(iso, INTRINSIC_OBJECT(iso, JSON), vm_key_from_c("parse"));
  if (value_is_exception(parse)) return parse;
  Value result = vm_call(iso, parse, VALUE_UNDEFINED, 1, &text);
  if (!value_is_exception(result) || vm_is_terminating(iso) ||
      vm_is_out_of_memory(iso))
    return result;
  Value error = vm_take_exception(iso);
  Value message = value_is_object(error)
                      ? vm_get(iso, value_as_object(error), KEY(message))
                      : VALUE_UNDEFINED;
  if (value_is_exception(message) || !value_is_string(message)) {
    return vm_throw(iso, error);
  }
  char *shown = vm_string_to_utf8(iso, value_as_string(message), NULL);
  vm_throw_syntax(iso, "%s: %s", path, shown == NULL ? "" : shown);
  free(shown);
  return VALUE_EXCEPTION;
}

static bool has_any_extension(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *base = slash == NULL ? path : slash + 1;
  const char *dot = strrchr(base, '.');
  return dot != NULL && dot != base;
}

FileFormat rt_file_format(Runtime *rt, const char *path) {
  bool is_typescript = rt_is_typescript(path);
  if (is_typescript && strstr(path, "/node_modules/") != NULL) {
    rt_throw_coded(rt->isolate, "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
                   vm_string_format(rt->isolate,
                                    "Types are not stripped from files under "
                                    "node_modules: %s",
                                    path),
                   ERROR_ERROR);
    return FORMAT_THREW;
  }
  if (rt_has_extension(path, ".tsx") || rt_has_extension(path, ".jsx")) {
    rt_throw_coded(rt->isolate, "ERR_UNKNOWN_FILE_EXTENSION",
                   vm_string_format(rt->isolate,
                                    "rill does not read JSX, compile it "
                                    "first: %s",
                                    path),
                   ERROR_TYPE);
    return FORMAT_THREW;
  }
  if (rt_has_extension(path, ".mjs") || rt_has_extension(path, ".mts")) {
    return FORMAT_MODULE;
  }
  if (rt_has_extension(path, ".cjs") || rt_has_extension(path, ".cts")) {
    return FORMAT_COMMONJS;
  }
  if (rt_has_extension(path, ".json")) return FORMAT_JSON;
  if (rt_has_extension(path, ".rbc")) return FORMAT_SAVED;
  if (rt_has_extension(path, ".node")) {
    rt_throw_coded(
        rt->isolate, "ERR_DLOPEN_FAILED",
        vm_string_format(rt->isolate, "rill loads no native addons: %s", path),
        ERROR_ERROR);
    return FORMAT_THREW;
  }
  if (rt->options.assume_modules) return FORMAT_MODULE;
  if (!is_typescript && !rt_has_extension(path, ".js") &&
      has_any_extension(path))
    return FORMAT_FOREIGN;
  char directory[PATH_MAX];
  Value package = rt_package_scope(rt, path, directory);
  if (value_is_exception(package)) return FORMAT_THREW;
  if (!value_is_object(package)) return FORMAT_UNKNOWN;
  Value type = vm_get_of_value(rt->isolate, package, KEY(type));
  if (value_is_exception(type)) return FORMAT_THREW;
  if (type == ATOM_VALUE(module)) return FORMAT_MODULE;
  if (!value_is_string(type)) return FORMAT_UNKNOWN;
  return vm_strict_equals(rt->isolate, type, ATOM_VALUE(module))
             ? FORMAT_MODULE
             : FORMAT_COMMONJS;
}

static bool init_default(Isolate *iso, Module *module, void *data) {
  return vm_module_set_export(iso, module, ATOM(default_), module->host_value);
}

// CreateDefaultExportSyntheticModule. EXCEPTION as the value: NULL.
Module *rt_value_module_new(Isolate *iso, const char *path, Value value) {
  if (value_is_exception(value)) return NULL;
  String *name = vm_atom_from_c(path);
  if (name == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  String *exports[] = {ATOM(default_)};
  Module *module =
      vm_synthetic_module_new(iso, name, exports, 1, init_default, NULL);
  if (module != NULL) {
    gc_store_word(iso->heap, &module->host_value, value);
  }
  return module;
}

// Takes the bytes over, even if it throws.
static Value bytes_value(Isolate *iso, char *bytes, size_t length) {
  ArrayBuffer *buffer =
      vm_array_buffer_adopt(iso, (uint8_t *)bytes, length, NULL, NULL);
  if (buffer == NULL) {
    free(bytes);
    return VALUE_EXCEPTION;
  }
  buffer->object.cell.aux |= BUFFER_IMMUTABLE;
  TypedArray *array = vm_typed_array_new(iso, ELEMENT_UINT8, buffer, 0, length);
  return array == NULL ? VALUE_EXCEPTION : value_from_cell(array);
}

// The bytes of a file or data: URL; NULL: threw.
static char *read_resolved(Isolate *iso, const char *resolved, size_t *length) {
  if (!rt_is_data_url(resolved)) return rt_read_file(iso, resolved, length);
  char *bytes = rt_data_url_bytes(resolved, length);
  if (bytes == NULL && errno == ENOMEM) {
    vm_throw_out_of_memory(iso);
  } else if (bytes == NULL) {
    rt_throw_coded(iso, "ERR_INVALID_URL",
                   vm_string_format(iso, "Invalid data: URL: %s", resolved),
                   ERROR_TYPE);
  }
  return bytes;
}

// A file as one value: JSON, text or bytes.
static Module *read_value(Isolate *iso, const char *path, ImportType type) {
  size_t length;
  char *text = read_resolved(iso, path, &length);
  if (text == NULL) return NULL;
  if (type == IMPORT_BYTES) {
    return rt_value_module_new(iso, path, bytes_value(iso, text, length));
  }
  Value value = type == IMPORT_JSON ? rt_json_parse(iso, text, length, path)
                                    : text_value(iso, text, length);
  free(text);
  return rt_value_module_new(iso, path, value);
}

static Module *read_data_module(Isolate *iso, const char *url) {
  size_t length;
  char *text = read_resolved(iso, url, &length);
  Module *module = NULL;
  if (text != NULL && rt_data_url_type(url) == DATA_JAVASCRIPT) {
    module = vm_module_compile(iso, text, length, url);
  } else if (text != NULL) {
    rt_throw_coded(iso, "ERR_UNKNOWN_MODULE_FORMAT",
                   vm_string_format(iso, "Unknown module format of %s", url),
                   ERROR_RANGE);
  }
  free(text);
  return module;
}

void rt_code_typescript_error(Isolate *iso) {
  if (vm_is_terminating(iso)) return;
  Value error = vm_take_exception(iso);
  if (value_is_kind(error, CELL_ERROR) &&
      value_as_object(error)->shape->prototype ==
          INTRINSIC_OBJECT(iso, SyntaxErrorPrototype)) {
    Value message = vm_get(iso, value_as_object(error), KEY(message));
    char *text = value_is_string(message)
                     ? vm_string_to_utf8(iso, value_as_string(message), NULL)
                     : NULL;
    // What the parser says of syntax that is TypeScript's, but makes code.
    bool is_known = text != NULL && strncmp(text, "TypeScript ", 11) == 0;
    free(text);
    if (!rt_put_text(iso, value_as_object(error), "code",
                     is_known ? "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
                              : "ERR_INVALID_TYPESCRIPT_SYNTAX"))
      return;
  }
  vm_throw(iso, error);
}

static Module *compile_module(Isolate *iso, const char *text, size_t length,
                              const char *path) {
  if (!rt_is_typescript(path))
    return vm_module_compile(iso, text, length, path);
  Module *module = vm_module_compile_typescript(iso, text, length, path);
  if (module == NULL) rt_code_typescript_error(iso);
  return module;
}

static Module *read_module(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  FileFormat format = rt_file_format(rt, path);
  if (format == FORMAT_THREW) return NULL;
  if (format == FORMAT_JSON) return read_value(iso, path, IMPORT_JSON);
  if (format == FORMAT_SAVED) return rt_saved_module(rt, path);
  if (format == FORMAT_FOREIGN) {
    rt_throw_coded(iso, "ERR_UNKNOWN_FILE_EXTENSION",
                   vm_string_format(iso, "Unknown file extension \"%s\" for %s",
                                    strrchr(path, '.'), path),
                   ERROR_TYPE);
    return NULL;
  }
  size_t length;
  char *text = rt_read_file(iso, path, &length);
  if (text == NULL) return NULL;
  Module *module = NULL;
  Code *code = NULL;
  bool may_be_module = true;
  if (format != FORMAT_MODULE) {
    code = rt_commonjs_compile(iso, text, length, false, path);
    may_be_module = format == FORMAT_UNKNOWN && code == NULL &&
                    !vm_is_terminating(iso) && !vm_is_out_of_memory(iso);
    if (may_be_module) vm_take_exception(iso);
  }
  if (code != NULL) {
    module = rt_commonjs_module_new(rt, path, code, text, length);
  } else if (may_be_module) {
    module = compile_module(iso, text, length, path);
  }
  free(text);
  return module;
}

bool rt_remember_module(Isolate *iso, const char *path, Module *module) {
  PropertyKey key;
  if (!rt_path_key(iso, path, &key)) return false;
  vm_put(iso, rt_module_table(iso, TABLE_RECORDS), key, value_from_cell(module),
         PROPERTY_DEFAULT);
  return true;
}

// Calls back with the modules of the running realm until the callback returns
// something, which is returned.
static Promise *visit_modules(Runtime *rt,
                              Promise *(*visit)(Isolate *, Module *, Value),
                              Value data) {
  Isolate *iso = rt->isolate;
  Object *table = rt_module_table(iso, TABLE_RECORDS);
  KeyList keys;
  vm_key_list_init(&keys);
  Promise *found = NULL;
  bool done = vm_own_keys(iso, table, &keys);
  for (uint32_t i = 0; done && found == NULL && i < keys.count; i++) {
    Value module = vm_get(iso, table, keys.keys[i]);
    if (value_is_kind(module, CELL_MODULE))
      found = visit(iso, (Module *)value_as_cell(module), data);
  }
  if (!done) vm_take_exception(iso); // out of memory
  return found;
}

static Promise *reject_one(Isolate *iso, Module *module, Value error) {
  vm_module_reject_terminated(iso, module, error);
  return NULL;
}

void rt_reject_terminated_modules(Runtime *rt, Value error) {
  if (rt->isolate->has_cut_off_modules) visit_modules(rt, reject_one, error);
}

static Promise *stop_one(Isolate *iso, Module *module, Value import) {
  return vm_module_stop(iso, module, (Promise *)value_as_cell(import));
}

Promise *rt_stop_import(Runtime *rt, const Promise *import) {
  return visit_modules(rt, stop_one, value_from_cell((void *)import));
}

bool rt_may_use_builtin(Runtime *rt, const char *name) {
  Isolate *iso = rt->isolate;
  if (value_from_cell(iso->realm) == rt->modules->realm.word) return true;
  return rt_throw_coded(iso, "ERR_UNKNOWN_BUILTIN_MODULE",
                        vm_string_format(iso,
                                         "Builtin modules are for the "
                                         "program's own realm: %s",
                                         name),
                        ERROR_ERROR);
}

Module *rt_module_of(Runtime *rt, const char *resolved, const char *suffix,
                     ImportType type) {
  Isolate *iso = rt->isolate;
  // No path and no builtin's name begins like this.
  char *name = NULL;
  if (asprintf(&name, "%s%s%s",
               type == IMPORT_TEXT    ? "text:"
               : type == IMPORT_BYTES ? "bytes:"
                                      : "",
               resolved, suffix == NULL ? "" : suffix) < 0) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  Module *module = NULL;
  PropertyKey key;
  Value known = VALUE_EXCEPTION;
  if (rt_path_key(iso, name, &key)) {
    known = vm_get(iso, rt_module_table(iso, TABLE_RECORDS), key);
    if (value_is_kind(known, CELL_MODULE) &&
        vm_module_was_cut_off(iso, (Module *)value_as_cell(known)))
      known = VALUE_UNDEFINED;
  }
  if (value_is_exception(known)) {
    // thrown
  } else if (!value_is_undefined(known)) {
    module = (Module *)value_as_cell(known);
  } else if (rt_is_data_url(resolved)) {
    module = type == IMPORT_BY_FORMAT ? read_data_module(iso, resolved)
                                      : read_value(iso, resolved, type);
  } else if (resolved[0] != '/') {
    if (rt_may_use_builtin(rt, resolved)) {
      module = rt_builtin_module_new(rt, resolved);
    }
    if (module == NULL && !vm_has_exception(iso)) {
      vm_throw_error(iso, ERROR_ERROR, "No such built-in module: %s", resolved);
    }
  } else if (rt->options.deny_files) {
    vm_throw_error(iso, ERROR_ERROR,
                   "The host of this isolate allows no modules from disk: %s",
                   resolved);
  } else {
    module = type == IMPORT_BY_FORMAT ? read_module(rt, resolved)
                                      : read_value(iso, resolved, type);
  }
  if (module != NULL && value_is_undefined(known) && suffix != NULL &&
      module->code != NULL) {
    String *query = vm_atom_from_c(suffix);
    if (query == NULL) {
      vm_throw_out_of_memory(iso);
      module = NULL;
    } else {
      gc_store_word(iso->heap, &module->host_value, value_from_cell(query));
    }
  }
  if (module != NULL && value_is_undefined(known) &&
      !rt_remember_module(iso, name, module)) {
    module = NULL;
  }
  free(name);
  return module;
}

// The type that the attributes ask for: JSON files must be asked for as such,
// and nothing else may. False: threw.
static bool import_type(Isolate *iso, const ModuleLoadRequest *request,
                        const char *path, ImportType *out) {
  static const char *const names[] = {
      [IMPORT_JSON] = "json", [IMPORT_TEXT] = "text", [IMPORT_BYTES] = "bytes"};
  *out = IMPORT_BY_FORMAT;
  for (uint32_t i = 0; i < request->attribute_count; i++) {
    char *key = vm_string_to_utf8(iso, request->attributes[2 * i], NULL);
    char *value = vm_string_to_utf8(iso, request->attributes[2 * i + 1], NULL);
    bool is_type = key != NULL && strcmp(key, "type") == 0;
    for (ImportType t = IMPORT_JSON; is_type && t <= IMPORT_BYTES; t++) {
      if (value != NULL && strcmp(value, names[t]) == 0) *out = t;
    }
    bool known = value != NULL && is_type && *out != IMPORT_BY_FORMAT;
    if (key == NULL || value == NULL) {
      vm_throw_out_of_memory(iso);
    } else if (!known) {
      // Of a declaration, an unknown key is an early error.
      rt_throw_coded(
          iso, "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED",
          vm_string_format(iso,
                           "Import attribute \"%s\" with value \"%s\" is not "
                           "supported",
                           key, value),
          is_type || request->is_dynamic ? ERROR_TYPE : ERROR_SYNTAX);
    }
    free(key);
    free(value);
    if (!known) return false;
  }
  bool is_data = rt_is_data_url(path);
  bool is_json = is_data ? rt_data_url_type(path) == DATA_JSON
                         : rt_has_extension(path, ".json");
  if (is_json && *out == IMPORT_BY_FORMAT) {
    return rt_throw_coded(
        iso, "ERR_IMPORT_ATTRIBUTE_MISSING",
        vm_string_format(
            iso, "Module \"%s\" needs an import attribute of \"type: json\"",
            path),
        ERROR_TYPE);
  }
  bool is_file = is_data || path[0] == '/';
  if ((*out == IMPORT_JSON && !is_json) ||
      (*out != IMPORT_BY_FORMAT && !is_file)) {
    return rt_throw_coded(
        iso, "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE",
        vm_string_format(iso, "Module \"%s\" is not of type \"%s\"", path,
                         names[*out]),
        ERROR_TYPE);
  }
  return true;
}

Module *rt_requested_module(Runtime *rt, const ModuleLoadRequest *request) {
  Isolate *iso = rt->isolate;
  Module *module = NULL;
  if (rt->embedder_hooks != NULL &&
      rt->embedder_hooks->load_module(rt, request, &module))
    return module;
  char *specifier = vm_string_to_utf8(iso, request->specifier, NULL);
  char *referrer = request->referrer_name == NULL
                       ? strdup("")
                       : vm_string_to_utf8(iso, request->referrer_name, NULL);
  if (specifier == NULL || referrer == NULL) {
    vm_throw_out_of_memory(iso);
  } else {
    char *suffix, *resolved = rt_resolve(rt, specifier, referrer,
                                         RESOLVE_IMPORT, &suffix);
    ImportType type;
    if (resolved != NULL && import_type(iso, request, resolved, &type)) {
      module = rt_module_of(rt, resolved, suffix, type);
    }
    free(resolved);
    free(suffix);
  }
  free(specifier);
  free(referrer);
  return module;
}

void rt_load_module(Runtime *rt, ModuleLoadRequest *request) {
  vm_module_loaded(rt->isolate, request, rt_requested_module(rt, request));
}

bool rt_module_link_now(Isolate *iso, Module *module) {
  Promise *done = vm_module_load(iso, module);
  if (done == NULL) return false;
  vm_promise_mark_handled(iso, done);
  if (promise_state(done) == PROMISE_REJECTED) {
    vm_throw(iso, done->result);
    return false;
  }
  return vm_module_link(iso, module);
}

static Value evaluated_namespace(Isolate *iso, Module *module) {
  if (!rt_module_link_now(iso, module)) return VALUE_EXCEPTION;
  // One that is being evaluated shows what it has so far.
  Promise *done = vm_module_evaluate(iso, module);
  if (done == NULL) return VALUE_EXCEPTION;
  vm_promise_mark_handled(iso, done);
  if (promise_state(done) == PROMISE_REJECTED) {
    return vm_throw(iso, done->result);
  }
  return vm_module_namespace(iso, module);
}

// What could not be made for want of memory is made anew the next time.
static Value builtin_namespace(Runtime *rt, const char *name) {
  Isolate *iso = rt->isolate;
  Module *module = rt_module_of(rt, name, NULL, IMPORT_BY_FORMAT);
  if (module == NULL) return VALUE_EXCEPTION;
  Value result = evaluated_namespace(iso, module);
  if (value_is_exception(result)) vm_module_cut_off_failed(iso, module);
  return result;
}

Value rt_builtin_namespace(Runtime *rt, const char *name) {
  Isolate *iso = rt->isolate;
  Realm *running = iso->realm;
  iso->realm = (Realm *)value_as_cell(rt->modules->realm.word);
  // The promises of its loading are nobody's.
  bool was_told = rt->is_told_of_promise;
  rt->is_told_of_promise = true;
  Value result = builtin_namespace(rt, name);
  rt->is_told_of_promise = was_told;
  iso->realm = running;
  return result;
}

bool rt_load_main(Runtime *rt, const char *file, const char *path,
                  Promise **out) {
  Isolate *iso = rt->isolate;
  *out = NULL;
  if (!rt_check_files_allowed(rt)) return false;
  FileFormat format = rt_file_format(rt, path);
  if (format == FORMAT_THREW) return false;
  Module *module = NULL;
  size_t length;
  char *text = rt_read_file(iso, file, &length);
  if (text == NULL) return false;
  if (format == FORMAT_SAVED || bytecode_is_saved(text, length)) {
    bool done = rt_saved_run(rt, text, length, path, out);
    free(text);
    return done;
  }
  Code *code = NULL;
  if (format != FORMAT_MODULE && format != FORMAT_JSON) {
    code = rt_commonjs_compile(iso, text, length, false, path);
  } else if (format == FORMAT_JSON) {
    vm_throw_type(iso, "%s is no program", path);
    free(text);
    return false;
  }
  if (code == NULL && format != FORMAT_COMMONJS && !vm_is_out_of_memory(iso)) {
    // Where both fail, the module's error is reported if the text looks like
    // one, else the script's.
    Value script_error =
        vm_has_exception(iso) ? vm_take_exception(iso) : VALUE_EMPTY;
    module = compile_module(iso, text, length, path);
    if (module == NULL && !value_is_empty(script_error) &&
        strstr(text, "import") == NULL && strstr(text, "export") == NULL) {
      vm_take_exception(iso);
      vm_throw(iso, script_error);
    }
  }
  free(text);
  if (code != NULL) {
    return !value_is_exception(rt_commonjs_run(rt, code, path, VALUE_NULL));
  }
  if (module == NULL) return false;
  if (!rt_remember_module(iso, path, module)) return false;
  *out = vm_module_run(iso, module);
  return *out != NULL;
}
