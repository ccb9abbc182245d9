// SPDX-License-Identifier: MIT
// Patterns to trees: ECMA-262 22.2.1 with Annex B.1.2 outside unicode mode.
#include "gc/gc.h"
#include "vm/objects/hex.h"
#include "vm/objects/unicode.h"
#include "vm/regexp/pattern.h"

_Noreturn void regexp_syntax_error(Parser *p, const char *message) {
  regexp_fail(p->arena, REGEXP_ERROR_SYNTAX, message, p->place);
}

Node *regexp_new_node(Parser *p, NodeKind kind) {
  Node *node = regexp_allocate(p->arena, sizeof *node);
  memset(node, 0, sizeof *node);
  node->kind = kind;
  return node;
}

Node *regexp_set_node(Parser *p, CharacterSet *set) {
  character_set_normalize(set);
  if (set->count == 1 && set->ranges[0].first == set->ranges[0].last) {
    Node *node = regexp_new_node(p, NODE_CHARACTER);
    node->code_point = set->ranges[0].first;
    return node;
  }
  Node *node = regexp_new_node(p, NODE_SET);
  node->set = set;
  return node;
}

Node *regexp_character_node(Parser *p, uint32_t c) {
  if (p->flags & REGEXP_IGNORE_CASE) {
    CharacterSet *set = character_set_new(p->arena);
    character_set_add(p->arena, set, c, c);
    return regexp_set_node(p,
                           character_set_close_case(p->arena, set, p->unicode));
  }
  Node *node = regexp_new_node(p, NODE_CHARACTER);
  node->code_point = c;
  return node;
}

void regexp_append(Parser *p, NodeList *list, Node *node) {
  REGEXP_GROW(p->arena, list->items, list->count, list->capacity);
  list->items[list->count++] = node;
}

Node *regexp_node_of_list(Parser *p, NodeKind kind, const NodeList *list) {
  if (list->count == 1) return list->items[0];
  Node *node = regexp_new_node(p, list->count ? kind : NODE_EMPTY);
  node->items = list->items;
  node->count = list->count;
  return node;
}

// ---------------------------------------------------------------- names

static uint32_t parse_unicode_escape(Parser *, bool unicode);

// A group name after its '<', with the closing '>'.
static void parse_group_name(Parser *p, uint16_t **units, uint32_t *length) {
  p->place = p->position;
  uint16_t *name = NULL;
  uint32_t count = 0, capacity = 0;
  for (;;) {
    uint32_t c = pattern_next(p, true);
    if (c == '>') break;
    if (c == '\\') {
      if (!pattern_eat(p, 'u')) {
        regexp_syntax_error(p, "Invalid Unicode escape");
      }
      c = parse_unicode_escape(p, true);
      if (c == PATTERN_END) regexp_syntax_error(p, "Invalid Unicode escape");
    }
    if (c == PATTERN_END ||
        !(count ? vm_unicode_is_id_part(c) : vm_unicode_is_id_start(c))) {
      regexp_syntax_error(p, "Invalid capture group name");
    }
    REGEXP_GROW(p->arena, name, count, capacity);
    if (c > 0xffff) {
      name[count++] = (uint16_t)(0xd7c0 + (c >> 10));
      REGEXP_GROW(p->arena, name, count, capacity);
      c = 0xdc00 | (c & 0x3ff);
    }
    name[count++] = (uint16_t)c;
  }
  if (!count) regexp_syntax_error(p, "Invalid capture group name");
  *units = name;
  *length = count;
}

static bool same_name(const uint16_t *a, uint32_t a_length, const uint16_t *b,
                      uint32_t b_length) {
  return a_length == b_length && !memcmp(a, b, a_length * sizeof *a);
}

static void add_group_name(Parser *p, uint32_t group) {
  uint16_t *units;
  uint32_t length;
  parse_group_name(p, &units, &length);
  for (uint32_t i = 0; i < p->name_count; i++) {
    const GroupName *other = &p->names[i];
    if (!other->suspended &&
        same_name(units, length, other->units, other->length)) {
      regexp_syntax_error(p, "Duplicate capture group name");
    }
  }
  REGEXP_GROW(p->arena, p->names, p->name_count, p->name_capacity);
  p->names[p->name_count++] = (GroupName){units, length, group, 0};
}

static void resolve_names(Parser *p) {
  for (uint32_t i = 0; i < p->pending_count; i++) {
    PendingName *pending = &p->pending[i];
    uint32_t *groups = NULL, count = 0, capacity = 0;
    for (uint32_t j = 0; j < p->name_count; j++) {
      GroupName *name = &p->names[j];
      if (!same_name(pending->units, pending->length, name->units,
                     name->length)) {
        continue;
      }
      REGEXP_GROW(p->arena, groups, count, capacity);
      groups[count++] = name->group;
    }
    if (!count) {
      p->place = pending->offset;
      regexp_syntax_error(p, "Invalid named capture referenced");
    }
    pending->node->group = groups[0];
    pending->node->groups = groups;
    pending->node->count = count;
  }
}

// Counts the groups ahead: a decimal escape is a reference or an octal number
// by their count, and \k an escape only if no group has a name.
static void scan_groups(Parser *p) {
  uint32_t count = 1, in_class = 0;
  for (uint32_t i = 0; i < p->length; i++) {
    switch (pattern_unit(p, i)) {
    case '\\':
      i++;
      break;
    case '[':
      if (!in_class || p->unicode_sets) in_class++;
      break;
    case ']':
      if (in_class) in_class--;
      break;
    case '(':
      if (in_class) break;
      if (pattern_unit(p, i + 1) != '?') {
        count++;
      } else if (pattern_unit(p, i + 2) == '<' &&
                 pattern_unit(p, i + 3) != '=' &&
                 pattern_unit(p, i + 3) != '!') {
        count++;
        p->named_groups = true;
      }
      break;
    default:
      break;
    }
  }
  if (count > REGEXP_MAX_GROUPS) regexp_syntax_error(p, "Too many captures");
  p->total_groups = count;
}

// -------------------------------------------------------------- escapes

// A simple reading of hexadecimal digits: exactly `count`, or PATTERN_END.
static uint32_t parse_hex(Parser *p, uint32_t count) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t c = pattern_unit(p, p->position + i);
    int digit = c == PATTERN_END ? -1 : hex_value(c);
    if (digit < 0) return PATTERN_END;
    value = value * 16 + (uint32_t)digit;
  }
  p->position += count;
  return value;
}

// After "\u": any of its forms; PATTERN_END: ill-formed (position unchanged).
static uint32_t parse_unicode_escape(Parser *p, bool unicode) {
  uint32_t start = p->position;
  if (unicode && pattern_eat(p, '{')) {
    uint32_t value = 0, digits = 0;
    for (;; digits++) {
      uint32_t c = pattern_next(p, false);
      if (c == '}' && digits) return value;
      int digit = c == PATTERN_END ? -1 : hex_value(c);
      if (digit >= 0) value = value * 16 + (uint32_t)digit;
      if (digit < 0 || value > CODE_POINT_MAX) {
        p->position = start;
        return PATTERN_END;
      }
    }
  }
  uint32_t c = parse_hex(p, 4);
  if (unicode && c != PATTERN_END && (c & 0xfffffc00) == 0xd800 &&
      pattern_peek(p) == '\\' && pattern_unit(p, p->position + 1) == 'u') {
    uint32_t after_lead = p->position;
    p->position += 2;
    uint32_t trail = parse_hex(p, 4);
    if (trail != PATTERN_END && (trail & 0xfffffc00) == 0xdc00) {
      return 0x10000 + ((c - 0xd800) << 10) + (trail - 0xdc00);
    }
    p->position = after_lead;
  }
  return c;
}

uint32_t regexp_parse_character_escape(Parser *p, bool in_class) {
  uint32_t c = pattern_next(p, p->unicode), value;
  switch (c) {
  case PATTERN_END:
    regexp_syntax_error(p, "\\ at end of pattern");
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  case 'v':
    return '\v';
  case 'b':
    if (in_class) return '\b';
    break;
  case 'c':
    value = pattern_peek(p);
    if (value != PATTERN_END && (((value | 32) >= 'a' && (value | 32) <= 'z') ||
                                 (in_class && !p->unicode &&
                                  (pattern_is_digit(value) || value == '_')))) {
      p->position++;
      return value & 31;
    }
    if (p->unicode) regexp_syntax_error(p, "Invalid Unicode escape");
    // The backslash stands for itself, and the c is yet to come.
    p->position--;
    return '\\';
  case 'x':
    value = parse_hex(p, 2);
    if (value != PATTERN_END) return value;
    if (p->unicode) regexp_syntax_error(p, "Invalid escape");
    return 'x';
  case 'u':
    value = parse_unicode_escape(p, p->unicode);
    if (value != PATTERN_END) return value;
    if (p->unicode) regexp_syntax_error(p, "Invalid Unicode escape");
    return 'u';
  case '0' ... '9':
    if (c == '0' && !pattern_is_digit(pattern_peek(p))) return 0;
    if (p->unicode) {
      regexp_syntax_error(p, in_class ? "Invalid class escape"
                                      : "Invalid decimal escape");
    }
    if (c >= '8') return c;
    // LegacyOctalEscapeSequence
    value = c - '0';
    for (int digits = 1; digits < 3; digits++) {
      uint32_t next = pattern_peek(p);
      if (next < '0' || next > '7' || value * 8 + (next - '0') > 255) break;
      value = value * 8 + (next - '0');
      p->position++;
    }
    return value;
  case 'k':
    if (p->named_groups && !p->unicode) {
      regexp_syntax_error(p, "Invalid named reference");
    }
    break;
  default:
    break;
  }
  if (!p->unicode) return c; // IdentityEscape
  if (c < 128 && c &&
      (strchr("^$\\.*+?()[]{}|/", (int)c) || (in_class && c == '-') ||
       (in_class && p->unicode_sets && strchr("&-!#%,:;<=>@`~", (int)c)))) {
    return c;
  }
  regexp_syntax_error(p, "Invalid escape");
}

// ---------------------------------------------------------------- terms

static Node *parse_disjunction(Parser *p);

static Node *back_reference(Parser *p) {
  Node *node = regexp_new_node(p, NODE_BACKREFERENCE);
  node->ignore_case = p->flags & REGEXP_IGNORE_CASE;
  if (node->ignore_case && !regexp_case_tables_prepare()) {
    regexp_fail(p->arena, REGEXP_ERROR_OUT_OF_MEMORY, "Out of memory", 0);
  }
  return node;
}

static Node *parse_atom_escape(Parser *p) {
  uint32_t start = p->position, c = pattern_peek(p);
  if (c >= '1' && c <= '9') {
    uint64_t value = 0;
    while (pattern_is_digit(pattern_peek(p))) {
      value = value * 10 + (pattern_next(p, false) - '0');
      if (value > REGEXP_MAX_GROUPS) value = REGEXP_MAX_GROUPS + 1;
    }
    if (value < p->total_groups) {
      Node *node = back_reference(p);
      node->group = (uint32_t)value;
      node->count = 1;
      return node;
    }
    if (p->unicode) regexp_syntax_error(p, "Invalid escape");
    p->position = start;
  } else if (c == 'k' && (p->unicode || p->named_groups)) {
    p->position++;
    if (!pattern_eat(p, '<')) {
      regexp_syntax_error(p, "Invalid named reference");
    }
    PendingName pending = {.node = back_reference(p), .offset = p->place};
    parse_group_name(p, &pending.units, &pending.length);
    REGEXP_GROW(p->arena, p->pending, p->pending_count, p->pending_capacity);
    p->pending[p->pending_count++] = pending;
    return pending.node;
  }
  bool closed, has_strings;
  ClassString *strings = NULL;
  CharacterSet *set =
      regexp_parse_class_escape(p, &closed, &strings, &has_strings);
  if (set) {
    if ((p->flags & REGEXP_IGNORE_CASE) && !closed) {
      set = character_set_close_case(p->arena, set, p->unicode);
    }
    return regexp_strings_node(p, set, strings);
  }
  return regexp_character_node(p, regexp_parse_character_escape(p, false));
}

// (?ims-ims: after the "(?". Returns the flags within.
static uint32_t parse_modifiers(Parser *p) {
  uint32_t added = 0, removed = 0;
  bool removing = false;
  for (;;) {
    uint32_t c = pattern_next(p, false), flag;
    switch (c) {
    case 'i':
      flag = REGEXP_IGNORE_CASE;
      break;
    case 'm':
      flag = REGEXP_MULTILINE;
      break;
    case 's':
      flag = REGEXP_DOT_ALL;
      break;
    case '-':
      if (removing) regexp_syntax_error(p, "Multiple dashes in flag group");
      removing = true;
      continue;
    case ':':
      if (!(added | removed)) regexp_syntax_error(p, "Invalid flag group");
      return (p->flags | added) & ~removed;
    default:
      regexp_syntax_error(p, "Invalid group");
    }
    if ((added | removed) & flag) {
      regexp_syntax_error(p, "Repeated flag in flag group");
    }
    if (removing) {
      removed |= flag;
    } else {
      added |= flag;
    }
  }
}

void regexp_nest(Parser *p) {
  if (++p->depth > REGEXP_MAX_DEPTH ||
      (uintptr_t)__builtin_frame_address(0) < p->stack_limit)
    regexp_syntax_error(p, "Regular expression too large");
}

static Node *parse_group_body(Parser *p) {
  uint32_t place = p->place;
  regexp_nest(p);
  Node *body = parse_disjunction(p);
  p->depth--;
  p->place = place;
  if (!pattern_eat(p, ')')) regexp_syntax_error(p, "Unterminated group");
  return body;
}

// After a '('. `quantifiable` is cleared for what takes no quantifier.
static Node *parse_group(Parser *p, bool *quantifiable) {
  Node *node;
  if (!pattern_eat(p, '?')) {
    node = regexp_new_node(p, NODE_CAPTURE);
    node->group = p->group_count++;
    node->child = parse_group_body(p);
    return node;
  }
  uint32_t c = pattern_peek(p), next = pattern_unit(p, p->position + 1);
  if (c == ':') {
    p->position++;
    return parse_group_body(p);
  }
  if (c == '=' || c == '!' || (c == '<' && (next == '=' || next == '!'))) {
    bool outer_behind = p->behind;
    node = regexp_new_node(p, NODE_LOOK);
    node->behind = p->behind = c == '<';
    node->negative = (node->behind ? next : c) == '!';
    p->position += node->behind ? 2 : 1;
    node->first_group = p->group_count;
    node->child = parse_group_body(p);
    node->end_group = p->group_count;
    p->behind = outer_behind;
    *quantifiable = !p->unicode && !node->behind;
    return node;
  }
  if (c == '<') {
    p->position++;
    node = regexp_new_node(p, NODE_CAPTURE);
    node->group = p->group_count++;
    uint32_t place = p->place;
    add_group_name(p, node->group);
    p->place = place;
    node->child = parse_group_body(p);
    return node;
  }
  uint32_t outer = p->flags;
  p->flags = parse_modifiers(p);
  node = parse_group_body(p);
  p->flags = outer;
  return node;
}

// {n} {n,} {n,m} after the '{'. False: not one (position unchanged).
static bool parse_braces(Parser *p, uint32_t *min, uint32_t *max) {
  uint32_t start = p->position;
  uint64_t values[2] = {0, REPEAT_INFINITE};
  for (int i = 0; i < 2; i++) {
    uint32_t digits = p->position;
    uint64_t value = 0;
    while (pattern_is_digit(pattern_peek(p))) {
      value = value * 10 + (pattern_next(p, false) - '0');
      if (value > REPEAT_INFINITE) value = REPEAT_INFINITE;
    }
    bool has_digits = p->position > digits;
    if (has_digits) values[i] = value;
    if (i == 0) {
      if (!has_digits) break;
      if (pattern_eat(p, ',')) continue;
      values[1] = values[0];
    }
    if (!pattern_eat(p, '}')) break;
    if (values[1] < values[0]) {
      regexp_syntax_error(p, "numbers out of order in {} quantifier");
    }
    *min = (uint32_t)values[0];
    *max = (uint32_t)values[1];
    return true;
  }
  p->position = start;
  return false;
}

static Node *parse_quantifier(Parser *p, Node *atom, bool quantifiable,
                              uint32_t first_group) {
  uint32_t min, max;
  uint32_t place = p->place;
  p->place = p->position;
  switch (pattern_peek(p)) {
  case '*':
    min = 0, max = REPEAT_INFINITE;
    break;
  case '+':
    min = 1, max = REPEAT_INFINITE;
    break;
  case '?':
    min = 0, max = 1;
    break;
  case '{':
    p->position++;
    if (parse_braces(p, &min, &max)) {
      p->position--; // of the '}', taken below like the signs
      break;
    }
    if (p->unicode) regexp_syntax_error(p, "Incomplete quantifier");
    p->position--;
    return atom;
  default:
    return atom;
  }
  if (!quantifiable) {
    p->place = place;
    regexp_syntax_error(p, atom->kind == NODE_LOOK ? "Invalid quantifier"
                                                   : "Nothing to repeat");
  }
  p->position++;
  bool greedy = !pattern_eat(p, '?');
  if (min == 1 && max == 1) return atom;
  Node *node = regexp_new_node(p, NODE_REPEAT);
  node->min = min;
  node->max = max;
  node->greedy = greedy;
  node->child = atom;
  node->first_group = first_group;
  node->end_group = p->group_count;
  return node;
}

static Node *parse_alternative(Parser *p) {
  NodeList list = {0};
  for (;;) {
    uint32_t c = pattern_peek(p), first_group = p->group_count;
    if (c == PATTERN_END || c == '|' || c == ')') break;
    bool quantifiable = true;
    Node *node;
    uint32_t ignored;
    p->place = p->position;
    c = pattern_next(p, p->unicode);
    switch (c) {
    case '^':
    case '$':
      node = regexp_new_node(p, c == '^' ? NODE_START : NODE_END);
      node->multiline = p->flags & REGEXP_MULTILINE;
      quantifiable = false;
      break;
    case '(':
      node = parse_group(p, &quantifiable);
      break;
    case '.': {
      CharacterSet *set = character_set_new(p->arena);
      if (!(p->flags & REGEXP_DOT_ALL)) {
        set = character_set_line_terminators(p->arena);
      }
      node = regexp_set_node(p, character_set_invert(p->arena, set));
      break;
    }
    case '[':
      node = regexp_parse_class(p);
      break;
    case '*':
    case '+':
    case '?':
      regexp_syntax_error(p, "Nothing to repeat");
    case '{':
      if (p->unicode) regexp_syntax_error(p, "Lone quantifier brackets");
      if (parse_braces(p, &ignored, &ignored)) {
        regexp_syntax_error(p, "Nothing to repeat");
      }
      node = regexp_character_node(p, c);
      break;
    case ']':
    case '}':
      if (p->unicode) regexp_syntax_error(p, "Lone quantifier brackets");
      node = regexp_character_node(p, c);
      break;
    case '\\':
      c = pattern_peek(p);
      if (c == 'b' || c == 'B') {
        p->position++;
        node = regexp_new_node(p, NODE_WORD_BOUNDARY);
        node->negative = c == 'B';
        node->ignore_case = (p->flags & REGEXP_IGNORE_CASE) && p->unicode;
        quantifiable = false;
        break;
      }
      node = parse_atom_escape(p);
      break;
    default:
      node = regexp_character_node(p, c);
      break;
    }
    regexp_append(p, &list,
                  parse_quantifier(p, node, quantifiable, first_group));
  }
  return regexp_node_of_list(p, NODE_SEQUENCE, &list);
}

static Node *parse_disjunction(Parser *p) {
  uint32_t first_name = p->name_count;
  NodeList list = {0};
  for (;;) {
    regexp_append(p, &list, parse_alternative(p));
    if (pattern_peek(p) != '|') break;
    p->position++;
    // The names of an alternative are free again in the ones after it.
    for (uint32_t i = first_name; i < p->name_count; i++) {
      p->names[i].suspended++;
    }
  }
  // Suspended once for each later alternative: all are taken from here on.
  for (uint32_t i = first_name; i < p->name_count; i++) {
    p->names[i].suspended = 0;
  }
  // Single characters side by side are a set.
  bool all_single = list.count > 1;
  for (uint32_t i = 0; i < list.count; i++) {
    NodeKind kind = list.items[i]->kind;
    all_single &= kind == NODE_CHARACTER || kind == NODE_SET;
  }
  if (all_single) {
    CharacterSet *set = character_set_new(p->arena);
    for (uint32_t i = 0; i < list.count; i++) {
      Node *item = list.items[i];
      if (item->kind == NODE_SET) {
        character_set_add_all(p->arena, set, item->set);
      } else {
        character_set_add(p->arena, set, item->code_point, item->code_point);
      }
    }
    return regexp_set_node(p, set);
  }
  return regexp_node_of_list(p, NODE_ALTERNATION, &list);
}

Node *regexp_parse(Parser *p, Arena *arena, const void *units, size_t length,
                   bool is_wide, uint32_t flags) {
  *p = (Parser){
      .arena = arena,
      .units = units,
      .is_wide = is_wide,
      .unicode = flags & (REGEXP_UNICODE | REGEXP_UNICODE_SETS),
      .unicode_sets = flags & REGEXP_UNICODE_SETS,
      .flags = flags,
      .group_count = 1,
  };
  if (length > INT32_MAX) {
    regexp_syntax_error(p, "Regular expression too large");
  }
  p->length = (uint32_t)length;
  // The other half is for who walks the tree.
  const GcThreadStack *stack = gc_thread_stack();
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (stack != NULL) p->stack_limit = here - (here - stack->low) / 2;
  scan_groups(p);
  Node *root = parse_disjunction(p);
  p->place = p->position;
  if (p->position < p->length) regexp_syntax_error(p, "Unmatched ')'");
  resolve_names(p);
  return root;
}
