// SPDX-License-Identifier: MIT
// The TypedArray constructors, ECMA-262 23.2.1, 23.2.5 to 23.2.7.
#include "vm/builtins/typed_array.h"

#include "vm/builtins/builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/objects/operations.h"

#define ELEMENT_TYPE(name, constructor, size, type)                            \
  [ELEMENT_##name] = INTRINSIC_##constructor,
const uint16_t vm_typed_array_constructors[ELEMENT_KIND_COUNT] = {
    VM_ELEMENT_TYPES(ELEMENT_TYPE)};
#undef ELEMENT_TYPE
#define ELEMENT_TYPE(name, constructor, size, type)                            \
  [ELEMENT_##name] = INTRINSIC_##constructor##Prototype,
static const uint16_t prototypes[ELEMENT_KIND_COUNT] = {
    VM_ELEMENT_TYPES(ELEMENT_TYPE)};
#undef ELEMENT_TYPE
#define ELEMENT_TYPE(name, constructor, size, type)                            \
  [ELEMENT_##name] = #constructor,
const char *const vm_typed_array_names[ELEMENT_KIND_COUNT] = {
    VM_ELEMENT_TYPES(ELEMENT_TYPE)};
#undef ELEMENT_TYPE

void vm_elements_convert(Isolate *iso, ElementKind to_kind, uint8_t *to,
                         ElementKind from_kind, const uint8_t *from,
                         size_t count) {
  unsigned to_shift = vm_element_shifts[to_kind];
  if (to_kind == from_kind ||
      (to_shift == vm_element_shifts[from_kind] && to_kind < ELEMENT_FLOAT32 &&
       from_kind < ELEMENT_FLOAT32 && to_kind != ELEMENT_UINT8_CLAMPED) ||
      element_is_bigint(to_kind)) {
    // The bits are the same whatever the sign.
    memmove(to, from, count << to_shift);
    return;
  }
  unsigned from_shift = vm_element_shifts[from_kind];
  for (size_t i = 0; i < count; i++) {
    // No BigInts here: nothing is allocated, nothing throws.
    Value v = vm_element_load(iso, from_kind, from + (i << from_shift));
    vm_element_store(to_kind, to + (i << to_shift), v);
  }
}

// Gives `t` a new buffer of `length` elements. False: threw.
static bool allocate(Isolate *iso, TypedArray *t, ElementKind kind,
                     double length) {
  if (length > (double)(BUFFER_MAX_BYTES >> vm_element_shifts[kind])) {
    vm_throw_range(iso, "Invalid typed array length: %.0f", length);
    return false;
  }
  size_t count = (size_t)length;
  ArrayBuffer *b = vm_array_buffer_new(iso, count << vm_element_shifts[kind]);
  if (b == NULL) return false;
  vm_typed_array_attach(iso, t, kind, b, 0, count, false);
  return true;
}

static bool throw_mixed(Isolate *iso) {
  vm_throw_type(iso,
                "Cannot mix BigInt and other types, use explicit "
                "conversions");
  return false;
}

// 23.2.5.1.2 InitializeTypedArrayFromTypedArray
static bool init_from_typed_array(Isolate *iso, TypedArray *t, ElementKind kind,
                                  TypedArray *source) {
  if (vm_typed_array_is_out_of_bounds(source)) {
    vm_throw_type(iso,
                  "Cannot construct from a detached or out of bounds "
                  "typed array");
    return false;
  }
  size_t length = source->length;
  if (!allocate(iso, t, kind, (double)length)) return false;
  ElementKind from = typed_array_kind(source);
  if (element_is_bigint(kind) != element_is_bigint(from))
    return throw_mixed(iso);
  if (length > 0)
    vm_elements_convert(iso, kind, t->data, from, source->data, length);
  return true;
}

// 23.2.5.1.3 InitializeTypedArrayFromArrayBuffer
static bool init_from_buffer(Isolate *iso, TypedArray *t, ElementKind kind,
                             ArrayBuffer *b, Value offset_value,
                             Value length_value) {
  size_t size = (size_t)1 << vm_element_shifts[kind];
  const char *name = vm_typed_array_names[kind];
  double offset, length = 0;
  if (!vm_to_index(iso, offset_value, &offset)) return false;
  if (((uint64_t)offset & (size - 1)) != 0) {
    vm_throw_range(iso, "start offset of %s should be a multiple of %zu", name,
                   size);
    return false;
  }
  bool has_length = !value_is_undefined(length_value);
  if (has_length && !vm_to_index(iso, length_value, &length)) return false;
  if (buffer_is_detached(b)) {
    vm_throw_type(iso, "Cannot perform Construct on a detached ArrayBuffer");
    return false;
  }
  double bytes = (double)buffer_length(b);
  bool tracks = false;
  if (has_length) {
    if (offset + length * (double)size > bytes) {
      vm_throw_range(iso, "Invalid typed array length: %.0f", length);
      return false;
    }
  } else if (buffer_is_resizable(b)) {
    if (offset > bytes) {
      vm_throw_range(iso,
                     "Start offset %.0f is outside the bounds of the "
                     "buffer",
                     offset);
      return false;
    }
    tracks = true;
  } else {
    if (((uint64_t)bytes & (size - 1)) != 0) {
      vm_throw_range(iso, "byte length of %s should be a multiple of %zu", name,
                     size);
      return false;
    }
    if (offset > bytes) {
      vm_throw_range(iso,
                     "Start offset %.0f is outside the bounds of the "
                     "buffer",
                     offset);
      return false;
    }
    length = (bytes - offset) / (double)size;
  }
  vm_typed_array_attach(iso, t, kind, b, (size_t)offset, (size_t)length,
                        tracks);
  return true;
}

// target[k] = source[k] for each index.
static bool store_values(Isolate *iso, TypedArray *t, ElementKind kind,
                         Object *source, double length) {
  for (double k = 0; k < length; k++) {
    Value v = VALUE_EMPTY;
    uint32_t index = (uint32_t)k;
    if ((index & 1023) == 1023 && !vm_poll(iso, 1024)) return false;
    if (index < elements_length(source->elements) &&
        source->elements->cell.kind == CELL_ELEMENTS)
      v = source->elements->values[index];
    if (likely(value_is_number(v)) && index < t->length &&
        !element_is_bigint(kind)) {
      vm_element_store(kind,
                       t->data + ((size_t)index << vm_element_shifts[kind]), v);
      continue;
    }
    v = vm_get_element(iso, value_from_cell(source), value_from_number(k));
    if (value_is_exception(v) || !vm_typed_array_set(iso, t, k, v))
      return false;
  }
  return true;
}

Value vm_intrinsic_typed_array_store_all(Isolate *iso, const NativeCall *call) {
  TypedArray *t = (TypedArray *)value_as_cell(call->argv[0]);
  return store_values(iso, t, typed_array_kind(t),
                      value_as_object(call->argv[1]),
                      value_as_number(call->argv[2]))
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}

// 23.2.5.1.4 and 23.2.5.1.5: from a dense list, or from anything with a length.
static bool init_from_values(Isolate *iso, TypedArray *t, ElementKind kind,
                             Object *source) {
  double length;
  return vm_length_of_array_like(iso, source, &length) &&
         allocate(iso, t, kind, length) &&
         store_values(iso, t, kind, source, length);
}
static Value list_of_iterable(Isolate *iso, Value items, Value method) {
  Array *list = vm_array_new(iso, 0);
  bool done = vm_array_iterates_plainly(iso, items)
                  ? vm_array_spread(iso, list, items)
                  : vm_array_spread_from_method(iso, list, items, method);
  return done ? value_from_cell(list) : VALUE_EXCEPTION;
}

// An Array that is as good as the list of what it gives: no script runs while
// numbers are converted, to change it.
static bool is_list_of_numbers(Isolate *iso, Object *o) {
  if (!vm_array_iterates_plainly(iso, value_from_cell(o))) return false;
  const Elements *e = o->elements;
  uint32_t length = ((const Array *)o)->length;
  if (elements_length(e) != length) return false;
  for (uint32_t i = 0; i < length; i++)
    if (!value_is_number(e->values[i])) return false;
  return true;
}

Value vm_intrinsic_iterable_to_list(Isolate *iso, const NativeCall *call) {
  return list_of_iterable(iso, native_argument(call, 0),
                          native_argument(call, 1));
}

static bool init_from_object(Isolate *iso, TypedArray *t, ElementKind kind,
                             Object *source) {
  Value method =
      vm_get_method(iso, value_from_cell(source), SYMBOL_KEY(iterator));
  if (value_is_exception(method)) return false;
  if (!value_is_undefined(method) && !is_list_of_numbers(iso, source)) {
    Value list = list_of_iterable(iso, value_from_cell(source), method);
    if (value_is_exception(list)) return false;
    source = value_as_object(list);
  }
  return init_from_values(iso, t, kind, source);
}

// 23.2.5.1 TypedArray ( ...args ); magic: the ElementKind.
static Value typed_array_constructor(Isolate *iso, const NativeCall *call) {
  ElementKind kind = (ElementKind)native_magic(call);
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Constructor %s requires 'new'",
                         vm_typed_array_names[kind]);
  Value first = native_argument(call, 0);
  double length = 0;
  bool from_object = value_is_object(first);
  if (!from_object && !vm_to_index(iso, first, &length)) return VALUE_EXCEPTION;
  // The prototype of the intrinsic constructor cannot change.
  TypedArray *t =
      call->new_target == call->callee
          ? vm_object_allocate(iso, CELL_TYPED_ARRAY, sizeof *t,
                               iso->realm->intrinsics[prototypes[kind]])
          : vm_object_from_constructor(iso, call->new_target, prototypes[kind],
                                       CELL_TYPED_ARRAY, sizeof *t);
  if (t == NULL) return VALUE_EXCEPTION;
  bool done;
  if (!from_object)
    done = allocate(iso, t, kind, length);
  else if (value_is_typed_array(first))
    done =
        init_from_typed_array(iso, t, kind, (TypedArray *)value_as_cell(first));
  else if (value_is_any_buffer(first))
    done = init_from_buffer(iso, t, kind, (ArrayBuffer *)value_as_cell(first),
                            native_argument(call, 1), native_argument(call, 2));
  else
    done = init_from_object(iso, t, kind, value_as_object(first));
  return done ? value_from_cell(t) : VALUE_EXCEPTION;
}

// 23.2.1.1
static Value abstract_constructor(Isolate *iso, const NativeCall *call) {
  return vm_throw_type(iso,
                       "Abstract class TypedArray not directly "
                       "constructable");
}

static TypedArray *validate_created(Isolate *iso, Value made,
                                    const double *length) {
  size_t now;
  // Whoever asks for a length is going to fill the array.
  TypedArray *t = length != NULL
                      ? vm_typed_array_validate_writable(iso, made, &now)
                      : vm_typed_array_validate(iso, made, &now);
  if (t != NULL && length != NULL && (double)now < *length) {
    vm_throw_type(iso,
                  "Derived TypedArray constructor created an array which "
                  "was too small");
    return NULL;
  }
  return t;
}

// 23.2.4.2
TypedArray *vm_typed_array_create_from(Isolate *iso, Value constructor,
                                       double length) {
  Value argument = value_from_number(length);
  Value made = vm_construct(iso, constructor, 1, &argument, constructor);
  return value_is_exception(made) ? NULL : validate_created(iso, made, &length);
}

static bool lookup_species(Isolate *iso, Object *o, PropertySlot *slot) {
  vm_object_materialize(iso, o);
  return vm_shape_lookup(iso, o->shape, SYMBOL_KEY(species), slot);
}

// What a constructor of this realm inherits is the original @@species, which
// gives the constructor back, and nobody sees that it is not called.
static bool is_its_own_species(Isolate *iso, Object *constructor) {
  Object *parent = INTRINSIC_OBJECT(iso, TypedArray);
  PropertySlot slot;
  if (lookup_species(iso, constructor, &slot) ||
      constructor->shape->prototype != parent ||
      !lookup_species(iso, parent, &slot) ||
      !(slot.attributes & PROPERTY_ACCESSOR)) {
    return false;
  }
  Value getter =
      ((const Accessor *)value_as_cell(*object_slot(parent, slot.slot)))
          ->getter;
  return value_is_kind(getter, CELL_NATIVE_FUNCTION) &&
         ((const NativeFunction *)value_as_cell(getter))->code ==
             vm_return_this;
}

// The species constructor, or VALUE_EMPTY if it is the kind's own.
static Value species_of(Isolate *iso, TypedArray *exemplar) {
  Object *own =
      iso->realm
          ->intrinsics[vm_typed_array_constructors[typed_array_kind(exemplar)]];
  Value intrinsic = value_from_cell(own), constructor;
  if (vm_get_data_quickly(iso, &exemplar->object, KEY(constructor),
                          &constructor) &&
      constructor == intrinsic && is_its_own_species(iso, own)) {
    return VALUE_EMPTY;
  }
  constructor = vm_species_constructor(iso, &exemplar->object, intrinsic);
  return constructor == intrinsic ? VALUE_EMPTY : constructor;
}

static TypedArray *check_content(Isolate *iso, TypedArray *exemplar,
                                 TypedArray *made) {
  if (made == NULL || element_is_bigint(typed_array_kind(made)) ==
                          element_is_bigint(typed_array_kind(exemplar)))
    return made;
  vm_throw_type(iso,
                "Content type of the species constructor's typed array "
                "differs");
  return NULL;
}

// 23.2.4.1
TypedArray *vm_typed_array_species_create(Isolate *iso, TypedArray *exemplar,
                                          double length) {
  Value constructor = species_of(iso, exemplar);
  if (value_is_exception(constructor)) return NULL;
  if (value_is_empty(constructor))
    return vm_typed_array_create(iso, typed_array_kind(exemplar),
                                 (size_t)length);
  return check_content(iso, exemplar,
                       vm_typed_array_create_from(iso, constructor, length));
}

TypedArray *vm_typed_array_species_create_view(Isolate *iso,
                                               TypedArray *exemplar,
                                               uint32_t argc,
                                               const Value *argv) {
  Value constructor = species_of(iso, exemplar);
  if (value_is_exception(constructor)) return NULL;
  if (value_is_empty(constructor)) {
    ElementKind kind = typed_array_kind(exemplar);
    TypedArray *t =
        vm_object_allocate(iso, CELL_TYPED_ARRAY, sizeof *t,
                           iso->realm->intrinsics[prototypes[kind]]);
    bool done =
        init_from_buffer(iso, t, kind, (ArrayBuffer *)value_as_cell(argv[0]),
                         argv[1], argc > 2 ? argv[2] : VALUE_UNDEFINED);
    return done ? t : NULL;
  }
  Value made = vm_construct(iso, constructor, argc, argv, constructor);
  if (value_is_exception(made)) return NULL;
  return check_content(iso, exemplar, validate_created(iso, made, NULL));
}

// 23.2.2.2 %TypedArray%.of ( ...items )
static Value typed_array_of(Isolate *iso, const NativeCall *call) {
  if (!value_is_constructor(call->this_value))
    return vm_throw_type_value(iso, "%s is not a constructor",
                               call->this_value);
  TypedArray *t = vm_typed_array_create_from(iso, call->this_value, call->argc);
  if (t == NULL) return VALUE_EXCEPTION;
  for (uint32_t k = 0; k < call->argc; k++)
    if (!vm_typed_array_set(iso, t, k, call->argv[k])) return VALUE_EXCEPTION;
  return value_from_cell(t);
}

static const Builtin typed_array_static[] = {
    BUILTIN_SCRIPT("from", "TypedArrayFrom", 1),
    BUILTIN("of", typed_array_of, 0),
    BUILTIN_GET("@@species", vm_return_this),
};

void vm_init_typed_array(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_TypedArrayPrototype, prototype);
  Object *parent =
      &vm_define_constructor(iso, "%TypedArray", abstract_constructor, 0,
                             prototype, NULL)
           ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_TypedArray, parent);
  VM_DEFINE_BUILTINS(iso, parent, typed_array_static);
  vm_define_typed_array_methods(iso, prototype);
  vm_define_typed_array_search(iso, prototype);

  for (unsigned kind = 0; kind < ELEMENT_KIND_COUNT; kind++) {
    Object *own_prototype = vm_object_new_with(iso, prototype);
    NativeFunction *constructor = vm_define_constructor(
        iso, vm_typed_array_names[kind], typed_array_constructor, 3,
        own_prototype, parent);
    constructor->magic = (uint16_t)kind;
    vm_realm_set_intrinsic(realm, prototypes[kind], own_prototype);
    vm_realm_set_intrinsic(realm, vm_typed_array_constructors[kind],
                           &constructor->object);
    Value size = value_from_int(1 << vm_element_shifts[kind]);
    PropertyKey key = vm_key_from_c("BYTES_PER_ELEMENT");
    vm_define_value(iso, &constructor->object, key, size, 0);
    vm_define_value(iso, own_prototype, key, size, 0);
    if (kind == ELEMENT_UINT8)
      vm_define_uint8_array_text(iso, &constructor->object, own_prototype);
  }
}
