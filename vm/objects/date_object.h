// SPDX-License-Identifier: MIT
// Date objects: CELL_DATE.
#ifndef RILL_VM_OBJECTS_DATE_OBJECT_H
#define RILL_VM_OBJECTS_DATE_OBJECT_H

#include "vm/objects/object.h"

typedef struct DateObject {
  Object object;
  double time; // [[DateValue]]: a time value, or NaN; plain data, not traced
} DateObject;

// A Date of %Date.prototype%; the time is clipped.
DateObject *vm_date_new(Isolate *, double time);

#endif
