// SPDX-License-Identifier: MIT
// The state of a JSON parse, shared by json_parse.c and the two instances of
// json_parse_text.h (Latin-1 and UTF-16 units).
#ifndef RILL_VM_BUILTINS_JSON_PARSER_H
#define RILL_VM_BUILTINS_JSON_PARSER_H

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/text_keys.h"

enum { JSON_SHAPE_CACHE = 64, JSON_POLL_EVERY = 4096 };

typedef struct JsonParser {
  Isolate *isolate;
  String *text; // kept alive while its units are read
  const void *start;
  uint32_t length;
  bool is_wide;
  // Snapshots are wanted: see json_parse.c.
  bool with_records;
  uint32_t countdown; // values until the next poll
  // The shape that followed a shape the last time: objects of the same making
  // then need neither hashing nor a transition lookup. On the C stack, so that
  // the shapes stay alive.
  Shape *next_shape[JSON_SHAPE_CACHE];
} JsonParser;

static inline Shape **json_next_shape(JsonParser *p, const Shape *shape) {
  return &p->next_shape[((uintptr_t)shape >> 4 ^ (uintptr_t)shape >> 10) %
                        JSON_SHAPE_CACHE];
}

// What follows a shape that only one shape has followed so far, where a key may
// be compared with the text; NULL else.
Shape *vm_json_only_next_shape(JsonParser *, Shape *);

// Throws a SyntaxError about the unit at an index.
Value vm_json_unexpected(JsonParser *, uint32_t index);
Value vm_json_bad(JsonParser *, uint32_t index, const char *problem);
// Adds a property in the general way and remembers the shape. False: threw.
bool vm_json_add(JsonParser *, Object *, PropertyKey, Value) VM_CHECKED;
// The same of a large object, whose names may be texts (text_keys.h).
bool vm_json_add_to_map(JsonParser *, Object *, String *name, Value) VM_CHECKED;
static inline bool json_is_map(const Object *o) {
  return unlikely(o->shape->property_count >= VM_TEXT_FEWEST_OF_A_MAP_IN_JSON);
}
// The number that a valid JSONNumber spells.
double vm_json_number(const char *ascii, uint32_t length);

Value vm_json_parse_latin1(JsonParser *, Value *record);
Value vm_json_parse_utf16(JsonParser *, Value *record);

// Snapshot records, plain arrays: [value, source text] of a primitive; [value,
// array of records] or [value, object of records] of what has members.
Value vm_json_record(Isolate *, Value value, Value second) VM_CHECKED;

#endif
