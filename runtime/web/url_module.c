// SPDX-License-Identifier: MIT
// rill:internal/url: the natives behind URL and URLSearchParams
// (modules/lib/web/url.js). A URL is given to scripts as an array: its href and
// the offsets of its parts, in the order of UrlOffsets.
#include "runtime/arguments.h"
#include "runtime/modules/native_modules.h"
#include "runtime/web/percent.h"
#include "runtime/web/url.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"
#include "vm/objects/utf.h"

// A string's UTF-8, lone surrogates replaced (USVString); in place where the
// string is ASCII.
typedef struct Utf8 {
  const char *bytes;
  size_t length;
  char *owned; // to be freed
} Utf8;

static bool utf8_of(Isolate *iso, Value value, Utf8 *out) {
  String *text = vm_to_string(iso, value);
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) return false;
  out->owned = NULL;
  out->bytes = view.units;
  out->length = view.length;
  if (!view.is_wide && vm_is_ascii(view.units, view.length)) return true;
  out->bytes = out->owned = vm_string_to_utf8(iso, text, &out->length);
  if (out->owned == NULL) vm_throw_out_of_memory(iso);
  return out->owned != NULL;
}

static Value string_from(Isolate *iso, const char *bytes, size_t length) {
  String *text = vm_string_from_utf8(iso, bytes, length);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static Value show(Isolate *iso, const Url *u) {
  TextBuffer href;
  UrlOffsets at;
  text_init(&href);
  rt_url_serialize(u, &href, &at);
  if (href.failed || href.length > INT32_MAX) {
    text_free(&href);
    return vm_throw_out_of_memory(iso);
  }
  String *text =
      vm_string_from_latin1(iso, (const uint8_t *)href.bytes, href.length);
  text_free(&href);
  if (text == NULL) return VALUE_EXCEPTION;
  const uint32_t offsets[] = {
      at.scheme_end, at.username_end, at.password_start, at.password_end,
      at.host_start, at.host_end,     at.port_end,       at.path_start,
      at.path_end,   at.query_end};
  enum { COUNT = sizeof offsets / sizeof *offsets };
  Value values[1 + COUNT] = {value_from_cell(text)};
  for (int i = 0; i < COUNT; i++) {
    values[1 + i] = value_from_int((int32_t)offsets[i]);
  }
  Array *array = vm_array_from(iso, values, 1 + COUNT);
  return array == NULL ? VALUE_EXCEPTION : value_from_cell(array);
}

static Value finish(Isolate *iso, Url *u, bool valid) {
  Value result = u->path.failed ? vm_throw_out_of_memory(iso)
                 : valid        ? show(iso, u)
                                : VALUE_NULL;
  rt_url_free(u);
  return result;
}

// parse(text, base or undefined): the URL, or null.
static Value parse(Isolate *iso, const NativeCall *call) {
  Utf8 input, base_input = {NULL, 0, NULL};
  bool has_base = native_argument(call, 1) != VALUE_UNDEFINED;
  if (!utf8_of(iso, native_argument(call, 0), &input)) return VALUE_EXCEPTION;
  if (has_base && !utf8_of(iso, native_argument(call, 1), &base_input)) {
    free(input.owned);
    return VALUE_EXCEPTION;
  }
  Url url, base;
  rt_url_init(&url);
  bool valid = true;
  if (has_base) {
    rt_url_init(&base);
    valid = rt_url_parse(&base, base_input.bytes, base_input.length, NULL);
    url.path.failed |= base.path.failed;
  }
  valid = valid && rt_url_parse(&url, input.bytes, input.length,
                                has_base ? &base : NULL);
  if (has_base) rt_url_free(&base);
  free(base_input.owned);
  free(input.owned);
  return finish(iso, &url, valid);
}

// change(href, part, text): the URL with a part set; `href` is a serialized
// URL, `part` a UrlPart.
static Value change(Isolate *iso, const NativeCall *call) {
  Utf8 href, value;
  if (!rt_arguments_are(iso, call, ".i.")) return VALUE_EXCEPTION;
  int32_t part = value_as_int(call->argv[1]);
  if (!utf8_of(iso, call->argv[0], &href)) return VALUE_EXCEPTION;
  if (!utf8_of(iso, call->argv[2], &value)) {
    free(href.owned);
    return VALUE_EXCEPTION;
  }
  Url url;
  rt_url_init(&url);
  bool valid = rt_url_parse(&url, href.bytes, href.length, NULL);
  if (valid) rt_url_set(&url, (UrlPart)part, value.bytes, value.length);
  free(href.owned);
  free(value.owned);
  return finish(iso, &url, valid);
}

// application/x-www-form-urlencoded (5) --------------------------------------

static bool push_decoded(Isolate *iso, Array *list, const char *bytes,
                         size_t length, TextBuffer *scratch) {
  text_clear(scratch);
  if (memchr(bytes, '%', length) != NULL || memchr(bytes, '+', length)) {
    // In one pass: a '+' that was encoded stays one.
    for (size_t i = 0; i < length; i++) {
      int high, low;
      if (bytes[i] == '%' && length - i > 2 &&
          (high = hex_value((uint8_t)bytes[i + 1])) >= 0 &&
          (low = hex_value((uint8_t)bytes[i + 2])) >= 0) {
        text_add(scratch, (char)(high << 4 | low));
        i += 2;
      } else {
        text_add(scratch, bytes[i] == '+' ? ' ' : bytes[i]);
      }
    }
    bytes = scratch->bytes;
    length = scratch->length;
  }
  if (scratch->failed) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  Value text = string_from(iso, bytes, length);
  return !value_is_exception(text) && vm_array_push(iso, list, text) &&
         vm_step(iso);
}

// parseQuery(text): names and values in turn.
static Value parse_query(Isolate *iso, const NativeCall *call) {
  Utf8 input;
  if (!utf8_of(iso, native_argument(call, 0), &input)) return VALUE_EXCEPTION;
  Array *list = vm_array_new(iso, 0);
  TextBuffer scratch;
  text_init(&scratch);
  const char *at = input.bytes, *end = at + input.length;
  bool done = true;
  while (done && at < end) {
    const char *stop = memchr(at, '&', (size_t)(end - at));
    if (stop == NULL) stop = end;
    if (stop > at) {
      const char *equals = memchr(at, '=', (size_t)(stop - at));
      const char *name_end = equals == NULL ? stop : equals;
      const char *value = equals == NULL ? stop : equals + 1;
      done = push_decoded(iso, list, at, (size_t)(name_end - at), &scratch) &&
             push_decoded(iso, list, value, (size_t)(stop - value), &scratch);
    }
    at = stop + 1;
  }
  text_free(&scratch);
  free(input.owned);
  return done ? value_from_cell(list) : VALUE_EXCEPTION;
}

// formatQuery(names and values in turn): strings.
static Value format_query(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "a")) return VALUE_EXCEPTION;
  const Array *list = (Array *)value_as_cell(call->argv[0]);
  TextBuffer out;
  text_init(&out);
  for (uint32_t i = 0; i < list->length; i++) {
    Utf8 part;
    Value item = vm_get_element(iso, call->argv[0], value_from_int((int32_t)i));
    if (value_is_exception(item) || !vm_step(iso) ||
        !utf8_of(iso, item, &part)) {
      text_free(&out);
      return VALUE_EXCEPTION;
    }
    if (i > 0) text_add(&out, i % 2 == 0 ? '&' : '=');
    for (size_t k = 0; k < part.length; k++) {
      if (part.bytes[k] == ' ') {
        text_add(&out, '+');
      } else {
        percent_add(&out, (uint8_t)part.bytes[k], PERCENT_FORM);
      }
    }
    free(part.owned);
  }
  Value result = out.failed ? vm_throw_out_of_memory(iso)
                            : string_from(iso, out.bytes, out.length);
  text_free(&out);
  return result;
}

// domainToASCII(domain): "" if it is invalid.
static Value domain_to_ascii(Isolate *iso, const NativeCall *call) {
  Utf8 domain;
  if (!utf8_of(iso, native_argument(call, 0), &domain)) return VALUE_EXCEPTION;
  TextBuffer out;
  text_init(&out);
  bool valid = rt_host_parse(&out, domain.bytes, domain.length, false);
  Value result = string_from(iso, out.bytes, valid ? out.length : 0);
  text_free(&out);
  free(domain.owned);
  return result;
}

static Value domain_to_unicode(Isolate *iso, const NativeCall *call) {
  Utf8 domain;
  if (!utf8_of(iso, native_argument(call, 0), &domain)) return VALUE_EXCEPTION;
  TextBuffer ascii, out;
  text_init(&ascii);
  text_init(&out);
  if (rt_host_parse(&ascii, domain.bytes, domain.length, false)) {
    rt_domain_to_unicode(&out, ascii.bytes, ascii.length);
  }
  Value result = string_from(iso, out.bytes, out.length);
  text_free(&ascii);
  text_free(&out);
  free(domain.owned);
  return result;
}

static const NativeExport url_exports[] = {
    {"change", change, 3},
    {"domainToASCII", domain_to_ascii, 1},
    {"domainToUnicode", domain_to_unicode, 1},
    {"formatQuery", format_query, 1},
    {"parse", parse, 2},
    {"parseQuery", parse_query, 1},
};
const NativeModule rt_url_module =
    NATIVE_MODULE("rill:internal/url", url_exports);
