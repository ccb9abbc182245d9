// SPDX-License-Identifier: MIT
// instanceof (ECMA-262 7.3.20, 13.10.2, 20.2.3.6).
//
// Functions share a few shapes, and hardly any has its own @@hasInstance. So
// the isolate remembers, by shape, that %Function.prototype%'s is the one and
// where the prototype property is.
#include "vm/objects/isolate.h"
#include "vm/objects/lookup.h"
#include "vm/objects/operations.h"
#include "vm/objects/proxy.h"

static inline struct InstanceOfEntry *entry_of(Isolate *iso, const Shape *s) {
  return &iso->instance_of[((uintptr_t)s >> 5) % INSTANCE_OF_ENTRIES];
}

static inline bool is_default(Value f) {
  return value_is_kind(f, CELL_NATIVE_FUNCTION) &&
         ((NativeFunction *)value_as_cell(f))->code == vm_function_has_instance;
}

// Remembers the function's shape, if what is to be remembered is so.
static void remember(Isolate *iso, Object *f) {
  LookupResult r;
  vm_lookup_for_cache(iso, value_from_cell(f), SYMBOL_KEY(hasInstance), &r);
  // The property is neither writable nor configurable: its value stays.
  if (r.kind != LOOKUP_PROTOTYPE ||
      (r.attributes & (PROPERTY_WRITABLE | PROPERTY_CONFIGURABLE)) ||
      !is_default(*lookup_slot_of(&r, r.holder))) {
    return;
  }
  ValidityCell *validity = r.validity;
  vm_lookup_for_cache(iso, value_from_cell(f), KEY(prototype), &r);
  if (r.kind != LOOKUP_OWN || r.is_inline) return;
  // The lookups watch a UNIQUE shape, so that its slot stays what it is.
  *entry_of(iso, r.shape) = (struct InstanceOfEntry){r.shape, validity, r.slot};
}

static inline bool has_own_get_prototype(const Object *o) {
  if (likely(!(o->cell.flags & OBJECT_EXOTIC))) return false;
  return vm_object_classes[object_kind(o)]->get_prototype != NULL;
}

// Is `p` in the prototype chain of `o`?
static Tri in_chain(Isolate *iso, Object *o, const Object *p) {
  for (;;) {
    if (unlikely(has_own_get_prototype(o))) {
      if (vm_get_prototype_of(iso, o, &o) == TRI_THREW) return TRI_THREW;
    } else {
      o = o->shape->prototype;
    }
    if (o == NULL) return 0;
    if (o == p) return 1;
  }
}

// ECMA-262 7.3.20
Tri vm_ordinary_has_instance(Isolate *iso, Value constructor, Value v) {
  if (!value_is_callable(constructor)) return 0;
  Object *c = value_as_object(constructor);
  if (object_kind(c) == CELL_BOUND_FUNCTION) {
    if (!vm_check_stack(iso)) return TRI_THREW;
    return vm_instance_of(iso, v,
                          value_from_cell(((BoundFunction *)c)->target));
  }
  if (!value_is_object(v)) return 0;
  Value p = vm_get(iso, c, KEY(prototype));
  if (value_is_exception(p)) return TRI_THREW;
  if (!value_is_object(p)) {
    char text[96];
    vm_describe(iso, p, text, sizeof text);
    vm_throw_type(iso,
                  "Function has non-object prototype '%s' in instanceof check",
                  text);
    return TRI_THREW;
  }
  return in_chain(iso, value_as_object(v), value_as_object(p));
}

// ECMA-262 13.10.2
Tri vm_instance_of(Isolate *iso, Value v, Value target) {
  if (likely(value_is_kind(target, CELL_FUNCTION))) {
    Object *f = value_as_object(target);
    const struct InstanceOfEntry *e = entry_of(iso, f->shape);
    if (likely(e->shape == f->shape && validity_holds(e->validity))) {
      if (!value_is_object(v)) return 0;
      Value p = f->slots->values[e->slot];
      if (likely(value_is_object(p))) {
        return in_chain(iso, value_as_object(v), value_as_object(p));
      }
    } else {
      remember(iso, f);
    }
  }
  if (!value_is_object(target)) {
    vm_throw_type(iso, "Right-hand side of 'instanceof' is not an object");
    return TRI_THREW;
  }
  Value f = vm_get_method(iso, target, SYMBOL_KEY(hasInstance));
  if (value_is_exception(f)) return TRI_THREW;
  if (f != VALUE_UNDEFINED) {
    // Nearly always %Function.prototype%[@@hasInstance]: not worth a call.
    if (is_default(f)) {
      return vm_ordinary_has_instance(iso, target, v);
    }
    Value r = vm_call(iso, f, target, 1, &v);
    return value_is_exception(r) ? TRI_THREW : vm_to_boolean(r);
  }
  if (!value_is_callable(target)) {
    vm_throw_type(iso, "Right-hand side of 'instanceof' is not callable");
    return TRI_THREW;
  }
  return vm_ordinary_has_instance(iso, target, v);
}

// Function.prototype[@@hasInstance], ECMA-262 20.2.3.6
Value vm_function_has_instance(Isolate *iso, const NativeCall *call) {
  Tri r =
      vm_ordinary_has_instance(iso, call->this_value, native_argument(call, 0));
  return r == TRI_THREW ? VALUE_EXCEPTION : value_from_bool(r);
}
