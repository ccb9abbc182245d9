// SPDX-License-Identifier: MIT
// Character classes and class escapes: ECMA-262 22.2.1 CharacterClass, with
// the set operations of unicode sets mode and Annex B outside unicode mode.
#include "vm/regexp/pattern.h"

// \p{...} after the letter.
static CharacterSet *parse_property(Parser *p, ClassString **strings,
                                    bool *has_strings) {
  char text[2][64];
  uint32_t part = 0, lengths[2] = {0, 0};
  if (!pattern_eat(p, '{')) regexp_syntax_error(p, "Invalid property name");
  for (;;) {
    uint32_t c = pattern_next(p, false);
    if (c == '}') break;
    if (c == '=' && part == 0) {
      part = 1;
      continue;
    }
    bool word = c == '_' || pattern_is_digit(c) ||
                (c < 128 && (c | 32) >= 'a' && (c | 32) <= 'z');
    if (!word || lengths[part] == sizeof text[0] - 1) {
      regexp_syntax_error(p, "Invalid property name");
    }
    text[part][lengths[part]++] = (char)c;
  }
  text[0][lengths[0]] = text[1][lengths[1]] = 0;
  CharacterSet *set = character_set_new(p->arena);
  if (!regexp_property_set(p->arena, text[0], part ? text[1] : NULL,
                           p->unicode_sets, set, strings, has_strings)) {
    regexp_syntax_error(p, "Invalid property name");
  }
  return set;
}

CharacterSet *regexp_parse_class_escape(Parser *p, bool *closed,
                                        ClassString **strings,
                                        bool *has_strings) {
  bool ignore_case = p->flags & REGEXP_IGNORE_CASE;
  uint32_t c = pattern_peek(p);
  CharacterSet *set;
  *closed = true;
  *has_strings = false;
  switch (c) {
  case 'd':
  case 'D':
    set = character_set_digits(p->arena);
    break;
  case 's':
  case 'S':
    set = character_set_spaces(p->arena);
    break;
  case 'w':
  case 'W':
    set = character_set_words(p->arena, p->unicode && ignore_case);
    break;
  case 'p':
  case 'P':
    if (!p->unicode) return NULL;
    p->position++;
    set = parse_property(p, strings, has_strings);
    if (c == 'P' && *has_strings) {
      regexp_syntax_error(p, "Invalid property name");
    }
    *closed = false;
    if (c == 'p') return set;
    // In unicode sets mode the complement is taken after folding.
    if (p->unicode_sets && ignore_case) {
      set = character_set_close_case(p->arena, set, true);
      *closed = true;
    }
    return character_set_invert(p->arena, set);
  default:
    return NULL;
  }
  p->position++;
  return c < 'a' ? character_set_invert(p->arena, set) : set;
}

// ------------------------------------------------- outside unicode sets mode

// One atom of a class: a character (returned), or a set (returns NULL's
// opposite through *set).
static uint32_t parse_class_atom(Parser *p, CharacterSet **set, bool *closed) {
  *set = NULL;
  uint32_t c = pattern_next(p, p->unicode);
  if (c == PATTERN_END) {
    regexp_syntax_error(p, "Unterminated character class");
  }
  p->place = p->position - (c > 0xffff ? 2 : 1);
  if (c != '\\') return c;
  bool has_strings;
  *set = regexp_parse_class_escape(p, closed, NULL, &has_strings);
  return *set ? 0 : regexp_parse_character_escape(p, true);
}

static Node *parse_plain_class(Parser *p) {
  Arena *arena = p->arena;
  bool ignore_case = p->flags & REGEXP_IGNORE_CASE;
  bool negative = pattern_eat(p, '^');
  CharacterSet *open = character_set_new(arena); // to be closed under case
  CharacterSet *closed = character_set_new(arena);
  uint32_t place = p->place;
  for (; !pattern_eat(p, ']'); p->place = place) {
    CharacterSet *sets[2];
    bool is_closed[2];
    uint32_t characters[2];
    int count = 1;
    bool dash = false;
    characters[0] = parse_class_atom(p, &sets[0], &is_closed[0]);
    uint32_t first_place = p->place;
    p->place = place;
    if (pattern_peek(p) == '-' && pattern_unit(p, p->position + 1) != ']') {
      p->position++;
      dash = true;
      count = 2;
      characters[1] = parse_class_atom(p, &sets[1], &is_closed[1]);
    }
    p->place = first_place;
    if (dash && !sets[0] && !sets[1]) {
      if (characters[0] > characters[1]) {
        regexp_syntax_error(p, "Range out of order in character class");
      }
      character_set_add(arena, open, characters[0], characters[1]);
      continue;
    }
    if (dash) {
      if (p->unicode) regexp_syntax_error(p, "Invalid character class");
      character_set_add(arena, open, '-', '-');
    }
    for (int i = 0; i < count; i++) {
      if (!sets[i]) {
        character_set_add(arena, open, characters[i], characters[i]);
      } else {
        character_set_add_all(arena, is_closed[i] ? closed : open, sets[i]);
      }
    }
  }
  if (ignore_case) open = character_set_close_case(arena, open, p->unicode);
  character_set_add_all(arena, closed, open);
  character_set_normalize(closed);
  if (negative) closed = character_set_invert(arena, closed);
  return regexp_set_node(p, closed);
}

// ------------------------------------------------------- unicode sets mode

// The value of a ClassSetOperand. Its set is closed under case; its strings
// are two or more characters long, or empty, and folded under `i`.
typedef struct ClassValue {
  CharacterSet *set;
  ClassString *strings;
  bool may_contain_strings; // statically: an early error when negated
  bool is_character;        // can begin or end a range
  uint32_t character;
} ClassValue;

static ClassValue parse_class_contents(Parser *p);

static CharacterSet *fold_set(Parser *p, CharacterSet *set) {
  if (!(p->flags & REGEXP_IGNORE_CASE)) return set;
  return character_set_close_case(p->arena, set, true);
}

static bool same_string(const ClassString *a, const ClassString *b) {
  return a->length == b->length && !memcmp(a->code_points, b->code_points,
                                           a->length * sizeof *a->code_points);
}

static bool has_string(const ClassString *list, const ClassString *string) {
  for (; list; list = list->next) {
    if (same_string(list, string)) return true;
  }
  return false;
}

// Adds a string that is not there yet.
static void add_string(Parser *p, ClassString **list,
                       const ClassString *string) {
  size_t bytes =
      sizeof *string + (size_t)string->length * sizeof *string->code_points;
  ClassString *copy = regexp_allocate(p->arena, bytes);
  memcpy(copy, string, bytes);
  copy->next = *list;
  *list = copy;
}

static void fold_strings(Parser *p, ClassString *list) {
  if (!(p->flags & REGEXP_IGNORE_CASE)) return;
  for (; list; list = list->next) {
    for (uint32_t i = 0; i < list->length; i++) {
      list->code_points[i] = regexp_canonicalize(list->code_points[i], true);
    }
  }
}

// A ClassSetCharacter.
static uint32_t parse_set_character(Parser *p) {
  uint32_t c = pattern_peek(p), next = pattern_unit(p, p->position + 1);
  if (c == PATTERN_END) {
    regexp_syntax_error(p, "Unterminated character class");
  }
  p->place = p->position;
  if (c == next && c < 128 && c && strchr("&!#$%*+,.:;<=>?@^`~", (int)c)) {
    regexp_syntax_error(p, "Invalid set operation in character class");
  }
  if (c < 128 && c && strchr("()[]{}/-|", (int)c)) {
    regexp_syntax_error(p, "Invalid character in character class");
  }
  c = pattern_next(p, true);
  return c == '\\' ? regexp_parse_character_escape(p, true) : c;
}

// \q{abc|d|} after the brace.
static void parse_string_disjunction(Parser *p, ClassValue *value) {
  uint32_t *text = NULL, length = 0, capacity = 0;
  for (;;) {
    uint32_t c = pattern_peek(p);
    if (c != '|' && c != '}') {
      c = parse_set_character(p);
      REGEXP_GROW(p->arena, text, length, capacity);
      text[length++] = c;
      continue;
    }
    p->position++;
    if (length == 1) {
      character_set_add(p->arena, value->set, text[0], text[0]);
    } else {
      ClassString *string = regexp_allocate(
          p->arena, sizeof *string + (size_t)length * sizeof *text);
      string->next = NULL;
      string->length = length;
      if (length) memcpy(string->code_points, text, length * sizeof *text);
      fold_strings(p, string);
      if (!has_string(value->strings, string)) {
        add_string(p, &value->strings, string);
      }
      value->may_contain_strings = true;
    }
    length = 0;
    if (c == '}') break;
  }
  value->set = fold_set(p, value->set);
}

static ClassValue parse_nested_class(Parser *p) {
  regexp_nest(p);
  uint32_t place = p->place = p->position - 1; // the bracket
  bool negative = pattern_eat(p, '^');
  ClassValue value = parse_class_contents(p);
  p->place = place;
  p->depth--;
  if (negative) {
    if (value.may_contain_strings) {
      regexp_syntax_error(p, "Negated character class may contain strings");
    }
    value.set = character_set_invert(p->arena, value.set);
  }
  return value;
}

static ClassValue parse_operand(Parser *p) {
  ClassValue value = {.set = character_set_new(p->arena)};
  if (pattern_eat(p, '[')) return parse_nested_class(p);
  if (pattern_peek(p) == '\\') {
    p->place = p->position++;
    if (pattern_peek(p) == 'q' && pattern_unit(p, p->position + 1) == '{') {
      p->position += 2;
      parse_string_disjunction(p, &value);
      return value;
    }
    bool closed;
    CharacterSet *set = regexp_parse_class_escape(p, &closed, &value.strings,
                                                  &value.may_contain_strings);
    if (set) {
      value.set = closed ? set : fold_set(p, set);
      fold_strings(p, value.strings);
      return value;
    }
    p->position--;
  }
  value.is_character = true;
  value.character = parse_set_character(p);
  return value;
}

// A character on its own becomes a set.
static void settle(Parser *p, ClassValue *value) {
  if (!value->is_character) return;
  character_set_add(p->arena, value->set, value->character, value->character);
  value->set = fold_set(p, value->set);
  value->is_character = false;
}

static void unite(Parser *p, ClassValue *value, ClassValue *operand) {
  character_set_add_all(p->arena, value->set, operand->set);
  if (!value->strings) {
    value->strings = operand->strings;
  } else {
    const ClassString *before = value->strings;
    for (ClassString *s = operand->strings; s; s = s->next) {
      if (!has_string(before, s)) add_string(p, &value->strings, s);
    }
  }
  value->may_contain_strings |= operand->may_contain_strings;
}

static bool at_operator(Parser *p, char sign) {
  return pattern_peek(p) == (uint32_t)sign &&
         pattern_unit(p, p->position + 1) == (uint32_t)sign;
}

static ClassValue parse_set_operation(Parser *p, ClassValue value, char sign) {
  settle(p, &value);
  uint32_t place = p->place;
  for (; !pattern_eat(p, ']'); p->place = place) {
    if (!at_operator(p, sign)) {
      regexp_syntax_error(p, pattern_peek(p) == PATTERN_END
                                 ? "Unterminated character class"
                                 : "Invalid set operation in character class");
    }
    p->position += 2;
    p->place = p->position;
    if (sign == '&' && pattern_peek(p) == '&') {
      regexp_syntax_error(p, "Invalid character in character class");
    }
    ClassValue operand = parse_operand(p);
    settle(p, &operand);
    bool keep = sign == '&';
    ClassString *strings = NULL;
    for (ClassString *s = value.strings; s; s = s->next) {
      if (has_string(operand.strings, s) == keep) add_string(p, &strings, s);
    }
    value.strings = strings;
    if (keep) {
      value.set = character_set_intersect(p->arena, value.set, operand.set);
      value.may_contain_strings &= operand.may_contain_strings;
    } else {
      value.set = character_set_subtract(p->arena, value.set, operand.set);
    }
  }
  return value;
}

// ClassContents up to and with its ']'.
static ClassValue parse_class_contents(Parser *p) {
  ClassValue value = {.set = character_set_new(p->arena)};
  bool first = true;
  uint32_t place = p->place;
  for (; !pattern_eat(p, ']'); p->place = place) {
    uint32_t first_place = p->position;
    if (!first && (at_operator(p, '&') || at_operator(p, '-'))) {
      p->place = first_place;
      regexp_syntax_error(p, "Invalid set operation in character class");
    }
    ClassValue operand = parse_operand(p);
    p->place = place;
    if (first && at_operator(p, '&'))
      return parse_set_operation(p, operand, '&');
    if (first && at_operator(p, '-'))
      return parse_set_operation(p, operand, '-');
    first = false;
    if (pattern_peek(p) == '-') {
      p->position++;
      if (!operand.is_character) {
        regexp_syntax_error(p, "Invalid character class");
      }
      uint32_t last = parse_set_character(p);
      p->place = first_place;
      if (last < operand.character) {
        regexp_syntax_error(p, "Range out of order in character class");
      }
      character_set_add(p->arena, operand.set, operand.character, last);
      operand.set = fold_set(p, operand.set);
      operand.is_character = false;
    }
    settle(p, &operand);
    unite(p, &value, &operand);
  }
  return value;
}

Node *regexp_parse_class(Parser *p) {
  if (!p->unicode_sets) return parse_plain_class(p);
  ClassValue value = parse_nested_class(p);
  return regexp_strings_node(p, value.set, value.strings);
}
