// SPDX-License-Identifier: MIT
// Property lookups for inline caches: where a property is, and what has to be
// compared for the answer to hold the next time.
//
// A cache entry is good for a receiver if
//   1. `receiver` matches: RECEIVER_OBJECT compares the object's shape with
//      `shape`, the others test the value's kind (strings, numbers, ...);
//   2. validity_holds(validity), where the kind says that it is used.
// It then needs no key and no chain walk. Slots hold what they hold at the time
// of the access: overwriting a property (a prototype's method, too) changes no
// shape and no validity.
//
// No lookup here runs script code or throws. They may allocate, and they may
// change the layout of objects behind the scenes (LAZY functions get their
// properties, prototypes become prototype objects): read an object's shape
// after the lookup, or take `shape`.
//
// Whoever keeps a UNIQUE shape to compare it later, outside of these functions,
// must set SHAPE_WATCHED on it; else deletions may change it in place.
#ifndef RILL_VM_OBJECTS_LOOKUP_H
#define RILL_VM_OBJECTS_LOOKUP_H

#include "vm/objects/object.h"

typedef enum {
  RECEIVER_OBJECT,
  RECEIVER_STRING,
  RECEIVER_NUMBER,
  RECEIVER_BOOLEAN,
  RECEIVER_SYMBOL,
  RECEIVER_BIGINT,
} LookupReceiver;

typedef enum {
  // Take the general way, this time and probably the next times: exotic
  // objects, index keys, dictionaries' inherited properties.
  LOOKUP_UNCACHEABLE,
  LOOKUP_OWN,              // data in a slot of the receiver
  LOOKUP_PROTOTYPE,        // data in a slot of `holder`; validity
  LOOKUP_ABSENT,           // nowhere: undefined; validity
  LOOKUP_OWN_GETTER,       // an Accessor in a slot of the receiver
  LOOKUP_PROTOTYPE_GETTER, // an Accessor in a slot of `holder`; validity
  LOOKUP_ARRAY_LENGTH,     // receiver is an Array: its length
  LOOKUP_STRING_LENGTH,    // receiver is a string: its length
  // Stores only:
  STORE_OWN,        // a writable data slot of the receiver
  STORE_ADD,        // a new property: gc_store_word to the slot, which exists
                    // already, then store new_shape; validity
  STORE_ADD_GROW,   // the same by vm_object_append_slot (storage must grow)
  STORE_OWN_SETTER, // an Accessor in a slot of the receiver
  STORE_PROTOTYPE_SETTER, // an Accessor in a slot of `holder`; validity
} LookupKind;

typedef struct LookupResult {
  uint8_t kind;           // LookupKind
  uint8_t receiver;       // LookupReceiver
  uint8_t attributes;     // of the property found
  bool is_inline;         // the slot is in the object itself
  uint32_t slot;          // index in inline_slots, or in slots->values
  Shape *shape;           // RECEIVER_OBJECT: the receiver's
  Object *holder;         // *_PROTOTYPE*: never NULL
  ValidityCell *validity; // never NULL where it is used
  Shape *new_shape;       // STORE_ADD*
} LookupResult;

static inline Value *lookup_slot_of(const LookupResult *r, Object *o) {
  return r->is_inline ? &o->inline_slots[r->slot] : &o->slots->values[r->slot];
}

// GetV(base, key). Base is any value; undefined and null are UNCACHEABLE.
void vm_lookup_for_cache(Isolate *, Value base, PropertyKey, LookupResult *out);
// Set(base, key, value): base is its own receiver. Primitives: UNCACHEABLE.
void vm_store_lookup_for_cache(Isolate *, Value base, PropertyKey,
                               LookupResult *out);
// CreateDataProperty(object, key, value), for literals and class fields: an own
// default-attribute property that is there (STORE_OWN) or can be added
// (STORE_ADD*; validity is the one that always holds).
void vm_init_lookup_for_cache(Isolate *, Object *, PropertyKey,
                              LookupResult *out);
// An own private name: LOOKUP_OWN, LOOKUP_OWN_GETTER, or UNCACHEABLE.
void vm_private_lookup_for_cache(Isolate *, Object *, Symbol *,
                                 LookupResult *out);

#endif
