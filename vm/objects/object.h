// SPDX-License-Identifier: MIT
// Objects: layout, and the essential internal methods of ECMA-262 10.1.
//
//   +0   GcCell      kind; flags: OBJECT_*; aux: in-object slots (kind
//                    OBJECT); extra: kind's own
//   +8   shape
//   +16  slots       overflow slots (Slots cell), or NULL
//   +24  elements    index-keyed properties; never NULL
//   +32  in-object slots (kind OBJECT), or the fields of the kind
//
// A property in slot s lives in inline_slots[s] if s is below the shape's
// inline_capacity, else in slots->values[s - inline_capacity]. Only plain
// objects (CELL_OBJECT) and RegExps (lastIndex) have in-object slots; other
// kinds have capacity 0 and their own fields there. Overflow slots grow at
// fixed sizes (vm_slots_capacity) so that a cache knows from the slot alone
// whether adding it needs growth.
//
// Index keys live in the element vector: Elements (dense, holes are
// VALUE_EMPTY, all attributes default) or SparseElements (any attributes;
// looks like an empty dense vector to the fast path). A dense vector with a
// capacity above 0 implies that the object is extensible.
#ifndef RILL_VM_OBJECTS_OBJECT_H
#define RILL_VM_OBJECTS_OBJECT_H

#include "vm/objects/shape.h"
#include "vm/objects/string.h"

enum {
  OBJECT_CALLABLE = 1 << 0,    // has [[Call]]
  OBJECT_CONSTRUCTOR = 1 << 1, // has [[Construct]]
  OBJECT_EXOTIC = 1 << 2,      // some essential method is not the ordinary one
  OBJECT_LENGTH_READ_ONLY = 1 << 3, // ARRAY: length is not writable
  OBJECT_CLASS_CONSTRUCTOR = 1 << 4,
  OBJECT_IS_HTMLDDA = 1 << 5,  // annexB B.3.6, for conformance tests
  OBJECT_IS_RAW_JSON = 1 << 6, // made by JSON.rawJSON
};

typedef struct Slots {
  GcCell cell; // extra: capacity
  Value values[];
} Slots;

typedef struct Elements {
  GcCell cell;       // extra: length, the elements in use (holes included)
  uint32_t capacity; // all of values[length..capacity) is VALUE_EMPTY
  uint32_t reserved;
  Value values[];
} Elements;

struct Object {
  GcCell cell;
  Shape *shape;
  Slots *slots;
  Elements *elements;
  Value inline_slots[];
};

typedef struct Array {
  Object object;
  uint32_t length; // at least elements->length while dense
} Array;

typedef struct Accessor {
  GcCell cell;
  Value getter, setter; // callable or undefined
} Accessor;

typedef struct PrimitiveObject {
  Object object;
  Value value;
} PrimitiveObject;

static inline CellKind object_kind(const Object *o) {
  return (CellKind)o->cell.kind;
}
static inline uint32_t elements_length(const Elements *e) {
  return e->cell.extra;
}
static inline bool object_is_callable(const Object *o) {
  return (o->cell.flags & OBJECT_CALLABLE) != 0;
}
static inline bool value_is_callable(Value v) {
  return value_is_object(v) && object_is_callable(value_as_object(v));
}
static inline bool value_is_constructor(Value v) {
  return value_is_object(v) &&
         (value_as_object(v)->cell.flags & OBJECT_CONSTRUCTOR) != 0;
}
static inline Value *object_slot(Object *o, uint32_t slot) {
  uint32_t inline_capacity = o->shape->inline_capacity;
  return slot < inline_capacity ? &o->inline_slots[slot]
                                : &o->slots->values[slot - inline_capacity];
}

// A property descriptor (6.2.6). Absent fields: has_* unset / VALUE_EMPTY.
typedef struct PropertyDescriptor {
  Value value, getter, setter; // VALUE_EMPTY: absent
  uint8_t attributes;          // PROPERTY_*; only bits in `present` count
  uint8_t present;             // PROPERTY_WRITABLE | ENUMERABLE | CONFIGURABLE
} PropertyDescriptor;
static inline bool descriptor_is_accessor(const PropertyDescriptor *d) {
  return d->getter != VALUE_EMPTY || d->setter != VALUE_EMPTY;
}
static inline bool descriptor_is_data(const PropertyDescriptor *d) {
  return d->value != VALUE_EMPTY || (d->present & PROPERTY_WRITABLE) != 0;
}

// What makes an exotic object exotic. A NULL entry means the ordinary method.
// All follow ECMA-262 10.x; Tri answers: TRI_THREW with a pending exception.
typedef struct KeyList KeyList;
typedef struct ObjectClass {
  const char *name;
  // [[GetOwnProperty]]: 1 and *out filled, or 0.
  Tri (*get_own)(Isolate *, Object *, PropertyKey, PropertyDescriptor *out);
  Tri (*define_own)(Isolate *, Object *, PropertyKey,
                    const PropertyDescriptor *);
  Tri (*has)(Isolate *, Object *, PropertyKey);
  Value (*get)(Isolate *, Object *, PropertyKey, Value receiver);
  Tri (*set)(Isolate *, Object *, PropertyKey, Value, Value receiver);
  Tri (*delete_own)(Isolate *, Object *, PropertyKey);
  bool (*own_keys)(Isolate *, Object *, KeyList *out);
  Tri (*get_prototype)(Isolate *, Object *, Object **out);
  Tri (*set_prototype)(Isolate *, Object *, Object *prototype_or_null);
  Tri (*is_extensible)(Isolate *, Object *);
  Tri (*prevent_extensions)(Isolate *, Object *);
} ObjectClass;
// Indexed by CellKind. Filled statically (vm/objects/classes.c); each kind's
// own file defines its entry as `const ObjectClass vm_class_<kind>`.
extern const ObjectClass *const vm_object_classes[CELL_KIND_COUNT];

// A list of property keys. It lives on the C stack, whose scan keeps the cell,
// and with it names and symbols, alive; there is nothing to free.
struct KeyList {
  PropertyKey *keys; // the items of `cell`
  uint32_t count, capacity;
  struct ValueList *cell; // NULL: none yet
};
void vm_key_list_init(KeyList *);
bool vm_key_list_add(Isolate *, KeyList *, PropertyKey) VM_CHECKED;
// Another key, or 0, in the place of one.
void vm_key_list_replace(Isolate *, KeyList *, uint32_t i, PropertyKey);

// In-object slots of an object made without better knowledge.
enum { VM_DEFAULT_INLINE_CAPACITY = 4 };

// Creation. Never NULL: when memory runs out small cells come from the reserve
// and the out-of-memory error is thrown at the next safepoint (gc/gc.h).
Object *vm_object_new(Isolate *); // %Object.prototype%
Object *vm_object_new_with(Isolate *, Object *prototype_or_null);
Object *vm_object_from_shape(Isolate *, Shape *); // CELL_OBJECT root or later
// An object of another kind: `bytes` is sizeof its struct; fields after Object
// are zero words and must be set before the next allocation.
void *vm_object_allocate(Isolate *, CellKind, size_t bytes, Object *prototype);
// OrdinaryCreateFromConstructor: the prototype is new_target.prototype or the
// default intrinsic of new_target's realm. NULL: threw.
void *vm_object_from_constructor(Isolate *, Value new_target,
                                 int default_intrinsic, CellKind,
                                 size_t bytes) VM_CHECKED;
// GetPrototypeFromConstructor (10.1.14). NULL: threw.
Object *vm_prototype_from_constructor(Isolate *, Value new_target,
                                      int default_intrinsic) VM_CHECKED;
// The realm's intrinsic prototype object; makes those of Intl if need be.
Object *vm_default_prototype(Isolate *, Realm *, int intrinsic);
// An empty array; the hint reserves storage, the length stays 0.
Array *vm_array_new(Isolate *, uint32_t length_hint);
Array *vm_array_from(Isolate *, const Value *values,
                     uint32_t count) VM_CHECKED; // NULL: threw
// Appends to an array that may grow and has plain elements up to its length.
// The values may be another array's, holes too.
bool vm_array_append(Isolate *, Array *, const Value *values,
                     uint32_t count) VM_CHECKED;
bool vm_array_push(Isolate *, Array *, Value) VM_CHECKED; // own new array only

// Named and indexed property access, any object, any key. These are the
// general forms; `vm_get` and friends pick the fast way first.
Value vm_get(Isolate *, Object *, PropertyKey) VM_CHECKED;
Value vm_get_with_receiver(Isolate *, Object *, PropertyKey,
                           Value receiver) VM_CHECKED;
// GetV: base may be any value but null and undefined (throws TypeError).
Value vm_get_of_value(Isolate *, Value base, PropertyKey) VM_CHECKED;
Value vm_get_element(Isolate *, Value base, Value key) VM_CHECKED;
// Set(O, P, V, Throw).
bool vm_set(Isolate *, Object *, PropertyKey, Value, bool throws) VM_CHECKED;
Tri vm_set_with_receiver(Isolate *, Object *, PropertyKey, Value,
                         Value receiver) VM_CHECKED;
// PutValue on a property reference: base may be any value but null and
// undefined (throws TypeError).
bool vm_set_of_value(Isolate *, Value base, PropertyKey, Value,
                     bool strict) VM_CHECKED;
bool vm_set_element(Isolate *, Value base, Value key, Value value,
                    bool strict) VM_CHECKED;
Tri vm_has(Isolate *, Object *, PropertyKey) VM_CHECKED;
Tri vm_has_own(Isolate *, Object *, PropertyKey) VM_CHECKED;
Tri vm_has_element(Isolate *, Object *, Value key) VM_CHECKED;
Tri vm_has_own_element(Isolate *, Object *, Value key) VM_CHECKED;
Tri vm_delete(Isolate *, Object *, PropertyKey) VM_CHECKED;
Tri vm_get_own_property(Isolate *, Object *, PropertyKey,
                        PropertyDescriptor *out) VM_CHECKED;
Tri vm_define_own(Isolate *, Object *, PropertyKey,
                  const PropertyDescriptor *) VM_CHECKED;
bool vm_define_own_or_throw(Isolate *, Object *, PropertyKey,
                            const PropertyDescriptor *) VM_CHECKED;
// CreateDataProperty and CreateDataPropertyOrThrow.
Tri vm_create_data(Isolate *, Object *, PropertyKey, Value) VM_CHECKED;
bool vm_create_data_or_throw(Isolate *, Object *, PropertyKey,
                             Value) VM_CHECKED;
// Own property of an object that is ordinary and extensible (new objects,
// set-up of globals): cannot throw.
void vm_put(Isolate *, Object *, PropertyKey, Value, uint8_t attributes);
void vm_put_accessor(Isolate *, Object *, PropertyKey, Value getter,
                     Value setter, uint8_t attributes);
bool vm_own_keys(Isolate *, Object *, KeyList *out) VM_CHECKED;
Tri vm_get_prototype_of(Isolate *, Object *, Object **out) VM_CHECKED;
Tri vm_set_prototype_of(Isolate *, Object *, Object *) VM_CHECKED;
Tri vm_is_extensible(Isolate *, Object *) VM_CHECKED;
Tri vm_prevent_extensions(Isolate *, Object *) VM_CHECKED;
typedef enum { INTEGRITY_SEALED, INTEGRITY_FROZEN } IntegrityLevel;
Tri vm_set_integrity(Isolate *, Object *, IntegrityLevel) VM_CHECKED;
Tri vm_test_integrity(Isolate *, Object *, IntegrityLevel) VM_CHECKED;

// The ordinary methods, for exotic kinds that fall back on them.
Tri vm_ordinary_get_own(Isolate *, Object *, PropertyKey,
                        PropertyDescriptor *out);
Tri vm_ordinary_define_own(Isolate *, Object *, PropertyKey,
                           const PropertyDescriptor *);
Tri vm_ordinary_has(Isolate *, Object *, PropertyKey);
Value vm_ordinary_get(Isolate *, Object *, PropertyKey, Value receiver);
Tri vm_ordinary_set(Isolate *, Object *, PropertyKey, Value, Value receiver);
Tri vm_ordinary_delete(Isolate *, Object *, PropertyKey);
bool vm_ordinary_own_keys(Isolate *, Object *, KeyList *out);
Tri vm_ordinary_prevent_extensions(Isolate *, Object *);
// The part of it that follows the index keys: for kinds that list those
// themselves.
bool vm_named_own_keys(Isolate *, Object *, KeyList *out) VM_CHECKED;
// ValidateAndApplyPropertyDescriptor against a current descriptor (or NULL)
// without applying it: is the change allowed?
bool vm_is_compatible_descriptor(Isolate *, bool extensible,
                                 const PropertyDescriptor *,
                                 const PropertyDescriptor *current_or_null);
Value vm_from_descriptor(Isolate *, const PropertyDescriptor *) VM_CHECKED;
bool vm_to_descriptor(Isolate *, Value, PropertyDescriptor *out) VM_CHECKED;

// Arrays. ArraySetLength (10.4.2.4); growth and dense access for builtins.
Tri vm_array_set_length(Isolate *, Array *, uint32_t length);
// True if the object is an Array, or any ordinary object, whose index keys are
// exactly its dense vector and whose prototype chain has no index keys: then
// elements->values[0..elements->length) may be read and (holes aside) written
// directly until script code runs.
bool vm_has_plain_elements(Isolate *, Object *);
static inline bool vm_values_have_holes(const Value *values, uint32_t count) {
  // In steps without a branch, which take many words at once.
  bool found = false;
  for (uint32_t i = 0; i < count && !found;) {
    uint32_t end = count - i > 64 ? i + 64 : count;
    for (; i < end; i++)
      found |= values[i] == VALUE_EMPTY;
  }
  return found;
}
// Makes elements->capacity at least `capacity`. False: threw.
bool vm_elements_reserve(Isolate *, Object *, uint32_t capacity) VM_CHECKED;
// The same for a vector that may go on growing: with some capacity to spare.
bool vm_elements_make_room(Isolate *, Object *, uint32_t needed) VM_CHECKED;
// IsArray (7.2.2): sees through proxies.
Tri vm_is_array(Isolate *, Value) VM_CHECKED;

// Slow shapes.
void vm_object_materialize(Isolate *, Object *); // LAZY -> real properties
// The capacity of overflow storage that holds `count` overflow slots: 0, 3, 7,
// 15, ... (with the header a whole number of 16-byte units).
static inline uint32_t vm_slots_capacity(uint32_t count) {
  return count == 0   ? 0
         : count <= 3 ? 3
                      : (UINT32_C(2) << (31 - __builtin_clz(count))) - 1;
}
// Gives the object the shape and stores the property added by it. `shape` must
// follow the object's by one addition. False: out of memory, thrown.
bool vm_object_append_slot(Isolate *, Object *, Shape *shape,
                           Value value) VM_CHECKED;

// Private names (7.3.27 ff.). The key is a SYMBOL_PRIVATE symbol.
Value vm_private_get(Isolate *, Object *, Symbol *) VM_CHECKED;
bool vm_private_set(Isolate *, Object *, Symbol *, Value) VM_CHECKED;
bool vm_private_add(Isolate *, Object *, Symbol *, Value) VM_CHECKED;
bool vm_private_add_accessor(Isolate *, Object *, Symbol *, Value getter,
                             Value setter) VM_CHECKED;
bool vm_private_has(Isolate *, Object *, Symbol *);

#endif
