// SPDX-License-Identifier: MIT
// print and $262 (test262 INTERPRETING.md, host-defined functions).
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "tests/conformance/test262.h"
#include "vm/builtins/module_source.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/buffer.h"

Test262Host test262_host;

static Value host_print(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  if (text == NULL) return VALUE_EXCEPTION;
  char *utf8 = vm_string_to_utf8(iso, text, NULL);
  if (utf8 == NULL) return vm_throw_out_of_memory(iso);
  if (strcmp(utf8, "Test262:AsyncTestComplete") == 0) {
    test262_host.async_done = true;
  } else if (strncmp(utf8, "Test262:AsyncTestFailure:", 25) == 0) {
    test262_host.async_done = test262_host.async_failed = true;
    snprintf(test262_host.async_message, sizeof test262_host.async_message,
             "%s", utf8 + 25);
  }
  free(utf8);
  return VALUE_UNDEFINED;
}

static Value host_gc(Isolate *iso, const NativeCall *call) {
  gc_collect(iso->heap, GC_FULL);
  return VALUE_UNDEFINED;
}

static Value host_detach(Isolate *iso, const NativeCall *call) {
  Value buffer = native_argument(call, 0);
  if (!value_is_array_buffer(buffer)) {
    return vm_throw_type(iso, "detachArrayBuffer needs an ArrayBuffer");
  }
  return vm_array_buffer_detach(iso, (ArrayBuffer *)value_as_cell(buffer),
                                native_argument(call, 1))
             ? VALUE_NULL
             : VALUE_EXCEPTION;
}

// The realm whose $262 object the function belongs to becomes the running one.
static Value host_eval_script(Isolate *iso, const NativeCall *call) {
  String *source = vm_to_string(iso, native_argument(call, 0));
  if (source == NULL) return VALUE_EXCEPTION;
  CompileOptions options = {.goal = COMPILE_SCRIPT, .file_name = "evalScript"};
  return vm_evaluate_string(iso, source, &options);
}

static Value host_html_dda(Isolate *iso, const NativeCall *call) {
  return VALUE_NULL;
}

static Value define_262(Isolate *iso);

static Value host_create_realm(Isolate *iso, const NativeCall *call) {
  Realm *caller = iso->realm;
  Realm *realm = vm_realm_new(iso);
  if (realm == NULL) return VALUE_EXCEPTION;
  iso->realm = realm;
  Value host = define_262(iso);
  iso->realm = caller;
  return host;
}

static void define(Isolate *iso, Object *o, const char *name, NativeCode code,
                   uint16_t length) {
  String *atom = vm_atom_from_c(name);
  vm_put(iso, o, key_from_atom(atom),
         value_from_cell(vm_native_new(iso, code, atom, length, 0, false)),
         PROPERTY_HIDDEN);
}

static Value define_262(Isolate *iso) {
  Object *host = vm_object_new(iso);
  define(iso, host, "gc", host_gc, 0);
  define(iso, host, "detachArrayBuffer", host_detach, 1);
  define(iso, host, "evalScript", host_eval_script, 1);
  define(iso, host, "createRealm", host_create_realm, 0);
  vm_put(iso, host, vm_key_from_c("AbstractModuleSource"),
         value_from_cell(INTRINSIC_OBJECT(iso, AbstractModuleSource)),
         PROPERTY_HIDDEN);
  vm_put(iso, host, KEY(global), iso->realm->global_this, PROPERTY_HIDDEN);
  NativeFunction *dda =
      vm_native_new(iso, host_html_dda, ATOM(empty), 0, 0, false);
  dda->object.cell.flags |= OBJECT_IS_HTMLDDA;
  vm_put(iso, host, vm_key_from_c("IsHTMLDDA"), value_from_cell(dda),
         PROPERTY_HIDDEN);
  vm_put(iso, host, vm_key_from_c("agent"),
         value_from_cell(test262_agent_object(iso)), PROPERTY_HIDDEN);
  vm_put(iso, iso->realm->global, vm_key_from_c("$262"), value_from_cell(host),
         PROPERTY_HIDDEN);
  define(iso, iso->realm->global, "print", host_print, 1);
  return value_from_cell(host);
}

// setTimeout, for the harness: it would else wait in a loop of jobs, in which
// no timer of the loop ever fires.
typedef struct Timeout {
  uv_timer_t timer;
  GcRoot callback;
} Timeout;

static void close_timeout(uv_handle_t *handle) {
  free(handle->data);
}

static void on_timeout(uv_timer_t *timer) {
  Timeout *t = timer->data;
  Runtime *rt = timer->loop->data;
  rt_enter(rt);
  Value callback = t->callback.word;
  gc_root_remove(rt->isolate->heap, &t->callback);
  uv_close((uv_handle_t *)timer, close_timeout);
  rt_leave(rt, vm_call(rt->isolate, callback, VALUE_UNDEFINED, 0, NULL));
}

static Value set_timeout(Isolate *iso, const NativeCall *call) {
  double ms;
  if (!vm_to_double(iso, native_argument(call, 1), &ms)) return VALUE_EXCEPTION;
  Timeout *t = calloc(1, sizeof *t);
  if (t == NULL) return vm_throw_out_of_memory(iso);
  Runtime *rt = rt_of(iso);
  gc_root_add(iso->heap, &t->callback, native_argument(call, 0));
  uv_timer_init(&rt->loop, &t->timer);
  t->timer.data = t;
  uv_update_time(&rt->loop);
  uv_timer_start(&t->timer, on_timeout, ms > 0 ? (uint64_t)ms : 0, 0);
  return VALUE_UNDEFINED;
}

// The module that the specifier `<module source>` stands for: nothing but a
// source object.
static Module *module_with_source(Isolate *iso) {
  const char *name = "<module source>";
  Module *module = vm_synthetic_module_new(iso, vm_atom_from_c(name), NULL, 0,
                                           NULL, NULL);
  if (module == NULL) return NULL;
  Object *prototype = vm_object_new_with(
      iso, INTRINSIC_OBJECT(iso, AbstractModuleSourcePrototype));
  vm_module_set_source(
      iso, module,
      vm_module_source_new(iso, prototype, vm_atom_from_c("TestSource")));
  return rt_remember_module(iso, name, module) ? module : NULL;
}

static HostHooks hooks;

static void load_module(void *rt, IsolateForHost *iso, void *load_request) {
  ModuleLoadRequest *request = load_request;
  String *name = vm_atom_from_c("<module source>");
  if (!vm_string_equals(iso, request->specifier, name)) {
    rt_load_module(rt, request);
    return;
  }
  Value known = vm_get(iso, rt_module_table(iso, TABLE_RECORDS),
                       key_from_atom(name));
  vm_module_loaded(iso, request,
                   value_is_undefined(known) ? module_with_source(iso)
                                             : (Module *)value_as_cell(known));
}

void test262_define_host(Runtime *rt) {
  Isolate *iso = rt->isolate;
  define_262(iso);
  hooks = *iso->hooks;
  hooks.load_module = load_module;
  iso->hooks = &hooks;
  String *name = vm_atom_from_c("setTimeout");
  vm_put(iso, iso->realm->global, key_from_atom(name),
         value_from_cell(vm_native_new(iso, set_timeout, name, 2, 0, false)),
         PROPERTY_HIDDEN);
}
