// SPDX-License-Identifier: MIT
// Modules with a host that answers later, in any order, and that has modules
// with a source phase: what the runtime's loader does not do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vm/builtins/module_source.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/operations.h"

// The host's files: a specifier and its text; NULL: a module with a source.
typedef struct File {
  const char *name, *text;
} File;

static Isolate *iso;
static const File *files;
static ModuleLoadRequest *waiting[64];
static int waiting_count, asked;
static GcRoot modules; // by specifier: an object without prototype

static void load_module(void *host, Isolate *isolate, void *request) {
  (void)host, (void)isolate;
  asked++;
  assert_true(waiting_count < 64);
  waiting[waiting_count++] = request;
}

static const HostHooks hooks = {.load_module = load_module};

static int set_up(void **state) {
  IsolateOptions options = {.gc_stop_the_world = true, .hooks = &hooks};
  iso = vm_isolate_new(&options);
  if (iso == NULL || vm_realm_new(iso) == NULL) return 1;
  gc_root_add(iso->heap, &modules,
              value_from_cell(vm_object_new_with(iso, NULL)));
  waiting_count = asked = 0;
  return 0;
}

static int tear_down(void **state) {
  gc_root_remove(iso->heap, &modules);
  vm_isolate_free(iso);
  return 0;
}

static Module *source_module(const char *name) {
  Module *module =
      vm_synthetic_module_new(iso, vm_atom_from_c(name), NULL, 0, NULL, NULL);
  Object *prototype = vm_object_new_with(
      iso, INTRINSIC_OBJECT(iso, AbstractModuleSourcePrototype));
  vm_module_set_source(
      iso, module,
      vm_module_source_new(iso, prototype, vm_atom_from_c("Test")));
  return module;
}

static Module *find_module(String *specifier) {
  PropertyKey key = key_from_atom(vm_string_intern(iso, specifier));
  Object *known = value_as_object(modules.word);
  Value v = vm_get(iso, known, key);
  if (!value_is_undefined(v)) return (Module *)value_as_cell(v);
  char *name = vm_string_to_utf8(iso, specifier, NULL);
  const File *file = files;
  while (file->name != NULL && strcmp(file->name, name) != 0)
    file++;
  Module *module = NULL;
  if (file->name == NULL) {
    vm_throw_type(iso, "no file %s", name);
  } else if (file->text == NULL) {
    module = source_module(name);
  } else {
    module = vm_module_compile(iso, file->text, strlen(file->text), name);
  }
  free(name);
  if (module != NULL)
    vm_put(iso, known, key, value_from_cell(module), PROPERTY_DEFAULT);
  return module;
}

// Answers what waits, the newest request first if `backwards`, and runs jobs.
static void run(bool backwards) {
  for (;;) {
    assert_true(vm_run_jobs(iso));
    if (waiting_count == 0) return;
    int which = backwards ? waiting_count - 1 : 0;
    ModuleLoadRequest *request = waiting[which];
    waiting_count--;
    memmove(waiting + which, waiting + which + 1,
            (size_t)(waiting_count - which) * sizeof *waiting);
    gc_collect(iso->heap, GC_FULL);
    vm_module_loaded(iso, request, find_module(request->specifier));
  }
}

// Runs files[0]; what it left in globalThis.log, or the error it threw.
static void expect(const File *list, bool backwards, const char *expected) {
  files = list;
  vm_put(iso, iso->realm->global, vm_key_from_c("log"), ATOM_VALUE(empty),
         PROPERTY_DEFAULT);
  Promise *done =
      vm_module_run(iso, find_module(value_as_string(
                             value_from_cell(vm_atom_from_c(list[0].name)))));
  assert_non_null(done);
  GcRoot root;
  gc_root_add(iso->heap, &root, value_from_cell(done));
  run(backwards);
  char text[256];
  if (promise_state(done) == PROMISE_FULFILLED) {
    Value log = vm_get(iso, iso->realm->global, vm_key_from_c("log"));
    char *utf8 = vm_string_to_utf8(iso, value_as_string(log), NULL);
    snprintf(text, sizeof text, "%s", utf8);
    free(utf8);
  } else {
    assert_int_equal(promise_state(done), PROMISE_REJECTED);
    vm_describe(iso, done->result, text, sizeof text);
  }
  assert_string_equal(text, expected);
  gc_root_remove(iso->heap, &root);
}

static void graphs_load_in_any_order(void **state) {
  static const File list[] = {
      {"main", "import {x} from 'a'; import {y} from 'b'; log += x + y;"},
      {"a", "import {y} from 'b'; export let x = 'a'; log += '(a ' + y + ')';"},
      {"b", "import 'c'; export let y = 'b'; log += '(b)';"},
      {"c", "import {x} from 'a'; log += '(c)'; export let z = () => x;"},
      {NULL, NULL}};
  expect(list, false, "(c)(b)(a b)ab");
  assert_int_equal(asked, 5);
  tear_down(NULL), set_up(NULL);
  expect(list, true, "(c)(b)(a b)ab");
}

static void the_first_failure_rejects(void **state) {
  static const File list[] = {
      {"main", "import 'a'; import 'missing'; import 'b'; log += 'never';"},
      {"a", "import 'also missing';"},
      {"b", "log += 'never';"},
      {NULL, NULL}};
  expect(list, false, "TypeError: no file missing");
  tear_down(NULL), set_up(NULL);
  expect(list, true, "TypeError: no file missing");
}

static void sources_are_neither_linked_nor_evaluated(void **state) {
  static const File list[] = {
      {"main",
       "import source s from 'wasm'; import {t, u} from 'again';"
       "import * as ns from 'again';"
       "const d = await import.source('wasm');"
       "log += [typeof s, s === t, s === u, s === d, s === ns.t,"
       "  Object.prototype.toString.call(s),"
       "  await import.source('again').catch((e) => e.name)];"},
      {"again",
       "import source t from 'wasm'; import source u from 'wasm';"
       "export {t, u};"},
      {"wasm", NULL},
      {NULL, NULL}};
  expect(list, false, "object,true,true,true,true,[object Test],SyntaxError");
}

static void a_source_is_all_that_is_loaded(void **state) {
  static const File list[] = {
      {"main", "import source s from 'text';"},
      {"text", "import 'never asked for'; log += 'never';"},
      {NULL, NULL}};
  expect(list, false, "SyntaxError: The module 'text' has no source object");
  assert_int_equal(asked, 1);
}

static void deferred_graphs_are_loaded_at_once(void **state) {
  static const File list[] = {
      {"main",
       "import defer * as ns from 'a'; log += '(main)'; const x = ns.x; log += "
       "x;"
       "const later = await import.defer('c'); log += '(later)';"
       "const z = later.z; log += z;"},
      {"a", "import 'b'; export let x = 'x'; log += '(a)';"},
      {"b", "log += '(b)';"},
      {"c", "import 'tla'; export let z = 'z'; log += '(c)';"},
      {"tla", "await 0; log += '(tla)';"},
      {NULL, NULL}};
  expect(list, true, "(main)(b)(a)x(tla)(later)(c)z");
  assert_int_equal(asked, 4);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(graphs_load_in_any_order),
      TEST(the_first_failure_rejects),
      TEST(sources_are_neither_linked_nor_evaluated),
      TEST(a_source_is_all_that_is_loaded),
      TEST(deferred_graphs_are_loaded_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
