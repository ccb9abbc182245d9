// SPDX-License-Identifier: MIT
// What Map, Set and the weak collections have in common: receivers, filling
// from an iterable, iterators (ECMA-262 24.1.5, 24.2.6).
#include "vm/builtins/collections.h"
#include "vm/builtins/builtins.h"
#include "vm/interpreter/iteration.h"

void *vm_collection_receiver(Isolate *iso, const NativeCall *call,
                             CellKind kind, const char *class_name) {
  if (likely(value_is_kind(call->this_value, kind))) {
    return value_as_cell(call->this_value);
  }
  char method[64], text[96];
  const NativeFunction *f = (NativeFunction *)value_as_cell(call->callee);
  vm_describe_key(iso, key_from_atom(f->name), method, sizeof method);
  vm_describe(iso, call->this_value, text, sizeof text);
  vm_throw_type(iso,
                "Method %s.prototype.%s called on incompatible receiver %s",
                class_name, method, text);
  return NULL;
}

uint32_t vm_collection_size_hint(Value iterable) {
  enum { MAX_HINT = 4096 };
  if (!value_is_kind(iterable, CELL_ARRAY)) return 4;
  uint32_t length = ((Array *)value_as_object(iterable))->length;
  return length < MAX_HINT ? length : MAX_HINT;
}

Value vm_return_this(Isolate *iso, const NativeCall *call) {
  (void)iso;
  return call->this_value;
}

// get [Symbol.species], the same for all constructors.
const Builtin vm_species_getter[1] = {BUILTIN_GET("@@species", vm_return_this)};

typedef struct Filler {
  Object *object;
  Value adder;
  CollectionAdd add; // NULL: call the adder
  bool pairs;
} Filler;

static bool fill_one(Isolate *iso, const Filler *f, Value item) {
  Value arguments[2] = {item, item};
  if (f->pairs) {
    if (!value_is_object(item)) {
      vm_throw_type_value(iso, "Iterator value %s is not an entry object",
                          item);
      return false;
    }
    Object *pair = value_as_object(item);
    const Elements *e = pair->elements;
    if (f->add != NULL && object_kind(pair) == CELL_ARRAY &&
        elements_length(e) >= 2 && e->values[0] != VALUE_EMPTY &&
        e->values[1] != VALUE_EMPTY) {
      return f->add(iso, f->object, e->values[0], e->values[1]);
    }
    arguments[0] = vm_get(iso, pair, key_from_index(0));
    if (value_is_exception(arguments[0])) return false;
    arguments[1] = vm_get(iso, pair, key_from_index(1));
    if (value_is_exception(arguments[1])) return false;
  }
  if (likely(f->add != NULL)) {
    return f->add(iso, f->object, arguments[0], arguments[1]);
  }
  Value r = vm_call(iso, f->adder, value_from_cell(f->object), f->pairs ? 2 : 1,
                    arguments);
  return !value_is_exception(r);
}

// What an array iterator would do; the array may change meanwhile.
static bool fill_from_array(Isolate *iso, const Filler *f, Array *array) {
  for (uint32_t i = 0; i < array->length; i++) {
    const Elements *e = array->object.elements;
    Value item = i < elements_length(e) ? e->values[i] : VALUE_EMPTY;
    if (unlikely(item == VALUE_EMPTY)) {
      item = vm_get(iso, &array->object, key_from_index(i));
      if (value_is_exception(item)) return false;
    }
    if (!fill_one(iso, f, item) || !vm_poll(iso, 1)) return false;
  }
  return true;
}

bool vm_collection_fill(Isolate *iso, Object *o, Value iterable,
                        PropertyKey name, NativeCode fast, CollectionAdd add,
                        bool pairs) {
  if (value_is_nullish(iterable)) return true;
  Filler f = {o, vm_get(iso, o, name), NULL, pairs};
  if (value_is_exception(f.adder)) return false;
  if (!value_is_callable(f.adder)) {
    char text[96], key[32];
    vm_describe(iso, f.adder, text, sizeof text);
    vm_describe_key(iso, name, key, sizeof key);
    vm_throw_type(iso, "'%s' returned for property '%s' is not a function",
                  text, key);
    return false;
  }
  if (value_is_kind(f.adder, CELL_NATIVE_FUNCTION) &&
      ((NativeFunction *)value_as_cell(f.adder))->code == fast) {
    f.add = add;
  }
  if (f.add != NULL && vm_array_iterates_plainly(iso, iterable)) {
    return fill_from_array(iso, &f, (Array *)value_as_object(iterable));
  }
  IteratorRecord it;
  if (!vm_get_iterator(iso, iterable, &it)) return false;
  for (;;) {
    Value item;
    Tri more = vm_iterator_step(iso, &it, &item);
    if (more != 1) return more == 0;
    if (!fill_one(iso, &f, item) || !vm_poll(iso, 1)) {
      vm_iterator_close(iso, &it);
      return false;
    }
  }
}

// Iterators ------------------------------------------------------------------

Value vm_collection_iterator(Isolate *iso, MapObject *map, IterationKind kind) {
  bool of_map = object_kind(&map->object) == CELL_MAP;
  IteratorObject *it = vm_iterator_object_new(
      iso,
      iso->realm->intrinsics[of_map ? INTRINSIC_MapIteratorPrototype
                                    : INTRINSIC_SetIteratorPrototype],
      of_map ? ITERATOR_MAP : ITERATOR_SET, kind, value_from_cell(map));
  it->extra = value_from_cell(map->table);
  return value_from_cell(it);
}

Value vm_collection_iterator_step(Isolate *iso, IteratorObject *it) {
  if (it->target == VALUE_UNDEFINED) return VALUE_EMPTY;
  HashTable *table = (HashTable *)value_as_cell(it->extra);
  uint32_t index = (uint32_t)it->index;
  HashEntry *e = vm_hash_table_next(&table, &index);
  if (value_from_cell(table) != it->extra) {
    gc_store_word(iso->heap, &it->extra, value_from_cell(table));
  }
  it->index = index;
  if (e == NULL) {
    gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
    gc_store_word(iso->heap, &it->extra, VALUE_UNDEFINED);
    return VALUE_EMPTY;
  }
  bool of_map = it->family == ITERATOR_MAP;
  switch ((IterationKind)it->kind) {
  case ITERATE_KEYS:
    return e->key;
  case ITERATE_VALUES:
    return of_map ? e->value : e->key;
  default: {
    Array *pair =
        vm_array_from(iso, (Value[]){e->key, of_map ? e->value : e->key}, 2);
    return pair ? value_from_cell(pair) : VALUE_EXCEPTION;
  }
  }
}

Value vm_collection_iterator_next(Isolate *iso, const NativeCall *call) {
  bool of_map = native_magic(call) != 0;
  IteratorObject *it = value_is_kind(call->this_value, CELL_ITERATOR)
                           ? (IteratorObject *)value_as_cell(call->this_value)
                           : NULL;
  if (it == NULL || it->family != (of_map ? ITERATOR_MAP : ITERATOR_SET)) {
    char text[96];
    vm_describe(iso, call->this_value, text, sizeof text);
    return vm_throw_type(
        iso,
        "Method %s Iterator.prototype.next called on incompatible "
        "receiver %s",
        of_map ? "Map" : "Set", text);
  }
  Value v = vm_collection_iterator_step(iso, it);
  if (value_is_exception(v)) return v;
  if (v == VALUE_EMPTY) return vm_iterator_result(iso, VALUE_UNDEFINED, true);
  return vm_iterator_result(iso, v, false);
}

void vm_define_collection_iterator(Isolate *iso, Object *prototype,
                                   bool of_map) {
  static const Builtin rows[2][2] = {
      {
          BUILTIN_MAGIC("next", vm_collection_iterator_next, 0, false),
          BUILTIN_TAG("Set Iterator"),
      },
      {
          BUILTIN_MAGIC("next", vm_collection_iterator_next, 0, true),
          BUILTIN_TAG("Map Iterator"),
      },
  };
  VM_DEFINE_BUILTINS(iso, prototype, rows[of_map]);
}
