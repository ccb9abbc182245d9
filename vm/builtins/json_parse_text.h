// SPDX-License-Identifier: MIT
// The JSON parser over units of one width: included once with UNIT uint8_t and
// once with uint16_t, NAME(x) giving the instance's names. By recursive
// descent; vm_check_stack bounds the depth.

typedef struct NAME(Cursor) {
  JsonParser *p;
  const UNIT *at, *end;
} NAME(Cursor);

static Value NAME(value)(NAME(Cursor) *, Value *record);

static inline uint32_t NAME(index)(NAME(Cursor) * c) {
  return (uint32_t)(c->at - (const UNIT *)c->p->start);
}

static inline void NAME(skip_space)(NAME(Cursor) * c) {
  while (c->at < c->end &&
         (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
    c->at++;
}

static inline Value NAME(unexpected)(NAME(Cursor) * c) {
  return vm_json_unexpected(c->p, NAME(index)(c));
}

static Value NAME(bad)(NAME(Cursor) * c, const char *problem) {
  return vm_json_bad(c->p, NAME(index)(c), problem);
}

static Value NAME(literal)(NAME(Cursor) * c, const char *text, Value value) {
  for (; *text; text++, c->at++)
    if (c->at >= c->end || *c->at != (UNIT)*text) return NAME(unexpected)(c);
  return value;
}

static Value NAME(number)(NAME(Cursor) * c) {
  const UNIT *start = c->at;
  bool negative = *c->at == '-';
  if (negative) c->at++;
  if (c->at >= c->end || (unsigned)(*c->at - '0') > 9)
    return NAME(bad)(c, "No number after minus sign");
  const UNIT *digits = c->at;
  uint64_t mantissa = 0;
  if (*c->at == '0') {
    c->at++;
    if (c->at < c->end && (unsigned)(*c->at - '0') <= 9)
      return NAME(bad)(c, "Unexpected number");
  } else {
    while (c->at < c->end && (unsigned)(*c->at - '0') <= 9)
      mantissa = mantissa * 10 + (unsigned)(*c->at++ - '0');
  }
  int digit_count = (int)(c->at - digits < 30 ? c->at - digits : 30);
  bool is_integer = true;
  int scale = 0;
  if (c->at < c->end && *c->at == '.') {
    is_integer = false;
    c->at++;
    if (c->at >= c->end || (unsigned)(*c->at - '0') > 9)
      return NAME(bad)(c, "Unterminated fractional number");
    const UNIT *fraction = c->at;
    while (c->at < c->end && (unsigned)(*c->at - '0') <= 9)
      mantissa = mantissa * 10 + (unsigned)(*c->at++ - '0');
    scale = (int)(fraction - c->at < -30 ? -30 : fraction - c->at);
    digit_count -= scale;
  }
  if (c->at < c->end && (*c->at | 0x20) == 'e') {
    is_integer = false;
    digit_count = 30; // the slow way
    c->at++;
    if (c->at < c->end && (*c->at == '+' || *c->at == '-')) c->at++;
    if (c->at >= c->end || (unsigned)(*c->at - '0') > 9)
      return NAME(bad)(c, "Exponent part is missing a number");
    while (c->at < c->end && (unsigned)(*c->at - '0') <= 9)
      c->at++;
  }
  if (digit_count <= 15) {
    // Both the digits and the power of ten are exact doubles, so one division
    // rounds correctly.
    if (is_integer) {
      if (negative && mantissa == 0) return value_from_double(-0.0);
      return value_from_int64(negative ? -(int64_t)mantissa
                                       : (int64_t)mantissa);
    }
    static const double powers[] = {1,    1e1,  1e2,  1e3, 1e4,  1e5,
                                    1e6,  1e7,  1e8,  1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15};
    double d = (double)mantissa / powers[-scale];
    return value_from_number(negative ? -d : d);
  }
  uint32_t length = (uint32_t)(c->at - start);
  if (sizeof(UNIT) == 1)
    return value_from_number(vm_json_number((const char *)start, length));
  char small[64], *text = length < sizeof small ? small : malloc(length);
  if (!text) return vm_throw_out_of_memory(c->p->isolate);
  for (uint32_t i = 0; i < length; i++)
    text[i] = (char)start[i];
  double d = vm_json_number(text, length);
  if (text != small) free(text);
  return value_from_number(d);
}

// Moves to the first unit that a string literal cannot hold as it is: a quote,
// a backslash or a control character.
static inline const UNIT *NAME(plain_end)(const UNIT *at, const UNIT *end) {
  if (sizeof(UNIT) == 1) {
    while (end - at >= 8) {
      uint64_t w;
      memcpy(&w, at, sizeof w);
      const uint64_t ones = UINT64_C(0x0101010101010101);
      uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
      // The lowest byte that is found is exact; false finds only lie above it.
      uint64_t found = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                       ((w - ones * 0x20) & ~w);
      found &= ones * 0x80;
      if (found) return at + __builtin_ctzll(found) / 8;
      at += 8;
    }
  }
  while (at < end && *at != '"' && *at != '\\' && *at >= 0x20)
    at++;
  return at;
}

static int NAME(hex4)(NAME(Cursor) * c) {
  int value = 0;
  for (int i = 0; i < 4; i++) {
    unsigned unit = c->at < c->end ? *c->at : 0;
    unsigned digit = unit - '0' <= 9            ? unit - '0'
                     : (unit | 0x20) - 'a' <= 5 ? (unit | 0x20) - 'a' + 10
                                                : 16;
    if (digit > 15 || unit > 127) return -1;
    value = value * 16 + (int)digit;
    c->at++;
  }
  return value;
}

// The rest of a string literal that is not plain: `start` is where it began.
// False: threw.
static bool NAME(escaped)(NAME(Cursor) * c, StringBuilder *b,
                          const UNIT *start) {
  for (;;) {
    vm_builder_append_view(
        b, (StringView){start, (uint32_t)(c->at - start), sizeof(UNIT) == 2});
    if (c->at >= c->end) {
      vm_json_bad(c->p, c->p->length, "Unterminated string");
      break;
    }
    if (*c->at == '"') {
      c->at++;
      return true;
    }
    if (*c->at != '\\') {
      NAME(bad)(c, "Bad control character in string literal");
      break;
    }
    if (++c->at >= c->end) {
      NAME(unexpected)(c);
      break;
    }
    int unit;
    switch (*c->at++) {
    case '"':
      unit = '"';
      break;
    case '\\':
      unit = '\\';
      break;
    case '/':
      unit = '/';
      break;
    case 'b':
      unit = '\b';
      break;
    case 'f':
      unit = '\f';
      break;
    case 'n':
      unit = '\n';
      break;
    case 'r':
      unit = '\r';
      break;
    case 't':
      unit = '\t';
      break;
    case 'u':
      unit = NAME(hex4)(c);
      if (unit < 0) {
        NAME(bad)(c, "Bad Unicode escape");
        vm_builder_discard(b);
        return false;
      }
      break;
    default:
      c->at--;
      NAME(bad)(c, "Bad escaped character");
      vm_builder_discard(b);
      return false;
    }
    vm_builder_append_unit(b, (uint16_t)unit);
    start = c->at;
    c->at = NAME(plain_end)(c->at, c->end);
  }
  vm_builder_discard(b);
  return false;
}

static inline String *NAME(new_string)(Isolate *iso, const UNIT *units,
                                       size_t length) {
  return sizeof(UNIT) == 1
             ? vm_string_from_latin1(iso, (const uint8_t *)units, length)
             : vm_string_from_utf16(iso, (const uint16_t *)units, length);
}

// A string literal; the cursor is behind the opening quote. NULL: threw.
static String *NAME(string)(NAME(Cursor) * c) {
  const UNIT *start = c->at;
  c->at = NAME(plain_end)(c->at, c->end);
  if (likely(c->at < c->end && *c->at == '"')) {
    size_t length = (size_t)(c->at++ - start);
    return NAME(new_string)(c->p->isolate, start, length);
  }
  StringBuilder b;
  vm_builder_init(&b, c->p->isolate);
  return NAME(escaped)(c, &b, start) ? vm_builder_finish(&b) : NULL;
}

// The key of a member; the cursor is behind the opening quote.
static bool NAME(key)(NAME(Cursor) * c, PropertyKey *key) {
  Isolate *iso = c->p->isolate;
  const UNIT *start = c->at;
  const UNIT *end = NAME(plain_end)(start, c->end);
  // Units that fit into this are not worth a heap cell.
  if (likely(end < c->end && *end == '"')) {
    size_t length = (size_t)(end - start);
    c->at = end + 1;
    String *atom = vm_string_intern_view(
        iso, (StringView){start, (uint32_t)length, sizeof(UNIT) == 2});
    if (!atom) return false;
    *key = string_known_key(atom);
    return true;
  }
  String *s = NAME(string)(c);
  return s && vm_string_to_key(iso, s, key);
}

// Does the key of the shape that is expected next stand here? The cursor is
// behind the opening quote and moves behind the closing one if so.
static inline bool NAME(is_key)(NAME(Cursor) * c, const Shape *next) {
  const String *atom = value_as_string(next->key);
  uint32_t length = string_length(atom);
  if ((size_t)(c->end - c->at) <= length || c->at[length] != '"') return false;
  if (sizeof(UNIT) == 1) {
    if (atom->cell.flags & STRING_WIDE) return false;
    if (memcmp(c->at, atom->latin1, length) != 0) return false;
  } else {
    StringView v = string_view_of(atom);
    for (uint32_t i = 0; i < length; i++)
      if (c->at[i] != string_view_at(v, i)) return false;
  }
  c->at += length + 1;
  return true;
}

static Value NAME(object)(NAME(Cursor) * c, Value *record) {
  JsonParser *p = c->p;
  Isolate *iso = p->isolate;
  Object *o = vm_object_new(iso);
  Object *entries = record ? vm_object_new_with(iso, NULL) : NULL;
  c->at++;
  NAME(skip_space)(c);
  if (c->at < c->end && *c->at == '}') {
    c->at++;
  } else {
    const char *problem = "Expected property name or '}'";
    for (;;) {
      if (c->at >= c->end || *c->at != '"') return NAME(bad)(c, problem);
      problem = "Expected double-quoted property name";
      c->at++;
      Shape *shape = o->shape;
      Shape *next = *json_next_shape(p, shape);
      if (!next) next = vm_json_only_next_shape(p, shape);
      PropertyKey key = 0;
      // A quote within the text of the atom would be escaped in the source, so
      // equal units are an equal key. (An atom that holds a backslash or a
      // control character is never remembered, see vm_json_add.)
      bool expected = next && next->parent == shape && NAME(is_key)(c, next);
      String *name = NULL; // of a member of a map
      if (expected)
        key = next->key;
      else if (json_is_map(o) && !record ? !(name = NAME(string)(c))
                                         : !NAME(key)(c, &key))
        return VALUE_EXCEPTION;
      NAME(skip_space)(c);
      if (c->at >= c->end || *c->at != ':')
        return NAME(bad)(c, "Expected ':' after property name");
      c->at++;
      Value member_record;
      Value v = NAME(value)(c, record ? &member_record : NULL);
      if (value_is_exception(v)) return v;
      if (expected) {
        if (!vm_object_append_slot(iso, o, next, v)) return VALUE_EXCEPTION;
      } else if (name ? !vm_json_add_to_map(p, o, name, v)
                      : !vm_json_add(p, o, key, v)) {
        return VALUE_EXCEPTION;
      }
      if (record && !vm_create_data_or_throw(iso, entries, key, member_record))
        return VALUE_EXCEPTION;
      NAME(skip_space)(c);
      if (c->at < c->end && *c->at == ',') {
        c->at++;
        NAME(skip_space)(c);
        continue;
      }
      if (c->at < c->end && *c->at == '}') {
        c->at++;
        break;
      }
      return NAME(bad)(c, "Expected ',' or '}' after property value");
    }
  }
  if (record) {
    *record = vm_json_record(iso, value_from_cell(o), value_from_cell(entries));
    if (value_is_exception(*record)) return VALUE_EXCEPTION;
  }
  return value_from_cell(o);
}

static Value NAME(array)(NAME(Cursor) * c, Value *record) {
  Isolate *iso = c->p->isolate;
  Array *array = vm_array_new(iso, 0);
  Array *elements = record ? vm_array_new(iso, 0) : NULL;
  c->at++;
  NAME(skip_space)(c);
  if (c->at < c->end && *c->at == ']') {
    c->at++;
  } else {
    for (;;) {
      Value element_record;
      Value v = NAME(value)(c, record ? &element_record : NULL);
      if (value_is_exception(v) || !vm_array_push(iso, array, v))
        return VALUE_EXCEPTION;
      if (record && !vm_array_push(iso, elements, element_record))
        return VALUE_EXCEPTION;
      NAME(skip_space)(c);
      if (c->at < c->end && *c->at == ',') {
        c->at++;
        continue;
      }
      if (c->at < c->end && *c->at == ']') {
        c->at++;
        break;
      }
      return NAME(bad)(c, "Expected ',' or ']' after array element");
    }
  }
  if (record) {
    *record =
        vm_json_record(iso, value_from_cell(array), value_from_cell(elements));
    if (value_is_exception(*record)) return VALUE_EXCEPTION;
  }
  return value_from_cell(array);
}

static Value NAME(primitive)(NAME(Cursor) * c) {
  switch (*c->at) {
  case '"': {
    c->at++;
    String *s = NAME(string)(c);
    return s ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  case 't':
    return NAME(literal)(c, "true", VALUE_TRUE);
  case 'f':
    return NAME(literal)(c, "false", VALUE_FALSE);
  case 'n':
    return NAME(literal)(c, "null", VALUE_NULL);
  default:
    if (*c->at == '-' || (unsigned)(*c->at - '0') <= 9) return NAME(number)(c);
    return NAME(unexpected)(c);
  }
}

static Value NAME(value)(NAME(Cursor) * c, Value *record) {
  JsonParser *p = c->p;
  NAME(skip_space)(c);
  if (unlikely(c->at >= c->end)) return NAME(unexpected)(c);
  if (unlikely(p->countdown-- == 0)) {
    p->countdown = JSON_POLL_EVERY;
    if (!vm_poll(p->isolate, JSON_POLL_EVERY)) return VALUE_EXCEPTION;
  }
  if (*c->at == '{' || *c->at == '[') {
    if (!vm_check_stack(p->isolate)) return VALUE_EXCEPTION;
    return *c->at == '{' ? NAME(object)(c, record) : NAME(array)(c, record);
  }
  const UNIT *start = c->at;
  Value v = NAME(primitive)(c);
  if (unlikely(record != NULL) && !value_is_exception(v)) {
    String *source =
        NAME(new_string)(p->isolate, start, (size_t)(c->at - start));
    if (!source) return VALUE_EXCEPTION;
    *record = vm_json_record(p->isolate, v, value_from_cell(source));
    if (value_is_exception(*record)) return VALUE_EXCEPTION;
  }
  return v;
}

static Value NAME(text)(JsonParser *p, Value *record) {
  NAME(Cursor) c = {p, p->start, (const UNIT *)p->start + p->length};
  Value v = NAME(value)(&c, record);
  if (value_is_exception(v)) return v;
  NAME(skip_space)(&c);
  if (c.at < c.end)
    return vm_json_bad(p, NAME(index)(&c),
                       "Unexpected non-whitespace character after JSON");
  return v;
}
