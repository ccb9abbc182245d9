// SPDX-License-Identifier: MIT
// Global variables: the caches of their accesses, and
// GlobalDeclarationInstantiation (ECMA-262 16.1.7, 9.1.1.4).
//
// A cache holds the object that has the binding (realm->lexicals or the global
// object), its shape, and realm->global_epoch: declaring a lexical name, which
// may hide a global property, starts a new epoch. `misses` of the entry says
// that the binding is writable.
#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/counters.h"
#include "vm/interpreter/dynamic_names.h"
#include "vm/interpreter/run.h"

Value vm_throw_not_initialized(Isolate *iso, PropertyKey key) {
  if (key == KEY(this_))
    return vm_throw_reference(
        iso,
        "Must call super constructor in derived class before accessing "
        "'this' or returning from derived constructor");
  char text[128];
  vm_describe_key(iso, key, text, sizeof text);
  return vm_throw_reference(iso, "Cannot access '%s' before initialization",
                            text);
}

static Value throw_not_defined(Isolate *iso, PropertyKey key) {
  String *name = vm_key_to_string(iso, key);
  if (name == NULL) return VALUE_EXCEPTION;
  char *text = vm_string_to_utf8(iso, name, NULL);
  vm_throw_reference(iso, "%s is not defined", text != NULL ? text : "name");
  free(text);
  return VALUE_EXCEPTION;
}

// Builtin modules have the host's globals also where the script has not.
static Value builtin_global(Isolate *iso, const Code *code, PropertyKey key) {
  if (iso->hooks == NULL || iso->hooks->builtin_global == NULL ||
      key_is_index(key) || !vm_is_builtin_code(iso, code))
    return VALUE_EMPTY;
  return iso->hooks->builtin_global(iso->host, iso, vm_key_to_value(iso, key));
}

static void fill(Isolate *iso, Realm *realm, InlineCache *ic, Object *holder,
                 const PropertySlot *slot) {
  Shape *shape = holder->shape;
  if (shape->cell.flags & SHAPE_UNIQUE) shape->cell.flags |= SHAPE_WATCHED;
  bool is_inline = slot->slot < shape->inline_capacity;
  CacheEntry entry = {
      .shape = shape,
      .holder = holder,
      .validity = iso->always_valid,
      .offset =
          (uint32_t)(is_inline ? offsetof(Object, inline_slots) +
                                     slot->slot * sizeof(Value)
                               : offsetof(Slots, values) +
                                     (slot->slot - shape->inline_capacity) *
                                         sizeof(Value)),
      .kind = is_inline ? IC_GLOBAL_INLINE : IC_GLOBAL_SLOTS,
      .misses = (slot->attributes & PROPERTY_WRITABLE) != 0,
  };
  vm_cache_entry_set(iso->heap, &ic->first, &entry);
  gc_publish(&ic->epoch, realm->global_epoch);
}

static bool is_cacheable(Object *global, PropertyKey key, PropertySlot *slot,
                         Isolate *iso) {
  return !key_is_index(key) && !(global->cell.flags & OBJECT_EXOTIC) &&
         vm_shape_lookup(iso, global->shape, key, slot) &&
         !(slot->attributes & PROPERTY_ACCESSOR);
}

Value vm_cached_get_global(Isolate *iso, Code *code, InlineCache *ic,
                           bool missing_is_undefined) {
  count_cache_miss(iso, ic);
  Realm *realm = code->realm;
  PropertySlot slot;
  if (vm_shape_lookup(iso, realm->lexicals->shape, ic->key, &slot)) {
    Value v = *object_slot(realm->lexicals, slot.slot);
    if (v == VALUE_EMPTY) return vm_throw_not_initialized(iso, ic->key);
    fill(iso, realm, ic, realm->lexicals, &slot);
    return v;
  }
  Object *global = realm->global;
  if (is_cacheable(global, ic->key, &slot, iso)) {
    fill(iso, realm, ic, global, &slot);
    return *object_slot(global, slot.slot);
  }
  Tri has = vm_has(iso, global, ic->key);
  if (has < 0) return VALUE_EXCEPTION;
  if (has) return vm_get(iso, global, ic->key);
  Value own = builtin_global(iso, code, ic->key);
  if (own != VALUE_EMPTY) return own;
  return missing_is_undefined ? VALUE_UNDEFINED
                              : throw_not_defined(iso, ic->key);
}

bool vm_cached_set_global(Isolate *iso, Code *code, InlineCache *ic,
                          Value value, bool strict) {
  count_cache_miss(iso, ic);
  Realm *realm = code->realm;
  PropertySlot slot;
  if (vm_shape_lookup(iso, realm->lexicals->shape, ic->key, &slot)) {
    Value *place = object_slot(realm->lexicals, slot.slot);
    if (*place == VALUE_EMPTY) {
      vm_throw_not_initialized(iso, ic->key);
      return false;
    }
    if (!(slot.attributes & PROPERTY_WRITABLE)) {
      vm_throw_type(iso, "Assignment to constant variable.");
      return false;
    }
    fill(iso, realm, ic, realm->lexicals, &slot);
    gc_store_word(iso->heap, place, value);
    return true;
  }
  Object *global = realm->global;
  if (is_cacheable(global, ic->key, &slot, iso) &&
      (slot.attributes & PROPERTY_WRITABLE)) {
    fill(iso, realm, ic, global, &slot);
    gc_store_word(iso->heap, object_slot(global, slot.slot), value);
    return true;
  }
  if (strict) {
    Tri has = vm_has(iso, global, ic->key);
    if (has < 0) return false;
    if (!has) {
      throw_not_defined(iso, ic->key);
      return false;
    }
  }
  return vm_set(iso, global, ic->key, value, strict);
}

static Value throw_redeclared(Isolate *iso, PropertyKey key) {
  char text[128];
  vm_describe_key(iso, key, text, sizeof text);
  return vm_throw_syntax(iso, "Identifier '%s' has already been declared",
                         text);
}

// CanDeclareGlobalVar, CanDeclareGlobalFunction (9.1.1.4.15, 16).
static Tri can_declare(Isolate *iso, PropertyKey key, bool is_function) {
  Object *global = iso->realm->global;
  PropertyDescriptor d;
  Tri has = vm_get_own_property(iso, global, key, &d);
  if (has < 0) return has;
  if (!has) return vm_is_extensible(iso, global);
  if (!is_function || (d.attributes & PROPERTY_CONFIGURABLE)) return 1;
  return !descriptor_is_accessor(&d) &&
         (d.attributes & (PROPERTY_WRITABLE | PROPERTY_ENUMERABLE)) ==
             (PROPERTY_WRITABLE | PROPERTY_ENUMERABLE);
}

// CreateGlobalVarBinding (9.1.1.4.17)
static bool create_var(Isolate *iso, PropertyKey key, bool deletable) {
  Object *global = iso->realm->global;
  Tri has = vm_has_own(iso, global, key);
  if (has < 0) return false;
  if (has) return true;
  Tri extensible = vm_is_extensible(iso, global);
  if (extensible <= 0) return extensible == 0;
  PropertyDescriptor d = {
      .value = VALUE_UNDEFINED,
      .getter = VALUE_EMPTY,
      .setter = VALUE_EMPTY,
      .attributes = PROPERTY_WRITABLE | PROPERTY_ENUMERABLE |
                    (deletable ? PROPERTY_CONFIGURABLE : 0),
      .present = PROPERTY_DEFAULT,
  };
  return vm_define_own_or_throw(iso, global, key, &d);
}

static PropertyKey key_of_name(Isolate *iso, String *name) {
  PropertyKey key = key_from_atom(name);
  (void)iso;
  return name->index != STRING_NOT_INDEX ? key_from_index(name->index) : key;
}

bool vm_declare_global_names(Isolate *iso, const DeclaredName *names,
                             uint32_t count, bool deletable) {
  Realm *realm = iso->realm;
  PropertySlot slot;
  for (uint32_t i = 0; i < count; i++) {
    PropertyKey key = key_of_name(iso, names[i].name);
    bool lexical =
        names[i].kind == DECLARED_LET || names[i].kind == DECLARED_CONST;
    if (names[i].kind == DECLARED_ANNEXB_FUNCTION) continue;
    if (vm_shape_lookup(iso, realm->lexicals->shape, key, &slot)) {
      throw_redeclared(iso, key);
      return false;
    }
    if (lexical) { // HasRestrictedGlobalProperty
      PropertyDescriptor d;
      Tri has = vm_get_own_property(iso, realm->global, key, &d);
      if (has < 0) return false;
      if (has && !(d.attributes & PROPERTY_CONFIGURABLE)) {
        throw_redeclared(iso, key);
        return false;
      }
    }
  }
  for (int functions = 1; functions >= 0; functions--) {
    for (uint32_t i = 0; i < count; i++) {
      if (names[i].kind != (functions ? DECLARED_FUNCTION : DECLARED_VAR))
        continue;
      PropertyKey key = key_of_name(iso, names[i].name);
      Tri can = can_declare(iso, key, functions);
      if (can < 0) return false;
      if (!can) {
        vm_throw_type_key(iso, "Identifier '%s' has already been declared",
                          key);
        return false;
      }
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    PropertyKey key = key_of_name(iso, names[i].name);
    switch (names[i].kind) {
    case DECLARED_ANNEXB_FUNCTION: // B.3.2.2
      if (vm_shape_lookup(iso, realm->lexicals->shape, key, &slot)) break;
      {
        Tri can = can_declare(iso, key, true);
        if (can < 0) return false;
        if (can && !create_var(iso, key, deletable)) return false;
      }
      break;
    case DECLARED_LET:
    case DECLARED_CONST:
      vm_put(iso, realm->lexicals, key, VALUE_EMPTY,
             names[i].kind == DECLARED_LET
                 ? PROPERTY_WRITABLE | PROPERTY_CONFIGURABLE
                 : PROPERTY_CONFIGURABLE);
      realm->global_epoch++;
      break;
    case DECLARED_VAR:
      if (!create_var(iso, key, deletable)) return false;
      break;
    case DECLARED_FUNCTION:
      break; // by DEFINE_GLOBAL_FUNCTION, INIT_EVAL_VAR
    }
  }
  return true;
}

bool vm_declare_globals(Isolate *iso, const Record *record, bool repl) {
  if (repl) { // each line of a REPL may declare its names anew
    Realm *realm = iso->realm;
    for (uint32_t i = 0; i < record->declarations.count; i++) {
      PropertyKey key = key_of_name(iso, record->declarations.names[i].name);
      PropertySlot slot;
      if (!vm_shape_lookup(iso, realm->lexicals->shape, key, &slot)) continue;
      if (vm_delete(iso, realm->lexicals, key) < 0) return false;
      realm->global_epoch++;
    }
  }
  return vm_declare_global_names(iso, record->declarations.names,
                                 record->declarations.count, false);
}

// CreateGlobalFunctionBinding (9.1.1.4.18)
bool vm_define_global_function(Isolate *iso, PropertyKey key, Value value,
                               bool deletable) {
  Object *global = iso->realm->global;
  PropertyDescriptor current;
  Tri has = vm_get_own_property(iso, global, key, &current);
  if (has < 0) return false;
  PropertyDescriptor d = {
      .value = value, .getter = VALUE_EMPTY, .setter = VALUE_EMPTY};
  if (!has || (current.attributes & PROPERTY_CONFIGURABLE)) {
    d.attributes = PROPERTY_WRITABLE | PROPERTY_ENUMERABLE |
                   (deletable ? PROPERTY_CONFIGURABLE : 0);
    d.present = PROPERTY_DEFAULT;
  }
  return vm_define_own_or_throw(iso, global, key, &d) &&
         vm_set(iso, global, key, value, false);
}

void vm_init_global_lexical(Isolate *iso, PropertyKey key, Value value) {
  Object *lexicals = iso->realm->lexicals;
  PropertySlot slot;
  if (vm_shape_lookup(iso, lexicals->shape, key, &slot))
    gc_store_word(iso->heap, object_slot(lexicals, slot.slot), value);
}
