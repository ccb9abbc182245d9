// SPDX-License-Identifier: MIT
// Shapes (hidden classes): the layout that objects built the same way share.
//
// A shape says which named properties an object has (key, attributes, slot),
// in which order, its prototype, whether it is extensible. Equal shape
// pointers therefore answer all of these questions at once, which is what an
// inline cache compares.
//
// Invariants that inline caches rest on:
// 1. A SHARED shape never changes. Adding, deleting or reconfiguring a
//    property, changing the prototype or preventing extensions gives the object
//    another shape.
// 2. A UNIQUE shape belongs to one object (dictionaries, prototypes, globals).
//    Adding a property may change it in place; deleting or reconfiguring one,
//    changing the prototype or extensibility replaces it by a new unique shape.
//    So "key K is in slot S with attributes A" stays true for as long as an
//    object has the shape, while "K is absent" is good for SHARED shapes alone.
//    (Replacing is only needed once somebody remembers the shape:
//    SHAPE_WATCHED. The lookups for caches, lookup.h, set it.)
// 3. An object that is the prototype of another has a UNIQUE shape with a
//    PrototypeInfo. Every change of its layout (add, delete, reconfigure, set
//    prototype) invalidates the ValidityCell handed out for it and for all
//    prototypes below it. A cache that found K (or its absence) further up a
//    chain checks the receiver's shape and that one cell.
// 4. LAZY shapes belong to functions whose own properties (length, name,
//    prototype) have not been made: vm_object_materialize does that. No cache
//    ever holds a LAZY shape for an own property of those three names. A shape
//    that is LAZY and UNIQUE is that of a builtin none of whose properties have
//    been made (deferred_members.h): no cache holds it, nor a validity cell of
//    its object.
#ifndef RILL_VM_OBJECTS_SHAPE_H
#define RILL_VM_OBJECTS_SHAPE_H

#include "vm/objects/value.h"

// Property attributes, as in a property descriptor.
enum {
  PROPERTY_WRITABLE = 1 << 0,
  PROPERTY_ENUMERABLE = 1 << 1,
  PROPERTY_CONFIGURABLE = 1 << 2,
  PROPERTY_ACCESSOR = 1 << 3, // the slot holds an Accessor cell
};
#define PROPERTY_DEFAULT                                                       \
  (PROPERTY_WRITABLE | PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE)
#define PROPERTY_HIDDEN (PROPERTY_WRITABLE | PROPERTY_CONFIGURABLE)

enum {
  SHAPE_UNIQUE = 1 << 0,
  SHAPE_NOT_EXTENSIBLE = 1 << 1,
  SHAPE_LAZY = 1 << 2,
  SHAPE_IS_PROTOTYPE = 1 << 3,    // its object is some object's prototype
  SHAPE_HAS_SYMBOL_KEYS = 1 << 4, // or private names
  SHAPE_IMMUTABLE_PROTOTYPE = 1 << 5,
  // Some own or inherited index key may be found outside the element vector
  // (exotic or sparse elements): holes must be looked up the slow way.
  SHAPE_EXOTIC_ELEMENTS = 1 << 6,
  // UNIQUE: some cache may hold this shape. Deleting and reconfiguring then
  // replace it; a shape nobody watches is changed in place.
  SHAPE_WATCHED = 1 << 7,
};

typedef struct ShapeTable ShapeTable;
typedef struct ShapeTransitions ShapeTransitions;
typedef struct PrototypeInfo PrototypeInfo;

typedef struct ValidityCell {
  GcCell cell; // flags: 1 while valid
} ValidityCell;
static inline bool validity_holds(const ValidityCell *v) {
  return v->cell.flags != 0;
}

typedef struct Shape {
  GcCell cell;              // flags: SHAPE_*; extra: number of slots in use
  Object *prototype;        // NULL: null
  struct Shape *parent;     // the shape before the last property; NULL: root
  PropertyKey key;          // the last property added; 0 in a root
  uint8_t attributes;       // of that property
  uint8_t object_kind;      // CellKind of the objects that have this shape
  uint16_t inline_capacity; // slots inside the object itself
  uint32_t property_count;  // listed properties (slots may outnumber them)
  ShapeTable *table;        // key -> slot, attributes; built on demand
  ShapeTransitions *transitions; // weak: children by (key, attributes, ...)
  PrototypeInfo *prototype_info; // only if SHAPE_IS_PROTOTYPE
} Shape;

// Where a named property is.
typedef struct PropertySlot {
  uint32_t slot;
  uint8_t attributes;
} PropertySlot;

// Finds an own named property. False: absent. (LAZY shapes: absent; materialize
// the object first where it may hide the key: shape_is_lazy_for.)
bool vm_shape_lookup(Isolate *, Shape *, PropertyKey, PropertySlot *out);
// The root shape for a kind, a prototype and a number of in-object slots; kept
// per prototype, so equal arguments give the same shape.
Shape *vm_shape_root(Isolate *, CellKind, Object *prototype,
                     uint16_t inline_capacity);
// The same with SHAPE_LAZY (functions), SHAPE_IMMUTABLE_PROTOTYPE or
// SHAPE_EXOTIC_ELEMENTS set. Kinds that are always exotic get the last one
// without asking.
Shape *vm_shape_root_with(Isolate *, CellKind, Object *prototype,
                          uint16_t inline_capacity, uint8_t flags);
// The shape after adding a property at the next slot (for SHARED shapes).
Shape *vm_shape_add(Isolate *, Shape *, PropertyKey, uint8_t attributes);

// The cell that stays valid while `prototype` and everything above it keep
// their layouts. NULL if no such promise can be made (a proxy or other exotic
// object in the chain). `prototype` becomes a prototype object by this call;
// NULL (no prototype) gives the cell that always holds.
ValidityCell *vm_prototype_validity(Isolate *, Object *prototype);

#endif
