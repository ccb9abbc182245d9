// SPDX-License-Identifier: MIT
// Word buffer, labels, registers and pools of one function in the making. Code
// that cannot run is not kept: after an instruction that ends control, words
// are dropped until a label that some jump names is bound.
#include "vm/bytecode/function_builder.h"

#include <assert.h>
#include <stdlib.h>

const InstructionInfo bytecode_info[OP_COUNT] = {
#define NOTHING 0
#define THROWS EFFECT_THROWS
#define CALLS EFFECT_CALLS
#define ENDS EFFECT_ENDS
#define SUSPENDS EFFECT_SUSPENDS
#define BACKEDGE EFFECT_BACKEDGE
#define INSTRUCTION(name, a, b, c, x, effects, text)                           \
  [OP_##name] = {#name,       OPERAND_##a, OPERAND_##b, OPERAND_##c,           \
                 OPERAND_##x, effects,     text},
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
};

void bytecode_fail(CodeBuilder *b, BuildStatus status) {
  if (b->status == BUILD_OK || b->status == BUILD_LONG_JUMPS) {
    b->status = status;
  }
}

// Room for `more` entries; false: failed.
static bool grow(CodeBuilder *b, void **items, uint32_t count,
                 uint32_t *capacity, uint32_t more, size_t size) {
  if (count + more <= *capacity) return true;
  uint32_t wanted = *capacity ? *capacity * 2 : 16;
  while (wanted < count + more)
    wanted *= 2;
  void *grown = arena_try_alloc(b->arena, (size_t)wanted * size);
  if (!grown) {
    bytecode_fail(b, BUILD_OUT_OF_MEMORY);
    return false;
  }
  if (count) memcpy(grown, *items, count * size);
  *items = grown;
  *capacity = wanted;
  return true;
}
#define GROW(b, name, more)                                                    \
  grow(b, (void **)&(b)->name, (b)->name##_count, &(b)->name##_capacity, more, \
       sizeof *(b)->name)

// Index maps ------------------------------------------------------------------

static uint32_t map_hash(uint64_t key) {
  return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static uint32_t *map_place(IndexMap *map, uint64_t key) {
  uint32_t mask = map->capacity - 1;
  uint32_t i = map_hash(key) & mask;
  while (map->keys[i] && map->keys[i] != key)
    i = (i + 1) & mask;
  map->keys[i] = key;
  return &map->values[i];
}

// The value's place, 0 in it when new. NULL: out of memory.
static uint32_t *map_find(CodeBuilder *b, IndexMap *map, uint64_t key) {
  if (map->count * 2 >= map->capacity) {
    uint32_t capacity = map->capacity ? map->capacity * 2 : 8;
    size_t size = capacity * (sizeof *map->keys + sizeof *map->values);
    uint64_t *keys = arena_try_alloc(b->arena, size);
    if (!keys) {
      bytecode_fail(b, BUILD_OUT_OF_MEMORY);
      return NULL;
    }
    memset(keys, 0, size);
    IndexMap grown = {keys, (uint32_t *)(keys + capacity), capacity,
                      map->count};
    for (uint32_t i = 0; i < map->capacity; i++) {
      if (map->keys[i]) *map_place(&grown, map->keys[i]) = map->values[i];
    }
    *map = grown;
  }
  uint32_t *place = map_place(map, key);
  if (*place == 0) map->count++;
  return place;
}

// Life ------------------------------------------------------------------------

void bytecode_builder_init(CodeBuilder *b, Arena *arena, bool long_jumps) {
  *b = (CodeBuilder){.arena = arena,
                     .mark = arena_mark(arena),
                     .is_reachable = true,
                     .long_jumps = long_jumps,
                     .recorded_offset = UINT32_MAX};
}

void bytecode_builder_discard(CodeBuilder *b) {
  for (uint32_t i = 0; i < b->functions_count; i++)
    vm_template_release(b->functions[i]);
  b->functions_count = 0;
  syntax_arena_rewind(b->arena, &b->mark);
}

static void locate_positions(const CodeBuilder *b, Template *t,
                             const LineTable *lines, uint32_t first_line,
                             uint32_t head) {
  uint32_t line = 0; // index; offsets mostly rise, so the last line is a hint
  for (uint32_t i = 0; i < b->positions_count; i++) {
    uint32_t offset = b->positions[i].offset;
    if (line >= lines->count || lines->starts[line] > offset ||
        (line + 2 < lines->count && lines->starts[line + 2] <= offset)) {
      line = syntax_line_table_locate(lines, offset).line - 1;
    } else if (line + 1 < lines->count && lines->starts[line + 1] <= offset) {
      line++;
    }
    uint32_t start = lines->count ? lines->starts[line] : 0;
    uint32_t column = offset - start;
    if (line == 0) column -= column < head ? column : head;
    t->positions[i] =
        (CodePosition){b->positions[i].pc, line + first_line, column + 1};
  }
  t->position_count = b->positions_count;
}

// Jumps to jumps go where those go. Only what needs no other opcode changes.
static void thread_jumps(CodeBuilder *b) {
  for (uint32_t pc = 0; pc < b->code_count;) {
    Instruction *word = &b->code[pc];
    Opcode op = (Opcode)word->op;
    const InstructionInfo *info = &bytecode_info[op];
    bool is_short = info->c == OPERAND_JMP16;
    if ((is_short || info->b == OPERAND_JMP32) &&
        !(info->effects & EFFECT_BACKEDGE)) {
      int64_t next = (int64_t)pc + 1;
      int64_t target = next + (is_short ? (int16_t)word->c : word->imm);
      for (int hops = 0; hops < 8; hops++) {
        const Instruction *to = &b->code[target];
        int64_t further = target + 1 + to->imm;
        if (to->op == OP_LOOP && op == OP_JUMP && further < pc) {
          word->op = OP_LOOP;
        } else if (to->op != OP_JUMP) {
          break;
        }
        if (is_short && (further - next > INT16_MAX)) break;
        target = further;
        if (word->op == OP_LOOP) break;
      }
      if (is_short) {
        word->c = (uint16_t)(target - next);
      } else {
        word->imm = (int32_t)(target - next);
      }
    }
    pc += bytecode_width(op);
  }
}

// Copies an array to the end of the block, if there is one.
static void pack(char *block, size_t *used, void *array, uint32_t count,
                 size_t size) {
  void **items = array;
  if (block != NULL) {
    void *old = *items;
    *items = count == 0 ? NULL : block + *used;
    if (count != 0) memcpy(*items, old, count * size);
  }
  *used += (count * size + 7) & ~(size_t)7;
}
#define PACK(array, count) pack(block, used, &(array), count, sizeof *(array))

static void pack_record(Record *record, char *block, size_t *used) {
  switch (record->kind) {
  case RECORD_KEY_LIST:
    PACK(record->key_list.keys, record->key_list.count);
    break;
  case RECORD_VALUE_LIST:
    PACK(record->value_list.values, record->value_list.count);
    break;
  case RECORD_TEMPLATE_STRINGS:
    PACK(record->template_strings.cooked, record->template_strings.count);
    PACK(record->template_strings.raw, record->template_strings.count);
    break;
  case RECORD_JUMP_TABLE:
    PACK(record->jump_table.offsets, record->jump_table.count);
    break;
  case RECORD_SCOPE:
    PACK(record->scope.names, record->scope.name_count);
    break;
  case RECORD_DECLARATIONS:
    PACK(record->declarations.names, record->declarations.count);
    break;
  case RECORD_REGEXP:
  case RECORD_EVAL_SITE:
    break;
  }
}

static void pack_all(Template *t, char *block, size_t *used) {
  PACK(t->constants, t->constant_count);
  PACK(t->keys, t->key_count);
  PACK(t->functions, t->function_count);
  PACK(t->records, t->record_count);
  for (uint32_t i = 0; i < t->record_count; i++)
    pack_record(&t->records[i], block, used);
  PACK(t->code, t->code_count);
  PACK(t->caches, t->cache_count);
  PACK(t->handlers, t->handler_count);
  PACK(t->upvalue_names, t->upvalue_name_count);
  if (t->mapped_parameters) PACK(t->mapped_parameters, t->parameter_count);
}
#undef PACK

Template *bytecode_builder_finish(CodeBuilder *b, const Template *facts,
                                  const uint16_t *mapped_parameters,
                                  const LineTable *lines, uint32_t first_line,
                                  uint32_t head, size_t *size) {
  if (b->register_count > BYTECODE_MAX_REGISTERS) {
    bytecode_fail(b, BUILD_TOO_LARGE);
  }
  Template *t = NULL;
  if (b->status == BUILD_OK) {
    thread_jumps(b);
    Template pools = *facts;
#define POOL(pool, name)                                                       \
  pools.pool = b->pool;                                                        \
  pools.name##_count = b->pool##_count
    POOL(code, code);
    POOL(constants, constant);
    POOL(keys, key);
    POOL(caches, cache);
    POOL(functions, function);
    POOL(records, record);
    POOL(handlers, handler);
    POOL(upvalue_names, upvalue_name);
#undef POOL
    pools.register_count = (uint16_t)b->register_count;
    pools.mapped_parameters = (uint16_t *)mapped_parameters;
    size_t used = sizeof pools;
    pack_all(&pools, NULL, &used);
    *size = used + b->positions_count * sizeof *t->positions;
    t = malloc(*size);
    if (t) {
      *t = pools;
      atomic_init(&t->references, 1);
      used = sizeof pools;
      pack_all(t, (char *)t, &used);
      t->positions = (CodePosition *)((char *)t + used);
      locate_positions(b, t, lines, first_line, head);
      t->block = t;
      b->functions_count = 0; // they are the template's
    } else {
      bytecode_fail(b, BUILD_OUT_OF_MEMORY);
    }
  }
  bytecode_builder_discard(b);
  return t;
}

// Instructions ----------------------------------------------------------------

static uint32_t append(CodeBuilder *b, Opcode op, Instruction word) {
  if (!b->is_reachable) return 0;
  if (!GROW(b, code, 2)) return 0;
  uint32_t pc = b->last = b->code_count;
  uint8_t effects = bytecode_info[op].effects;
  if ((effects & (EFFECT_THROWS | EFFECT_SUSPENDS)) &&
      b->offset != b->recorded_offset && GROW(b, positions, 1)) {
    b->positions[b->positions_count++] = (PendingPosition){pc, b->offset};
    b->recorded_offset = b->offset;
  }
  b->code[b->code_count++] = word;
  if (effects & EFFECT_ENDS) b->is_reachable = false;
  return pc;
}

static void check_operand(CodeBuilder *b, uint32_t operand) {
  if (operand > UINT16_MAX) bytecode_fail(b, BUILD_TOO_LARGE);
}

// The last instruction, if nothing separates it from what comes now.
static Instruction *last_instruction(CodeBuilder *b) {
  if (!b->is_reachable || b->code_count == 0 || b->barrier == b->code_count ||
      b->status == BUILD_OUT_OF_MEMORY) {
    return NULL;
  }
  return &b->code[b->last];
}

// `this` is often read right after it was loaded: both in one instruction.
static Opcode fuse_with_this(CodeBuilder *b, Opcode op, uint32_t object) {
  Instruction *last = last_instruction(b);
  if (!last || last->a != object) return op;
  bool coerced = last->op == OP_COERCE_THIS;
  if (!coerced && last->op != OP_LOAD_THIS) return op;
  b->code_count--;
  switch (op) {
  case OP_GET_NAMED:
    return coerced ? OP_COERCE_THIS_GET_NAMED : OP_LOAD_THIS_GET_NAMED;
  case OP_GET_METHOD:
    return coerced ? OP_COERCE_THIS_GET_METHOD : OP_LOAD_THIS_GET_METHOD;
  default:
    return coerced ? OP_COERCE_THIS_SET_NAMED : OP_LOAD_THIS_SET_NAMED;
  }
}

uint32_t bytecode_emit(CodeBuilder *builder, Opcode op, uint32_t a, uint32_t b,
                       uint32_t c) {
  if (op == OP_GET_NAMED || op == OP_GET_METHOD) {
    op = fuse_with_this(builder, op, b);
  } else if (op == OP_SET_NAMED && c != a) {
    op = fuse_with_this(builder, op, a);
  }
  check_operand(builder, a);
  check_operand(builder, b);
  check_operand(builder, c);
  Instruction word = {.op = (uint16_t)op, .a = (uint16_t)a};
  word.b = (uint16_t)b;
  word.c = (uint16_t)c;
  return append(builder, op, word);
}

uint32_t bytecode_emit_imm(CodeBuilder *builder, Opcode op, uint32_t a,
                           int32_t imm) {
  if (op == OP_LOAD_SPECIAL && (uint64_t)imm == VALUE_UNDEFINED) {
    Instruction *last = last_instruction(builder);
    if (last && last->op == OP_LOAD_SPECIAL &&
        (uint64_t)last->imm == VALUE_UNDEFINED && last->a + 1u == a) {
      last->op = OP_LOAD_UNDEFINED;
      last->b = 2;
      last->c = 0;
      return builder->last;
    }
    if (last && last->op == OP_LOAD_UNDEFINED && last->a + last->b == (int)a &&
        last->b < UINT16_MAX) {
      last->b++;
      return builder->last;
    }
  }
  check_operand(builder, a);
  Instruction word = {.op = (uint16_t)op, .a = (uint16_t)a};
  word.imm = imm;
  return append(builder, op, word);
}

uint32_t bytecode_emit_word(CodeBuilder *builder, Opcode op, uint32_t a,
                            uint32_t b, uint32_t c, uint64_t x) {
  bool reachable = builder->is_reachable;
  uint32_t pc = bytecode_emit(builder, op, a, b, c);
  if (reachable && builder->status != BUILD_OUT_OF_MEMORY) {
    builder->code[builder->code_count++].word = x; // append grew by two
  }
  return pc;
}

void bytecode_move(CodeBuilder *b, Register to, Register from) {
  if (to != from) bytecode_emit(b, OP_MOVE, to, from, 0);
}

// Labels ----------------------------------------------------------------------

static void resolve(CodeBuilder *b, const Fixup *fixup, uint32_t target) {
  if (b->status == BUILD_OUT_OF_MEMORY) return;
  int64_t offset = (int64_t)target - (int64_t)(fixup->word + 1);
  switch (fixup->kind) {
  case FIXUP_JMP16:
    if (offset < INT16_MIN || offset > INT16_MAX) {
      bytecode_fail(b, BUILD_LONG_JUMPS);
    }
    b->code[fixup->word].c = (uint16_t)offset;
    break;
  case FIXUP_JMP32:
    b->code[fixup->word].imm = (int32_t)offset;
    break;
  case FIXUP_X:
    b->code[fixup->word].word = (uint64_t)offset;
    break;
  case FIXUP_TABLE:
    if (b->status == BUILD_OUT_OF_MEMORY) break; // there may be no such record
    b->records[fixup->record].jump_table.offsets[fixup->entry] =
        (int32_t)offset;
    break;
  }
}

static void use_label(CodeBuilder *b, Fixup fixup, Label *label) {
  if (label->position >= 0) {
    resolve(b, &fixup, (uint32_t)label->position);
    return;
  }
  label->is_reachable = true;
  if (!GROW(b, fixups, 1)) return;
  fixup.next = label->last_use;
  label->last_use = (int32_t)b->fixups_count;
  b->fixups[b->fixups_count++] = fixup;
}

// A jump to the word after it, which no label names, is no jump.
static void drop_useless_jump(CodeBuilder *b, Label *label) {
  if (label->last_use < 0 || b->status == BUILD_OUT_OF_MEMORY) return;
  const Fixup *last = &b->fixups[label->last_use];
  if (last->kind != FIXUP_JMP32 || last->word + 1 != b->code_count ||
      b->barrier == b->code_count || b->code[last->word].op != OP_JUMP) {
    return;
  }
  label->last_use = last->next;
  b->code_count--;
  b->barrier = b->code_count; // `last` is not known any more
}

void bytecode_bind(CodeBuilder *b, Label *label) {
  assert(label->position < 0);
  if (label->is_reachable) {
    drop_useless_jump(b, label);
    b->is_reachable = true;
  }
  label->position = (int32_t)bytecode_here(b);
  if (b->status == BUILD_OUT_OF_MEMORY) return;
  for (int32_t i = label->last_use; i >= 0; i = b->fixups[i].next) {
    resolve(b, &b->fixups[i], (uint32_t)label->position);
  }
}

void bytecode_jump(CodeBuilder *b, Opcode op, Register a, Label *label) {
  if (!b->is_reachable) return;
  uint32_t pc = bytecode_emit_imm(b, op, a, 0);
  use_label(b, (Fixup){.word = pc, .kind = FIXUP_JMP32}, label);
}

void bytecode_goto(CodeBuilder *b, Label *label) {
  bytecode_jump(b, label->position >= 0 ? OP_LOOP : OP_JUMP, 0, label);
}

void bytecode_jump_compare(CodeBuilder *builder, Opcode op, uint32_t a,
                           uint32_t b, Label *label) {
  if (!builder->is_reachable) return;
  if (!builder->long_jumps) {
    uint32_t pc = bytecode_emit(builder, op, a, b, 0);
    use_label(builder, (Fixup){.word = pc, .kind = FIXUP_JMP16}, label);
    return;
  }
  // The fused form only skips: taken, it lands on the long jump.
  Label taken = LABEL_INIT, not_taken = LABEL_INIT;
  uint32_t pc = bytecode_emit(builder, op, a, b, 0);
  use_label(builder, (Fixup){.word = pc, .kind = FIXUP_JMP16}, &taken);
  bytecode_jump(builder, OP_JUMP, 0, &not_taken);
  bytecode_bind(builder, &taken);
  bytecode_goto(builder, label);
  bytecode_bind(builder, &not_taken);
}

void bytecode_jump_x(CodeBuilder *builder, Opcode op, uint32_t a, uint32_t b,
                     uint32_t c, Label *label) {
  if (!builder->is_reachable) return;
  uint32_t pc = bytecode_emit_word(builder, op, a, b, c, 0);
  use_label(builder, (Fixup){.word = pc + 1, .kind = FIXUP_X}, label);
}

void bytecode_table_entry(CodeBuilder *b, uint32_t word, uint32_t record,
                          uint32_t entry, Label *label) {
  use_label(
      b,
      (Fixup){
          .word = word, .kind = FIXUP_TABLE, .record = record, .entry = entry},
      label);
}

// Registers -------------------------------------------------------------------

Register bytecode_temps(CodeBuilder *b, uint32_t count) {
  uint32_t first = b->next_register;
  if (count > BYTECODE_MAX_REGISTERS ||
      first + count > BYTECODE_MAX_REGISTERS) {
    bytecode_fail(b, BUILD_TOO_LARGE);
    return 0;
  }
  b->next_register = first + count;
  if (b->next_register > b->register_count) {
    b->register_count = b->next_register;
  }
  return (Register)first;
}

Register bytecode_temp(CodeBuilder *b) {
  return bytecode_temps(b, 1);
}

// Pools -----------------------------------------------------------------------

uint32_t bytecode_constant(CodeBuilder *b, Value value) {
  uint32_t *place = map_find(b, &b->constant_map, value);
  if (!place || !GROW(b, constants, 1)) return 0;
  if (*place == 0) {
    b->constants[b->constants_count++] = value;
    *place = b->constants_count;
  }
  return *place - 1;
}

uint32_t bytecode_key(CodeBuilder *b, PropertyKey key) {
  uint32_t *place = map_find(b, &b->key_map, key);
  if (!place || !GROW(b, keys, 1)) return 0;
  if (*place == 0) {
    if (b->keys_count >= UINT16_MAX) bytecode_fail(b, BUILD_TOO_LARGE);
    b->keys[b->keys_count++] = key;
    *place = b->keys_count;
  }
  return *place - 1;
}

uint32_t bytecode_cache(CodeBuilder *b, CacheKind kind, uint32_t key) {
  if (b->caches_count >= UINT16_MAX) return UINT32_MAX;
  if (!GROW(b, caches, 1)) return 0;
  b->caches[b->caches_count] = (CacheDescriptor){(uint8_t)kind, key};
  return b->caches_count++;
}

uint32_t bytecode_global_cache(CodeBuilder *b, PropertyKey key, uint32_t use) {
  // Keys are 16-byte aligned or tagged at the top: the low bits are free. An
  // index is never a global variable's name.
  uint32_t *place = map_find(b, &b->global_map, key | use);
  if (!place) return 0;
  if (*place == 0) {
    uint32_t index = bytecode_cache(b, CACHE_GLOBAL, bytecode_key(b, key));
    if (index == UINT32_MAX) {
      bytecode_fail(b, BUILD_TOO_LARGE);
      return 0;
    }
    *place = index + 1;
  }
  return *place - 1;
}

uint32_t bytecode_function(CodeBuilder *b, Template *t) {
  if (!GROW(b, functions, 1)) {
    vm_template_release(t);
    return 0;
  }
  b->functions[b->functions_count] = t;
  return b->functions_count++;
}

uint32_t bytecode_record(CodeBuilder *b, Record record) {
  if (!GROW(b, records, 1)) return 0;
  b->records[b->records_count] = record;
  return b->records_count++;
}

void bytecode_upvalue_name(CodeBuilder *b, uint32_t hops, uint32_t slot,
                           uint32_t key) {
  for (uint32_t i = 0; i < b->upvalue_names_count; i++) {
    const UpvalueName *n = &b->upvalue_names[i];
    if (n->slot == slot && n->hops == hops) return;
  }
  if (!GROW(b, upvalue_names, 1)) return;
  b->upvalue_names[b->upvalue_names_count++] =
      (UpvalueName){(uint16_t)hops, (uint16_t)slot, key};
}

void bytecode_handler(CodeBuilder *b, uint32_t start, uint32_t end,
                      uint32_t handler, Register exception) {
  if (start == end || !GROW(b, handlers, 1)) return;
  b->handlers[b->handlers_count++] =
      (ExceptionHandler){start, end, handler, exception};
}
