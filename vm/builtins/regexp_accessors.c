// SPDX-License-Identifier: MIT
// Flags, source, toString and escape: ECMA-262 22.2.6.3 ff. and 22.2.5.1.
#include "vm/builtins/regexp_builtins.h"
#include "vm/objects/utf.h"

static bool is_prototype(Isolate *iso, Value v) {
  return v == value_from_cell(INTRINSIC_OBJECT(iso, RegExpPrototype));
}

// ECMA-262 22.2.6.4.1 RegExpHasFlag
Value vm_regexp_get_flag(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_REGEXP)) {
    const RegExpObject *r =
        (const RegExpObject *)value_as_cell(call->this_value);
    return value_from_bool(regexp_object_flags(r) & native_magic(call));
  }
  if (is_prototype(iso, call->this_value)) return VALUE_UNDEFINED;
  return vm_throw_type_value(
      iso, "RegExp flag getter called on incompatible receiver %s",
      call->this_value);
}

// ECMA-262 22.2.6.4 get RegExp.prototype.flags
Value vm_regexp_get_flags(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "flags");
  if (!o) return VALUE_EXCEPTION;
  uint8_t letters[8];
  size_t count = 0;
  if (vm_regexp_is_pristine(iso, o, true)) {
    uint32_t flags = regexp_object_flags((RegExpObject *)o);
    for (int i = 0; i < 8; i++) {
      if (flags & 1u << i) letters[count++] = (uint8_t) "dgimsuvy"[i];
    }
  } else {
    const PropertyKey keys[] = {KEY(hasIndices),  KEY(global), KEY(ignoreCase),
                                KEY(multiline),   KEY(dotAll), KEY(unicode),
                                KEY(unicodeSets), KEY(sticky)};
    for (int i = 0; i < 8; i++) {
      Value v = vm_get(iso, o, keys[i]);
      if (value_is_exception(v)) return v;
      if (vm_to_boolean(v)) letters[count++] = (uint8_t) "dgimsuvy"[i];
    }
  }
  String *s = vm_string_from_latin1(iso, letters, count);
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

static const char *escape_of_line_terminator(uint32_t c) {
  switch (c) {
  case '\n':
    return "n";
  case '\r':
    return "r";
  case 0x2028:
    return "u2028";
  case 0x2029:
    return "u2029";
  default:
    return NULL;
  }
}

// ECMA-262 22.2.6.13.1 EscapeRegExpPattern
static Value escape_pattern(Isolate *iso, String *source) {
  StringView v;
  if (!vm_string_view(iso, source, &v)) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  bool in_class = false, changed = v.length == 0;
  if (v.length == 0) vm_builder_append_ascii(&b, "(?:)");
  for (uint32_t i = 0; i < v.length; i++) {
    uint32_t c = string_view_at(v, i);
    bool escaped = false;
    if (c == '\\' && i + 1 < v.length) {
      escaped = true;
      c = string_view_at(v, ++i);
    } else if (c == '[') {
      in_class = true;
    } else if (c == ']') {
      in_class = false;
    }
    const char *letters = escape_of_line_terminator(c);
    bool needs_escape = letters || (c == '/' && !in_class);
    changed |= letters || (needs_escape && !escaped);
    if (escaped || needs_escape) vm_builder_append_unit(&b, '\\');
    if (letters) {
      vm_builder_append_ascii(&b, letters);
    } else {
      vm_builder_append_unit(&b, (uint16_t)c);
    }
  }
  if (!changed) {
    vm_builder_discard(&b);
    return value_from_cell(source);
  }
  String *result = vm_builder_finish(&b);
  return result ? value_from_cell(result) : VALUE_EXCEPTION;
}

// ECMA-262 22.2.6.13 get RegExp.prototype.source
Value vm_regexp_get_source(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_REGEXP)) {
    return escape_pattern(
        iso, ((RegExpObject *)value_as_cell(call->this_value))->source);
  }
  if (is_prototype(iso, call->this_value)) {
    String *s = vm_string_from_c(iso, "(?:)");
    return s ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  return vm_throw_type_value(
      iso, "RegExp.prototype.source getter called on incompatible receiver %s",
      call->this_value);
}

// ECMA-262 22.2.6.17
Value vm_regexp_to_string(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "toString");
  if (!o) return VALUE_EXCEPTION;
  Value part = vm_get(iso, o, KEY(source));
  if (value_is_exception(part)) return part;
  String *source = vm_to_string(iso, part);
  if (!source) return VALUE_EXCEPTION;
  part = vm_get(iso, o, KEY(flags));
  if (value_is_exception(part)) return part;
  String *flags = vm_to_string(iso, part);
  if (!flags) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_unit(&b, '/');
  vm_builder_append(&b, source);
  vm_builder_append_unit(&b, '/');
  vm_builder_append(&b, flags);
  String *result = vm_builder_finish(&b);
  return result ? value_from_cell(result) : VALUE_EXCEPTION;
}

static void append_hex(StringBuilder *b, const char *prefix, uint32_t value,
                       int digits) {
  vm_builder_append_ascii(b, prefix);
  while (digits-- > 0) {
    uint16_t digit = (uint16_t) "0123456789abcdef"[value >> (4 * digits) & 15];
    vm_builder_append_unit(b, digit);
  }
}

// ECMA-262 22.2.5.1.1 EncodeForRegExpEscape
static void append_escaped(StringBuilder *b, uint32_t c) {
  if (c < 128 && c && strchr("^$\\.*+?()[]{}|/", (int)c)) {
    vm_builder_append_unit(b, '\\');
    vm_builder_append_unit(b, (uint16_t)c);
    return;
  }
  if (c >= '\t' && c <= '\r') {
    vm_builder_append_unit(b, '\\');
    vm_builder_append_unit(b, (uint16_t) "tnvfr"[c - '\t']);
    return;
  }
  bool punctuator = c < 128 && c && strchr(",-=<>#&!%:;@~'`\"", (int)c);
  bool surrogate = c >= 0xd800 && c <= 0xdfff;
  if (punctuator || surrogate || c == ' ' || c == 0xa0 || c == 0xfeff ||
      c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
      c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000) {
    if (c <= 0xff) {
      append_hex(b, "\\x", c, 2);
    } else {
      append_hex(b, "\\u", c, 4);
    }
    return;
  }
  if (c > 0xffff) {
    vm_builder_append_unit(b, (uint16_t)(0xd7c0 + (c >> 10)));
    c = 0xdc00 | (c & 0x3ff);
  }
  vm_builder_append_unit(b, (uint16_t)c);
}

// ECMA-262 22.2.5.1 RegExp.escape ( S )
Value vm_regexp_escape(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_string(v)) {
    return vm_throw_type(iso, "RegExp.escape requires a string");
  }
  StringView view;
  if (!vm_string_view(iso, value_as_string(v), &view)) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i < view.length; i++) {
    uint32_t c = string_view_at(view, i);
    if (utf16_is_lead(c) && i + 1 < view.length &&
        utf16_is_trail(string_view_at(view, i + 1))) {
      c = utf16_combine(c, string_view_at(view, ++i));
    }
    bool alphanumeric = (c >= '0' && c <= '9') ||
                        ((c | 32) >= 'a' && (c | 32) <= 'z' && c < 128);
    if (i == 0 && alphanumeric) {
      append_hex(&b, "\\x", c, 2);
    } else {
      append_escaped(&b, c);
    }
  }
  String *result = vm_builder_finish(&b);
  return result ? value_from_cell(result) : VALUE_EXCEPTION;
}
