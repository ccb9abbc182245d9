// SPDX-License-Identifier: MIT
// The JSON parser for UTF-16 text.
#include <stdlib.h>

#include "vm/builtins/json_parser.h"

#define UNIT uint16_t
#define NAME(x) utf16_##x
#include "vm/builtins/json_parse_text.h"

Value vm_json_parse_utf16(JsonParser *p, Value *record) {
  return utf16_text(p, record);
}
