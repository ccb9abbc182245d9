// SPDX-License-Identifier: MIT
// Finalization registries, below the level that scripts see: pages, chains of
// tokens, callbacks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vm/objects/finalization.h"
#include "vm/objects/function.h"
#include "vm/objects/operations.h"
#include "vm/objects/throw.h"

enum { TARGETS = 6000 };

static Isolate *iso;
static uint8_t called[TARGETS];
static uint32_t calls, throw_at;

static int set_up(void **state) {
  IsolateOptions options = {.gc_stop_the_world = true};
  iso = vm_isolate_new(&options);
  calls = throw_at = 0;
  for (int i = 0; i < TARGETS; i++)
    called[i] = 0;
  return iso == NULL || vm_realm_new(iso) == NULL;
}

static int tear_down(void **state) {
  vm_isolate_free(iso);
  return 0;
}

static Value cleanup(Isolate *isolate, const NativeCall *call) {
  called[value_as_int(native_argument(call, 0))]++;
  if (++calls == throw_at) return vm_throw_type(isolate, "as wanted");
  return VALUE_UNDEFINED;
}

static FinalizationRegistryObject *new_registry(void) {
  FinalizationRegistryObject *r = vm_object_allocate(
      iso, CELL_FINALIZATION_REGISTRY, sizeof(FinalizationRegistryObject),
      INTRINSIC_OBJECT(iso, FinalizationRegistryPrototype));
  r->cleanup = value_from_cell(vm_native_new(iso, cleanup, NULL, 1, 0, false));
  return r;
}

static Array *new_objects(void) {
  Array *objects = vm_array_new(iso, 0);
  for (int i = 0; i < TARGETS; i++) {
    assert_true(
        vm_array_push(iso, objects, value_from_cell(vm_object_new(iso))));
  }
  return objects;
}

static Value at(const Array *array, int i) {
  return array->object.elements->values[i];
}

static void forget(Array *array, int i) {
  gc_store_word(iso->heap, &array->object.elements->values[i], VALUE_UNDEFINED);
}

// Of what is forgotten some cells may seem to be on the C stack.
enum { SEEMING = 100 };

static __attribute__((noinline)) void
register_all(FinalizationRegistryObject *r, const Array *targets,
             const Array *tokens) {
  for (int i = 0; i < TARGETS; i++) {
    Value token = tokens == NULL ? VALUE_UNDEFINED : at(tokens, i / 3);
    assert_true(
        vm_registry_add(iso, r, at(targets, i), value_from_int(i), token));
  }
}

static void registrations_of_a_token_are_removed_together(void **state) {
  FinalizationRegistryObject *r = new_registry();
  Array *targets = new_objects(), *tokens = new_objects();
  register_all(r, targets, tokens);
  assert_int_equal(r->live, TARGETS);
  assert_int_equal(iso->registries->count, 1);
  // Even ones of the first half, in an order of their own.
  for (int i = TARGETS / 3 - 2; i >= 0; i -= 2) {
    assert_true(vm_registry_remove(iso, r, at(tokens, i)));
    assert_false(vm_registry_remove(iso, r, at(tokens, i)));
  }
  assert_int_equal(r->live, TARGETS / 2);
  uint64_t pages = r->pages->count;
  for (int i = 0; i < TARGETS / 2; i++) { // into their places
    assert_true(vm_registry_add(iso, r, at(targets, i), value_from_int(i),
                                at(tokens, TARGETS - 1)));
  }
  assert_int_equal(r->pages->count, pages);
  assert_true(vm_registry_remove(iso, r, at(tokens, TARGETS - 1)));
  for (int i = 1; i < TARGETS / 3; i += 2)
    assert_true(vm_registry_remove(iso, r, at(tokens, i)));
  assert_int_equal(r->live, 0);
  assert_int_equal(iso->registries->count, 0);
}

static void the_dead_are_told_once(void **state) {
  FinalizationRegistryObject *r = new_registry(), *other = new_registry();
  Array *targets = new_objects(), *tokens = new_objects();
  register_all(r, targets, tokens);
  assert_true(vm_registry_add(iso, other, at(targets, 1), VALUE_NULL,
                              value_from_cell(tokens)));
  for (int i = 0; i < TARGETS; i += 2)
    forget(targets, i);
  gc_collect(iso->heap, GC_FULL);
  assert_true(iso->finalizers_pending);
  // Unregistered before their callbacks could run: the chain is left to one.
  assert_true(vm_registry_remove(iso, r, at(tokens, 0)));
  throw_at = 10;
  assert_false(vm_run_finalizers(iso));
  (void)vm_take_exception(iso);
  assert_int_equal(calls, 10);
  assert_true(vm_run_finalizers(iso));
  assert_in_range(calls, TARGETS / 2 - SEEMING, TARGETS / 2 - 1);
  for (int i = 0; i < TARGETS; i++)
    assert_true(called[i] <= (i % 2 == 0));
  assert_int_equal(called[0] + called[1] + called[2], 0);
  // The chains hold what is left.
  for (int i = 1; i < TARGETS / 3; i++)
    assert_true(vm_registry_remove(iso, r, at(tokens, i)));
  assert_int_equal(r->live, 0);
  assert_int_equal(iso->registries->count, 1);
  assert_ptr_equal(value_as_cell(iso->registries->items[0]), other);
  assert_int_equal(other->listed_at, 0);
}

// A token that died is not asked for again; its registrations remain.
static void tokens_may_die_first(void **state) {
  FinalizationRegistryObject *r = new_registry();
  Array *targets = new_objects(), *tokens = new_objects();
  register_all(r, targets, tokens);
  for (int i = 0; i < TARGETS; i++)
    forget(tokens, i);
  gc_collect(iso->heap, GC_FULL);
  assert_false(iso->finalizers_pending);
  assert_int_equal(r->live, TARGETS);
  for (int i = 0; i < TARGETS; i++)
    forget(targets, i);
  gc_collect(iso->heap, GC_FULL);
  assert_true(vm_run_finalizers(iso));
  assert_in_range(calls, TARGETS - SEEMING, TARGETS);
  assert_in_range(r->live, 0, SEEMING);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          registrations_of_a_token_are_removed_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_dead_are_told_once, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(tokens_may_die_first, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
