// SPDX-License-Identifier: MIT
// Names that programs make while they run die when no isolate has them; those
// that one has, wherever, stay the same atom.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// cmocka needs the headers above first.
#include <cmocka.h>

#include "vm/objects/atom_rounds.h"
#include "vm/objects/atom_table.h"
#include "vm/objects/charge.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

// There is no round for a few thousand names.
enum { MANY = 20000, FEW = 5000 };

static Isolate *new_isolate(size_t max_heap_bytes) {
  IsolateOptions options = {.max_heap_bytes = max_heap_bytes};
  Isolate *iso = vm_isolate_new(&options);
  assert_non_null(iso);
  assert_non_null(vm_realm_new(iso));
  return iso;
}

static String *string_of(Isolate *iso, const char *word, int i) {
  char text[64];
  snprintf(text, sizeof text, "%s %d", word, i);
  String *s = vm_string_from_c(iso, text);
  assert_non_null(s);
  return s;
}

static String *name_of(Isolate *iso, const char *word, int i) {
  String *name = vm_string_intern(iso, string_of(iso, word, i));
  assert_non_null(name);
  return name;
}

// In a frame of its own, so that none of them stays on the stack.
static __attribute__((noinline)) void make_names(Isolate *iso, const char *word,
                                                 int count) {
  for (int i = 0; i < count; i++)
    name_of(iso, word, i);
}

// A round begins at the end of a cycle and is over when all heaps have had
// another; what it finds is free after one more.
static void collect(Isolate *iso) {
  for (int i = 0; i < 4; i++)
    gc_collect(iso->heap, GC_FULL);
}

// The collector's thread may be at the end of a cycle for a moment longer.
static void wait_for_names_below(Isolate *iso, uint32_t limit) {
  for (int i = 0; vm_atom_name_count() >= limit && i < 2000; i++) {
    collect(iso);
    usleep(1000);
  }
  assert_true(vm_atom_name_count() < limit);
}

static uint64_t name_bytes(Isolate *iso) {
  GcStats stats;
  gc_stats(iso->heap, &stats);
  return stats.external_name_bytes;
}

static void test_names_die(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  make_names(iso, "dying", MANY);
  assert_true(name_bytes(iso) > MANY * 50);
  wait_for_names_below(iso, FEW);
  // The isolate is not charged any more.
  assert_true(name_bytes(iso) < FEW * 100);
  vm_isolate_free(iso);
}

static uint64_t heap_bytes(void) {
  GcStats stats;
  gc_process_stats(&stats);
  return stats.heap_bytes;
}

// Whoever makes names again and again needs no more memory in the end.
static void test_memory_is_used_again(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  uint64_t most = 0;
  for (int round = 0; round < 12; round++) {
    char word[16];
    snprintf(word, sizeof word, "again %d", round);
    make_names(iso, word, MANY);
    wait_for_names_below(iso, FEW);
    if (round < 4 && heap_bytes() > most) most = heap_bytes();
  }
  assert_true(heap_bytes() <= most);
  vm_isolate_free(iso);
}

static void test_what_is_held_stays(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  enum { HELD = 1000 };
  // By an object's shape, as a value, and by a string that knows its name.
  Object *o = vm_object_new(iso);
  Array *values = vm_array_new(iso, 0), *strings = vm_array_new(iso, 0);
  GcRoot roots[3];
  gc_root_add(iso->heap, &roots[0], value_from_cell(o));
  gc_root_add(iso->heap, &roots[1], value_from_cell(values));
  gc_root_add(iso->heap, &roots[2], value_from_cell(strings));
  uintptr_t *addresses = malloc(3 * HELD * sizeof *addresses);
  assert_non_null(addresses);
  for (int i = 0; i < HELD; i++) {
    String *name = name_of(iso, "a key", i);
    vm_put(iso, o, key_from_atom(name), value_from_number(i), PROPERTY_DEFAULT);
    addresses[i] = ~(uintptr_t)name;
    name = name_of(iso, "a value", i);
    assert_true(vm_array_push(iso, values, value_from_cell(name)));
    addresses[HELD + i] = ~(uintptr_t)name;
    String *s = string_of(iso, "a string", i);
    addresses[2 * HELD + i] = ~(uintptr_t)vm_string_intern(iso, s);
    assert_true(vm_array_push(iso, strings, value_from_cell(s)));
  }
  make_names(iso, "not held", MANY);
  wait_for_names_below(iso, FEW);
  make_names(iso, "made afterwards", MANY);
  for (int i = 0; i < HELD; i++) {
    String *name = name_of(iso, "a key", i);
    assert_true((uintptr_t)name == ~addresses[i]);
    assert_true(vm_get(iso, o, key_from_atom(name)) == value_from_number(i));
    assert_true((uintptr_t)name_of(iso, "a value", i) == ~addresses[HELD + i]);
    Value s = vm_get(iso, (Object *)strings, key_from_index((uint32_t)i));
    assert_true((uintptr_t)vm_string_intern(iso, value_as_string(s)) ==
                ~addresses[2 * HELD + i]);
    assert_true((uintptr_t)name_of(iso, "a string", i) ==
                ~addresses[2 * HELD + i]);
  }
  for (int i = 0; i < 3; i++)
    gc_root_remove(iso->heap, &roots[i]);
  free(addresses);
  vm_isolate_free(iso);
}

// A dictionary with names of its own, whose keys are listed, then deleted.
static __attribute__((noinline)) void
list_and_delete(Isolate *iso, KeyList *keys, int count) {
  Object *o = vm_object_new(iso);
  for (int i = 0; i < count; i++)
    vm_put(iso, o, key_from_atom(name_of(iso, "listed", i)), VALUE_TRUE,
           PROPERTY_DEFAULT);
  assert_true(vm_own_keys(iso, o, keys));
  assert_int_equal(keys->count, count);
  for (int i = 0; i < count; i++)
    assert_int_equal(vm_delete(iso, o, keys->keys[i]), 1);
}

// Whoever goes through the keys of an object runs scripts on the way, which may
// delete properties that are not reached yet.
static void test_key_lists_hold_names(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  enum { LISTED = 1000 };
  KeyList keys;
  vm_key_list_init(&keys);
  list_and_delete(iso, &keys, LISTED);
  make_names(iso, "not listed", MANY);
  wait_for_names_below(iso, FEW);
  make_names(iso, "in their place", MANY);
  for (int i = 0; i < LISTED; i++)
    assert_true(keys.keys[i] == key_from_atom(name_of(iso, "listed", i)));
  vm_isolate_free(iso);
}

// What C code or compiled code has wanted once is kept, although a program made
// it: nobody knows who holds it.
static void test_kept_for_good(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  make_names(iso, "becomes kept", 100);
  uintptr_t kept = ~(uintptr_t)vm_atom_from_c("becomes kept 50");
  uintptr_t also =
      ~(uintptr_t)vm_string_intern_for_good(iso, string_of(iso, "also", 1));
  make_names(iso, "not kept", MANY);
  wait_for_names_below(iso, FEW);
  make_names(iso, "made later", MANY);
  assert_true((uintptr_t)name_of(iso, "becomes kept", 50) == ~kept);
  assert_true((uintptr_t)name_of(iso, "also", 1) == ~also);
  assert_true((uintptr_t)vm_atom_from_c("also 1") == ~also);
  vm_isolate_free(iso);
}

// A name lives as long as some isolate has it, and idle isolates keep none from
// dying that they do not have.
static void test_several_isolates(void **state) {
  (void)state;
  Isolate *idle = new_isolate(0);
  Object *o = vm_object_new(idle);
  GcRoot root;
  gc_root_add(idle->heap, &root, value_from_cell(o));
  vm_put(idle, o, key_from_atom(name_of(idle, "shared", 1)), VALUE_TRUE,
         PROPERTY_DEFAULT);
  uintptr_t address = ~(uintptr_t)name_of(idle, "shared", 1);
  gc_enter_native(idle->heap);
  Isolate *busy = new_isolate(0);
  make_names(busy, "shared", 2);
  for (int round = 0; round < 20; round++) {
    char word[16];
    snprintf(word, sizeof word, "busy %d", round);
    make_names(busy, word, MANY);
    collect(busy);
  }
  // Far fewer than were made, though `idle` has no reason to collect.
  assert_true(vm_atom_name_count() < 12 * MANY);
  assert_true((uintptr_t)name_of(busy, "shared", 1) == ~address);
  gc_leave_native(idle->heap);
  gc_root_remove(idle->heap, &root);
  vm_isolate_free(idle);
  wait_for_names_below(busy, FEW);
  vm_isolate_free(busy);
}

// A limit that all names together would pass.
static void test_limit(void **state) {
  (void)state;
  Isolate *iso = new_isolate(8 << 20);
  for (int i = 0; i < 300000; i++) {
    if (i % 1000 == 0) assert_true(vm_step(iso));
    name_of(iso, "within the limit", i);
  }
  vm_isolate_free(iso);
}

static void test_long_names(void **state) {
  (void)state;
  Isolate *iso = new_isolate(0);
  uint64_t before = heap_bytes();
  enum { LENGTH = 300000 };
  uint8_t *units = malloc(LENGTH);
  assert_non_null(units);
  memset(units, 'x', LENGTH);
  for (int i = 0; i < 600; i++) {
    size_t length = i % 2 ? LENGTH : 5000;
    memcpy(units, &i, sizeof i);
    StringView v = {units, (uint32_t)length, false};
    assert_non_null(vm_string_intern_view(iso, v));
    if (i % 50 == 0) collect(iso);
  }
  free(units);
  for (int i = 0; i < 500 && heap_bytes() > before + (64 << 20); i++) {
    collect(iso);
    make_names(iso, "enough for a round", 5000);
  }
  assert_true(heap_bytes() <= before + (64 << 20));
  vm_isolate_free(iso);
}

static bool always(void) {
  return true;
}

static uint32_t highest_number(void) {
  enum { COUNT = 1 << ATOM_CHUNK_BITS };
  uint32_t highest = 0;
  for (uint32_t c = 0; vm_atom_chunks[c]; c++) {
    for (uint32_t i = 0; i < COUNT; i++)
      if (vm_atom_chunks[c][i]) highest = c * COUNT + i;
  }
  return highest;
}

// An atom takes its number before its cell: a number without a cell is free.
static void test_numbers_without_memory(void **state) {
  (void)state;
  static const char text[] = "without memory";
  uint32_t highest = highest_number();
  gc_fail_allocations(always);
  for (int i = 0; i < 5000; i++)
    assert_null(vm_atom_from_latin1((const uint8_t *)text, strlen(text)));
  gc_fail_allocations(NULL);
  String *atom = vm_atom_from_latin1((const uint8_t *)text, strlen(text));
  assert_non_null(atom);
  assert_ptr_equal(vm_atom_by_number(atom_tail(atom)->number), atom);
  assert_in_range(highest_number(), highest, highest + 1);
}

// Isolates on several threads make, drop and share the same names while others
// are closed and a fifth thread wants some for good.
enum { THREADS = 4, ROUNDS = 6, NAMES = 3000 };
static _Atomic bool is_over;

static void *work(void *unused) {
  (void)unused;
  for (int round = 0; round < ROUNDS; round++) {
    Isolate *iso = new_isolate(0);
    Object *o = vm_object_new(iso);
    GcRoot root;
    gc_root_add(iso->heap, &root, value_from_cell(o));
    for (int i = 0; i < NAMES; i++) {
      PropertyKey key = key_from_atom(name_of(iso, "common", i % 500));
      vm_put(iso, o, key, value_from_number(i % 500), PROPERTY_DEFAULT);
      name_of(iso, "common, not held", i);
      if (i % 500 == 0) gc_collect(iso->heap, GC_START);
    }
    for (int i = 0; i < 500; i++) {
      PropertyKey key = key_from_atom(name_of(iso, "common", i));
      assert_true(vm_get(iso, o, key) == value_from_number(i));
    }
    gc_root_remove(iso->heap, &root);
    vm_isolate_free(iso);
  }
  return NULL;
}

static void *want_for_good(void *unused) {
  (void)unused;
  String *first[20] = {0};
  for (int n = 0; !is_over; n++) {
    char text[64];
    snprintf(text, sizeof text, "common, not held %d", n % 20 * 100);
    String *atom = vm_atom_from_c(text);
    if (first[n % 20] == NULL) first[n % 20] = atom;
    assert_ptr_equal(atom, first[n % 20]);
    usleep(100);
  }
  return NULL;
}

static void test_threads(void **state) {
  (void)state;
  vm_atom_rounds_eager(); // the last test: it stays
  pthread_t threads[THREADS + 1];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, work, NULL);
  pthread_create(&threads[THREADS], NULL, want_for_good, NULL);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  is_over = true;
  pthread_join(threads[THREADS], NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names_die),
      cmocka_unit_test(test_memory_is_used_again),
      cmocka_unit_test(test_what_is_held_stays),
      cmocka_unit_test(test_key_lists_hold_names),
      cmocka_unit_test(test_kept_for_good),
      cmocka_unit_test(test_several_isolates),
      cmocka_unit_test(test_limit),
      cmocka_unit_test(test_long_names),
      cmocka_unit_test(test_numbers_without_memory),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
