// SPDX-License-Identifier: MIT
// Module namespace exotic objects (ECMA-262 10.4.6), also deferred ones: using
// those evaluates their module first. Export names are found by binary search;
// bindings are live.
#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/module_namespace.h"

ModuleNamespace *vm_module_namespace_new(Isolate *iso, Module *module,
                                         CellList *names,
                                         BindingList *bindings) {
  ModuleNamespace *object = (ModuleNamespace *)vm_object_allocate(
      iso, CELL_MODULE_NAMESPACE, sizeof(ModuleNamespace), NULL);
  object->module = module;
  object->names = names;
  object->bindings = bindings;
  object->count = 0;
  object->is_deferred = names == NULL;
  vm_put(iso, &object->object, SYMBOL_KEY(toStringTag),
         value_from_cell(
             vm_atom_from_c(names == NULL ? "Deferred Module" : "Module")),
         0);
  // Private elements, too, ask whether the object is extensible.
  if (vm_ordinary_prevent_extensions(iso, &object->object) < 0) return NULL;
  object->object.cell.flags |= OBJECT_EXOTIC;
  return object;
}

void vm_module_namespace_sort(Isolate *iso, ModuleNamespace *object,
                              uint32_t count) {
  // Insertion sort: done once a module, names mostly few. No barrier: names are
  // atoms, which stay, and what bindings lead to its modules keep.
  for (uint32_t i = 1; i < count; i++) {
    Value name = object->names->words[i];
    ModuleBinding binding = object->bindings->bindings[i];
    uint32_t k = i;
    while (k > 0 &&
           vm_string_compare(iso, value_as_string(object->names->words[k - 1]),
                             value_as_string(name)) > 0) {
      gc_publish(&object->names->words[k], object->names->words[k - 1]);
      vm_module_binding_put(&object->bindings->bindings[k],
                            &object->bindings->bindings[k - 1]);
      k--;
    }
    gc_publish(&object->names->words[k], name);
    vm_module_binding_put(&object->bindings->bindings[k], &binding);
  }
  object->count = count;
}

// IsSymbolLikeNamespaceKey: such keys are properties of an ordinary object.
static bool is_symbol_like(Object *o, PropertyKey key) {
  return key_is_symbol(key) ||
         (((ModuleNamespace *)o)->is_deferred && key == KEY(then));
}

// GetModuleExportsList: the namespace that holds the lists; the module of a
// deferred one is evaluated first. NULL: threw.
static ModuleNamespace *exports_of(Isolate *iso, Object *o) {
  ModuleNamespace *object = (ModuleNamespace *)o;
  if (likely(!object->is_deferred)) return object;
  if (!vm_module_ensure_evaluated(iso, object->module)) return NULL;
  Value all = vm_module_namespace(iso, object->module);
  return value_is_exception(all) ? NULL : (ModuleNamespace *)value_as_cell(all);
}

static int32_t find(Isolate *iso, ModuleNamespace *object, PropertyKey key) {
  String *name = key_is_index(key) ? vm_key_to_string(iso, key)
                                   : (String *)value_as_cell(key);
  if (name == NULL) return -1;
  uint32_t low = 0, high = object->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    int order = vm_string_compare(
        iso, value_as_string(object->names->words[middle]), name);
    if (order == 0) return (int32_t)middle;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return -1;
}

static Value value_of(Isolate *iso, ModuleNamespace *object, uint32_t index) {
  ModuleBinding *binding = &object->bindings->bindings[index];
  Environment *environment = binding->environment;
  Value v = VALUE_EMPTY;
  if (environment == NULL) {
    if (value_is_kind(binding->name_space, CELL_MODULE)) {
      environment = ((Module *)value_as_cell(binding->name_space))->environment;
    } else {
      v = binding->name_space;
    }
  }
  if (environment != NULL) v = environment->slots[value_as_int(binding->slot)];
  if (v != VALUE_EMPTY) return v;
  return vm_throw_not_initialized(
      iso, key_from_atom(value_as_string(object->names->words[index])));
}

static Tri get_own(Isolate *iso, Object *o, PropertyKey key,
                   PropertyDescriptor *out) {
  if (is_symbol_like(o, key)) return vm_ordinary_get_own(iso, o, key, out);
  ModuleNamespace *exports = exports_of(iso, o);
  if (exports == NULL) return TRI_THREW;
  int32_t index = find(iso, exports, key);
  if (index < 0) return 0;
  Value v = value_of(iso, exports, (uint32_t)index);
  if (value_is_exception(v)) return TRI_THREW;
  *out = (PropertyDescriptor){v, VALUE_EMPTY, VALUE_EMPTY,
                              PROPERTY_WRITABLE | PROPERTY_ENUMERABLE,
                              PROPERTY_DEFAULT};
  return 1;
}

static Tri define_own(Isolate *iso, Object *o, PropertyKey key,
                      const PropertyDescriptor *d) {
  PropertyDescriptor current;
  Tri has = get_own(iso, o, key, &current);
  if (has <= 0) return has; // never extensible
  if (is_symbol_like(o, key)) return vm_ordinary_define_own(iso, o, key, d);
  if (descriptor_is_accessor(d)) return 0;
  if ((d->present & PROPERTY_CONFIGURABLE) &&
      (d->attributes & PROPERTY_CONFIGURABLE))
    return 0;
  if ((d->present & PROPERTY_ENUMERABLE) &&
      !(d->attributes & PROPERTY_ENUMERABLE))
    return 0;
  if ((d->present & PROPERTY_WRITABLE) && !(d->attributes & PROPERTY_WRITABLE))
    return 0;
  return d->value == VALUE_EMPTY || vm_same_value(iso, d->value, current.value);
}

static Tri has(Isolate *iso, Object *o, PropertyKey key) {
  if (is_symbol_like(o, key)) return vm_ordinary_has(iso, o, key);
  ModuleNamespace *exports = exports_of(iso, o);
  return exports == NULL ? TRI_THREW : find(iso, exports, key) >= 0;
}

static Value get(Isolate *iso, Object *o, PropertyKey key, Value receiver) {
  if (is_symbol_like(o, key)) return vm_ordinary_get(iso, o, key, receiver);
  ModuleNamespace *exports = exports_of(iso, o);
  if (exports == NULL) return VALUE_EXCEPTION;
  int32_t index = find(iso, exports, key);
  return index < 0 ? VALUE_UNDEFINED : value_of(iso, exports, (uint32_t)index);
}

static Tri set(Isolate *iso, Object *o, PropertyKey key, Value v,
               Value receiver) {
  (void)iso, (void)o, (void)key, (void)v, (void)receiver;
  return 0;
}

static Tri delete_own(Isolate *iso, Object *o, PropertyKey key) {
  if (is_symbol_like(o, key)) return vm_ordinary_delete(iso, o, key);
  ModuleNamespace *exports = exports_of(iso, o);
  return exports == NULL ? TRI_THREW : find(iso, exports, key) < 0;
}

static bool own_keys(Isolate *iso, Object *o, KeyList *out) {
  ModuleNamespace *object = exports_of(iso, o);
  if (object == NULL) return false;
  for (uint32_t i = 0; i < object->count; i++) {
    PropertyKey key;
    if (!vm_string_to_key(iso, value_as_string(object->names->words[i]),
                          &key) ||
        !vm_key_list_add(iso, out, key))
      return false;
  }
  return vm_ordinary_own_keys(iso, o, out);
}

static Tri get_prototype(Isolate *iso, Object *o, Object **out) {
  (void)iso, (void)o;
  *out = NULL;
  return 1;
}
static Tri set_prototype(Isolate *iso, Object *o, Object *prototype) {
  (void)iso, (void)o;
  return prototype == NULL;
}
static Tri is_extensible(Isolate *iso, Object *o) {
  (void)iso, (void)o;
  return 0;
}
static Tri prevent_extensions(Isolate *iso, Object *o) {
  (void)iso, (void)o;
  return 1;
}

extern const ObjectClass vm_class_module_namespace;
const ObjectClass vm_class_module_namespace = {
    .name = "Module",
    .get_own = get_own,
    .define_own = define_own,
    .has = has,
    .get = get,
    .set = set,
    .delete_own = delete_own,
    .own_keys = own_keys,
    .get_prototype = get_prototype,
    .set_prototype = set_prototype,
    .is_extensible = is_extensible,
    .prevent_extensions = prevent_extensions,
};
