// SPDX-License-Identifier: MIT
// Computed keys that are texts: strings that have no atom.
//
// An object that is used as a map (o[word]) is asked for ever new strings. To
// make an atom of each, in a table of the whole process, costs more than the
// rest of the access, and the atom outlives it by a collection at least. So
// dictionaries take such strings as they are: an entry's key is the string, and
// is found by its hash and its text. An atom of the same text, made later,
// finds the entry, too (SHAPE_ENTRY_TEXT), so that nothing else has to know.
//
// Each function here answers VM_TEXT_UNFIT where the general way, by a
// PropertyKey, has to be taken: nothing was done then, nothing thrown. Where
// the string has an atom, or spells an index, `key` has been set, else it is 0.
#ifndef RILL_VM_OBJECTS_TEXT_KEYS_H
#define RILL_VM_OBJECTS_TEXT_KEYS_H

#include "vm/objects/object.h"

typedef enum {
  VM_TEXT_UNFIT,
  VM_TEXT_ABSENT,
  VM_TEXT_DONE, // or: it is there
  VM_TEXT_THREW,
} TextAnswer;

// o[s]. DONE: the object itself has it. ABSENT: neither it nor any object
// above.
TextAnswer vm_text_get(Isolate *, Object *, String *, PropertyKey *key,
                       Value *out);
// o[s] = value.
TextAnswer vm_text_set(Isolate *, Object *, String *, Value, PropertyKey *key);
// delete o[s]. DONE: it was there; ABSENT: it was not.
TextAnswer vm_text_delete(Isolate *, Object *, String *, PropertyKey *key);
// s in o; of the object's own properties only, or of those above it, too.
TextAnswer vm_text_has(Isolate *, Object *, String *, bool own_only,
                       PropertyKey *key);
// CreateDataProperty(o, s, value) of an object that JSON.parse is making, where
// records come from, mostly: it is a map from so many properties on.
enum { VM_TEXT_FEWEST_OF_A_MAP_IN_JSON = 128 };
TextAnswer vm_text_put(Isolate *, Object *, String *, Value, PropertyKey *key);

#endif
