// SPDX-License-Identifier: MIT
// CommonJS modules: require, module, exports, as in Node.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"
#include "runtime/values.h"

Code *rt_commonjs_compile(Isolate *iso, char *utf8, size_t length,
                          bool is_owned, const char *path) {
  CompileOptions options = {.goal = COMPILE_COMMONJS,
                            .file_name = path,
                            .is_typescript = rt_is_typescript(path)};
  Template *template = vm_compile_text(iso, utf8, length, is_owned, &options);
  if (template == NULL) {
    if (options.is_typescript) rt_code_typescript_error(iso);
    return NULL;
  }
  Code *code = vm_code_new(iso, template, NULL);
  vm_template_release(template);
  return code;
}

// The file name of the module object that a require function belongs to.
static char *referrer_of(Isolate *iso, const NativeCall *call) {
  Value module = native_slot(call, 0);
  Value name = vm_get_of_value(iso, module, KEY(filename));
  if (value_is_exception(name)) return NULL;
  if (!value_is_string(name)) return strdup("");
  return vm_string_to_utf8(iso, value_as_string(name), NULL);
}

// The first argument as a specifier. NULL: threw.
static char *specifier_argument(Isolate *iso, const NativeCall *call) {
  Value id = native_argument(call, 0);
  if (!value_is_string(id)) {
    vm_throw_type_value(
        iso, "The \"id\" argument must be of type string. Received %s", id);
    return NULL;
  }
  char *specifier = vm_string_to_utf8(iso, value_as_string(id), NULL);
  if (specifier == NULL) vm_throw_out_of_memory(iso);
  return specifier;
}

static char *resolve_argument(Isolate *iso, const NativeCall *call) {
  char *specifier = specifier_argument(iso, call);
  char *referrer = specifier == NULL ? NULL : referrer_of(iso, call);
  char *resolved = NULL;
  if (referrer != NULL) {
    resolved =
        rt_resolve(rt_of(iso), specifier, referrer, RESOLVE_REQUIRE, NULL);
  } else if (!vm_has_exception(iso)) {
    vm_throw_out_of_memory(iso);
  }
  free(specifier);
  free(referrer);
  return resolved;
}

static Value require_function(Isolate *iso, const NativeCall *call) {
  char *resolved = resolve_argument(iso, call);
  if (resolved == NULL) return VALUE_EXCEPTION;
  Value result = rt_require(rt_of(iso), resolved, native_slot(call, 0));
  free(resolved);
  return result;
}

// require.resolve(id, { paths }): as from a file in each of the directories.
static char *resolve_from(Isolate *iso, const char *specifier, Value paths) {
  char *resolved = NULL;
  uint32_t length = ((Array *)value_as_cell(paths))->length;
  for (uint32_t i = 0; i < length && resolved == NULL; i++) {
    Value path = vm_get(iso, value_as_object(paths), key_from_index(i));
    char *text = value_is_exception(path) ? NULL : vm_to_utf8(iso, path, NULL);
    char joined[PATH_MAX], here[PATH_MAX];
    bool done = text != NULL && getcwd(here, sizeof here) != NULL &&
                rt_path_join(joined, here, text) &&
                strlen(joined) + 2 < sizeof joined;
    free(text);
    if (!done || vm_is_out_of_memory(iso)) break;
    // What the directory before did not have, this one may.
    if (vm_has_exception(iso)) vm_take_exception(iso);
    strcat(joined, "/x");
    resolved = rt_resolve(rt_of(iso), specifier, joined, RESOLVE_REQUIRE, NULL);
  }
  if (resolved == NULL && !vm_has_exception(iso)) {
    rt_throw_coded(iso, "MODULE_NOT_FOUND",
                   vm_string_format(iso, "Cannot find module '%s'", specifier),
                   ERROR_ERROR);
  }
  return resolved;
}

static Value require_resolve(Isolate *iso, const NativeCall *call) {
  Value options = native_argument(call, 1), paths = VALUE_UNDEFINED;
  if (value_is_object(options)) {
    paths = vm_get(iso, value_as_object(options), vm_key_from_c("paths"));
    if (value_is_exception(paths)) return paths;
  }
  char *resolved;
  if (value_is_kind(paths, CELL_ARRAY)) {
    char *specifier = specifier_argument(iso, call);
    resolved = specifier == NULL ? NULL : resolve_from(iso, specifier, paths);
    free(specifier);
  } else if (paths != VALUE_UNDEFINED) {
    rt_throw_coded(
        iso, "ERR_INVALID_ARG_VALUE",
        vm_string_from_c(iso, "The property 'options.paths' is invalid."),
        ERROR_TYPE);
    return VALUE_EXCEPTION;
  } else {
    resolved = resolve_argument(iso, call);
  }
  if (resolved == NULL) return VALUE_EXCEPTION;
  // Of a builtin, the name as it was given.
  String *text = resolved[0] == '/'
                     ? vm_string_from_utf8(iso, resolved, strlen(resolved))
                     : value_as_string(native_argument(call, 0));
  free(resolved);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static NativeFunction *require_for(Runtime *rt, Object *module) {
  Isolate *iso = rt->isolate;
  NativeFunction *require =
      vm_native_new(iso, require_function, ATOM(require), 1, 1, false);
  require->slots[0] = value_from_cell(module);
  NativeFunction *resolve =
      vm_native_new(iso, require_resolve, ATOM(resolve), 1, 1, false);
  resolve->slots[0] = value_from_cell(module);
  rt_put(iso, &require->object, "resolve", value_from_cell(resolve));
  rt_put(iso, &require->object, "main", rt->modules->main.word);
  rt_put(iso, &require->object, "cache",
         value_from_cell(rt_module_table(iso, TABLE_COMMONJS)));
  rt_put(iso, &require->object, "extensions",
         value_from_cell(vm_object_new(iso)));
  return require;
}

Object *rt_commonjs_prototype(Runtime *rt) {
  GcRoot *root = &rt->modules->module_prototype;
  if (root->word == VALUE_UNDEFINED) {
    root->word = value_from_cell(vm_object_new(rt->isolate));
  }
  return value_as_object(root->word);
}

// A module object, entered in the cache before it runs (cycles see what is
// there so far).
static Object *module_object_new(Runtime *rt, const char *path, Value parent) {
  Isolate *iso = rt->isolate;
  bool is_program = value_from_cell(iso->realm) == rt->modules->realm.word;
  Object *module = is_program
                       ? vm_object_new_with(iso, rt_commonjs_prototype(rt))
                       : vm_object_new(iso);
  String *file = vm_string_from_utf8(iso, path, strlen(path));
  const char *slash = strrchr(path, '/');
  size_t directory_length =
      slash == NULL || slash == path ? 1 : (size_t)(slash - path);
  String *directory = vm_string_from_utf8(iso, path, directory_length);
  PropertyKey key;
  if (file == NULL || directory == NULL || !rt_path_key(iso, path, &key)) {
    return NULL;
  }
  bool is_main = value_is_null(parent);
  if (is_main) rt->modules->main.word = value_from_cell(module);
  rt_put(iso, module, "id",
         is_main ? value_from_cell(vm_atom_from_c("."))
                 : value_from_cell(file));
  rt_put(iso, module, "path", value_from_cell(directory));
  rt_put(iso, module, "exports", value_from_cell(vm_object_new(iso)));
  rt_put(iso, module, "filename", value_from_cell(file));
  rt_put(iso, module, "loaded", VALUE_FALSE);
  rt_put(iso, module, "parent", parent);
  Array *children = vm_array_new(iso, 0);
  rt_put(iso, module, "children", value_from_cell(children));
  if (value_is_object(parent)) {
    Value siblings =
        vm_quiet_get(iso, value_as_object(parent), vm_key_from_c("children"));
    if (value_is_kind(siblings, CELL_ARRAY) &&
        !vm_array_push(iso, (Array *)value_as_cell(siblings),
                       value_from_cell(module))) {
      return NULL;
    }
  }
  rt_put(iso, module, "require", value_from_cell(require_for(rt, module)));
  vm_put(iso, rt_module_table(iso, TABLE_COMMONJS), key,
         value_from_cell(module), PROPERTY_DEFAULT);
  return module;
}

static void forget(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  Value exception = vm_take_exception(iso);
  PropertyKey key;
  if (rt_path_key(iso, path, &key) &&
      vm_delete(iso, rt_module_table(iso, TABLE_COMMONJS), key) < 0) {
    vm_take_exception(iso);
  }
  vm_throw(iso, exception);
}

Value rt_commonjs_known(Isolate *iso, const char *path) {
  PropertyKey key;
  if (!rt_path_key(iso, path, &key)) return VALUE_EXCEPTION;
  return vm_get(iso, rt_module_table(iso, TABLE_COMMONJS), key);
}

Array *rt_require_stack(Isolate *iso, const char *path) {
  Array *stack = vm_array_new(iso, 0);
  Value module = rt_commonjs_known(iso, path);
  for (int depth = 0; value_is_object(module) && depth < 100; depth++) {
    Object *o = value_as_object(module);
    Value file = vm_quiet_get(iso, o, KEY(filename));
    if (!value_is_string(file) || !vm_array_push(iso, stack, file)) break;
    module = vm_quiet_get(iso, o, vm_key_from_c("parent"));
  }
  if (value_is_exception(module) || vm_has_exception(iso)) return NULL;
  return stack;
}

Value rt_commonjs_run(Runtime *rt, Code *code, const char *path, Value parent) {
  Isolate *iso = rt->isolate;
  Object *module = module_object_new(rt, path, parent);
  if (module == NULL) return VALUE_EXCEPTION;
  Function *function = vm_function_new(iso, code, NULL, NULL);
  Value arguments[] = {
      vm_get(iso, module, KEY(exports)),
      vm_get(iso, module, KEY(require)),
      value_from_cell(module),
      vm_get(iso, module, KEY(filename)),
      vm_get(iso, module, vm_key_from_c("path")),
  };
  Value done =
      vm_call(iso, value_from_cell(function), arguments[0], 5, arguments);
  if (value_is_exception(done)) {
    forget(rt, path);
    return VALUE_EXCEPTION;
  }
  if (!vm_set(iso, module, vm_key_from_c("loaded"), VALUE_TRUE, false)) {
    return VALUE_EXCEPTION;
  }
  return vm_get(iso, module, KEY(exports));
}

// What transpiled programs expect of a module with a default export: its
// namespace and `__esModule`. NULL: threw.
static Module *interop_module_new(Isolate *iso, Module *module) {
  static const char text[] =
      "export * from 'module'; export { default } from 'module';"
      "export const __esModule = true;";
  char *name = vm_to_utf8(iso, value_from_cell(module->name), NULL);
  Module *interop =
      name == NULL ? NULL : vm_module_compile(iso, text, sizeof text - 1, name);
  free(name);
  if (interop == NULL) return NULL;
  vm_module_set_requested(iso, interop, 0, module);
  if (!rt_module_link_now(iso, interop) ||
      !vm_module_ensure_evaluated(iso, interop)) {
    return NULL;
  }
  return interop;
}

// ES modules as require() shows them.
static Value required_exports(Isolate *iso, Module *module) {
  Value name_space = vm_module_namespace(iso, module);
  if (value_is_exception(name_space)) return name_space;
  Object *o = value_as_object(name_space);
  PropertyKey whole = vm_key_from_c("module.exports");
  Tri has = vm_has(iso, o, whole);
  if (has < 0) return VALUE_EXCEPTION;
  if (has) return vm_get(iso, o, whole);
  has = vm_has(iso, o, KEY(default_));
  if (has > 0) {
    Tri marked = vm_has(iso, o, vm_key_from_c("__esModule"));
    has = marked < 0 ? TRI_THREW : !marked;
  }
  if (has < 0) return VALUE_EXCEPTION;
  if (!has) return name_space;
  module = interop_module_new(iso, module);
  return module == NULL ? VALUE_EXCEPTION : vm_module_namespace(iso, module);
}

// require of an ES module, if nothing in its graph waits.
static Value require_module(Runtime *rt, const char *path, Value parent) {
  Isolate *iso = rt->isolate;
  Module *module = rt_module_of(rt, path, NULL, IMPORT_BY_FORMAT);
  if (module == NULL || !rt_module_link_now(iso, module)) {
    return VALUE_EXCEPTION;
  }
  Tri ready = vm_module_is_ready(iso, module);
  if (ready < 0) return VALUE_EXCEPTION;
  if (!ready) {
    bool is_cycle = module_status(module) == MODULE_EVALUATING;
    rt_throw_coded(
        iso, is_cycle ? "ERR_REQUIRE_CYCLE_MODULE" : "ERR_REQUIRE_ASYNC_MODULE",
        vm_string_format(
            iso,
            is_cycle ? "Cannot require() ES Module %s in a cycle"
                     : "require() cannot be used on an ES module graph with "
                       "top-level await, use import() instead: %s",
            path),
        ERROR_ERROR);
    return VALUE_EXCEPTION;
  }
  if (!vm_module_ensure_evaluated(iso, module)) return VALUE_EXCEPTION;
  Value exports = required_exports(iso, module);
  if (value_is_exception(exports)) return exports;
  Object *object = module_object_new(rt, path, parent);
  if (object == NULL) return VALUE_EXCEPTION;
  vm_put(iso, object, KEY(exports), exports, PROPERTY_DEFAULT);
  rt_put(iso, object, "loaded", VALUE_TRUE);
  return exports;
}

static Value require_saved(Runtime *rt, const char *path, Value parent) {
  Code *code;
  Tri is_commonjs = rt_saved_commonjs(rt, path, &code);
  if (is_commonjs < 0) return VALUE_EXCEPTION;
  return is_commonjs ? rt_commonjs_run(rt, code, path, parent)
                     : require_module(rt, path, parent);
}

// What require() gives for a builtin: its default export, else its namespace.
static Value require_builtin(Runtime *rt, const char *name) {
  Isolate *iso = rt->isolate;
  Value name_space = rt_may_use_builtin(rt, name)
                         ? rt_builtin_namespace(rt, name)
                         : VALUE_EXCEPTION;
  if (value_is_exception(name_space)) return name_space;
  Tri has = vm_has(iso, value_as_object(name_space), KEY(default_));
  if (has < 0) return VALUE_EXCEPTION;
  return has ? vm_get(iso, value_as_object(name_space), KEY(default_))
             : name_space;
}

Value rt_require(Runtime *rt, const char *resolved, Value parent) {
  Isolate *iso = rt->isolate;
  if (resolved[0] != '/') return require_builtin(rt, resolved);
  Value known = rt_commonjs_known(iso, resolved);
  if (value_is_exception(known)) return known;
  if (value_is_object(known)) {
    return vm_get(iso, value_as_object(known), KEY(exports));
  }
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  FileFormat format = rt_file_format(rt, resolved);
  if (format == FORMAT_THREW) return VALUE_EXCEPTION;
  if (format == FORMAT_MODULE) return require_module(rt, resolved, parent);
  if (format == FORMAT_SAVED) return require_saved(rt, resolved, parent);
  size_t length;
  char *text = rt_read_file(iso, resolved, &length);
  if (text == NULL) return VALUE_EXCEPTION;
  Value result;
  if (format == FORMAT_JSON) {
    result = rt_json_parse(iso, text, length, resolved);
    Object *module = value_is_exception(result)
                         ? NULL
                         : module_object_new(rt, resolved, parent);
    if (module == NULL) {
      result = VALUE_EXCEPTION;
    } else {
      vm_put(iso, module, KEY(exports), result, PROPERTY_DEFAULT);
      rt_put(iso, module, "loaded", VALUE_TRUE);
    }
    free(text);
    return result;
  }
  Code *code = rt_commonjs_compile(iso, text, length, true, resolved);
  if (code == NULL) {
    if (format == FORMAT_COMMONJS || vm_is_terminating(iso) ||
        vm_is_out_of_memory(iso)) {
      return VALUE_EXCEPTION;
    }
    Value script_error = vm_take_exception(iso);
    result = require_module(rt, resolved, parent);
    if (value_is_exception(result) &&
        rt_module_of(rt, resolved, NULL, IMPORT_BY_FORMAT) == NULL) {
      vm_take_exception(iso);
      return vm_throw(iso, script_error);
    }
    return result;
  }
  return rt_commonjs_run(rt, code, resolved, parent);
}

Value rt_commonjs_require_of(Runtime *rt, Object *module) {
  return value_from_cell(require_for(rt, module));
}

Value rt_commonjs_require_for(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  Object *module = vm_object_new(iso);
  String *file = vm_string_from_utf8(iso, path, strlen(path));
  if (file == NULL) return VALUE_EXCEPTION;
  rt_put(iso, module, "filename", value_from_cell(file));
  return value_from_cell(require_for(rt, module));
}
