// SPDX-License-Identifier: MIT
// What JSON.stringify says of an object that is inside itself: the way from the
// object back to it. It is found afterwards, so writing keeps no keys.
#include <stdlib.h>

#include "vm/builtins/json.h"
#include "vm/objects/operations.h"

// The key under which `holder` has `value`, found without running script code.
// False: there is none, or it cannot be seen (toJSON, a replacer, a getter).
static bool key_of(Isolate *iso, Object *holder, Object *value,
                   PropertyKey *out) {
  if (object_kind(holder) == CELL_PROXY) return false;
  KeyList keys;
  vm_key_list_init(&keys);
  bool found = false;
  if (!vm_own_keys(iso, holder, &keys)) {
    (void)vm_take_exception(iso);
  } else {
    for (uint32_t i = 0; !found && i < keys.count; i++) {
      PropertyDescriptor d;
      found = vm_get_own_property(iso, holder, keys.keys[i], &d) > 0 &&
              !(d.attributes & PROPERTY_ACCESSOR) &&
              d.value == value_from_cell(value);
      if (found) *out = keys.keys[i];
    }
  }
  return found;
}

static void add_constructor(StringBuilder *b, Isolate *iso, Object *o) {
  char shown[120];
  size_t length;
  vm_describe(iso, value_from_cell(o), shown, sizeof shown);
  length = strlen(shown);
  bool is_named = length > 3 && shown[0] == '#' && shown[1] == '<';
  if (is_named) shown[length - 1] = 0;
  vm_builder_append_ascii(b, "object with constructor '");
  vm_builder_append_ascii(b, object_kind(o) == CELL_ARRAY ? "Array"
                             : is_named                   ? shown + 2
                                                          : "Object");
  vm_builder_append_ascii(b, "'");
}

static void add_key(StringBuilder *b, Isolate *iso, const Object *holder,
                    PropertyKey key) {
  bool is_index = object_kind(holder) == CELL_ARRAY && key_is_index(key);
  Value text = vm_key_to_value(iso, key);
  if (value_is_exception(text) || !value_is_string(text)) return;
  vm_builder_append_ascii(b, is_index ? "index " : "property '");
  vm_builder_append(b, value_as_string(text));
  if (!is_index) vm_builder_append_ascii(b, "'");
}

Value vm_json_throw_circular(Isolate *iso, Object *const *path,
                             uint32_t count) {
  enum { SHOWN_FIRST = 2 };
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_ascii(&b, "\n    --> starting at ");
  add_constructor(&b, iso, path[0]);
  bool known = true;
  for (uint32_t i = 0; known && i < count; i++) {
    bool is_last = i + 1 == count;
    if (i >= SHOWN_FIRST && i + 2 < count) {
      if (i == SHOWN_FIRST) vm_builder_append_ascii(&b, "\n    |     ...");
      continue;
    }
    PropertyKey key;
    Object *next = path[is_last ? 0 : i + 1];
    known = key_of(iso, path[i], next, &key);
    if (!known) break;
    vm_builder_append_ascii(&b, is_last ? "\n    --- " : "\n    |     ");
    add_key(&b, iso, path[i], key);
    if (is_last) {
      vm_builder_append_ascii(&b, " closes the circle");
    } else {
      vm_builder_append_ascii(&b, " -> ");
      add_constructor(&b, iso, next);
    }
  }
  String *way = vm_builder_finish(&b);
  char *text = way != NULL ? vm_to_utf8(iso, value_from_cell(way), NULL) : NULL;
  if (text == NULL) return VALUE_EXCEPTION;
  vm_throw_type(iso, "Converting circular structure to JSON%s",
                known ? text : "");
  free(text);
  return VALUE_EXCEPTION;
}
