// SPDX-License-Identifier: MIT
// Facts about a pattern's tree that let the emitter leave work out.
#ifndef RILL_VM_REGEXP_ANALYSIS_H
#define RILL_VM_REGEXP_ANALYSIS_H

#include "vm/regexp/pattern.h"

// What a match of the node can begin with. nullable: the node may match
// without looking at a unit, so the set says nothing.
// at_end: it may match at the end of the input though not nullable ($).
const FirstSet *regexp_first(Node *);
// first(node) followed by `follow`.
FirstSet regexp_first_then(Node *, const FirstSet *follow);
// The units that any match has at each of its first places, for a match that
// does not begin at the start of the input. A set that is nullable says
// nothing, nor do those after it: the match may end before.
enum { LOOKAHEAD_PLACES = 4 };
void regexp_lookahead(Node *, bool unicode, FirstSet places[LOOKAHEAD_PLACES]);
FirstSet regexp_first_of_items(Node **items, uint32_t count,
                               const FirstSet *follow);
void regexp_first_add(FirstSet *, const FirstSet *other);
static inline bool regexp_first_has(const FirstSet *first, uint32_t c) {
  return c < 256 ? first->latin1[c >> 6] >> (c & 63) & 1 : first->other;
}
bool regexp_first_disjoint(const FirstSet *, const FirstSet *);
// Usable to decide by the next unit whether to enter at all.
static inline bool regexp_first_decides(const FirstSet *first) {
  return !first->nullable && !first->at_end;
}

// Least number of units a match takes.
uint32_t regexp_min_length(Node *);
// A measure of the code that the node needs; saturates.
uint32_t regexp_node_size(Node *);
// A single character: CHARACTER or SET.
static inline bool regexp_is_single(const Node *node) {
  return node->kind == NODE_CHARACTER || node->kind == NODE_SET;
}
// Every match starts at the start of the input.
bool regexp_is_anchored(Node *);
// Units that every match begins with, up to `capacity`; *whole: nothing else
// is in the node.
uint32_t regexp_literal_prefix(Node *, uint16_t *units, uint32_t capacity,
                               bool *whole);
// How many units a set lets through, common ones counting for more.
uint32_t regexp_first_weight(const FirstSet *);
// Of the characters that every match has, wherever, those of the least weight;
// false: none is known.
bool regexp_required(Node *, FirstSet *required);

#endif
