// SPDX-License-Identifier: MIT
// The JSON parser for Latin-1 text.
#include <stdlib.h>

#include "vm/builtins/json_parser.h"

#define UNIT uint8_t
#define NAME(x) latin1_##x
#include "vm/builtins/json_parse_text.h"

Value vm_json_parse_latin1(JsonParser *p, Value *record) {
  return latin1_text(p, record);
}
