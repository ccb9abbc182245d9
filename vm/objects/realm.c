// SPDX-License-Identifier: MIT
// Realms: the first objects, from which vm/builtins/realm_setup.c goes on.
#include "vm/builtins/realm_setup.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

// %Function.prototype% is itself a function: it answers undefined.
static Value answer_undefined(Isolate *iso, const NativeCall *call) {
  return VALUE_UNDEFINED;
}

static void make_prototypes(Isolate *iso, Realm *realm) {
  Shape *root =
      vm_shape_root_with(iso, CELL_OBJECT, NULL, 0, SHAPE_IMMUTABLE_PROTOTYPE);
  Object *object_prototype = vm_object_from_shape(iso, root);
  vm_realm_set_intrinsic(realm, INTRINSIC_ObjectPrototype, object_prototype);
  gc_publish(&realm->object_shape,
             vm_shape_root(iso, CELL_OBJECT, object_prototype,
                           VM_DEFAULT_INLINE_CAPACITY));
  Shape *shape =
      vm_shape_add(iso, realm->object_shape, KEY(value), PROPERTY_DEFAULT);
  gc_publish(&realm->iterator_result_shape,
             vm_shape_add(iso, shape, KEY(done), PROPERTY_DEFAULT));

  gc_publish(&realm->function_shapes[FLAVOUR_NATIVE],
             vm_shape_root_with(iso, CELL_NATIVE_FUNCTION, object_prototype, 0,
                                SHAPE_LAZY));
  Object *function_prototype =
      &vm_native_new(iso, answer_undefined, NULL, 0, 0, false)->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_FunctionPrototype,
                         function_prototype);
  gc_store_pointer(iso->heap, &realm->function_shapes[FLAVOUR_NATIVE],
                   vm_shape_root_with(iso, CELL_NATIVE_FUNCTION,
                                      function_prototype, 0, SHAPE_LAZY));
  for (int i = FLAVOUR_NORMAL; i < FLAVOUR_NATIVE; i++) {
    gc_publish(&realm->function_shapes[i],
               vm_shape_root_with(iso, CELL_FUNCTION, function_prototype, 0,
                                  SHAPE_LAZY));
  }

  Array *array_prototype =
      vm_object_allocate(iso, CELL_ARRAY, sizeof(Array), object_prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_ArrayPrototype,
                         &array_prototype->object);
  gc_publish(&realm->array_shape,
             vm_shape_root(iso, CELL_ARRAY, &array_prototype->object, 0));
}

// Functions of the other flavours inherit from prototypes that builtins made.
static void refine_flavours(Isolate *iso, Realm *realm) {
  static const uint16_t prototypes[] = {
      [FLAVOUR_GENERATOR] = INTRINSIC_GeneratorFunctionPrototype,
      [FLAVOUR_ASYNC] = INTRINSIC_AsyncFunctionPrototype,
      [FLAVOUR_ASYNC_GENERATOR] = INTRINSIC_AsyncGeneratorFunctionPrototype,
  };
  for (int i = FLAVOUR_GENERATOR; i <= FLAVOUR_ASYNC_GENERATOR; i++) {
    Object *prototype = realm->intrinsics[prototypes[i]];
    if (prototype == NULL) continue;
    gc_store_pointer(
        iso->heap, &realm->function_shapes[i],
        vm_shape_root_with(iso, CELL_FUNCTION, prototype, 0, SHAPE_LAZY));
  }
}

// Of the language; hosts add a few.
enum { GLOBAL_PROPERTIES = 80 };

Realm *vm_realm_new(Isolate *iso) {
  Realm *realm = gc_allocate(iso->heap, sizeof(Realm), CELL_REALM);
  Realm *previous = iso->realm;
  realm->cell.flags = REALM_IN_SETUP;
  realm->isolate = iso;
  realm->host_defined = realm->template_objects = VALUE_UNDEFINED;
  realm->global_this = VALUE_UNDEFINED;
  iso->realm = realm;
  make_prototypes(iso, realm);
  Object *global = vm_object_from_shape(
      iso, vm_shape_root(iso, CELL_OBJECT,
                         realm->intrinsics[INTRINSIC_ObjectPrototype], 0));
  vm_object_make_unique(iso, global);
  vm_object_reserve_properties(iso, global, GLOBAL_PROPERTIES);
  gc_publish(&realm->global, global);
  gc_publish(&realm->global_this, value_from_cell(global));
  Object *lexicals =
      vm_object_from_shape(iso, vm_shape_root(iso, CELL_OBJECT, NULL, 0));
  vm_object_make_unique(iso, lexicals);
  gc_publish(&realm->lexicals, lexicals);
  vm_realm_setup(iso, realm);
  if (vm_has_exception(iso)) { // out of memory: it is half made
    if (previous != NULL) iso->realm = previous;
    return NULL;
  }
  refine_flavours(iso, realm);
  realm->cell.flags = 0;
  if (iso->out_of_memory_error == VALUE_UNDEFINED) {
    Object *error =
        vm_error_new(iso, ERROR_RANGE, vm_atom_from_c("Out of memory"));
    if (error != NULL) iso->out_of_memory_error = value_from_cell(error);
  }
  if (previous != NULL) iso->realm = previous;
  return vm_has_exception(iso) ? NULL : realm;
}
