// SPDX-License-Identifier: MIT
// JSON.parse under hostile text: it gives a value or an error, and what it
// gives survives being written and read again. A libFuzzer target;
// tests/fuzz/fuzz_driver.h runs it without libFuzzer.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/builtins/json.h"
#include "vm/objects/operations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Isolate *iso;

static void check(bool condition) {
  if (!condition) abort();
}

static void set_up(void) {
  IsolateOptions options = {0};
  iso = vm_isolate_new(&options);
  check(iso != NULL);
  iso->realm = vm_realm_new(iso);
  check(iso->realm != NULL);
}

static String *stringify(Value v) {
  Value s = vm_json_stringify_value(iso, v, VALUE_UNDEFINED, VALUE_UNDEFINED);
  check(value_is_string(s));
  return value_as_string(s);
}

// The first byte picks the width of the text.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  if (!iso) set_up();
  String *text;
  if (data[0] & 1) {
    text = vm_string_from_latin1(iso, data + 1, size - 1);
  } else {
    // ASCII as it is, so that the grammar is met; the rest far beyond Latin-1.
    uint16_t *units;
    text = vm_string_new_utf16(iso, size - 1, &units);
    for (size_t i = 0; text && i + 1 < size; i++)
      units[i] =
          data[i + 1] < 0x80 ? data[i + 1] : (uint16_t)(data[i + 1] * 0x101);
  }
  check(text != NULL);
  Value v = vm_json_parse_string(iso, text);
  if (value_is_exception(v)) {
    Value error = vm_take_exception(iso);
    check(value_is_kind(error, CELL_ERROR));
    return 0;
  }
  check(!vm_has_exception(iso));
  String *written = stringify(v);
  Value again = vm_json_parse_string(iso, written);
  check(!value_is_exception(again));
  check(vm_string_equals(iso, written, stringify(again)));
  return 0;
}

#ifndef RILL_LIBFUZZER
#include "fuzz_driver.h"

static const char *const corpus[] = {
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\\u0041\\n\"}}",
    "[1,-2.5e10,0.1,1e-7,123456789012345678901234567890,-0,5e-324]",
    "[{\"k\":1,\"l\":2},{\"k\":3,\"l\":4},{\"k\":5,\"0\":6,\"__proto__\":7}]",
    "\"\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\\udead\"",
    " [ [ [ { } ] , \"\" ] ] ",
    "{\"\":{\"a b\":[[],[],{\"c\\\\\":\"\\\"\"}]}}",
};

int main(int argc, char **argv) {
  return fuzz_main(argc, argv, corpus, sizeof(corpus) / sizeof(corpus[0]));
}
#endif
