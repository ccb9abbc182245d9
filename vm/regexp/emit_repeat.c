// SPDX-License-Identifier: MIT
// Quantifiers (ECMA-262 22.2.2.3.1 RepeatMatcher). Loops over one character
// run within a single instruction; others are laid out by what is known of
// body and continuation:
//   - the two cannot begin alike: a guard decides, nothing is pushed;
//   - the body always takes a unit: no check for empty iterations;
//   - small counts are unrolled, large ones count in a register.
#include "vm/regexp/emitter.h"

enum { UNROLL_LIMIT = 60 };

static void emit_clear(Emitter *e, const Node *node) {
  if (node->first_group == node->end_group) return;
  regexp_emit_op(e, OP_CLEAR, 2 * node->first_group);
  regexp_emit_word(e, 2 * node->end_group);
}

static void emit_character_loop(Emitter *e, Node *node,
                                const FirstSet *follow) {
  const FirstSet *body = regexp_first(node->child);
  uint32_t set = regexp_add_single(e, node->child);
  bool possessive = regexp_first_disjoint(body, follow);
  regexp_emit_op(e,
                 possessive     ? OP_LOOP
                 : node->greedy ? OP_LOOP_GREEDY
                                : OP_LOOP_LAZY,
                 set);
  regexp_emit_word(e, node->min);
  regexp_emit_word(e, node->max);
  if (possessive) return;
  uint32_t hint =
      regexp_first_decides(follow) ? regexp_add_first_set(e, follow) + 1 : 0;
  regexp_emit_op(e, node->greedy ? OP_RETRY_GREEDY : OP_RETRY_LAZY, hint);
  if (node->greedy) return;
  regexp_emit_word(e, set);
  // Units where a search for what follows stops: it may begin, or the loop
  // cannot go on.
  FirstSet stop = *follow;
  for (int i = 0; i < 4; i++)
    stop.latin1[i] |= ~body->latin1[i];
  stop.other = true;
  regexp_emit_word(e, hint ? regexp_add_first_set(e, &stop) : 0);
}

// How a loop decides whether to go round again.
typedef enum {
  ENTRY_GUARD,       // by the next unit alone
  ENTRY_GUARD_SPLIT, // the next unit can rule the body out
  ENTRY_SPLIT,
} Entry;

static Entry entry_kind(const Emitter *e, const FirstSet *body,
                        const FirstSet *follow, bool greedy) {
  if (e->behind || !regexp_first_decides(body)) return ENTRY_SPLIT;
  if (regexp_first_disjoint(body, follow)) return ENTRY_GUARD;
  return greedy ? ENTRY_GUARD_SPLIT : ENTRY_SPLIT;
}

// X? and each optional copy of X{0,n}: returns the jump to patch, *is_word
// tells which kind.
static uint32_t emit_optional_entry(Emitter *e, Node *node, Entry entry,
                                    const FirstSet *body, bool *is_word) {
  *is_word = entry != ENTRY_SPLIT;
  if (entry == ENTRY_SPLIT) {
    if (node->greedy) return regexp_emit_op(e, OP_SPLIT, 0);
    // Lazy: the exit first, the body later.
    uint32_t split = regexp_emit_op(e, OP_SPLIT, 0);
    uint32_t exit = regexp_emit_op(e, OP_JUMP, 0);
    regexp_patch_operand(e, split);
    return exit;
  }
  regexp_emit_op(e, entry == ENTRY_GUARD ? OP_GUARD : OP_GUARD_SPLIT,
                 regexp_add_first_set(e, body));
  regexp_emit_word(e, 0);
  regexp_mark_verified(e, node->child, body);
  return e->code_count - 1;
}

static void enter_empty_check(Emitter *e, uint32_t start) {
  regexp_enter_context(e,
                       (MemoContext){.kind = MEMO_EMPTY_CHECK, .index = start});
}

// One iteration, which fails if it is empty.
static void emit_checked_body(Emitter *e, Node *node, const FirstSet *follow) {
  bool may_be_empty = !regexp_min_length(node->child);
  uint32_t start = 0, context = e->context;
  if (may_be_empty) {
    start = regexp_new_register(e);
    regexp_emit_op(e, OP_SAVE, start);
    enter_empty_check(e, start);
  }
  emit_clear(e, node);
  regexp_emit_node(e, node->child, follow);
  e->verified = NULL;
  e->context = context;
  if (may_be_empty) regexp_emit_op(e, OP_EMPTY_CHECK, start);
}

static void emit_optionals(Emitter *e, Node *node, uint32_t count,
                           const FirstSet *follow) {
  FirstSet body = *regexp_first(node->child);
  FirstSet after = body;
  regexp_first_add(&after, follow);
  Entry entry = entry_kind(e, &body, follow, node->greedy);
  bool is_word = false;
  uint32_t *exits = regexp_allocate(e->arena, count * sizeof *exits);
  for (uint32_t i = 0; i < count; i++) {
    exits[i] = emit_optional_entry(e, node, entry, &body, &is_word);
    emit_checked_body(e, node, i + 1 < count ? &after : follow);
  }
  for (uint32_t i = 0; i < count; i++) {
    if (is_word) {
      regexp_patch_word(e, exits[i]);
    } else {
      regexp_patch_operand(e, exits[i]);
    }
  }
}

// X* (or X+ if `at_least_once`): the test is at the bottom.
static void emit_star(Emitter *e, Node *node, const FirstSet *follow,
                      bool at_least_once) {
  FirstSet body = *regexp_first(node->child);
  FirstSet after = body;
  regexp_first_add(&after, follow);
  Entry entry = entry_kind(e, &body, follow, node->greedy);
  uint32_t to_test = at_least_once ? 0 : regexp_emit_op(e, OP_JUMP, 0);
  uint32_t top = e->code_count;
  // The first iteration of X+ comes without a test.
  if (entry != ENTRY_SPLIT && !at_least_once) {
    regexp_mark_verified(e, node->child, &body);
  }
  emit_checked_body(e, node, &after);
  if (!at_least_once) regexp_patch_operand(e, to_test);
  if (entry == ENTRY_SPLIT) {
    regexp_emit_op(e, node->greedy ? OP_SPLIT_LATER : OP_SPLIT, top);
  } else {
    regexp_emit_op(e, entry == ENTRY_GUARD ? OP_REPEAT : OP_REPEAT_SPLIT,
                   regexp_add_first_set(e, &body));
    regexp_emit_word(e, top);
  }
}

static void emit_counted(Emitter *e, Node *node, const FirstSet *follow) {
  FirstSet after = *regexp_first(node->child);
  regexp_first_add(&after, follow);
  bool may_be_empty = !regexp_min_length(node->child);
  uint32_t counter = regexp_new_register(e), start = 0;
  if (may_be_empty) start = regexp_new_register(e);
  regexp_emit_op(e, OP_COUNTER_ZERO, counter);
  uint32_t context = regexp_enter_context(e, (MemoContext){.kind = MEMO_COUNTER,
                                                           .index = counter,
                                                           .min = node->min,
                                                           .max = node->max});
  uint32_t top = regexp_emit_op(
      e, node->greedy ? OP_COUNTER_LOOP : OP_COUNTER_LAZY, counter);
  regexp_emit_word(e, node->min);
  regexp_emit_word(e, node->max);
  uint32_t exit = e->code_count;
  regexp_emit_word(e, 0);
  regexp_emit_op(e, OP_COUNTER_INCREMENT, counter);
  if (may_be_empty) {
    regexp_emit_op(e, OP_SAVE, start);
    enter_empty_check(e, start);
  }
  emit_clear(e, node);
  regexp_emit_node(e, node->child, &after);
  e->context = context;
  if (may_be_empty) {
    regexp_emit_op(e, OP_EMPTY_CHECK_MIN, start);
    regexp_emit_word(e, counter);
    regexp_emit_word(e, node->min);
  }
  regexp_emit_op(e, OP_JUMP, top);
  regexp_patch_word(e, exit);
}

void regexp_emit_repeat(Emitter *e, Node *node, const FirstSet *follow) {
  Node *child = node->child;
  if (!node->max) return;
  if (regexp_is_single(child) && !e->behind) {
    emit_character_loop(e, node, follow);
    return;
  }
  uint32_t size = regexp_node_size(child);
  bool infinite = node->max == REPEAT_INFINITE;
  if (node->min == 1 && infinite && regexp_min_length(child)) {
    emit_star(e, node, follow, true);
    return;
  }
  uint64_t copies = infinite ? node->min : node->max;
  if (copies * size > UNROLL_LIMIT && copies > (infinite ? 0 : 1)) {
    emit_counted(e, node, follow);
    return;
  }
  FirstSet after = *regexp_first(child);
  regexp_first_add(&after, follow);
  for (uint32_t i = 0; i < node->min; i++) {
    if (i) emit_clear(e, node);
    bool last = !infinite && i + 1 == node->max;
    regexp_emit_node(e, child, last ? follow : &after);
  }
  if (infinite) {
    emit_star(e, node, follow, false);
  } else if (node->max > node->min) {
    emit_optionals(e, node, node->max - node->min, follow);
  }
}
