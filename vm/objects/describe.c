// SPDX-License-Identifier: MIT
// Short renderings of values and keys for error messages. They run no script
// code, allocate nothing on the heap and never throw.
#include <stdio.h>

#include "vm/objects/isolate.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/utf.h"

typedef struct Text {
  char *at, *end; // one byte is kept for the NUL
} Text;

static void put_ascii(Text *t, const char *text) {
  size_t length = strlen(text), room = (size_t)(t->end - t->at);
  if (length > room) length = room;
  memcpy(t->at, text, length);
  t->at += length;
}

// The units of a string, cut after `limit` of them. Of a rope, which must not
// be flattened here, as much as comes before its first rope leaf.
static void put_string(Text *t, const String *s, uint32_t limit) {
  uint32_t total = string_length(s);
  while (string_is_rope(s))
    s = s->left;
  StringView v = string_view_of(s);
  uint32_t count = v.length < limit ? v.length : limit;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t c = string_view_at(v, i);
    if (utf16_is_lead(c) && i + 1 < count &&
        utf16_is_trail(string_view_at(v, i + 1)))
      c = utf16_combine(c, string_view_at(v, ++i));
    else if (utf16_is_surrogate(c))
      c = UTF_REPLACEMENT;
    char bytes[5];
    bytes[utf8_put(c, bytes)] = 0;
    if ((size_t)(t->end - t->at) < strlen(bytes)) return; // no half character
    put_ascii(t, bytes);
  }
  if (count < total) put_ascii(t, "...");
}

static void put_number(Text *t, double d) {
  char digits[NUMBER_TEXT_SIZE];
  size_t length = vm_number_to_text(d, digits);
  digits[length] = 0;
  put_ascii(t, digits);
}

static void put_symbol(Text *t, const Symbol *symbol) {
  if (symbol->cell.flags & SYMBOL_PRIVATE) {
    if (symbol->description) put_string(t, symbol->description, 100);
    return;
  }
  put_ascii(t, "Symbol(");
  if (symbol->description) put_string(t, symbol->description, 100);
  put_ascii(t, ")");
}

Value vm_quiet_get(Isolate *iso, Object *o, PropertyKey key) {
  for (int depth = 0; o && depth < 100; depth++) {
    if (object_kind(o) == CELL_PROXY) return VALUE_EMPTY;
    if (shape_is_lazy_for(o->shape, key)) vm_object_materialize(iso, o);
    PropertySlot found;
    if (vm_shape_lookup(iso, o->shape, key, &found))
      return found.attributes & PROPERTY_ACCESSOR ? VALUE_EMPTY
                                                  : *object_slot(o, found.slot);
    o = o->shape->prototype;
  }
  return VALUE_EMPTY;
}

static void put_object(Isolate *iso, Text *t, Object *o) {
  switch (object_kind(o)) {
  case CELL_FUNCTION:
  case CELL_NATIVE_FUNCTION:
  case CELL_BOUND_FUNCTION: {
    bool is_class = (o->cell.flags & OBJECT_CLASS_CONSTRUCTOR) != 0;
    Value name = VALUE_EMPTY;
    if (object_kind(o) == CELL_NATIVE_FUNCTION) {
      String *s = ((NativeFunction *)o)->name;
      if (s) name = value_from_cell(s);
    } else if (!(o->shape->cell.flags & SHAPE_LAZY)) {
      PropertySlot found;
      if (vm_shape_lookup(iso, o->shape, KEY(name), &found) &&
          !(found.attributes & PROPERTY_ACCESSOR))
        name = *object_slot(o, found.slot);
    }
    put_ascii(t, is_class ? "class " : "function ");
    if (name != VALUE_EMPTY && value_is_string(name))
      put_string(t, value_as_string(name), 100);
    return;
  }
  case CELL_ARRAY:
    put_ascii(t, "[object Array]");
    return;
  case CELL_PROXY:
    put_ascii(t, "#<Object>");
    return;
  case CELL_ERROR: {
    Value name = vm_quiet_get(iso, o, KEY(name));
    Value message = vm_quiet_get(iso, o, KEY(message));
    if (name != VALUE_EMPTY && value_is_string(name))
      put_string(t, value_as_string(name), 100);
    else
      put_ascii(t, "Error");
    if (message != VALUE_EMPTY && value_is_string(message) &&
        string_length(value_as_string(message)) > 0) {
      put_ascii(t, ": ");
      put_string(t, value_as_string(message), 200);
    }
    return;
  }
  default:
    break;
  }
  Value constructor = vm_quiet_get(iso, o, KEY(constructor));
  String *name = NULL;
  if (value_is_kind(constructor, CELL_NATIVE_FUNCTION)) {
    name = ((NativeFunction *)value_as_object(constructor))->name;
  } else if (value_is_kind(constructor, CELL_FUNCTION)) {
    Object *function = value_as_object(constructor);
    if (function->shape->cell.flags & SHAPE_LAZY)
      vm_object_materialize(iso, function);
    Value v = vm_quiet_get(iso, function, KEY(name));
    if (v != VALUE_EMPTY && value_is_string(v)) name = value_as_string(v);
  }
  put_ascii(t, "#<");
  if (name && string_length(name) > 0)
    put_string(t, name, 100);
  else
    put_ascii(t, "Object");
  put_ascii(t, ">");
}

void vm_describe(Isolate *iso, Value v, char *buffer, size_t size) {
  if (size == 0) return;
  Text t = {buffer, buffer + size - 1};
  if (value_is_number(v)) {
    put_number(&t, value_as_number(v));
  } else if (!value_is_cell(v)) {
    put_ascii(&t, v == VALUE_TRUE    ? "true"
                  : v == VALUE_FALSE ? "false"
                  : v == VALUE_NULL  ? "null"
                                     : "undefined");
  } else if (value_is_string(v)) {
    put_ascii(&t, "\"");
    put_string(&t, value_as_string(v), 100);
    put_ascii(&t, "\"");
  } else if (value_is_symbol(v)) {
    put_symbol(&t, value_as_symbol(v));
  } else if (value_is_bigint(v)) {
    const BigInt *b = value_as_bigint(v);
    if (b->cell.extra <= 1) {
      char digits[24];
      snprintf(digits, sizeof digits, "%s%llu", b->cell.flags & 1 ? "-" : "",
               (unsigned long long)(b->cell.extra ? b->limbs[0] : 0));
      put_ascii(&t, digits);
    } else {
      put_ascii(&t, "a large BigInt");
    }
  } else if (value_is_object(v)) {
    put_object(iso, &t, value_as_object(v));
  }
  *t.at = 0;
}

void vm_describe_plainly(Isolate *iso, Value v, char *buffer, size_t size) {
  if (value_is_string(v)) {
    vm_describe_key(iso, key_from_atom(value_as_string(v)), buffer, size);
  } else {
    vm_describe(iso, v, buffer, size);
  }
}

void vm_describe_key(Isolate *iso, PropertyKey key, char *buffer, size_t size) {
  (void)iso;
  if (size == 0) return;
  Text t = {buffer, buffer + size - 1};
  if (key_is_index(key))
    put_number(&t, key_as_index(key));
  else if (key_is_symbol(key))
    put_symbol(&t, value_as_symbol(key));
  else
    put_string(&t, value_as_string(key), 100);
  *t.at = 0;
}
