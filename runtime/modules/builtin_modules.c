// SPDX-License-Identifier: MIT
// The registry of builtin modules: rill:... and node:..., written in the
// language, native, or I/O operations.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/io_modules.h"
#include "runtime/modules/embedded.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"

// clang-format off
static const NativeModule *const native_modules[] = {
    &rt_child_module,
    &rt_broadcast_module,
    &rt_clock_module,
    &rt_clone_module,
    &rt_context_module,
    &rt_crypto_module,
    &rt_fetch_module,
    &rt_host_module,
    &rt_http_module,
    &rt_encoding_module,
    &rt_introspect_module,
    &rt_loop_module,
    &rt_modules_module,
    &rt_net_module,
    &rt_pool_module,
    &rt_process_module,
    &rt_promise_module,
    &rt_heap_module,
    &rt_runtime_module,
    &rt_signal_module,
    &rt_sessions_module,
    &rt_sync_module,
    &rt_task_module,
    &rt_terminal_module,
    &rt_test_module,
    &rt_text_module,
    &rt_tls_module,
    &rt_trace_module,
    &rt_url_module,
    &rt_watch_module,
    &rt_worker_module,
    &rt_zlib_module,
};
// clang-format on
enum { NATIVE_MODULE_COUNT = sizeof native_modules / sizeof *native_modules };

static int compare_names(const void *key, const void *row) {
  return strcmp(key, ((const EmbeddedModule *)row)->name);
}

static const EmbeddedModule *find_embedded(const char *name) {
  return bsearch(name, rt_embedded_modules, rt_embedded_module_count,
                 sizeof *rt_embedded_modules, compare_names);
}

const char *rt_builtin_name(const char *specifier) {
  const char *io = rt_io_module_name(specifier);
  if (io != NULL) return io;
  for (int i = 0; i < NATIVE_MODULE_COUNT; i++) {
    if (strcmp(native_modules[i]->name, specifier) == 0) {
      return native_modules[i]->name;
    }
  }
  const EmbeddedModule *found = find_embedded(specifier);
  if (found != NULL) return found->name;
  // These are node:test and node:test/... only: there are packages of the name.
  bool is_test =
      strcmp(specifier, "test") == 0 || strncmp(specifier, "test/", 5) == 0;
  char name[64];
  if (is_test || strchr(specifier, ':') != NULL ||
      snprintf(name, sizeof name, "node:%s", specifier) >= (int)sizeof name) {
    return NULL;
  }
  found = find_embedded(name);
  return found == NULL ? NULL : found->name;
}

static bool init_native(Isolate *iso, Module *module, void *data) {
  const NativeModule *native = data;
  if (!rt_need_loop(rt_of(iso))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  for (uint32_t i = 0; i < native->count; i++) {
    String *name = vm_atom_from_c(native->exports[i].name);
    NativeFunction *function =
        vm_native_new(iso, native->exports[i].code, name,
                      native->exports[i].length, 0, false);
    if (!vm_module_set_export(iso, module, name, value_from_cell(function))) {
      return false;
    }
  }
  return true;
}

Module *rt_builtin_module_new(Runtime *rt, const char *name) {
  Isolate *iso = rt->isolate;
  const EmbeddedModule *embedded = find_embedded(name);
  if (embedded != NULL) {
    return vm_module_compile(iso, embedded->text, embedded->length, name);
  }
  for (int i = 0; i < NATIVE_MODULE_COUNT; i++) {
    const NativeModule *native = native_modules[i];
    if (strcmp(native->name, name) != 0) continue;
    String *exports[64];
    for (uint32_t k = 0; k < native->count; k++) {
      exports[k] = vm_atom_from_c(native->exports[k].name);
    }
    return vm_synthetic_module_new(iso, vm_atom_from_c(name), exports,
                                   native->count, init_native, (void *)native);
  }
  return rt_io_module_new(iso, name);
}

// builtinNames(): of all node: modules, without the prefix.
static Value builtin_names(Isolate *iso, const NativeCall *call) {
  Array *list = vm_array_new(iso, 0);
  for (unsigned i = 0; i < rt_embedded_module_count; i++) {
    const char *name = rt_embedded_modules[i].name;
    if (strncmp(name, "node:", 5) != 0) continue;
    String *text = vm_string_from_c(iso, name + 5);
    if (text == NULL || !vm_array_push(iso, list, value_from_cell(text))) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(list);
}

// requireFor(path or module object): a require function that resolves as the
// file would.
static Value require_for(Isolate *iso, const NativeCall *call) {
  Value of = native_argument(call, 0);
  if (value_is_object(of)) {
    return rt_commonjs_require_of(rt_of(iso), value_as_object(of));
  }
  char *text = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (text == NULL) return VALUE_EXCEPTION;
  Value result = rt_commonjs_require_for(rt_of(iso), text);
  free(text);
  return result;
}

// modulePrototype(): what CommonJS modules' objects inherit.
static Value module_prototype(Isolate *iso, const NativeCall *call) {
  return value_from_cell(rt_commonjs_prototype(rt_of(iso)));
}

// compileCommonJs(text, path): the function of a CommonJS module's parameters.
static Value compile_commonjs(Isolate *iso, const NativeCall *call) {
  size_t length;
  char *text = vm_to_utf8(iso, native_argument(call, 0), &length);
  if (text == NULL) return VALUE_EXCEPTION;
  char *path = vm_to_utf8(iso, native_argument(call, 1), NULL);
  if (path == NULL) {
    free(text);
    return VALUE_EXCEPTION;
  }
  Code *code = rt_commonjs_compile(iso, text, length, true, path);
  free(path);
  if (code == NULL) return VALUE_EXCEPTION;
  return value_from_cell(vm_function_new(iso, code, NULL, NULL));
}

// loadBuiltin(name): the namespace of a builtin module, for what is too rarely
// used to be imported.
static Value load_builtin(Isolate *iso, const NativeCall *call) {
  char *name = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (name == NULL) return VALUE_EXCEPTION;
  const char *found = rt_builtin_name(name);
  Value result = found == NULL
                     ? vm_throw_type(iso, "There is no builtin module %s", name)
                     : rt_builtin_namespace(rt_of(iso), found);
  free(name);
  return result;
}

static const NativeExport modules_exports[] = {
    {"builtinNames", builtin_names, 0},
    {"compileCommonJs", compile_commonjs, 2},
    {"loadBuiltin", load_builtin, 1},
    {"modulePrototype", module_prototype, 0},
    {"requireFor", require_for, 1},
};
const NativeModule rt_modules_module =
    NATIVE_MODULE("rill:internal/modules", modules_exports);
