// SPDX-License-Identifier: MIT
// First sets, lengths, anchors and literal prefixes. All are conservative:
// a first set may be too large, a length too small.
#include "vm/regexp/analysis.h"

static void add_code_points(FirstSet *first, uint32_t low, uint32_t high) {
  for (uint32_t c = low; c <= high && c < 256; c++) {
    first->latin1[c >> 6] |= UINT64_C(1) << (c & 63);
  }
  if (high > 255) first->other = true;
}

void regexp_first_add(FirstSet *first, const FirstSet *other) {
  for (int i = 0; i < 4; i++)
    first->latin1[i] |= other->latin1[i];
  first->other |= other->other;
  first->nullable |= other->nullable;
  first->at_end |= other->at_end;
}

bool regexp_first_disjoint(const FirstSet *a, const FirstSet *b) {
  if (a->nullable || b->nullable || (a->other && b->other)) return false;
  uint64_t common = 0;
  for (int i = 0; i < 4; i++)
    common |= a->latin1[i] & b->latin1[i];
  return !common;
}

FirstSet regexp_first_of_items(Node **items, uint32_t count,
                               const FirstSet *follow) {
  FirstSet first = {.nullable = true};
  for (uint32_t i = 0; i < count && first.nullable; i++) {
    first.nullable = false;
    regexp_first_add(&first, regexp_first(items[i]));
  }
  if (first.nullable && follow) {
    first.nullable = false;
    regexp_first_add(&first, follow);
  }
  return first;
}

FirstSet regexp_first_then(Node *node, const FirstSet *follow) {
  return regexp_first_of_items(&node, 1, follow);
}

const FirstSet *regexp_first(Node *node) {
  if (node->first_known) return &node->first;
  FirstSet first = {0};
  switch (node->kind) {
  case NODE_CHARACTER:
    add_code_points(&first, node->code_point, node->code_point);
    break;
  case NODE_SET:
    for (uint32_t i = 0; i < node->set->count; i++) {
      CharacterRange range = node->set->ranges[i];
      add_code_points(&first, range.first, range.last);
    }
    break;
  case NODE_SEQUENCE:
    first = regexp_first_of_items(node->items, node->count, NULL);
    break;
  case NODE_ALTERNATION:
    for (uint32_t i = 0; i < node->count; i++) {
      regexp_first_add(&first, regexp_first(node->items[i]));
    }
    break;
  case NODE_CAPTURE:
    first = *regexp_first(node->child);
    break;
  case NODE_REPEAT:
    if (node->max) first = *regexp_first(node->child);
    if (!node->min) first.nullable = true;
    break;
  case NODE_END:
    first.at_end = true;
    if (node->multiline) {
      add_code_points(&first, '\n', '\n');
      add_code_points(&first, '\r', '\r');
      add_code_points(&first, 0x2028, 0x2029);
    }
    break;
  case NODE_EMPTY:
  case NODE_LOOK:
  case NODE_START:
  case NODE_WORD_BOUNDARY:
    first.nullable = true;
    break;
  case NODE_BACKREFERENCE:
    // May take anything, so what follows it must not decide.
    first.nullable = true;
    memset(first.latin1, 0xff, sizeof first.latin1);
    first.other = true;
    break;
  }
  node->first = first;
  node->first_known = true;
  return &node->first;
}

// Bit i: i units have been taken. ALL_PLACES is what nothing is known of.
enum { ALL_PLACES = (1 << (LOOKAHEAD_PLACES + 1)) - 1 };

typedef struct Lookahead {
  FirstSet *places;
  bool unicode;
  uint32_t steps;
} Lookahead;
// Repeats of repeats are gone through again and again: beyond this nothing is
// known.
enum { MOST_STEPS = 4096 };

static uint32_t walk(Lookahead *l, Node *node, uint32_t in);

static uint32_t walk_single(Lookahead *l, Node *node, uint32_t in) {
  uint32_t out = 0;
  const FirstSet *first = regexp_first(node);
  for (uint32_t i = 0; i < LOOKAHEAD_PLACES; i++) {
    if (!(in & 1u << i)) continue;
    regexp_first_add(&l->places[i], first);
    out |= 1u << (i + 1);
    if (!l->unicode || !first->other) continue;
    // It may be a pair of surrogates.
    if (i + 1 < LOOKAHEAD_PLACES) l->places[i + 1].other = true;
    out |= 1u << (i + 2);
  }
  return out & ALL_PLACES;
}

static uint32_t walk_repeat(Lookahead *l, Node *node, uint32_t in) {
  uint32_t out = node->min ? 0 : in, now = in;
  for (uint32_t i = 1; i <= LOOKAHEAD_PLACES + 1 && i <= node->max; i++) {
    now = walk(l, node->child, now);
    if (i >= node->min) out |= now;
  }
  // More iterations can add nothing but what empty ones do.
  if (node->min > LOOKAHEAD_PLACES + 1) out |= now;
  return out;
}

static uint32_t know_nothing(Lookahead *l, uint32_t in) {
  for (uint32_t i = 0; i < LOOKAHEAD_PLACES; i++) {
    if (in & ((2u << i) - 1)) l->places[i].nullable = true;
  }
  return ALL_PLACES;
}

static uint32_t walk(Lookahead *l, Node *node, uint32_t in) {
  uint32_t out = 0;
  if (!in) return 0;
  if (++l->steps > MOST_STEPS) return know_nothing(l, in);
  switch (node->kind) {
  case NODE_CHARACTER:
  case NODE_SET:
    return walk_single(l, node, in);
  case NODE_SEQUENCE:
    for (uint32_t i = 0; i < node->count; i++)
      in = walk(l, node->items[i], in);
    return in;
  case NODE_ALTERNATION:
    for (uint32_t i = 0; i < node->count; i++) {
      out |= walk(l, node->items[i], in);
    }
    return out;
  case NODE_CAPTURE:
    return walk(l, node->child, in);
  case NODE_REPEAT:
    return walk_repeat(l, node, in);
  case NODE_START:
    return node->multiline ? in : 0;
  case NODE_EMPTY:
  case NODE_LOOK:
  case NODE_END:
  case NODE_WORD_BOUNDARY:
    return in;
  case NODE_BACKREFERENCE:
    return know_nothing(l, in);
  }
  return ALL_PLACES;
}

void regexp_lookahead(Node *node, bool unicode,
                      FirstSet places[LOOKAHEAD_PLACES]) {
  memset(places, 0, LOOKAHEAD_PLACES * sizeof *places);
  Lookahead lookahead = {places, unicode, 0};
  uint32_t ends = walk(&lookahead, node, 1);
  for (uint32_t i = 0; i < LOOKAHEAD_PLACES; i++) {
    if (ends & ((2u << i) - 1)) places[i].nullable = true;
  }
}

static uint32_t add_saturated(uint32_t a, uint32_t b) {
  uint64_t sum = (uint64_t)a + b;
  return sum > INT32_MAX ? INT32_MAX : (uint32_t)sum;
}
static uint32_t multiply_saturated(uint32_t a, uint32_t b) {
  uint64_t product = (uint64_t)a * b;
  return product > INT32_MAX ? INT32_MAX : (uint32_t)product;
}

uint32_t regexp_min_length(Node *node) {
  uint32_t length = 0;
  switch (node->kind) {
  case NODE_CHARACTER:
    return node->code_point > 0xffff ? 2 : 1;
  case NODE_SET:
    return 1;
  case NODE_SEQUENCE:
    for (uint32_t i = 0; i < node->count; i++) {
      length = add_saturated(length, regexp_min_length(node->items[i]));
    }
    return length;
  case NODE_ALTERNATION:
    length = INT32_MAX;
    for (uint32_t i = 0; i < node->count && length; i++) {
      uint32_t other = regexp_min_length(node->items[i]);
      if (other < length) length = other;
    }
    return length;
  case NODE_CAPTURE:
    return regexp_min_length(node->child);
  case NODE_REPEAT:
    if (!node->min) return 0;
    return multiply_saturated(regexp_min_length(node->child), node->min);
  default:
    return 0;
  }
}

uint32_t regexp_node_size(Node *node) {
  uint32_t size = 2;
  switch (node->kind) {
  case NODE_SEQUENCE:
  case NODE_ALTERNATION:
    for (uint32_t i = 0; i < node->count; i++) {
      size = add_saturated(size, regexp_node_size(node->items[i]));
    }
    return size;
  case NODE_CAPTURE:
  case NODE_LOOK:
    return add_saturated(size, regexp_node_size(node->child));
  case NODE_REPEAT:
    if (regexp_is_single(node->child)) return 4;
    // May be unrolled; the emitter bounds that.
    size = multiply_saturated(regexp_node_size(node->child),
                              add_saturated(node->min, 1));
    return size > 64 ? size : size + 4;
  default:
    return size;
  }
}

bool regexp_is_anchored(Node *node) {
  switch (node->kind) {
  case NODE_START:
    return !node->multiline;
  case NODE_CAPTURE:
    return regexp_is_anchored(node->child);
  case NODE_SEQUENCE:
    return regexp_is_anchored(node->items[0]);
  case NODE_ALTERNATION:
    for (uint32_t i = 0; i < node->count; i++) {
      if (!regexp_is_anchored(node->items[i])) return false;
    }
    return true;
  default:
    return false;
  }
}

uint32_t regexp_literal_prefix(Node *node, uint16_t *units, uint32_t capacity,
                               bool *whole) {
  uint32_t count = 0;
  *whole = false;
  switch (node->kind) {
  case NODE_CHARACTER:
    // A lone surrogate must not match half of a pair: no plain unit.
    if (capacity < 2 ||
        (node->code_point >= 0xd800 && node->code_point <= 0xdfff)) {
      return 0;
    }
    if (node->code_point > 0xffff) {
      units[count++] = (uint16_t)(0xd7c0 + (node->code_point >> 10));
      units[count++] = (uint16_t)(0xdc00 | (node->code_point & 0x3ff));
    } else {
      units[count++] = (uint16_t)node->code_point;
    }
    *whole = true;
    return count;
  case NODE_SEQUENCE:
    for (uint32_t i = 0; i < node->count; i++) {
      bool item_whole;
      count += regexp_literal_prefix(node->items[i], units + count,
                                     capacity - count, &item_whole);
      if (!item_whole) return count;
    }
    *whole = true;
    return count;
  case NODE_CAPTURE: {
    bool ignored;
    return regexp_literal_prefix(node->child, units, capacity, &ignored);
  }
  case NODE_REPEAT: {
    bool ignored;
    if (!node->min) return 0;
    return regexp_literal_prefix(node->child, units, capacity, &ignored);
  }
  default:
    return 0;
  }
}

uint32_t regexp_first_weight(const FirstSet *first) {
  static const uint64_t common[2] = {UINT64_C(1) << ' ', UINT64_C(0x3ffffff)
                                                             << ('a' - 64)};
  int weight = first->other ? 64 : 0;
  for (int i = 0; i < 2; i++) {
    weight += 2 * __builtin_popcountll(first->latin1[i] & common[i]) +
              2 * __builtin_popcountll(first->latin1[i]) +
              __builtin_popcountll(first->latin1[i + 2]);
  }
  return (uint32_t)weight;
}

bool regexp_required(Node *node, FirstSet *required) {
  bool found = false;
  switch (node->kind) {
  case NODE_CHARACTER:
  case NODE_SET:
    *required = *regexp_first(node);
    return true;
  case NODE_SEQUENCE:
    for (uint32_t i = 0; i < node->count; i++) {
      FirstSet other;
      if (!regexp_required(node->items[i], &other)) continue;
      // Of equals the last: the match has got past those before.
      if (!found ||
          regexp_first_weight(&other) <= regexp_first_weight(required)) {
        *required = other;
      }
      found = true;
    }
    return found;
  case NODE_CAPTURE:
    return regexp_required(node->child, required);
  case NODE_REPEAT:
    return node->min && regexp_required(node->child, required);
  default:
    return false;
  }
}
