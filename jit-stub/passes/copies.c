// SPDX-License-Identifier: MIT
// Copy propagation: reads of a copy become reads of what it was copied from,
// so that dead stores can go.
//
// Facts flow along a block and into blocks that can be reached from one other
// only; OSR entries and handlers start without any.
#include <string.h>

#include "jit-stub/ir.h"

enum { MAX_STATE = 1 << 20 };

typedef struct Copies {
  JitGraph *g;
  uint16_t *of; // of[r]: where r was copied from; r: nowhere
  uint32_t changes;
} Copies;

static void forget_all(Copies *c) {
  for (uint32_t r = 0; r < c->g->register_count; r++)
    c->of[r] = (uint16_t)r;
}

static void kill(Copies *c, uint32_t written) {
  c->of[written] = (uint16_t)written;
  for (uint32_t r = 0; r < c->g->register_count; r++)
    if (c->of[r] == written) c->of[r] = (uint16_t)r;
}

static uint16_t replaced(Copies *c, unsigned kind, uint16_t r) {
  if (kind != OPERAND_SRC || c->of[r] == r) return r;
  c->changes++;
  return c->of[r];
}

static void step(Copies *c, JitInstruction *i) {
  const InstructionInfo *info = &bytecode_info[i->op];
  i->a = replaced(c, info->a, i->a);
  i->b = replaced(c, info->b, i->b);
  i->c = replaced(c, info->c, i->c);
  JitOperands o;
  jit_operands(c->g, i, &o);
  for (uint32_t k = 0; k < o.def_count; k++)
    for (uint32_t n = 0; n < o.defs[k].count; n++)
      kill(c, o.defs[k].first + n);
  if (i->op == OP_MOVE && i->a != i->b) c->of[i->a] = i->b;
}

uint32_t jit_pass_copies(JitGraph *g) {
  uint32_t registers = g->register_count;
  if ((uint64_t)registers * g->block_count > MAX_STATE) return 0;
  jit_count_predecessors(g);
  Copies c = {.g = g,
              .of = jit_allocate(&g->arena, registers * sizeof(uint16_t))};
  // The state at the end of each block, for those it alone leads to.
  uint16_t *out =
      jit_allocate(&g->arena, (size_t)registers * g->block_count * sizeof *out);
  uint8_t *done = jit_allocate(&g->arena, g->block_count);
  for (uint32_t b = 0; b != NO_BLOCK; b = g->blocks[b].next) {
    JitBlock *block = &g->blocks[b];
    if (!block->is_reachable) continue;
    uint32_t from = block->only_predecessor;
    if (from != NO_BLOCK && done[from]) {
      memcpy(c.of, out + (size_t)from * registers,
             registers * sizeof(uint16_t));
    } else {
      forget_all(&c);
    }
    for (uint32_t k = 0; k < block->count; k++)
      step(&c, &block->code[k]);
    memcpy(out + (size_t)b * registers, c.of, registers * sizeof(uint16_t));
    done[b] = 1;
  }
  return c.changes;
}
