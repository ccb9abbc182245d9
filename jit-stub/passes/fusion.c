// SPDX-License-Identifier: MIT
// Fusion: pairs of instructions that counts found together get an opcode that
// does both, and arithmetic that was seen to make doubles looks for doubles
// first.
//
// A fused instruction keeps its first word's operands, and its second stays
// where it is as an instruction of its own: whatever is not the short path of
// both runs them one by one. So this comes last, and needs no guard.
#include "jit-stub/ir.h"

typedef struct Pair {
  uint16_t first, second, fused;
} Pair;
static const Pair pairs[] = {
#define FUSED(first, second) {OP_##first, OP_##second, OP_##first##__##second},
#include "vm/bytecode/fused.def"
#undef FUSED
};

static uint16_t typed(const JitGraph *g, const JitInstruction *i) {
  // Temporaries are shared: what is in the result's register now need not be
  // this instruction's, but likely is when it is a number at all.
  if (g->doubles == NULL || i->a >= g->doubles_count ||
      !jit_set_has(g->doubles, i->a))
    return i->op;
  switch ((Opcode)i->op) {
  case OP_ADD:
    return OP_ADD_DOUBLE;
  case OP_SUBTRACT:
    return OP_SUBTRACT_DOUBLE;
  case OP_MULTIPLY:
    return OP_MULTIPLY_DOUBLE;
  default:
    return i->op;
  }
}

// The fused short path of a property load is that of an own property.
static bool suits(const JitInstruction *i) {
  return (i->op != OP_GET_NAMED && i->op != OP_GET_NAMED_AT) || i->loads_own;
}

uint32_t jit_pass_fusion(JitGraph *g) {
  uint32_t changes = 0;
  for (uint32_t b = 0; b < g->block_count; b++) {
    JitBlock *block = &g->blocks[b];
    for (uint32_t k = 0; k < block->count; k++) {
      JitInstruction *i = &block->code[k];
      uint16_t op = typed(g, i);
      changes += op != i->op;
      i->op = op;
    }
    for (uint32_t k = 0; k + 1 < block->count; k++) {
      JitInstruction *i = &block->code[k];
      for (uint32_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        if (pairs[p].first != i->op || pairs[p].second != i[1].op) continue;
        if (!suits(i) || !suits(i + 1)) continue;
        i->op = pairs[p].fused;
        changes++;
        k++;
        break;
      }
    }
  }
  return changes;
}
