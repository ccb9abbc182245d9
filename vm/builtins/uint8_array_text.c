// SPDX-License-Identifier: MIT
// Uint8Array to and from base64 and hexadecimal text (23.2.8 of ECMA-262's next
// edition): toBase64, toHex, fromBase64, fromHex, setFromBase64, setFromHex.
#include <stdlib.h>

#include "vm/builtins/typed_array.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"
#include "vm/objects/unicode.h"

typedef enum { LAST_LOOSE, LAST_STRICT, LAST_STOP } LastChunk;

typedef struct Decoding {
  uint8_t *bytes;    // room for as many as the text can give
  size_t count;      // decoded
  size_t max;        // stop there
  size_t read;       // units consumed
  const char *error; // SyntaxError's message; NULL: none
} Decoding;

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// 0 to 63, or 255.
static unsigned base64_value(uint16_t unit, bool url) {
  if (unit >= 'A' && unit <= 'Z') return unit - 'A';
  if (unit >= 'a' && unit <= 'z') return unit - 'a' + 26u;
  if (unit >= '0' && unit <= '9') return unit - '0' + 52u;
  if (unit == (url ? '-' : '+')) return 62;
  if (unit == (url ? '_' : '/')) return 63;
  return 255;
}

static uint32_t skip_space(StringView s, uint32_t i) {
  for (; i < s.length; i++) {
    uint16_t c = string_view_at(s, i);
    if (c != ' ' && c != '\t' && c != '\n' && c != '\f' && c != '\r') break;
  }
  return i;
}

// FromBase64
static void decode_base64(StringView s, bool url, LastChunk last, Decoding *d) {
  if (d->max == 0) return;
  uint32_t chunk = 0, i = 0;
  unsigned digits = 0;
  for (;;) {
    i = skip_space(s, i);
    if (i == s.length) {
      if (digits > 0) {
        if (last == LAST_STOP) return;
        if (last == LAST_STRICT || digits == 1) {
          d->error = "The base64 input terminates with an incomplete chunk";
          return;
        }
        chunk <<= 6 * (4 - digits);
        d->bytes[d->count++] = (uint8_t)(chunk >> 16);
        if (digits == 3) d->bytes[d->count++] = (uint8_t)(chunk >> 8);
      }
      d->read = s.length;
      return;
    }
    uint16_t unit = string_view_at(s, i++);
    if (unit == '=') {
      if (digits < 2) {
        d->error = "Unexpected padding in the base64 input";
        return;
      }
      i = skip_space(s, i);
      if (digits == 2) {
        if (i == s.length) {
          if (last == LAST_STOP) return;
          d->error = "The base64 input lacks a padding character";
          return;
        }
        if (string_view_at(s, i) == '=') i = skip_space(s, i + 1);
      }
      if (i < s.length) {
        d->error = "Unexpected character after the base64 padding";
        return;
      }
      chunk <<= 6 * (4 - digits);
      if (last == LAST_STRICT &&
          (digits == 2 ? chunk & 0xffff : chunk & 0xff)) {
        d->error = "The last base64 chunk has extra bits";
        return;
      }
      d->bytes[d->count++] = (uint8_t)(chunk >> 16);
      if (digits == 3) d->bytes[d->count++] = (uint8_t)(chunk >> 8);
      d->read = s.length;
      return;
    }
    unsigned value = base64_value(unit, url);
    if (value > 63) {
      d->error =
          "Found a character that cannot be part of a valid base64 "
          "string";
      return;
    }
    size_t left = d->max - d->count;
    if ((left == 1 && digits == 2) || (left == 2 && digits == 3)) return;
    chunk = chunk << 6 | value;
    if (++digits == 4) {
      d->bytes[d->count++] = (uint8_t)(chunk >> 16);
      d->bytes[d->count++] = (uint8_t)(chunk >> 8);
      d->bytes[d->count++] = (uint8_t)chunk;
      chunk = 0;
      digits = 0;
      d->read = i;
      if (d->count == d->max) return;
    }
  }
}

// FromHex
static void decode_hex(StringView s, Decoding *d) {
  if (s.length % 2 != 0) {
    d->error = "Input string must contain hex characters in even length";
    return;
  }
  while (d->read < s.length && d->count < d->max) {
    unsigned high =
        vm_unicode_digit_value(string_view_at(s, (uint32_t)d->read));
    unsigned low =
        vm_unicode_digit_value(string_view_at(s, (uint32_t)d->read + 1));
    if (high > 15 || low > 15) {
      d->error = "Input string must contain hex characters in even length";
      return;
    }
    d->bytes[d->count++] = (uint8_t)(high << 4 | low);
    d->read += 2;
  }
}

// GetOptionsObject: 1 and *out, 0 if undefined, or TRI_THREW.
static Tri options_object(Isolate *iso, Value v, Object **out) {
  if (value_is_undefined(v)) return 0;
  if (!value_is_object(v)) {
    vm_throw_type(iso, "Options must be an object");
    return TRI_THREW;
  }
  *out = value_as_object(v);
  return 1;
}

// Index of a string option among its names, 0 if it is absent, -1: threw.
static int string_option(Isolate *iso, Object *options, const char *name,
                         const char *const *names, int count) {
  Value v = vm_get(iso, options, vm_key_from_c(name));
  if (value_is_exception(v)) return -1;
  if (value_is_undefined(v)) return 0;
  for (int i = 0; value_is_string(v) && i < count; i++)
    if (vm_string_equals(iso, value_as_string(v), vm_atom_from_c(names[i])))
      return i;
  vm_throw_type(iso, "Invalid value of the option \"%s\"", name);
  return -1;
}

static bool alphabet_option(Isolate *iso, Object *options, bool *url) {
  static const char *const names[] = {"base64", "base64url"};
  int index = string_option(iso, options, "alphabet", names, 2);
  *url = index == 1;
  return index >= 0;
}

// Decodes argument 0 with the options in argument 1, hex or base64. The caller
// frees d->bytes. False: threw.
static bool decode_argument(Isolate *iso, const NativeCall *call, bool hex,
                            TypedArray *target, Decoding *d) {
  Value v = native_argument(call, 0);
  *d = (Decoding){.max = SIZE_MAX};
  if (!value_is_string(v)) {
    vm_throw_type(iso, "Input argument must be a string");
    return false;
  }
  bool url = false;
  LastChunk last = LAST_LOOSE;
  if (!hex) {
    Object *options;
    Tri given = options_object(iso, native_argument(call, 1), &options);
    if (given == TRI_THREW) return false;
    if (given) {
      static const char *const names[] = {"loose", "strict",
                                          "stop-before-partial"};
      if (!alphabet_option(iso, options, &url)) return false;
      int index = string_option(iso, options, "lastChunkHandling", names, 3);
      if (index < 0) return false;
      last = (LastChunk)index;
    }
  }
  StringView view;
  if (!vm_string_read(iso, value_as_string(v), &view)) return false;
  if (target != NULL) {
    size_t length;
    if (vm_typed_array_validate(iso, value_from_cell(target), &length) == NULL)
      return false;
    d->max = length;
  }
  size_t room = hex ? view.length / 2 : (size_t)view.length / 4 * 3 + 3;
  d->bytes = malloc(room + 1);
  if (d->bytes == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (hex)
    decode_hex(view, d);
  else
    decode_base64(view, url, last, d);
  return true;
}

// Uint8Array.fromBase64 and, magic 1, fromHex.
static Value from_text(Isolate *iso, const NativeCall *call) {
  Decoding d;
  if (!decode_argument(iso, call, native_magic(call) != 0, NULL, &d))
    return VALUE_EXCEPTION;
  TypedArray *t = NULL;
  if (d.error != NULL)
    vm_throw_syntax(iso, "%s", d.error);
  else
    t = vm_typed_array_create(iso, ELEMENT_UINT8, d.count);
  if (t != NULL && d.count > 0) memcpy(t->data, d.bytes, d.count);
  free(d.bytes);
  return t != NULL ? value_from_cell(t) : VALUE_EXCEPTION;
}

static TypedArray *this_uint8_array(Isolate *iso, const NativeCall *call) {
  if (value_is_typed_array(call->this_value)) {
    TypedArray *t = (TypedArray *)value_as_cell(call->this_value);
    if (typed_array_kind(t) == ELEMENT_UINT8) return t;
  }
  vm_throw_type(iso, "this is not a Uint8Array.");
  return NULL;
}

// setFromBase64 and, magic 1, setFromHex. What was decoded before an error is
// written.
static Value set_from_text(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_uint8_array(iso, call);
  Decoding d;
  size_t length;
  if (t != NULL && buffer_is_immutable(t->buffer))
    t = vm_typed_array_validate_writable(iso, call->this_value, &length);
  if (t == NULL || !decode_argument(iso, call, native_magic(call) != 0, t, &d))
    return VALUE_EXCEPTION;
  if (d.count > 0) memcpy(t->data, d.bytes, d.count);
  free(d.bytes);
  if (d.error != NULL) return vm_throw_syntax(iso, "%s", d.error);
  Object *result = vm_object_new(iso);
  vm_put(iso, result, vm_key_from_c("read"), value_from_number((double)d.read),
         PROPERTY_DEFAULT);
  vm_put(iso, result, vm_key_from_c("written"),
         value_from_number((double)d.count), PROPERTY_DEFAULT);
  return value_from_cell(result);
}

// Uint8Array.prototype.toBase64 ( [ options ] )
static Value to_base64(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_uint8_array(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  Object *options;
  bool url = false, omit_padding = false;
  Tri given = options_object(iso, native_argument(call, 0), &options);
  if (given == TRI_THREW) return VALUE_EXCEPTION;
  if (given) {
    if (!alphabet_option(iso, options, &url)) return VALUE_EXCEPTION;
    Value v = vm_get(iso, options, vm_key_from_c("omitPadding"));
    if (value_is_exception(v)) return v;
    omit_padding = vm_to_boolean(v);
  }
  size_t length;
  if (vm_typed_array_validate(iso, call->this_value, &length) == NULL)
    return VALUE_EXCEPTION;
  size_t tail = length % 3;
  size_t size = length / 3 * 4;
  if (tail != 0) size += omit_padding ? tail + 1 : 4;
  uint8_t *out;
  String *s = vm_string_new_latin1(iso, size, &out);
  if (s == NULL) return VALUE_EXCEPTION;
  const char *digits = url ? base64url_digits : base64_digits;
  const uint8_t *in = t->data;
  size_t i = 0;
  for (; i + 3 <= length; i += 3) {
    uint32_t n = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
    *out++ = (uint8_t)digits[n >> 18];
    *out++ = (uint8_t)digits[n >> 12 & 63];
    *out++ = (uint8_t)digits[n >> 6 & 63];
    *out++ = (uint8_t)digits[n & 63];
  }
  if (tail != 0) {
    uint32_t n = (uint32_t)in[i] << 16;
    if (tail == 2) n |= (uint32_t)in[i + 1] << 8;
    *out++ = (uint8_t)digits[n >> 18];
    *out++ = (uint8_t)digits[n >> 12 & 63];
    if (tail == 2)
      *out++ = (uint8_t)digits[n >> 6 & 63];
    else if (!omit_padding)
      *out++ = '=';
    if (!omit_padding) *out++ = '=';
  }
  return value_from_cell(s);
}

// Uint8Array.prototype.toHex ( )
static Value to_hex(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_uint8_array(iso, call);
  size_t length;
  if (t == NULL ||
      vm_typed_array_validate(iso, call->this_value, &length) == NULL)
    return VALUE_EXCEPTION;
  uint8_t *out;
  String *s = vm_string_new_latin1(iso, length * 2, &out);
  if (s == NULL) return VALUE_EXCEPTION;
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    *out++ = (uint8_t)digits[t->data[i] >> 4];
    *out++ = (uint8_t)digits[t->data[i] & 15];
  }
  return value_from_cell(s);
}

static const Builtin text_static[] = {
    BUILTIN_MAGIC("fromBase64", from_text, 1, 0),
    BUILTIN_MAGIC("fromHex", from_text, 1, 1),
};

static const Builtin text_prototype[] = {
    BUILTIN_MAGIC("setFromBase64", set_from_text, 1, 0),
    BUILTIN_MAGIC("setFromHex", set_from_text, 1, 1),
    BUILTIN("toBase64", to_base64, 0),
    BUILTIN("toHex", to_hex, 0),
};

void vm_define_uint8_array_text(Isolate *iso, Object *constructor,
                                Object *prototype) {
  VM_DEFINE_BUILTINS(iso, constructor, text_static);
  VM_DEFINE_BUILTINS(iso, prototype, text_prototype);
}
