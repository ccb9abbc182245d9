// SPDX-License-Identifier: MIT
// Baseline bytecode -> graph.
#include <string.h>

#include "jit-stub/ir.h"

enum { MAX_WORDS = 20000, MAX_BLOCKS = 4000 };

JitInstruction *jit_append(JitGraph *g, uint32_t b, JitInstruction i) {
  JitBlock *block = &g->blocks[b];
  if (block->count == block->capacity) {
    uint32_t capacity = block->capacity ? block->capacity * 2 : 8;
    JitInstruction *grown = jit_allocate(&g->arena, capacity * sizeof *grown);
    if (block->count != 0)
      memcpy(grown, block->code, block->count * sizeof *grown);
    block->code = grown;
    block->capacity = capacity;
  }
  block->code[block->count] = i;
  return &block->code[block->count++];
}

static uint32_t jump_target(const Template *t, uint32_t pc) {
  Instruction word = t->code[pc];
  const InstructionInfo *info = &bytecode_info[word.op];
  if (info->x == OPERAND_JMP32)
    return pc + 2 + (uint32_t)(int32_t)t->code[pc + 1].word;
  if (info->c == OPERAND_JMP16) return pc + 1 + (uint32_t)(int16_t)word.c;
  return pc + 1 + (uint32_t)word.imm;
}

static bool has_target(Opcode op) {
  return jit_is_jump(&(JitInstruction){.op = (uint16_t)op});
}

uint32_t jit_block_new(JitGraph *g) {
  if (g->block_count == g->block_capacity) {
    uint32_t capacity = g->block_capacity * 2 + 8;
    JitBlock *grown = jit_allocate(&g->arena, capacity * sizeof *grown);
    memcpy(grown, g->blocks, g->block_count * sizeof *grown);
    g->blocks = grown;
    g->block_capacity = capacity;
  }
  g->blocks[g->block_count] =
      (JitBlock){.next = NO_BLOCK, .fallthrough = NO_BLOCK};
  return g->block_count++;
}

// Marks the words where blocks start; counts them.
static uint32_t find_leaders(JitGraph *g, uint8_t *leader, uint8_t *osr) {
  const Template *t = g->template;
  leader[0] = 1;
  for (uint32_t pc = 0; pc < t->code_count;) {
    Instruction word = t->code[pc];
    // Its variables are the baseline frame's.
    if (word.op == OP_BREAK_LINE || !jit_operands_known((Opcode)word.op)) {
      g->failure = bytecode_info[word.op].name;
      return 0;
    }
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    unsigned effects = bytecode_info[word.op].effects;
    if (has_target((Opcode)word.op)) {
      uint32_t target = jump_target(t, pc);
      leader[target] = 1;
      if (effects & EFFECT_BACKEDGE) osr[target] = 1;
      if (next < t->code_count) leader[next] = 1;
    } else if (word.op == OP_JUMP_TABLE) {
      const Record *record = &t->records[word.b];
      for (uint32_t i = 0; i < record->jump_table.count; i++)
        leader[next + (uint32_t)record->jump_table.offsets[i]] = 1;
      leader[next] = 1;
    } else if ((effects & EFFECT_ENDS) && next < t->code_count) {
      leader[next] = 1;
    }
    pc = next;
  }
  for (uint32_t i = 0; i < t->handler_count; i++)
    leader[t->handlers[i].handler] = 1;
  uint32_t count = 0;
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    count += leader[pc];
  return count;
}

static void decode_table(JitGraph *g, JitInstruction *i, uint32_t pc,
                         const uint32_t *block_of) {
  const Record *record = &g->template->records[i->b];
  JitTable *table = &g->tables[g->table_count];
  i->target = g->table_count++;
  table->record = i->b;
  table->count = record->jump_table.count;
  table->targets =
      jit_allocate(&g->arena, (table->count + 1) * sizeof(uint32_t));
  for (uint32_t n = 0; n < table->count; n++) {
    int32_t offset = record->jump_table.offsets[n];
    table->targets[n] =
        offset == 0 ? NO_BLOCK : block_of[pc + 1 + (uint32_t)offset];
  }
}

static void decode_code(JitGraph *g, const uint8_t *leader,
                        const uint32_t *block_of) {
  const Template *t = g->template;
  uint32_t b = 0;
  for (uint32_t pc = 0; pc < t->code_count;) {
    if (pc != 0 && leader[pc]) b++;
    Instruction word = t->code[pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    JitInstruction i = {
        .op = word.op, .a = word.a, .baseline_pc = pc, .target = NO_BLOCK};
    i.imm = word.imm;
    if (info->x == OPERAND_WORD) i.x = t->code[pc + 1].word;
    if (has_target((Opcode)word.op)) i.target = block_of[jump_target(t, pc)];
    if (word.op == OP_GET_NAMED && g->loads_own != NULL)
      i.loads_own = g->loads_own[word.c];
    if (word.op == OP_JUMP_TABLE) {
      decode_table(g, &i, pc, block_of);
      i.op = OP_JUMP_TABLE_OWN;
    }
    jit_append(g, b, i);
    if (next < t->code_count && leader[next])
      g->blocks[b].fallthrough =
          info->effects & EFFECT_ENDS ? NO_BLOCK : block_of[next];
    pc = next;
  }
}

static void find_handlers(JitGraph *g, const uint32_t *block_of) {
  const Template *t = g->template;
  g->handler_of = jit_allocate(&g->arena, t->code_count * sizeof(uint32_t));
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    g->handler_of[pc] = NO_BLOCK;
  // The first that covers a word is the innermost.
  for (uint32_t i = t->handler_count; i-- > 0;) {
    const ExceptionHandler *h = &t->handlers[i];
    uint32_t block = block_of[h->handler];
    g->blocks[block].is_handler = true;
    for (uint32_t pc = h->start; pc < h->end; pc++)
      g->handler_of[pc] = block;
  }
}

static bool record_live(JitGraph *g, JitInstruction *i, const uint64_t *after,
                        void *data) {
  // Recorded one instruction late: `after` is the set before the next one.
  uint64_t **slot = data;
  if (*slot != NULL) memcpy(*slot, after, g->live_words * sizeof(uint64_t));
  *slot = jit_allocate(&g->arena, g->live_words * sizeof(uint64_t));
  g->baseline_live[i->baseline_pc] = *slot;
  return false;
}

// What deoptimization needs at each baseline instruction.
static void record_baseline(JitGraph *g) {
  g->baseline_live =
      jit_allocate(&g->arena, g->template->code_count * sizeof(uint64_t *));
  jit_mark_reachable(g);
  jit_compute_liveness(g);
  g->baseline_words = g->live_words;
  for (uint32_t b = 0; b < g->block_count; b++) {
    if (!g->blocks[b].is_reachable) continue;
    uint64_t *slot = NULL;
    jit_walk_backwards(g, b, record_live, &slot);
    if (slot != NULL)
      memcpy(slot, g->blocks[b].live_in, g->live_words * sizeof(uint64_t));
  }
}

bool jit_decode(JitGraph *g, const Template *t) {
  g->template = t;
  g->register_count = t->register_count;
  if (t->flags & (TEMPLATE_GENERATOR | TEMPLATE_ASYNC)) {
    g->failure = "suspends";
  } else if (t->flags & TEMPLATE_HAS_DIRECT_EVAL) {
    g->failure = "direct eval";
  } else if (t->kind == CODE_MODULE) {
    g->failure = "module body";
  } else if (t->code_count > MAX_WORDS) {
    g->failure = "too long";
  }
  if (g->failure != NULL) return false;
  uint8_t *leader = jit_allocate(&g->arena, t->code_count + 1);
  uint8_t *osr = jit_allocate(&g->arena, t->code_count + 1);
  uint32_t count = find_leaders(g, leader, osr);
  if (g->failure != NULL) return false;
  if (count > MAX_BLOCKS) {
    g->failure = "too many blocks";
    return false;
  }
  uint32_t *block_of =
      jit_allocate(&g->arena, (t->code_count + 1) * sizeof(uint32_t));
  uint32_t tables = 0;
  g->blocks = jit_allocate(&g->arena, count * sizeof *g->blocks);
  g->block_capacity = count;
  for (uint32_t pc = 0; pc < t->code_count; pc++) {
    if (!leader[pc]) continue;
    JitBlock *block = &g->blocks[g->block_count];
    block->baseline_pc = pc;
    block->is_osr_entry = osr[pc];
    block->fallthrough = NO_BLOCK;
    block_of[pc] = g->block_count++;
    block->next = g->block_count;
  }
  g->blocks[count - 1].next = NO_BLOCK;
  for (uint32_t i = 0; i < t->record_count; i++)
    tables += t->records[i].kind == RECORD_JUMP_TABLE;
  g->tables = jit_allocate(&g->arena, (tables + 1) * sizeof *g->tables);
  decode_code(g, leader, block_of);
  find_handlers(g, block_of);
  record_baseline(g);
  return true;
}
