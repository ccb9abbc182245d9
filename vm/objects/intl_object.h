// SPDX-License-Identifier: MIT
// Objects of ECMA-402's constructors. Their options and ICU handles are plain
// memory behind `data`, which the object owns.
#ifndef RILL_VM_OBJECTS_INTL_OBJECT_H
#define RILL_VM_OBJECTS_INTL_OBJECT_H

#include "vm/objects/object.h"

typedef enum {
  INTL_COLLATOR = 1,
  INTL_DATE_TIME_FORMAT,
  INTL_DISPLAY_NAMES,
  INTL_LIST_FORMAT,
  INTL_LOCALE,
  INTL_NUMBER_FORMAT,
  INTL_PLURAL_RULES,
  INTL_RELATIVE_TIME_FORMAT,
  INTL_SEGMENTER,
  INTL_SEGMENTS,
  INTL_SEGMENT_ITERATOR,
} IntlType;

typedef struct IntlObject {
  Object object;
  Value bound; // the function that the getter `format` or `compare` gave, or
               // what the type keeps alive; undefined: nothing
  void *data;
  void (*close)(void *data); // frees it
  size_t external_bytes;     // told to gc_external_adjust
  uint8_t type;              // IntlType
} IntlObject;

// OrdinaryCreateFromConstructor; takes over `data`, also when it fails (NULL:
// threw, data is closed). `default_intrinsic`: the prototype's. `bytes`: what
// data's memory counts for.
IntlObject *vm_intl_object_new(Isolate *, Value new_target,
                               int default_intrinsic, IntlType, void *data,
                               void (*close)(void *), size_t bytes) VM_CHECKED;
// Of the kind's layout.
void vm_trace_intl_object(GcTracer *, GcCell *);
void vm_finalize_intl_object(GcHeap *, GcCell *);

#endif
