// SPDX-License-Identifier: MIT
// Dead stores: instructions that only write a register nobody reads any more,
// neither here nor in the baseline after a guard failed.
#include "jit-stub/ir.h"

static bool only_writes_a(Opcode op) {
  switch (op) {
  case OP_LOAD_CONSTANT:
  case OP_LOAD_INT:
  case OP_LOAD_SPECIAL:
  case OP_LOAD_VALUE:
  case OP_MOVE:
  case OP_LOAD_THIS:
  case OP_LOAD_GLOBAL_THIS:
  case OP_LOAD_NEW_TARGET:
  case OP_LOAD_CALLEE:
  case OP_LOAD_ENVIRONMENT:
  case OP_GET_SLOT:
  case OP_GET_UPVALUE:
  case OP_GET_FUNCTION_UPVALUE:
  case OP_ARGUMENT_COUNT:
  case OP_NOT:
  case OP_TYPEOF:
    return true;
  default:
    return false;
  }
}

static bool visit(JitGraph *g, JitInstruction *i, const uint64_t *after,
                  void *data) {
  if (!only_writes_a((Opcode)i->op)) return false;
  if (jit_set_has(after, i->a) && !(i->op == OP_MOVE && i->a == i->b))
    return false;
  ++*(uint32_t *)data;
  return true;
}

uint32_t jit_pass_dead_stores(JitGraph *g) {
  uint32_t removed = 0, before;
  do { // what a removed store read may be dead now, too
    before = removed;
    jit_mark_reachable(g);
    jit_compute_liveness(g);
    for (uint32_t b = 0; b < g->block_count; b++)
      if (g->blocks[b].is_reachable) jit_walk_backwards(g, b, visit, &removed);
  } while (removed != before);
  return removed;
}
