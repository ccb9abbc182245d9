// SPDX-License-Identifier: MIT
// The tree of a pattern, as the parser leaves it to the emitter. Case has
// been resolved: a character or set under `i` is the set of all that match.
#ifndef RILL_VM_REGEXP_PATTERN_H
#define RILL_VM_REGEXP_PATTERN_H

#include "vm/regexp/character_set.h"

#define REPEAT_INFINITE UINT32_MAX
#define REGEXP_MAX_GROUPS 65535
#define REGEXP_MAX_DEPTH 1500 // nesting of a pattern: bounds C recursion

typedef enum {
  NODE_EMPTY,
  NODE_CHARACTER,     // code_point
  NODE_SET,           // set; empty: never matches
  NODE_SEQUENCE,      // items
  NODE_ALTERNATION,   // items, in order of preference
  NODE_CAPTURE,       // group, child
  NODE_LOOK,          // behind, negative, child
  NODE_REPEAT,        // min, max, greedy, child
  NODE_BACKREFERENCE, // group, or groups; ignore_case
  NODE_START,         // ^: multiline
  NODE_END,           // $: multiline
  NODE_WORD_BOUNDARY, // negative, ignore_case
} NodeKind;

// What a node can begin with, for lookahead of one unit. A superset.
typedef struct FirstSet {
  uint64_t latin1[4];
  bool other;    // some unit above 0xff
  bool nullable; // may match whatever comes next
  bool at_end;   // may match at the end of the input
} FirstSet;

typedef struct Node Node;
struct Node {
  NodeKind kind : 8;
  bool negative, behind, greedy, multiline, ignore_case;
  bool first_known; // `first` is computed
  uint32_t code_point;
  uint32_t group;
  uint32_t min, max;
  uint32_t first_group, end_group; // groups within, [first, end)
  union {
    CharacterSet *set;
    Node *child;
    Node **items;
    uint32_t *groups; // of a \k<name> that names several
  };
  uint32_t count;
  FirstSet first;
};

typedef struct GroupName {
  uint16_t *units;
  uint32_t length;
  uint32_t group;
  uint32_t suspended; // > 0: in an alternative that is over
} GroupName;

// A \k<name>: resolved once all groups are known.
typedef struct PendingName {
  Node *node;
  uint16_t *units;
  uint32_t length;
  uint32_t offset;
} PendingName;

typedef struct Parser {
  Arena *arena;
  const void *units;
  bool is_wide;
  bool unicode;      // u or v
  bool unicode_sets; // v
  bool named_groups; // \k is always a reference
  bool behind;       // within a lookbehind
  uint32_t length, position;
  uint32_t place; // where what is being parsed begins: for errors
  uint32_t flags; // changed by modifiers while parsing what they cover
  uint32_t depth;
  uintptr_t stack_limit; // frames of the parser stay above it
  uint32_t group_count; // so far, with group 0
  uint32_t total_groups;
  GroupName *names;
  uint32_t name_count, name_capacity;
  PendingName *pending;
  uint32_t pending_count, pending_capacity;
} Parser;

// Parses a whole pattern; leaves through the arena's exit on an error.
Node *regexp_parse(Parser *, Arena *, const void *units, size_t length,
                   bool is_wide, uint32_t flags);

// Shared by the parser's files.
#define PATTERN_END UINT32_MAX
// One level deeper; it is left by `depth--`.
void regexp_nest(Parser *);
_Noreturn void regexp_syntax_error(Parser *, const char *message);
Node *regexp_new_node(Parser *, NodeKind);
Node *regexp_character_node(Parser *, uint32_t code_point);
Node *regexp_set_node(Parser *, CharacterSet *);
typedef struct NodeList {
  Node **items;
  uint32_t count, capacity;
} NodeList;
void regexp_append(Parser *, NodeList *, Node *);
// A node of that kind, or the only item, or EMPTY.
Node *regexp_node_of_list(Parser *, NodeKind, const NodeList *);
// A class, after its '['.
Node *regexp_parse_class(Parser *);
// After a backslash: \d \D \s \S \w \W \p \P. NULL: none of them. `closed`:
// the set is complete under the case rule. strings: only in classes of v mode.
CharacterSet *regexp_parse_class_escape(Parser *, bool *closed,
                                        ClassString **strings,
                                        bool *has_strings);
// After a backslash: what stands for one character, in or out of a class.
uint32_t regexp_parse_character_escape(Parser *, bool in_class);
// A node for a set with strings (longest first), in class_strings.c.
Node *regexp_strings_node(Parser *, CharacterSet *, ClassString *);

static inline uint32_t pattern_unit(const Parser *p, uint32_t at) {
  if (at >= p->length) return PATTERN_END;
  return p->is_wide ? ((const uint16_t *)p->units)[at]
                    : ((const uint8_t *)p->units)[at];
}
static inline uint32_t pattern_peek(const Parser *p) {
  return pattern_unit(p, p->position);
}
static inline bool pattern_eat(Parser *p, uint32_t unit) {
  if (pattern_peek(p) != unit) return false;
  p->position++;
  return true;
}
// The code point here, joining surrogates if asked to; PATTERN_END at the end.
static inline uint32_t pattern_next(Parser *p, bool join) {
  uint32_t c = pattern_peek(p);
  if (c == PATTERN_END) return c;
  p->position++;
  if (join && (c & 0xfffffc00) == 0xd800) {
    uint32_t trail = pattern_peek(p);
    if (trail != PATTERN_END && (trail & 0xfffffc00) == 0xdc00) {
      p->position++;
      c = 0x10000 + ((c - 0xd800) << 10) + (trail - 0xdc00);
    }
  }
  return c;
}
static inline bool pattern_is_digit(uint32_t c) {
  return c >= '0' && c <= '9';
}

#endif
