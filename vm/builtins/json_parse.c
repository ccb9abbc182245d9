// SPDX-License-Identifier: MIT
// JSON.parse, ECMA-262 25.5.1, with the source text access of
// JSON.parse(text, reviver)'s third argument, and JSON.rawJSON.
#include <stdlib.h>

#include "vm/builtins/json.h"
#include "vm/builtins/json_parser.h"
#include "vm/objects/charge.h"
#include "vm/objects/number_text.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/string_internal.h"

Value vm_json_bad(JsonParser *p, uint32_t index, const char *problem) {
  StringView v = {p->start, p->length, p->is_wide};
  uint32_t line = 1, column = 1;
  for (uint32_t i = 0; i < index && i < v.length; i++) {
    column++;
    if (string_view_at(v, i) == '\n') {
      line++;
      column = 1;
    }
  }
  bool has_json = strstr(problem, "JSON") != NULL;
  return vm_throw_syntax(p->isolate, "%s%s at position %u (line %u column %u)",
                         problem, has_json ? "" : " in JSON", index, line,
                         column);
}

Value vm_json_unexpected(JsonParser *p, uint32_t index) {
  Isolate *iso = p->isolate;
  if (index >= p->length)
    return vm_throw_syntax(iso, "Unexpected end of JSON input");
  enum { CONTEXT = 10 };
  StringView v = {p->start, p->length, p->is_wide};
  uint32_t from = index > CONTEXT ? index - CONTEXT : 0;
  uint32_t to = p->length - index > CONTEXT ? index + CONTEXT : p->length;
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_view(&b, string_view_range(v, from, to));
  String *context = vm_builder_finish(&b);
  String *token = vm_string_from_unit(iso, string_view_at(v, index));
  char *context_text = context ? vm_string_to_utf8(iso, context, NULL) : NULL;
  char *token_text = token ? vm_string_to_utf8(iso, token, NULL) : NULL;
  if (context_text && token_text)
    vm_throw_syntax(iso, "Unexpected token '%s', %s\"%s\"%s is not valid JSON",
                    token_text, from > 0 ? "..." : "", context_text,
                    to < p->length ? "..." : "");
  else if (!vm_has_exception(iso))
    vm_throw_out_of_memory(iso);
  free(context_text);
  free(token_text);
  return VALUE_EXCEPTION;
}

double vm_json_number(const char *ascii, uint32_t length) {
  return vm_number_from_latin1((const uint8_t *)ascii, length);
}

// Whether the text of a key stands in JSON as it is, in quotes.
static bool is_plain_key(PropertyKey key) {
  if (!key_is_string(key)) return false;
  StringView v = string_view_of(value_as_string(key));
  for (uint32_t i = 0; i < v.length; i++) {
    uint16_t unit = string_view_at(v, i);
    if (unit < 0x20 || unit == '"' || unit == '\\') return false;
  }
  return true;
}

Shape *vm_json_only_next_shape(JsonParser *p, Shape *shape) {
  Shape *child = vm_shape_only_child(p->isolate, shape);
  if (!child || child->attributes != PROPERTY_DEFAULT ||
      !is_plain_key(child->key))
    return NULL;
  *json_next_shape(p, shape) = child;
  return child;
}

bool vm_json_add_to_map(JsonParser *p, Object *o, String *name, Value value) {
  PropertyKey key;
  TextAnswer answer = vm_text_put(p->isolate, o, name, value, &key);
  if (answer != VM_TEXT_UNFIT) return answer != VM_TEXT_THREW;
  return (key != 0 || vm_string_to_key(p->isolate, name, &key)) &&
         vm_json_add(p, o, key, value);
}

bool vm_json_add(JsonParser *p, Object *o, PropertyKey key, Value value) {
  Shape *before = o->shape;
  if (!vm_create_data_or_throw(p->isolate, o, key, value)) return false;
  Shape *after = o->shape;
  if (after != before && after->parent == before && after->key == key &&
      !((after->cell.flags | before->cell.flags) & SHAPE_UNIQUE) &&
      is_plain_key(key))
    *json_next_shape(p, before) = after;
  return true;
}

Value vm_json_record(Isolate *iso, Value value, Value second) {
  Value pair[] = {value, second};
  Array *record = vm_array_from(iso, pair, 2);
  return record ? value_from_cell(record) : VALUE_EXCEPTION;
}

static bool start(Isolate *iso, JsonParser *p, String *text) {
  StringView v;
  if (!vm_string_read(iso, text, &v)) return false;
  p->isolate = iso;
  p->text = text;
  p->start = v.units;
  p->length = v.length;
  p->is_wide = v.is_wide;
  p->countdown = JSON_POLL_EVERY;
  memset(p->next_shape, 0, sizeof p->next_shape);
  return true;
}

static Value parse(Isolate *iso, String *text, Value *record) {
  JsonParser p;
  if (!start(iso, &p, text)) return VALUE_EXCEPTION;
  return p.is_wide ? vm_json_parse_utf16(&p, record)
                   : vm_json_parse_latin1(&p, record);
}

Value vm_json_parse_string(Isolate *iso, String *text) {
  return parse(iso, text, NULL);
}

static Value internalize(Isolate *iso, Object *holder, PropertyKey name,
                         Value reviver, Value record);

// One member of a value that is being internalized. False: threw.
static bool internalize_member(Isolate *iso, Object *o, PropertyKey key,
                               Value reviver, Value record) {
  Value element = internalize(iso, o, key, reviver, record);
  if (value_is_exception(element)) return false;
  Tri done = value_is_undefined(element) ? vm_delete(iso, o, key)
                                         : vm_create_data(iso, o, key, element);
  return done != TRI_THREW;
}

// The record of a member among those of the value it belongs to; undefined:
// there is none.
static Value member_record(Isolate *iso, Value records, PropertyKey key) {
  if (!value_is_object(records)) return VALUE_UNDEFINED;
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, value_as_object(records), key, &d);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  return found && d.value != VALUE_EMPTY && value_is_object(d.value)
             ? d.value
             : VALUE_UNDEFINED;
}

static bool internalize_members(Isolate *iso, Object *o, Value reviver,
                                Value records) {
  Tri is_array = vm_is_array(iso, value_from_cell(o));
  if (is_array == TRI_THREW) return false;
  if (is_array) {
    double length;
    if (!vm_length_of_array_like(iso, o, &length)) return false;
    for (double i = 0; i < length; i++) {
      PropertyKey key;
      if (!vm_to_property_key(iso, value_from_number(i), &key)) return false;
      Value record = member_record(iso, records, key);
      if (value_is_exception(record) ||
          !internalize_member(iso, o, key, reviver, record))
        return false;
    }
    return true;
  }
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key_is_symbol(key)) continue;
    PropertyDescriptor d;
    // EnumerableOwnProperties takes its snapshot first; a key that vanished by
    // then is still visited.
    Tri found = vm_get_own_property(iso, o, key, &d);
    if (found == TRI_THREW) done = false;
    if (found != 1 || !(d.attributes & PROPERTY_ENUMERABLE))
      vm_key_list_replace(iso, &keys, i, 0);
  }
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key == 0 || key_is_symbol(key)) continue;
    Value record = member_record(iso, records, key);
    done = !value_is_exception(record) &&
           internalize_member(iso, o, key, reviver, record);
  }
  return done;
}

// ECMA-262 25.5.1.2 InternalizeJSONProperty
static Value internalize(Isolate *iso, Object *holder, PropertyKey name,
                         Value reviver, Value record) {
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  Value value = vm_get(iso, holder, name);
  if (value_is_exception(value)) return value;
  Object *context = vm_object_new(iso);
  Value members = VALUE_UNDEFINED;
  if (value_is_object(record)) {
    // A record says nothing about a value that has been replaced.
    const Elements *parts = value_as_object(record)->elements;
    if (vm_same_value(iso, parts->values[0], value)) {
      if (value_is_object(value))
        members = parts->values[1];
      else
        vm_put(iso, context, KEY(source), parts->values[1], PROPERTY_DEFAULT);
    }
  }
  if (value_is_object(value) &&
      !internalize_members(iso, value_as_object(value), reviver, members))
    return VALUE_EXCEPTION;
  Value name_value = vm_key_to_value(iso, name);
  if (value_is_exception(name_value)) return name_value;
  Value arguments[] = {name_value, value, value_from_cell(context)};
  return vm_call(iso, reviver, value_from_cell(holder), 3, arguments);
}

// ECMA-262 25.5.1
Value vm_json_parse(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  if (!text) return VALUE_EXCEPTION;
  Value reviver = native_argument(call, 1);
  if (!value_is_callable(reviver)) return parse(iso, text, NULL);
  Value record;
  Value value = parse(iso, text, &record);
  if (value_is_exception(value)) return value;
  Object *root = vm_object_new(iso);
  vm_put(iso, root, KEY(empty), value, PROPERTY_DEFAULT);
  return internalize(iso, root, KEY(empty), reviver, record);
}

// JSON.rawJSON (proposal json-parse-with-source)
Value vm_json_raw_json(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView v;
  if (!text || !vm_string_view(iso, text, &v)) return VALUE_EXCEPTION;
  if (v.length == 0)
    return vm_throw_syntax(iso, "Invalid value for JSON.rawJSON");
  uint16_t ends[] = {string_view_at(v, 0), string_view_at(v, v.length - 1)};
  for (int i = 0; i < 2; i++)
    if (ends[i] == '\t' || ends[i] == '\n' || ends[i] == '\r' || ends[i] == ' ')
      return vm_throw_syntax(iso, "Invalid value for JSON.rawJSON");
  if (ends[0] == '{' || ends[0] == '[')
    return vm_throw_syntax(iso, "Invalid value for JSON.rawJSON");
  if (value_is_exception(parse(iso, text, NULL))) return VALUE_EXCEPTION;
  Object *o = vm_object_new_with(iso, NULL);
  vm_put(iso, o, vm_key_from_c("rawJSON"), value_from_cell(text),
         PROPERTY_DEFAULT);
  o->cell.flags |= OBJECT_IS_RAW_JSON;
  if (vm_set_integrity(iso, o, INTEGRITY_FROZEN) == TRI_THREW)
    return VALUE_EXCEPTION;
  return value_from_cell(o);
}

Value vm_json_is_raw_json(Isolate *iso, const NativeCall *call) {
  (void)iso;
  Value v = native_argument(call, 0);
  return value_from_bool(value_is_object(v) && json_is_raw(value_as_object(v)));
}
