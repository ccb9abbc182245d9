// SPDX-License-Identifier: MIT
// Trees to programs. Choices are emitted with guards on the next unit wherever
// first sets can tell the ways apart, so that a deterministic pattern leaves
// no backtracking points behind.
#include <stdlib.h>

#include "vm/regexp/emitter.h"

enum { DISPATCH_MIN = 3, DISPATCH_MAX = 120 };

uint32_t regexp_emit_op(Emitter *e, Opcode op, uint32_t operand) {
  if (operand > OPERAND_MAX || e->code_count > OPERAND_MAX) {
    regexp_syntax_error(e->parser, "Regular expression too large");
  }
  switch (op) {
  case OP_SPLIT:
  case OP_SPLIT_LATER:
  case OP_GUARD_SPLIT:
  case OP_REPEAT:
  case OP_REPEAT_SPLIT:
  case OP_LOOP:
  case OP_LOOP_GREEDY:
  case OP_RETRY_GREEDY:
  case OP_LOOP_LAZY:
  case OP_RETRY_LAZY:
  case OP_COUNTER_LOOP:
  case OP_COUNTER_LAZY:
    REGEXP_GROW(e->arena, e->points, e->point_count, e->point_capacity);
    e->points[e->point_count++] = (MemoPoint){e->code_count, e->context};
    break;
  default:
    break;
  }
  regexp_emit_word(e, (uint32_t)op | operand << 8);
  return e->code_count - 1;
}

void regexp_emit_word(Emitter *e, uint32_t word) {
  REGEXP_GROW(e->arena, e->code, e->code_count, e->code_capacity);
  e->code[e->code_count++] = word;
}

void regexp_patch_operand(Emitter *e, uint32_t index) {
  if (e->code_count > OPERAND_MAX) {
    regexp_syntax_error(e->parser, "Regular expression too large");
  }
  e->code[index] = (e->code[index] & 0xff) | e->code_count << 8;
}

void regexp_patch_word(Emitter *e, uint32_t index) {
  e->code[index] = e->code_count;
}

uint32_t regexp_new_register(Emitter *e) {
  return e->register_count++;
}

uint32_t regexp_enter_context(Emitter *e, MemoContext context) {
  uint32_t outer = e->context;
  context.parent = outer;
  REGEXP_GROW(e->arena, e->contexts, e->context_count, e->context_capacity);
  e->contexts[e->context_count++] = context;
  e->context = e->context_count;
  return outer;
}

static uint32_t intern_set(Emitter *e, const MatchSet *set) {
  for (uint32_t i = 0; i < e->set_count; i++) {
    const MatchSet *other = e->sets[i];
    if (set->upper == other->upper && set->range_count == other->range_count &&
        !memcmp(set->latin1, other->latin1, sizeof set->latin1) &&
        (!set->range_count ||
         !memcmp(set->ranges, other->ranges,
                 set->range_count * sizeof *set->ranges))) {
      return i;
    }
  }
  REGEXP_GROW(e->arena, e->sets, e->set_count, e->set_capacity);
  MatchSet *copy = regexp_allocate(e->arena, sizeof *copy);
  *copy = *set;
  e->sets[e->set_count] = copy;
  e->range_count += set->range_count;
  return e->set_count++;
}

static uint32_t add_set(Emitter *e, CharacterSet *set) {
  MatchSet out = {0};
  character_set_normalize(set);
  uint32_t i = 0;
  for (; i < set->count && set->ranges[i].first < 256; i++) {
    CharacterRange range = set->ranges[i];
    uint32_t last = range.last < 255 ? range.last : 255;
    memset(out.latin1 + range.first, 1, last - range.first + 1);
    if (range.last > 255) break;
  }
  if (i < set->count) {
    CharacterRange *ranges =
        regexp_allocate(e->arena, (set->count - i) * sizeof *ranges);
    memcpy(ranges, set->ranges + i, (set->count - i) * sizeof *ranges);
    if (ranges[0].first < 256) ranges[0].first = 256;
    out.upper = UPPER_RANGES;
    out.range_count = set->count - i;
    out.ranges = ranges;
    if (ranges[0].first == 256 && ranges[0].last >= 0xffff &&
        (!e->unicode || ranges[0].last == CODE_POINT_MAX)) {
      out.upper = UPPER_ALL;
      out.range_count = 0;
      out.ranges = NULL;
    }
  }
  return intern_set(e, &out);
}

uint32_t regexp_add_first_set(Emitter *e, const FirstSet *first) {
  MatchSet out = {.upper = first->other ? UPPER_ALL : UPPER_NONE};
  for (uint32_t c = 0; c < 256; c++) {
    out.latin1[c] = first->latin1[c >> 6] >> (c & 63) & 1;
  }
  return intern_set(e, &out);
}

uint32_t regexp_add_single(Emitter *e, Node *node) {
  if (node->kind == NODE_SET) return add_set(e, node->set);
  CharacterSet *set = character_set_new(e->arena);
  character_set_add(e->arena, set, node->code_point, node->code_point);
  return add_set(e, set);
}

void regexp_mark_verified(Emitter *e, const Node *node, const FirstSet *first) {
  if (first->other || first->nullable || first->at_end || e->behind) return;
  for (;;) {
    if (node->kind == NODE_SEQUENCE) {
      node = node->items[0];
    } else if (node->kind == NODE_CAPTURE) {
      node = node->child;
    } else {
      break;
    }
  }
  e->verified = regexp_is_single(node) ? node : NULL;
}

// --------------------------------------------------------------- leaves

// A unit as the matcher's MASKED sees it.
typedef struct MaskedUnit {
  uint16_t value, mask;
} MaskedUnit;

// Units that match exactly the node's characters: 0, 1 or (a pair) 2.
static uint32_t masked_units(const Emitter *e, const Node *node,
                             MaskedUnit out[2]) {
  if (node->kind == NODE_SET) {
    const CharacterSet *set = node->set;
    if (set->count != 2) return 0;
    uint32_t a = set->ranges[0].first, b = set->ranges[1].first;
    uint32_t bit = b - a;
    if (set->ranges[0].last != a || set->ranges[1].last != b || b > 0xffff ||
        (bit & (bit - 1)) || (a & bit) || (b >= 0xd800 && a <= 0xdfff)) {
      return 0;
    }
    out[0] = (MaskedUnit){(uint16_t)a, (uint16_t)~bit};
    return 1;
  }
  if (node->kind != NODE_CHARACTER) return 0;
  uint32_t c = node->code_point;
  if (c > 0xffff) {
    out[0] = (MaskedUnit){(uint16_t)(0xd7c0 + (c >> 10)), 0xffff};
    out[1] = (MaskedUnit){(uint16_t)(0xdc00 | (c & 0x3ff)), 0xffff};
    return 2;
  }
  if (e->unicode && c >= 0xd800 && c <= 0xdfff) return 0;
  out[0] = (MaskedUnit){(uint16_t)c, 0xffff};
  return 1;
}

static void emit_masked(Emitter *e, const MaskedUnit *units, uint32_t count) {
  bool masked = false, wide = false;
  for (uint32_t i = 0; i < count; i++) {
    masked |= units[i].mask != 0xffff;
    wide |= units[i].value > 0xff;
  }
  if (masked) {
    regexp_emit_op(e, OP_MASKED, count);
    for (uint32_t i = 0; i < count; i++) {
      regexp_emit_word(e, units[i].value | (uint32_t)units[i].mask << 16);
    }
  } else if (count == 1) {
    regexp_emit_op(e, OP_CHARACTER, units[0].value);
  } else {
    // In memory order: the matcher compares whole words.
    uint32_t per_word = wide ? 2 : 4;
    regexp_emit_op(e, wide ? OP_STRING : OP_STRING_LATIN1, count);
    for (uint32_t i = 0; i < count; i += per_word) {
      union {
        uint8_t narrow[4];
        uint16_t wide[2];
        uint32_t word;
      } text = {.word = 0};
      for (uint32_t j = 0; j < per_word && i + j < count; j++) {
        if (wide) {
          text.wide[j] = units[i + j].value;
        } else {
          text.narrow[j] = (uint8_t)units[i + j].value;
        }
      }
      regexp_emit_word(e, text.word);
    }
  }
}

static void emit_single(Emitter *e, Node *node) {
  if (e->verified == node) {
    e->verified = NULL;
    regexp_emit_op(e, OP_ADVANCE, 1);
    return;
  }
  if (e->behind) regexp_emit_op(e, OP_BACK, 0);
  MaskedUnit units[2];
  uint32_t count = masked_units(e, node, units);
  if (count) {
    emit_masked(e, units, count);
  } else if (node->kind == NODE_SET && !node->set->count) {
    regexp_emit_op(e, OP_FAIL, 0);
  } else {
    regexp_emit_op(e, OP_SET, regexp_add_single(e, node));
  }
  if (e->behind) regexp_emit_op(e, OP_BACK, 0);
}

// ----------------------------------------------------------- structures

static void emit_sequence(Emitter *e, Node *node, const FirstSet *follow) {
  if (e->behind) {
    for (uint32_t i = node->count; i-- > 0;) {
      regexp_emit_node(e, node->items[i], follow);
    }
    return;
  }
  for (uint32_t i = 0; i < node->count; i++) {
    Node *item = node->items[i];
    if (regexp_is_single(item)) {
      // Gather a run of plain characters into one comparison.
      MaskedUnit *units = NULL;
      uint32_t count = 0, capacity = 0, end = i;
      for (; end < node->count; end++) {
        MaskedUnit next[2];
        uint32_t n = masked_units(e, node->items[end], next);
        if (!n) break;
        for (uint32_t j = 0; j < n; j++) {
          REGEXP_GROW(e->arena, units, count, capacity);
          units[count++] = next[j];
        }
      }
      if (end > i + 1) {
        emit_masked(e, units, count);
        e->verified = NULL;
        i = end - 1;
      } else {
        emit_single(e, item);
      }
      continue;
    }
    FirstSet rest =
        regexp_first_of_items(node->items + i + 1, node->count - i - 1, follow);
    regexp_emit_node(e, item, &rest);
  }
}

static void emit_plain_alternation(Emitter *e, Node *node,
                                   const FirstSet *follow) {
  uint32_t *exits = regexp_allocate(e->arena, node->count * sizeof *exits);
  for (uint32_t i = 0; i < node->count; i++) {
    bool last = i + 1 == node->count;
    uint32_t split = last ? 0 : regexp_emit_op(e, OP_SPLIT, 0);
    regexp_emit_node(e, node->items[i], follow);
    if (last) break;
    exits[i] = regexp_emit_op(e, OP_JUMP, 0);
    regexp_patch_operand(e, split);
  }
  for (uint32_t i = 0; i + 1 < node->count; i++) {
    regexp_patch_operand(e, exits[i]);
  }
}

// The byte of a DISPATCH table for next unit c (256: any above): the first
// alternative that can begin with it, entered past its guard if it is the only
// one.
static uint8_t dispatch_target(const FirstSet *firsts, uint32_t count,
                               uint32_t c) {
  for (uint32_t i = 0; i < count; i++) {
    if (!regexp_first_has(&firsts[i], c)) continue;
    for (uint32_t j = i + 1; j < count; j++) {
      if (regexp_first_has(&firsts[j], c)) return (uint8_t)(2 * i + 1);
    }
    return (uint8_t)(2 * i + 2);
  }
  return 0;
}

static void emit_alternation(Emitter *e, Node *node, const FirstSet *follow) {
  uint32_t count = node->count;
  if (e->behind) {
    emit_plain_alternation(e, node, follow);
    return;
  }
  FirstSet *firsts = regexp_allocate(e->arena, count * sizeof *firsts);
  FirstSet *later = regexp_allocate(e->arena, (count + 1) * sizeof *later);
  bool all_decide = true;
  memset(&later[count], 0, sizeof *later);
  for (uint32_t i = count; i-- > 0;) {
    firsts[i] = regexp_first_then(node->items[i], follow);
    later[i] = later[i + 1];
    regexp_first_add(&later[i], &firsts[i]);
    all_decide &= regexp_first_decides(&firsts[i]);
  }
  uint32_t *exits = regexp_allocate(e->arena, count * sizeof *exits);
  uint32_t targets = 0;
  bool dispatch = all_decide && count >= DISPATCH_MIN && count <= DISPATCH_MAX;
  if (dispatch) {
    MatchSet table = {0};
    for (uint32_t c = 0; c < 256; c++) {
      table.latin1[c] = dispatch_target(firsts, count, c);
    }
    table.upper = dispatch_target(firsts, count, 256);
    regexp_emit_op(e, OP_DISPATCH, intern_set(e, &table));
    targets = e->code_count;
    for (uint32_t i = 0; i < 2 * count; i++)
      regexp_emit_word(e, 0);
  }
  for (uint32_t i = 0; i < count; i++) {
    const FirstSet *first = &firsts[i];
    bool last = i + 1 == count;
    uint32_t guard = 0, guard_word = 0;
    if (dispatch) regexp_patch_word(e, targets + 2 * i);
    if (last) {
      // Nothing else is left to try.
    } else if (regexp_first_decides(first)) {
      guard = regexp_emit_op(e,
                             regexp_first_disjoint(first, &later[i + 1])
                                 ? OP_GUARD
                                 : OP_GUARD_SPLIT,
                             regexp_add_first_set(e, first));
      guard_word = e->code_count;
      regexp_emit_word(e, 0);
    } else {
      guard = regexp_emit_op(e, OP_SPLIT, 0);
    }
    if (dispatch) regexp_patch_word(e, targets + 2 * i + 1);
    // Past a guard the next unit is known, unless the last alternative is
    // reached by falling through the others.
    if (guard_word && regexp_first(node->items[i])->nullable == false) {
      regexp_mark_verified(e, node->items[i], first);
    }
    regexp_emit_node(e, node->items[i], follow);
    e->verified = NULL;
    if (last) break;
    exits[i] = regexp_emit_op(e, OP_JUMP, 0);
    if (guard_word) {
      regexp_patch_word(e, guard_word);
    } else {
      regexp_patch_operand(e, guard);
    }
  }
  for (uint32_t i = 0; i + 1 < count; i++)
    regexp_patch_operand(e, exits[i]);
}

static const FirstSet anything = {.nullable = true};

static void emit_look(Emitter *e, Node *node) {
  if (!node->behind && regexp_is_single(node->child)) {
    // A set of surrogates and a guard's single unit differ: SET takes both.
    regexp_emit_op(e, node->negative ? OP_PEEK_NOT : OP_PEEK,
                   regexp_add_single(e, node->child));
    return;
  }
  bool outer_behind = e->behind;
  uint32_t first = regexp_new_register(e), target = 0;
  regexp_new_register(e);
  uint32_t look =
      regexp_emit_op(e, node->negative ? OP_LOOK_NOT : OP_LOOK, first);
  if (node->negative) {
    target = e->code_count;
    regexp_emit_word(e, 0);
  }
  e->behind = node->behind;
  bool is_nested = e->in_look;
  e->in_look = true;
  uint32_t context = regexp_enter_context(e, (MemoContext){.kind = MEMO_LOOK});
  regexp_emit_node(e, node->child, &anything);
  e->context = context;
  e->in_look = is_nested;
  e->behind = outer_behind;
  regexp_emit_op(e, node->negative ? OP_LOOK_NOT_END : OP_LOOK_END, first);
  regexp_emit_word(e, look << 1 | is_nested);
  if (node->negative) regexp_patch_word(e, target);
}

static void emit_back_reference(Emitter *e, const Node *node) {
  e->has_references = true;
  regexp_emit_op(e, OP_BACK_REFERENCE, node->count);
  if (node->groups && node->count > 1) {
    for (uint32_t i = 0; i < node->count; i++) {
      regexp_emit_word(e, node->groups[i]);
    }
  } else {
    regexp_emit_word(e, node->group);
  }
  regexp_emit_word(e, (node->ignore_case ? REFERENCE_IGNORE_CASE : 0) |
                          (e->behind ? REFERENCE_BEHIND : 0) |
                          (e->unicode ? REFERENCE_UNICODE : 0));
}

void regexp_emit_node(Emitter *e, Node *node, const FirstSet *follow) {
  switch (node->kind) {
  case NODE_EMPTY:
    break;
  case NODE_CHARACTER:
  case NODE_SET:
    emit_single(e, node);
    break;
  case NODE_SEQUENCE:
    emit_sequence(e, node, follow);
    break;
  case NODE_ALTERNATION:
    emit_alternation(e, node, follow);
    break;
  case NODE_CAPTURE:
    regexp_emit_op(e, OP_SAVE, 2 * node->group + e->behind);
    regexp_emit_node(e, node->child, follow);
    regexp_emit_op(e, OP_SAVE, 2 * node->group + !e->behind);
    break;
  case NODE_LOOK:
    emit_look(e, node);
    break;
  case NODE_REPEAT:
    regexp_emit_repeat(e, node, follow);
    break;
  case NODE_BACKREFERENCE:
    emit_back_reference(e, node);
    break;
  case NODE_START:
    regexp_emit_op(e, node->multiline ? OP_START_LINE : OP_START, 0);
    break;
  case NODE_END:
    regexp_emit_op(e, node->multiline ? OP_END_LINE : OP_END, 0);
    break;
  case NODE_WORD_BOUNDARY:
    regexp_emit_op(e, OP_WORD_BOUNDARY,
                   (uint32_t)node->negative | (uint32_t)node->ignore_case << 1);
    break;
  }
}

// -------------------------------------------------------------- program

enum { PREFIX_MAX = 32 };

typedef struct Layout {
  char *base;
  size_t used;
} Layout;

static void *take(Layout *layout, size_t bytes) {
  void *result = layout->base ? layout->base + layout->used : NULL;
  layout->used += (bytes + 15) & ~(size_t)15;
  return result;
}

static void lay_out(Layout *layout, const Emitter *e, const Parser *p,
                    const uint16_t *prefix, uint32_t prefix_length) {
  RegExpProgram *program = take(layout, sizeof *program);
  uint32_t *code = take(layout, e->code_count * sizeof *code);
  MatchSet *sets = take(layout, e->set_count * sizeof *sets);
  CharacterRange *ranges = take(layout, e->range_count * sizeof *ranges);
  uint16_t *wide_prefix = take(layout, prefix_length * sizeof *wide_prefix);
  uint8_t *narrow_prefix = take(layout, prefix_length);
  RegExpGroupName *names = take(layout, p->name_count * sizeof *names);
  MemoPoint *points = take(layout, e->point_count * sizeof *points);
  MemoContext *contexts = take(layout, e->context_count * sizeof *contexts);
  if (program) {
    if (e->point_count) {
      memcpy(points, e->points, e->point_count * sizeof *points);
    }
    if (e->context_count) {
      memcpy(contexts, e->contexts, e->context_count * sizeof *contexts);
    }
    program->memo_points = points;
    program->memo_point_count = e->point_count;
    program->memo_contexts = contexts;
    memcpy(code, e->code, e->code_count * sizeof *code);
    for (uint32_t i = 0; i < e->set_count; i++) {
      sets[i] = *e->sets[i];
      if (!sets[i].range_count) continue;
      memcpy(ranges, sets[i].ranges, sets[i].range_count * sizeof *ranges);
      sets[i].ranges = ranges;
      ranges += sets[i].range_count;
    }
    program->prefix_is_latin1 = true;
    for (uint32_t i = 0; i < prefix_length; i++) {
      wide_prefix[i] = prefix[i];
      narrow_prefix[i] = (uint8_t)prefix[i];
      program->prefix_is_latin1 &= prefix[i] <= 0xff;
    }
    program->code = code;
    program->sets = sets;
    program->prefix = wide_prefix;
    program->prefix_latin1 = narrow_prefix;
    program->prefix_length = prefix_length;
    program->names = names;
    program->name_count = p->name_count;
  }
  for (uint32_t i = 0; i < p->name_count; i++) {
    const GroupName *name = &p->names[i];
    uint16_t *units = take(layout, name->length * sizeof *units);
    if (!program) continue;
    memcpy(units, name->units, name->length * sizeof *units);
    names[i] = (RegExpGroupName){units, name->length, name->group};
  }
}

// The place of the unit of a string that texts have least often.
static uint32_t rarest_unit(const uint16_t *units, uint32_t count) {
  static const char common[] = "zxqjkgbvpywfmculdrhsnioate ";
  uint32_t best = 0, best_rank = UINT32_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const char *place =
        units[i] && units[i] < 128 ? strchr(common, (int)units[i]) : NULL;
    uint32_t rank = place ? (uint32_t)(place - common) + 3 : 1;
    if (!place && units[i] >= '0' && units[i] <= '9') rank = 2;
    if (rank < best_rank) {
      best_rank = rank;
      best = i;
    }
  }
  return best;
}

// The units of a set with one or two of them; how many, or 0.
static uint32_t few_units(const FirstSet *first, uint32_t units[2]) {
  uint32_t count = 0;
  if (first->other) return 0;
  for (uint32_t c = 0; c < 256; c++) {
    if (!regexp_first_has(first, c)) continue;
    if (count == 2) return 0;
    units[count++] = c;
  }
  return count;
}

RegExpProgram *regexp_emit(Parser *p, Node *root, uint32_t flags) {
  Emitter emitter = {
      .arena = p->arena,
      .parser = p,
      .register_count = 2 * p->group_count,
      .unicode = p->unicode,
  };
  Emitter *e = &emitter;
  regexp_emit_node(e, root, &anything);
  regexp_emit_op(e, OP_MATCH, 0);

  SearchKind search = SEARCH_ANY;
  uint32_t search_set = 0, search_offset = 0, second_set = 0, second_offset = 0;
  bool whole = false;
  uint16_t prefix[PREFIX_MAX];
  uint32_t prefix_length =
      regexp_literal_prefix(root, prefix, PREFIX_MAX, &whole);
  if (regexp_is_anchored(root)) {
    search = SEARCH_START;
  } else if (prefix_length) {
    search = prefix_length == 1 ? SEARCH_UNIT : SEARCH_STRING;
    search_offset = rarest_unit(prefix, prefix_length);
  } else {
    // The two most telling places of what any match begins with.
    FirstSet places[LOOKAHEAD_PLACES];
    regexp_lookahead(root, p->unicode, places);
    uint32_t best[2] = {UINT32_MAX, UINT32_MAX}, offsets[2] = {0, 0};
    for (uint32_t i = 0; i < LOOKAHEAD_PLACES && !places[i].nullable; i++) {
      uint32_t weight = regexp_first_weight(&places[i]);
      if (weight < best[0]) {
        best[1] = best[0];
        offsets[1] = offsets[0];
        best[0] = weight;
        offsets[0] = i;
      } else if (weight < best[1]) {
        best[1] = weight;
        offsets[1] = i;
      }
    }
    if (best[0] != UINT32_MAX) {
      if (best[1] == UINT32_MAX) offsets[1] = offsets[0];
      search = SEARCH_SET;
      search_offset = offsets[0];
      search_set = regexp_add_first_set(e, &places[search_offset]);
      second_offset = offsets[1];
      second_set = regexp_add_first_set(e, &places[second_offset]);
      uint32_t units[2];
      switch (few_units(&places[search_offset], units)) {
      case 1:
        search = SEARCH_SET_OF_ONE;
        search_set = units[0];
        break;
      case 2:
        search = SEARCH_SET_OF_TWO;
        search_set = units[0] | units[1] << 16;
        break;
      default:
        break;
      }
    }
  }

  FirstSet required;
  uint32_t required_set = regexp_required(root, &required)
                              ? regexp_add_first_set(e, &required) + 1
                              : 0;

  Layout layout = {0};
  lay_out(&layout, e, p, prefix, prefix_length);
  size_t bytes = layout.used;
  layout = (Layout){.base = malloc(bytes)};
  if (!layout.base) {
    regexp_fail(p->arena, REGEXP_ERROR_OUT_OF_MEMORY, "Out of memory", 0);
  }
  lay_out(&layout, e, p, prefix, prefix_length);
  RegExpProgram *program = (RegExpProgram *)layout.base;
  atomic_init(&program->references, 1);
  program->flags = flags;
  program->group_count = p->group_count;
  program->register_count = e->register_count;
  program->code_count = e->code_count;
  program->set_count = e->set_count;
  program->required_set = required_set;
  program->min_length = regexp_min_length(root);
  program->search = search;
  program->search_set = search_set;
  program->search_offset = search_offset;
  program->second_set = second_set;
  program->second_offset = second_offset;
  program->is_literal =
      whole && prefix_length && p->group_count == 1 && search != SEARCH_START;
  program->has_references = e->has_references;
  program->is_unicode = p->unicode;
  program->bytes = bytes;
  return program;
}
