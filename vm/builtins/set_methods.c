// SPDX-License-Identifier: MIT
// Methods of Set that take another set-like (ECMA-262 24.2.4.5 ff.): union,
// intersection, difference, symmetricDifference, isSubsetOf, isSupersetOf,
// isDisjointFrom.
#include "vm/builtins/collections.h"
#include "vm/objects/charge.h"

// A Set Record (24.2.1.1).
typedef struct SetRecord {
  Value object, has, keys;
  double size;
} SetRecord;

typedef enum {
  SET_UNION,
  SET_INTERSECTION,
  SET_DIFFERENCE,
  SET_SYMMETRIC_DIFFERENCE,
  SET_IS_SUBSET,
  SET_IS_SUPERSET,
  SET_IS_DISJOINT,
} SetMethod;

// ECMA-262 24.2.1.2 GetSetRecord
static bool get_record(Isolate *iso, Value v, SetRecord *out) {
  if (!value_is_object(v)) {
    vm_throw_type_value(iso, "%s is not an object", v);
    return false;
  }
  Object *o = value_as_object(v);
  Value size = vm_get(iso, o, KEY(size));
  double number;
  if (value_is_exception(size) || !vm_to_double(iso, size, &number)) {
    return false;
  }
  if (isnan(number)) {
    vm_throw_type_value(iso,
                        "The 'size' property of a set-like is not a "
                        "number: %s",
                        size);
    return false;
  }
  number = trunc(number);
  if (number < 0) {
    vm_throw_range(iso, "'%g' is an invalid size", number);
    return false;
  }
  out->object = v;
  out->size = number;
  out->has = vm_get(iso, o, KEY(has));
  if (value_is_exception(out->has)) return false;
  if (!value_is_callable(out->has)) {
    vm_throw_type(iso, "The 'has' property of a set-like must be a function");
    return false;
  }
  out->keys = vm_get(iso, o, KEY(keys));
  if (value_is_exception(out->keys)) return false;
  if (!value_is_callable(out->keys)) {
    vm_throw_type(iso, "The 'keys' property of a set-like must be a function");
    return false;
  }
  return true;
}

static Tri record_has(Isolate *iso, const SetRecord *r, Value key) {
  Value v = vm_call(iso, r->has, r->object, 1, &key);
  return value_is_exception(v) ? TRI_THREW : vm_to_boolean(v);
}

// ECMA-262 7.4.4 GetIteratorDirect of the keys.
static bool record_keys(Isolate *iso, const SetRecord *r, IteratorRecord *it) {
  Value iterator = vm_call(iso, r->keys, r->object, 0, NULL);
  if (value_is_exception(iterator)) return false;
  if (!value_is_object(iterator)) {
    vm_throw_type_value(iso, "%s is not an object", iterator);
    return false;
  }
  Value next = vm_get(iso, value_as_object(iterator), KEY(next));
  if (value_is_exception(next)) return false;
  *it = (IteratorRecord){iterator, next, false};
  return true;
}

static MapObject *new_set(Isolate *iso, uint32_t capacity) {
  MapObject *s = vm_object_allocate(iso, CELL_SET, sizeof(MapObject),
                                    INTRINSIC_OBJECT(iso, SetPrototype));
  gc_publish(&s->table, vm_hash_table_new(iso, capacity));
  return s->table ? s : NULL;
}

static bool add(Isolate *iso, MapObject *s, Value key) {
  return vm_hash_table_set(iso, &s->table, key, VALUE_TRUE);
}

static bool has(Isolate *iso, const MapObject *s, Value key) {
  return vm_hash_table_find(iso, s->table, key) != NULL;
}

static MapObject *copy_of(Isolate *iso, const MapObject *from) {
  uint32_t live = vm_hash_table_live(from->table);
  if (!vm_charge(iso, (size_t)live * 16)) return NULL;
  MapObject *s = new_set(iso, live);
  if (s == NULL) return NULL;
  HashTable *table = from->table;
  uint32_t index = 0;
  for (const HashEntry *e; (e = vm_hash_table_next(&table, &index)) != NULL;) {
    if (!add(iso, s, e->key)) return NULL;
  }
  return s;
}

static double size_of(const MapObject *s) {
  return vm_hash_table_live(s->table);
}

// Calls `visit` for every key that the other set's iterator gives. A visit
// answers 1 to go on, 0 to stop (which closes the iterator), or TRI_THREW.
typedef Tri (*Visit)(Isolate *, MapObject *self, MapObject *result, Value key);
static bool for_other_keys(Isolate *iso, IteratorRecord *it, Visit visit,
                           MapObject *self, MapObject *result, Tri *answer) {
  for (;;) {
    Value key;
    Tri more = vm_iterator_step(iso, it, &key);
    if (more == TRI_THREW) return false;
    if (!more) return true;
    Tri go_on = visit(iso, self, result, key);
    if (go_on == TRI_THREW) return false;
    if (go_on == 0) {
      *answer = 0;
      return vm_iterator_close(iso, it);
    }
  }
}

static Tri visit_add(Isolate *iso, MapObject *self, MapObject *result,
                     Value key) {
  return add(iso, result, key) ? 1 : TRI_THREW;
}

static Tri visit_add_common(Isolate *iso, MapObject *self, MapObject *result,
                            Value key) {
  if (!has(iso, self, key)) return 1;
  return add(iso, result, key) ? 1 : TRI_THREW;
}

static Tri visit_remove(Isolate *iso, MapObject *self, MapObject *result,
                        Value key) {
  vm_hash_table_delete(iso, &result->table, key);
  return 1;
}

// 24.2.4.15: what is in both goes, looking at both the receiver (which script
// code may change meanwhile) and the result.
static Tri visit_toggle(Isolate *iso, MapObject *self, MapObject *result,
                        Value key) {
  if (has(iso, self, key)) {
    vm_hash_table_delete(iso, &result->table, key);
    return 1;
  }
  return add(iso, result, key) ? 1 : TRI_THREW;
}

static Tri visit_must_have(Isolate *iso, MapObject *self, MapObject *result,
                           Value key) {
  return has(iso, self, key);
}

static Tri visit_must_lack(Isolate *iso, MapObject *self, MapObject *result,
                           Value key) {
  return !has(iso, self, key);
}

// Goes over the receiver's own keys, asking the other for each. `wanted`: what
// the other has to say for the key to be kept; with no result set, anything
// else ends the loop with *answer 0.
static bool for_own_keys(Isolate *iso, MapObject *self, const SetRecord *other,
                         MapObject *result, Tri wanted, Tri *answer) {
  HashTable *table = self->table;
  uint32_t index = 0;
  for (const HashEntry *e; (e = vm_hash_table_next(&table, &index)) != NULL;) {
    Value key = e->key;
    Tri there = record_has(iso, other, key);
    if (there == TRI_THREW) return false;
    if (result == NULL) {
      if (there == wanted) continue;
      *answer = 0;
      return true;
    }
    if (wanted) {
      if (there && !add(iso, result, key)) return false;
    } else if (there) {
      vm_hash_table_delete(iso, &result->table, key);
    }
  }
  return true;
}

static Value combine(Isolate *iso, MapObject *self, const SetRecord *other,
                     SetMethod method) {
  bool own = (method == SET_INTERSECTION || method == SET_DIFFERENCE) &&
             size_of(self) <= other->size;
  MapObject *result = NULL;
  // Getting the other's iterator may change the receiver: difference copies it
  // before, union and symmetricDifference after.
  if (method == SET_DIFFERENCE) result = copy_of(iso, self);
  if (method == SET_INTERSECTION) result = new_set(iso, 4);
  if ((method == SET_DIFFERENCE || method == SET_INTERSECTION) &&
      result == NULL) {
    return VALUE_EXCEPTION;
  }
  Tri unused;
  if (own) {
    return for_own_keys(iso, self, other, result, method == SET_INTERSECTION,
                        &unused)
               ? value_from_cell(result)
               : VALUE_EXCEPTION;
  }
  IteratorRecord it;
  if (!record_keys(iso, other, &it)) return VALUE_EXCEPTION;
  if (result == NULL) result = copy_of(iso, self);
  if (result == NULL) return VALUE_EXCEPTION;
  static const Visit visits[] = {
      [SET_UNION] = visit_add,
      [SET_INTERSECTION] = visit_add_common,
      [SET_DIFFERENCE] = visit_remove,
      [SET_SYMMETRIC_DIFFERENCE] = visit_toggle,
  };
  return for_other_keys(iso, &it, visits[method], self, result, &unused)
             ? value_from_cell(result)
             : VALUE_EXCEPTION;
}

static Value compare(Isolate *iso, MapObject *self, const SetRecord *other,
                     SetMethod method) {
  Tri answer = 1;
  if (method == SET_IS_SUBSET && size_of(self) > other->size) {
    return VALUE_FALSE;
  }
  if (method == SET_IS_SUPERSET && size_of(self) < other->size) {
    return VALUE_FALSE;
  }
  bool own = method == SET_IS_SUBSET ||
             (method == SET_IS_DISJOINT && size_of(self) <= other->size);
  if (own) {
    return for_own_keys(iso, self, other, NULL, method == SET_IS_SUBSET,
                        &answer)
               ? value_from_bool(answer)
               : VALUE_EXCEPTION;
  }
  IteratorRecord it;
  if (!record_keys(iso, other, &it)) return VALUE_EXCEPTION;
  Visit visit = method == SET_IS_SUPERSET ? visit_must_have : visit_must_lack;
  return for_other_keys(iso, &it, visit, self, NULL, &answer)
             ? value_from_bool(answer)
             : VALUE_EXCEPTION;
}

static Value set_method(Isolate *iso, const NativeCall *call) {
  SetMethod method = (SetMethod)native_magic(call);
  MapObject *self = vm_collection_receiver(iso, call, CELL_SET, "Set");
  SetRecord other;
  if (self == NULL || !get_record(iso, native_argument(call, 0), &other)) {
    return VALUE_EXCEPTION;
  }
  return method <= SET_SYMMETRIC_DIFFERENCE
             ? combine(iso, self, &other, method)
             : compare(iso, self, &other, method);
}

static const Builtin set_methods[] = {
    BUILTIN_MAGIC("difference", set_method, 1, SET_DIFFERENCE),
    BUILTIN_MAGIC("intersection", set_method, 1, SET_INTERSECTION),
    BUILTIN_MAGIC("isDisjointFrom", set_method, 1, SET_IS_DISJOINT),
    BUILTIN_MAGIC("isSubsetOf", set_method, 1, SET_IS_SUBSET),
    BUILTIN_MAGIC("isSupersetOf", set_method, 1, SET_IS_SUPERSET),
    BUILTIN_MAGIC("symmetricDifference", set_method, 1,
                  SET_SYMMETRIC_DIFFERENCE),
    BUILTIN_MAGIC("union", set_method, 1, SET_UNION),
};

void vm_define_set_methods(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, set_methods);
}
