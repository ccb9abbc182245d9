// SPDX-License-Identifier: MIT
// JSON.stringify, ECMA-262 25.5.2. Plain objects are written straight from
// their shape's table and arrays from their element vector, for as long as no
// script code that ran in between has changed them.
#include <stdlib.h>

#include "vm/builtins/json.h"
#include "vm/objects/bigint.h"
#include "vm/objects/lookup.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/utf.h"

enum { GAP_MAX = 10, ABSENT_CACHE = 16, POLL_EVERY = 4096 };

typedef struct Serializer {
  Isolate *isolate;
  StringBuilder b;
  Value replacer_function; // undefined: none
  Array *property_list;    // NULL: none
  uint16_t gap[GAP_MAX];
  uint32_t gap_length;
  uint32_t depth; // of the indentation
  uint32_t countdown;
  // The objects being written, innermost last.
  Object **stack;
  uint32_t stack_count, stack_capacity;
  Object *inline_stack[32];
  // Shapes whose objects are known to have no toJSON.
  struct {
    Shape *shape;
    ValidityCell *validity;
  } absent[ABSENT_CACHE];
} Serializer;

// What writing a value came to.
typedef enum { WRITE_THREW = -1, WRITE_OMITTED, WRITE_DONE } Written;

static Written write_value(Serializer *, Object *holder, PropertyKey, Value);

// Strings -----------------------------------------------------------------

static void append_unicode_escape(StringBuilder *b, uint32_t unit) {
  static const char hex[] = "0123456789abcdef";
  vm_builder_append_ascii(b, "\\u");
  for (int shift = 12; shift >= 0; shift -= 4)
    vm_builder_append_unit(b, (uint8_t)hex[unit >> shift & 15]);
}

static void append_escape(StringBuilder *b, uint32_t unit) {
  switch (unit) {
  case '"':
    vm_builder_append_ascii(b, "\\\"");
    return;
  case '\\':
    vm_builder_append_ascii(b, "\\\\");
    return;
  case '\b':
    vm_builder_append_ascii(b, "\\b");
    return;
  case '\f':
    vm_builder_append_ascii(b, "\\f");
    return;
  case '\n':
    vm_builder_append_ascii(b, "\\n");
    return;
  case '\r':
    vm_builder_append_ascii(b, "\\r");
    return;
  case '\t':
    vm_builder_append_ascii(b, "\\t");
    return;
  default:
    append_unicode_escape(b, unit);
    return;
  }
}

// The index of the first unit at or after `i` that needs an escape.
static uint32_t plain_latin1(const uint8_t *units, uint32_t i,
                             uint32_t length) {
  for (; length - i >= 8; i += 8) {
    uint64_t w;
    memcpy(&w, units + i, sizeof w);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
    uint64_t found = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                     ((w - ones * 0x20) & ~w);
    found &= ones * 0x80;
    if (found) return i + (uint32_t)__builtin_ctzll(found) / 8;
  }
  while (i < length && units[i] >= 0x20 && units[i] != '"' && units[i] != '\\')
    i++;
  return i;
}

static uint32_t plain_utf16(const uint16_t *units, uint32_t i,
                            uint32_t length) {
  while (i < length && units[i] >= 0x20 && units[i] != '"' &&
         units[i] != '\\' && !utf16_is_surrogate(units[i]))
    i++;
  return i;
}

// ECMA-262 25.5.2.3 QuoteJSONString
static void append_quoted(StringBuilder *b, StringView v) {
  if (!v.is_wide) {
    // The usual case in one go: quotes and text without escapes.
    uint32_t plain = plain_latin1(v.units, 0, v.length);
    if (likely(plain == v.length)) {
      uint8_t *to = vm_builder_reserve_latin1(b, (size_t)v.length + 2);
      if (to) {
        to[0] = '"';
        memcpy(to + 1, v.units, v.length);
        to[v.length + 1] = '"';
        b->length += (size_t)v.length + 2;
        return;
      }
    }
  }
  vm_builder_append_unit(b, '"');
  for (uint32_t i = 0; i < v.length;) {
    uint32_t start = i;
    i = v.is_wide ? plain_utf16(v.units, i, v.length)
                  : plain_latin1(v.units, i, v.length);
    if (i > start) vm_builder_append_view(b, string_view_range(v, start, i));
    if (i == v.length) break;
    uint32_t unit = string_view_at(v, i++);
    if (!utf16_is_surrogate(unit)) {
      append_escape(b, unit);
    } else if (utf16_is_lead(unit) && i < v.length &&
               utf16_is_trail(string_view_at(v, i))) {
      vm_builder_append_unit(b, (uint16_t)unit);
      vm_builder_append_unit(b, string_view_at(v, i++));
    } else {
      append_unicode_escape(b, unit);
    }
  }
  vm_builder_append_unit(b, '"');
}

static Written write_string(Serializer *z, String *s) {
  StringView v;
  if (!vm_string_view(z->isolate, s, &v)) return WRITE_THREW;
  append_quoted(&z->b, v);
  return WRITE_DONE;
}

static void append_number(StringBuilder *b, Value v) {
  double d = value_as_number(v);
  if (!isfinite(d)) {
    vm_builder_append_ascii(b, "null");
    return;
  }
  vm_builder_append_number(b, v);
}

// Structure ---------------------------------------------------------------

static bool enter(Serializer *z, Object *o) {
  for (uint32_t i = z->stack_count; i-- > 0;) {
    if (z->stack[i] != o) continue;
    vm_json_throw_circular(z->isolate, z->stack + i, z->stack_count - i);
    return false;
  }
  if (z->stack_count == z->stack_capacity) {
    uint32_t capacity = z->stack_capacity * 2;
    bool is_inline = z->stack == z->inline_stack;
    Object **grown =
        realloc(is_inline ? NULL : z->stack, capacity * sizeof *grown);
    if (!grown) {
      vm_throw_out_of_memory(z->isolate);
      return false;
    }
    if (is_inline) memcpy(grown, z->inline_stack, sizeof z->inline_stack);
    z->stack = grown;
    z->stack_capacity = capacity;
  }
  z->stack[z->stack_count++] = o;
  z->depth++;
  return true;
}

static void leave(Serializer *z) {
  z->stack_count--;
  z->depth--;
}

static void append_line_break(Serializer *z, uint32_t depth) {
  if (z->gap_length == 0) return;
  vm_builder_append_unit(&z->b, '\n');
  for (uint32_t i = 0; i < depth; i++)
    vm_builder_append_utf16(&z->b, z->gap, z->gap_length);
}

// `"key":` with what separates it from the member before.
static bool append_key(Serializer *z, PropertyKey key, bool is_first) {
  if (!is_first) vm_builder_append_unit(&z->b, ',');
  append_line_break(z, z->depth);
  String *name = vm_key_to_string(z->isolate, key);
  StringView v;
  if (!name || !vm_string_view(z->isolate, name, &v)) return false;
  append_quoted(&z->b, v);
  vm_builder_append_unit(&z->b, ':');
  if (z->gap_length > 0) vm_builder_append_unit(&z->b, ' ');
  return true;
}

// Writes a member. What is left out takes its key back.
static bool write_member(Serializer *z, Object *o, PropertyKey key, Value value,
                         bool *is_first) {
  size_t before = z->b.length;
  if (!append_key(z, key, *is_first)) return false;
  Written written = write_value(z, o, key, value);
  if (written == WRITE_THREW) return false;
  if (written == WRITE_DONE)
    *is_first = false;
  else if (!z->b.failed)
    z->b.length = before;
  return !z->b.failed;
}

static bool write_member_of(Serializer *z, Object *o, PropertyKey key,
                            bool *is_first) {
  Value value = vm_get(z->isolate, o, key);
  return !value_is_exception(value) && write_member(z, o, key, value, is_first);
}

// The enumerable own string keys, looked up one after another.
static bool write_members_generally(Serializer *z, Object *o, bool *is_first) {
  Isolate *iso = z->isolate;
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyDescriptor d;
    Tri found = key_is_symbol(keys.keys[i])
                    ? 0
                    : vm_get_own_property(iso, o, keys.keys[i], &d);
    if (found == TRI_THREW) done = false;
    if (found != 1 || !(d.attributes & PROPERTY_ENUMERABLE))
      vm_key_list_replace(iso, &keys, i, 0);
  }
  for (uint32_t i = 0; done && i < keys.count; i++)
    if (keys.keys[i] != 0) done = write_member_of(z, o, keys.keys[i], is_first);
  return done;
}

// An ordinary object without index keys. A SHARED shape's entries never change,
// so they are the list of keys, whatever scripts do to the object on the way.
// Those of a UNIQUE one are taken down where a script may come in between: a
// table whose values are all primitives cannot be changed while it is written.
static bool write_members_by_shape(Serializer *z, Object *o, bool *is_first) {
  Shape *shape = o->shape;
  ShapeTable *table = vm_shape_table(z->isolate, shape);
  if (table == NULL) return true;
  uint32_t limit = shape_table_limit(shape);
  for (uint32_t i = 0; i < table->count && i < limit; i++) {
    ShapeEntry e = table->entries[i];
    if (e.key == 0 || !(e.attributes & PROPERTY_ENUMERABLE) ||
        key_is_symbol(e.key))
      continue;
    bool done =
        likely(o->shape == shape && !(e.attributes & PROPERTY_ACCESSOR))
            ? write_member(z, o, e.key, *object_slot(o, e.slot), is_first)
            : write_member_of(z, o, e.key, is_first);
    if (!done) return false;
  }
  return true;
}

// Nothing that is written for the object can run a script.
static bool holds_plain_primitives(const Serializer *z, Object *o) {
  if (!value_is_undefined(z->replacer_function)) return false;
  const ShapeTable *table = o->shape->table;
  for (uint32_t i = 0; table != NULL && i < table->count; i++) {
    const ShapeEntry *e = &table->entries[i];
    if (e->key == 0) continue;
    Value v = *object_slot(o, e->slot);
    if ((e->attributes & PROPERTY_ACCESSOR) ||
        (value_is_cell(v) && !value_is_string(v)))
      return false;
  }
  return true;
}

// ECMA-262 25.5.2.5 SerializeJSONObject
static bool write_object(Serializer *z, Object *o) {
  if (!enter(z, o)) return false;
  vm_builder_append_unit(&z->b, '{');
  bool is_first = true, done = true;
  if (z->property_list) {
    Array *list = z->property_list;
    for (uint32_t i = 0; done && i < list->length; i++) {
      PropertyKey key;
      done = vm_to_property_key(z->isolate, list->object.elements->values[i],
                                &key) &&
             write_member_of(z, o, key, &is_first);
    }
  } else if (object_kind(o) == CELL_OBJECT &&
             !(o->cell.flags & OBJECT_EXOTIC) &&
             !(o->shape->cell.flags & (SHAPE_LAZY | SHAPE_EXOTIC_ELEMENTS)) &&
             o->elements->cell.kind == CELL_ELEMENTS &&
             elements_length(o->elements) == 0 &&
             (!(o->shape->cell.flags & SHAPE_UNIQUE) ||
              holds_plain_primitives(z, o))) {
    done = write_members_by_shape(z, o, &is_first);
  } else {
    done = write_members_generally(z, o, &is_first);
  }
  leave(z);
  if (!done) return false;
  if (!is_first) append_line_break(z, z->depth);
  vm_builder_append_unit(&z->b, '}');
  return true;
}

// ECMA-262 25.5.2.6 SerializeJSONArray
static bool write_array(Serializer *z, Object *o) {
  double length;
  if (object_kind(o) == CELL_ARRAY)
    length = ((Array *)o)->length;
  else if (!vm_length_of_array_like(z->isolate, o, &length))
    return false;
  if (!enter(z, o)) return false;
  vm_builder_append_unit(&z->b, '[');
  for (double i = 0; i < length; i++) {
    if (i > 0) vm_builder_append_unit(&z->b, ',');
    append_line_break(z, z->depth);
    PropertyKey key;
    Value value = VALUE_EMPTY;
    if (!vm_to_property_key(z->isolate, value_from_number(i), &key))
      return false;
    if (object_kind(o) == CELL_ARRAY && i < elements_length(o->elements))
      value = o->elements->values[(uint32_t)i];
    if (value == VALUE_EMPTY) value = vm_get(z->isolate, o, key);
    if (value_is_exception(value)) return false;
    Written written = write_value(z, o, key, value);
    if (written == WRITE_THREW) return false;
    if (written == WRITE_OMITTED) vm_builder_append_ascii(&z->b, "null");
    if (z->b.failed) return false;
  }
  leave(z);
  if (length > 0) append_line_break(z, z->depth);
  vm_builder_append_unit(&z->b, ']');
  return true;
}

// Values ------------------------------------------------------------------

// The toJSON method of an object or BigInt; undefined: none.
static Value to_json_method(Serializer *z, Value value) {
  Isolate *iso = z->isolate;
  if (!value_is_object(value)) return vm_get_of_value(iso, value, KEY(toJSON));
  Object *o = value_as_object(value);
  Shape *shape = o->shape;
  unsigned at = (unsigned)((uintptr_t)shape >> 5) % ABSENT_CACHE;
  if (z->absent[at].shape == shape && validity_holds(z->absent[at].validity))
    return VALUE_UNDEFINED;
  LookupResult found;
  vm_lookup_for_cache(iso, value, KEY(toJSON), &found);
  if (found.kind == LOOKUP_ABSENT && found.receiver == RECEIVER_OBJECT) {
    at = (unsigned)((uintptr_t)found.shape >> 5) % ABSENT_CACHE;
    z->absent[at].shape = found.shape;
    z->absent[at].validity = found.validity;
    return VALUE_UNDEFINED;
  }
  return vm_get(iso, o, KEY(toJSON));
}

// The steps of 25.5.2.2 that can run script code: toJSON, the replacer, and
// unwrapping of primitive objects.
static Value prepare(Serializer *z, Object *holder, PropertyKey key,
                     Value value) {
  Isolate *iso = z->isolate;
  if (value_is_object(value) || value_is_bigint(value)) {
    Value method = to_json_method(z, value);
    if (value_is_exception(method)) return method;
    if (value_is_callable(method)) {
      Value name = vm_key_to_value(iso, key);
      if (value_is_exception(name)) return name;
      value = vm_call(iso, method, value, 1, &name);
      if (value_is_exception(value)) return value;
    }
  }
  if (!value_is_undefined(z->replacer_function)) {
    Value name = vm_key_to_value(iso, key);
    if (value_is_exception(name)) return name;
    Value arguments[] = {name, value};
    value = vm_call(iso, z->replacer_function, value_from_cell(holder), 2,
                    arguments);
    if (value_is_exception(value)) return value;
  }
  if (!value_is_object(value)) return value;
  switch (object_kind(value_as_object(value))) {
  case CELL_NUMBER:
    return vm_to_number(iso, value);
  case CELL_STRING_OBJECT: {
    String *s = vm_to_string(iso, value);
    return s ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  case CELL_BOOLEAN:
  case CELL_BIGINT_OBJECT:
    return ((PrimitiveObject *)value_as_object(value))->value;
  default:
    return value;
  }
}

static Written write_structure(Serializer *z, Object *o) {
  Isolate *iso = z->isolate;
  if (json_is_raw(o)) {
    Value raw = vm_get(iso, o, vm_key_from_c("rawJSON"));
    if (value_is_exception(raw)) return WRITE_THREW;
    vm_builder_append(&z->b, value_as_string(raw));
    return WRITE_DONE;
  }
  if (object_is_callable(o)) return WRITE_OMITTED;
  Tri is_array =
      object_kind(o) == CELL_OBJECT ? 0 : vm_is_array(iso, value_from_cell(o));
  if (is_array == TRI_THREW || !vm_check_stack(iso)) return WRITE_THREW;
  bool done = is_array ? write_array(z, o) : write_object(z, o);
  return done ? WRITE_DONE : WRITE_THREW;
}

// ECMA-262 25.5.2.2 SerializeJSONProperty
static Written write_value(Serializer *z, Object *holder, PropertyKey key,
                           Value value) {
  if (unlikely(z->countdown-- == 0)) {
    z->countdown = POLL_EVERY;
    if (!vm_poll(z->isolate, POLL_EVERY)) return WRITE_THREW;
  }
  if (value_is_cell(value) || !value_is_undefined(z->replacer_function)) {
    if (!value_is_string(value) || !value_is_undefined(z->replacer_function)) {
      value = prepare(z, holder, key, value);
      if (value_is_exception(value)) return WRITE_THREW;
    }
  }
  if (value_is_number(value)) {
    append_number(&z->b, value);
    return WRITE_DONE;
  }
  if (value_is_string(value)) return write_string(z, value_as_string(value));
  if (value_is_object(value)) return write_structure(z, value_as_object(value));
  if (value_is_cell(value)) {
    if (value_is_symbol(value)) return WRITE_OMITTED;
    vm_throw_type(z->isolate, "Do not know how to serialize a BigInt");
    return WRITE_THREW;
  }
  if (value_is_undefined(value)) return WRITE_OMITTED;
  vm_builder_append_ascii(&z->b, value_is_null(value)  ? "null"
                                 : value == VALUE_TRUE ? "true"
                                                       : "false");
  return WRITE_DONE;
}

// Set-up ------------------------------------------------------------------

// Step 4.b of 25.5.2: the PropertyList of an array given as replacer.
static bool read_property_list(Serializer *z, Object *replacer) {
  Isolate *iso = z->isolate;
  double length;
  if (!vm_length_of_array_like(iso, replacer, &length)) return false;
  z->property_list = vm_array_new(iso, 0);
  // Names seen, so that none is listed twice.
  Object *seen = vm_object_new_with(iso, NULL);
  for (double i = 0; i < length; i++) {
    PropertyKey index;
    if (!vm_to_property_key(iso, value_from_number(i), &index)) return false;
    Value v = vm_get(iso, replacer, index);
    if (value_is_exception(v)) return false;
    bool is_name = value_is_string(v) || value_is_number(v) ||
                   value_is_kind(v, CELL_STRING_OBJECT) ||
                   value_is_kind(v, CELL_NUMBER);
    if (!is_name) continue;
    String *name = vm_to_string(iso, v);
    PropertyKey key;
    if (!name || !vm_string_to_key(iso, name, &key)) return false;
    Tri known = vm_has_own(iso, seen, key);
    if (known == TRI_THREW) return false;
    if (known) continue;
    if (!vm_create_data_or_throw(iso, seen, key, VALUE_TRUE) ||
        !vm_array_push(iso, z->property_list, value_from_cell(name)))
      return false;
  }
  return true;
}

static bool read_gap(Serializer *z, Value space) {
  Isolate *iso = z->isolate;
  if (value_is_kind(space, CELL_NUMBER)) {
    space = vm_to_number(iso, space);
    if (value_is_exception(space)) return false;
  } else if (value_is_kind(space, CELL_STRING_OBJECT)) {
    String *s = vm_to_string(iso, space);
    if (!s) return false;
    space = value_from_cell(s);
  }
  if (value_is_number(space)) {
    double d;
    if (!vm_to_integer_or_infinity(iso, space, &d)) return false;
    z->gap_length = d < 1 ? 0 : d > GAP_MAX ? GAP_MAX : (uint32_t)d;
    for (uint32_t i = 0; i < z->gap_length; i++)
      z->gap[i] = ' ';
  } else if (value_is_string(space)) {
    StringView v;
    if (!vm_string_view(iso, value_as_string(space), &v)) return false;
    z->gap_length = v.length > GAP_MAX ? GAP_MAX : v.length;
    for (uint32_t i = 0; i < z->gap_length; i++)
      z->gap[i] = string_view_at(v, i);
  }
  return true;
}

Value vm_json_stringify_value(Isolate *iso, Value value, Value replacer,
                              Value space) {
  Serializer z;
  z.isolate = iso;
  z.replacer_function = VALUE_UNDEFINED;
  z.property_list = NULL;
  z.gap_length = z.depth = z.stack_count = 0;
  z.countdown = POLL_EVERY;
  z.stack = z.inline_stack;
  z.stack_capacity = sizeof z.inline_stack / sizeof z.inline_stack[0];
  memset(z.absent, 0, sizeof z.absent);
  if (value_is_callable(replacer)) {
    z.replacer_function = replacer;
  } else if (value_is_object(replacer)) {
    Tri is_array = vm_is_array(iso, replacer);
    if (is_array == TRI_THREW) return VALUE_EXCEPTION;
    if (is_array && !read_property_list(&z, value_as_object(replacer)))
      return VALUE_EXCEPTION;
  }
  if (!read_gap(&z, space)) return VALUE_EXCEPTION;
  // Only a replacer can see the wrapper.
  Object *wrapper = NULL;
  if (!value_is_undefined(z.replacer_function)) {
    wrapper = vm_object_new(iso);
    vm_put(iso, wrapper, KEY(empty), value, PROPERTY_DEFAULT);
  }
  vm_builder_init(&z.b, iso);
  Written written = write_value(&z, wrapper, KEY(empty), value);
  if (z.stack != z.inline_stack) free(z.stack);
  if (written == WRITE_DONE || (z.b.failed && !vm_has_exception(iso))) {
    String *s = vm_builder_finish(&z.b);
    return s ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  vm_builder_discard(&z.b);
  return written == WRITE_OMITTED ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

// ECMA-262 25.5.2
Value vm_json_stringify(Isolate *iso, const NativeCall *call) {
  return vm_json_stringify_value(iso, native_argument(call, 0),
                                 native_argument(call, 1),
                                 native_argument(call, 2));
}
