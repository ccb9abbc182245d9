// SPDX-License-Identifier: MIT
// JSON for C callers and between the files of the JSON object.
#ifndef RILL_VM_BUILTINS_JSON_H
#define RILL_VM_BUILTINS_JSON_H

#include "vm/objects/isolate.h"

// ParseJSON (25.5.1.1). VALUE_EXCEPTION: SyntaxError, or out of memory.
Value vm_json_parse_string(Isolate *, String *text) VM_CHECKED;
// JSON.stringify(value, replacer, space): a string or undefined.
Value vm_json_stringify_value(Isolate *, Value value, Value replacer,
                              Value space) VM_CHECKED;

Value vm_json_parse(Isolate *, const NativeCall *);
Value vm_json_stringify(Isolate *, const NativeCall *);
Value vm_json_raw_json(Isolate *, const NativeCall *);
Value vm_json_is_raw_json(Isolate *, const NativeCall *);

// Throws the TypeError about path[0], which the last of the `count` objects,
// each in the one before, has again.
Value vm_json_throw_circular(Isolate *, Object *const *path, uint32_t count);

static inline bool json_is_raw(const Object *o) {
  return (o->cell.flags & OBJECT_IS_RAW_JSON) != 0;
}

#endif
