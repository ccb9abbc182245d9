// SPDX-License-Identifier: MIT
// Graph -> an optimized template in the interpreter's format, with its way back
// to the baseline.
#include <stdlib.h>
#include <string.h>

#include "jit-stub/ir.h"
#include "vm/bytecode/verifier.h"

typedef struct Encoder {
  JitGraph *g;
  Template *t;
  OptimizedCode *out;
  uint32_t *start_of; // word of each block
} Encoder;

// Does control have to be sent to the fallthrough block?
static uint32_t next_laid_out(const JitGraph *g, uint32_t b) {
  do {
    b = g->blocks[b].next;
  } while (b != NO_BLOCK && !g->blocks[b].is_reachable);
  return b;
}
static bool needs_jump(const JitGraph *g, uint32_t b) {
  uint32_t to = g->blocks[b].fallthrough;
  return to != NO_BLOCK && to != next_laid_out(g, b);
}

static uint32_t lay_out(Encoder *e) {
  JitGraph *g = e->g;
  uint32_t pc = 0;
  for (uint32_t b = 0; b != NO_BLOCK; b = g->blocks[b].next) {
    const JitBlock *block = &g->blocks[b];
    e->start_of[b] = pc;
    if (!block->is_reachable) continue;
    for (uint32_t k = 0; k < block->count; k++)
      pc += bytecode_width((Opcode)block->code[k].op);
    pc += needs_jump(g, b);
  }
  return pc;
}

static bool put_jump(Encoder *e, uint32_t pc, uint32_t target) {
  Instruction *word = &e->t->code[pc];
  const InstructionInfo *info = &bytecode_info[word->op];
  int64_t offset = (int64_t)e->start_of[target] - pc - 1;
  if (info->x == OPERAND_JMP32) {
    e->t->code[pc + 1].word = (uint64_t)(offset - 1);
  } else if (info->c == OPERAND_JMP16) {
    if (offset != (int16_t)offset) return false;
    word->c = (uint16_t)offset;
  } else {
    word->imm = (int32_t)offset;
  }
  return true;
}

static void put_table(Encoder *e, uint32_t pc, const JitInstruction *i) {
  const JitTable *table = &e->g->tables[i->target];
  Record *record = &e->t->records[table->record];
  e->t->code[pc].b = (uint16_t)table->record;
  for (uint32_t n = 0; n < table->count; n++)
    record->jump_table.offsets[n] =
        table->targets[n] == NO_BLOCK
            ? 0
            : (int32_t)(e->start_of[table->targets[n]] - pc - 2);
}

static bool put_code(Encoder *e) {
  JitGraph *g = e->g;
  uint32_t pc = 0;
  for (uint32_t b = 0; b != NO_BLOCK; b = g->blocks[b].next) {
    const JitBlock *block = &g->blocks[b];
    if (!block->is_reachable) continue;
    uint32_t from = block->baseline_pc;
    for (uint32_t k = 0; k < block->count; k++) {
      const JitInstruction *i = &block->code[k];
      uint32_t width = bytecode_width((Opcode)i->op);
      Instruction *word = &e->t->code[pc];
      word->op = i->op;
      word->a = i->a;
      word->imm = i->imm;
      from = i->baseline_pc;
      for (uint32_t w = 0; w < width; w++) {
        e->out->baseline_pcs[pc + w] = from;
        if (e->out->site_of == NULL) continue;
        e->out->site_of[pc + w] = (uint16_t)i->site;
        e->out->site_pcs[pc + w] = i->site_pc;
      }
      if (width == 2) word[1].word = i->x;
      if (i->op == OP_JUMP_TABLE_OWN) {
        put_table(e, pc, i);
        word[1].word = (uintptr_t)&e->t->records[word->b];
      } else if (jit_is_jump(i) && !put_jump(e, pc, i->target)) {
        g->failure = "a jump does not reach";
        return false;
      }
      pc += width;
    }
    if (needs_jump(g, b)) {
      e->t->code[pc].op = OP_JUMP;
      e->out->baseline_pcs[pc] = from;
      put_jump(e, pc++, block->fallthrough);
    }
  }
  return true;
}

// Handlers: for each of the baseline the runs of words that came from its
// range, in the same order of priority.
static bool put_handlers(Encoder *e) {
  const Template *baseline = e->g->template;
  Template *t = e->t;
  for (int pass = 0; pass < 2; pass++) {
    uint32_t count = 0;
    for (uint32_t h = 0; h < baseline->handler_count; h++) {
      const ExceptionHandler *from = &baseline->handlers[h];
      uint32_t target = NO_BLOCK;
      for (uint32_t b = 0; b < e->g->block_count; b++)
        if (e->g->blocks[b].is_handler &&
            e->g->blocks[b].baseline_pc == from->handler)
          target = b;
      if (target == NO_BLOCK || !e->g->blocks[target].is_reachable) continue;
      bool inside = false;
      for (uint32_t pc = 0; pc < t->code_count; pc++) {
        uint32_t at = e->out->baseline_pcs[pc];
        bool covered = at >= from->start && at < from->end;
        if (covered && !inside) {
          if (pass == 1)
            t->handlers[count] = (ExceptionHandler){
                pc, pc + 1, e->start_of[target], from->exception_register};
          count++;
        } else if (covered && pass == 1) {
          t->handlers[count - 1].end = pc + 1;
        }
        inside = covered;
      }
    }
    if (pass == 0) {
      t->handlers = calloc(count + 1, sizeof *t->handlers);
      if (t->handlers == NULL) return false;
      t->handler_count = count;
    }
  }
  return true;
}

static bool put_positions(Encoder *e) {
  Template *t = e->t;
  t->positions = calloc(t->code_count + 1, sizeof *t->positions);
  if (t->positions == NULL) return false;
  for (uint32_t pc = 0; pc < t->code_count; pc++) {
    CodePosition at =
        vm_template_position(e->g->template, e->out->baseline_pcs[pc]);
    const CodePosition *last =
        t->position_count ? &t->positions[t->position_count - 1] : NULL;
    if (last != NULL && last->line == at.line && last->column == at.column)
      continue;
    at.pc = pc;
    t->positions[t->position_count++] = at;
  }
  return true;
}

static int by_baseline_pc(const void *a, const void *b) {
  uint32_t x = ((const OsrEntry *)a)->baseline_pc;
  uint32_t y = ((const OsrEntry *)b)->baseline_pc;
  return x < y ? -1 : x > y;
}

static bool put_entries(Encoder *e) {
  JitGraph *g = e->g;
  e->out->entries = calloc(g->block_count + 1, sizeof *e->out->entries);
  if (e->out->entries == NULL) return false;
  for (uint32_t b = 0; b < g->block_count; b++) {
    if (!g->blocks[b].is_reachable) continue;
    if (b != 0 && !g->blocks[b].is_osr_entry) continue;
    e->out->entries[e->out->entry_count++] =
        (OsrEntry){g->blocks[b].baseline_pc, e->start_of[b]};
  }
  qsort(e->out->entries, e->out->entry_count, sizeof *e->out->entries,
        by_baseline_pc);
  return true;
}

// Jump tables of its own: their offsets are of the optimized code.
static bool copy_records(Template *t, const Template *baseline,
                         uint32_t table_count) {
  if (table_count == 0) return true;
  Record *records = malloc(t->record_count * sizeof *records);
  if (records == NULL) return false;
  memcpy(records, baseline->records, t->record_count * sizeof *records);
  bool ok = true;
  for (uint32_t i = 0; i < t->record_count; i++) {
    if (records[i].kind != RECORD_JUMP_TABLE) continue;
    records[i].jump_table.offsets =
        calloc(records[i].jump_table.count + 1, sizeof(int32_t));
    if (records[i].jump_table.offsets == NULL) ok = false;
  }
  t->records = records;
  return ok;
}

OptimizedCode *jit_encode(JitGraph *g, Template *baseline) {
  Encoder e = {.g = g};
  e.start_of = jit_allocate(&g->arena, g->block_count * sizeof(uint32_t));
  e.out = calloc(1, sizeof *e.out);
  e.t = calloc(1, sizeof *e.t);
  if (e.out == NULL || e.t == NULL) {
    free(e.out);
    free(e.t);
    g->failure = "out of memory";
    return NULL;
  }
  Template *t = e.t;
  // All but the counter, which other threads change meanwhile.
  _Static_assert(offsetof(Template, references) == 0, "the counter is first");
  memcpy((char *)t + sizeof t->references,
         (const char *)baseline + sizeof t->references,
         sizeof *t - sizeof t->references);
  t->references = 1;
  t->baseline = vm_template_retain(baseline);
  t->next_released = NULL;
  t->handlers = NULL;
  t->handler_count = 0;
  t->positions = NULL;
  t->position_count = 0;
  t->register_count = (uint16_t)g->register_count;
  t->code_count = lay_out(&e);
  t->code = calloc(t->code_count + 1, sizeof *t->code);
  e.out->template = t;
  e.out->baseline_pcs = calloc(t->code_count + 1, sizeof(uint32_t));
  bool ok = copy_records(t, baseline, g->table_count) && t->code != NULL &&
            e.out->baseline_pcs != NULL;
  if (ok && g->site_count != 0) {
    e.out->site_count = g->site_count;
    e.out->sites = calloc(g->site_count, sizeof(InlineSite));
    e.out->site_of = calloc(t->code_count, sizeof(uint16_t));
    e.out->site_pcs = calloc(t->code_count, sizeof(uint32_t));
    ok = e.out->sites != NULL && e.out->site_of != NULL &&
         e.out->site_pcs != NULL;
    if (ok) memcpy(e.out->sites, g->sites, g->site_count * sizeof(InlineSite));
  }
  ok = ok && put_code(&e) && put_handlers(&e) && put_positions(&e) &&
       put_entries(&e);
  if (!ok) {
    if (g->failure == NULL) g->failure = "out of memory";
  } else {
    static _Thread_local char problem[160];
    if (!bytecode_verify_code(t, problem, sizeof problem)) {
      g->failure = problem;
      ok = false;
    }
  }
  if (ok) return e.out;
  vm_optimized_free(e.out);
  return NULL;
}
