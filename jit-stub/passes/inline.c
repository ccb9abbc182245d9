// SPDX-License-Identifier: MIT
// Inlining: the body of a small callee takes the place of the call, behind a
// check of the callee.
//
// The body's registers lie above the caller's. Its instructions run in the
// caller's frame: those that look at the frame or at their Code are replaced by
// forms that name the function's register or an address. What they throw is
// thrown by the call, as far as handlers are concerned; stacks show the callee
// by the graph's sites.
//
// The check of a call in the function itself goes back to the baseline, unless
// that has happened before: then, and in inlined bodies, it goes to the call.
#include <string.h>

#include "jit-stub/ir.h"

enum { MAX_REGISTERS = 2000, MAX_SITES = 200 };

typedef struct Inliner {
  JitGraph *g;
  uint32_t tail; // the last block laid out: slow calls go after it
} Inliner;

static uint32_t site_new(JitGraph *g, uint32_t parent, uint32_t call_pc,
                         uint32_t callee, const Code *code) {
  if (g->sites == NULL)
    g->sites = jit_allocate(&g->arena, MAX_SITES * sizeof *g->sites);
  g->sites[g->site_count] = (InlineSite){parent, call_pc, callee, code};
  return ++g->site_count;
}

// The fused first use of `this` as the two instructions it stands for.
static bool splits_this(JitInstruction *load, JitInstruction *use) {
  switch ((Opcode)use->op) {
#define THIS_FIRST(LOAD)                                                       \
  case OP_##LOAD##_GET_NAMED:                                                  \
    use->op = OP_GET_NAMED;                                                    \
    load->op = OP_##LOAD;                                                      \
    load->a = use->b;                                                          \
    break;                                                                     \
  case OP_##LOAD##_GET_METHOD:                                                 \
    use->op = OP_GET_METHOD;                                                   \
    load->op = OP_##LOAD;                                                      \
    load->a = use->b;                                                          \
    break;                                                                     \
  case OP_##LOAD##_SET_NAMED:                                                  \
    use->op = OP_SET_NAMED;                                                    \
    load->op = OP_##LOAD;                                                      \
    load->a = use->a;                                                          \
    break;
    THIS_FIRST(COERCE_THIS)
    THIS_FIRST(LOAD_THIS)
#undef THIS_FIRST
  default:
    return false;
  }
  load->imm = 0;
  return true;
}

// The instruction `word` of the callee as it runs in the caller's frame.
// `self`: the call; `base`: the window.
static JitInstruction translate(const JitCallee *callee, uint32_t pc,
                                Instruction word, const JitInstruction *self,
                                uint32_t base, uint32_t site) {
  const Template *t = callee->template;
  const InstructionInfo *info = &bytecode_info[word.op];
  JitInstruction i = {.op = word.op,
                      .a = word.a,
                      .baseline_pc = self->baseline_pc,
                      .site = site,
                      .site_pc = pc,
                      .target = NO_BLOCK};
  i.imm = word.imm;
#define IS_REGISTER(kind)                                                      \
  ((kind) == OPERAND_DST || (kind) == OPERAND_SRC || (kind) == OPERAND_BASE)
  if (IS_REGISTER(info->a)) i.a = (uint16_t)(i.a + base);
  if (IS_REGISTER(info->b)) i.b = (uint16_t)(i.b + base);
  if (IS_REGISTER(info->c)) i.c = (uint16_t)(i.c + base);
#undef IS_REGISTER
  uint32_t cache = 0;
  switch ((Opcode)word.op) {
  case OP_LOAD_CONSTANT:
    i.op = OP_LOAD_VALUE;
    i.imm = 0;
    i.x = t->constants[word.imm];
    break;
  case OP_LOAD_THIS:
  case OP_COERCE_THIS:
    if (self->op == OP_CALL) { // the guard saw to it that it is an object
      i.op = OP_MOVE;
      i.b = (uint16_t)(self->b + 1);
      i.c = 0;
    } else if (word.op == OP_COERCE_THIS) {
      i.op = OP_LOAD_GLOBAL_THIS;
    } else {
      i.op = OP_LOAD_SPECIAL;
      i.imm = (int32_t)VALUE_UNDEFINED;
    }
    break;
  case OP_GET_UPVALUE:
    i.op = OP_GET_FUNCTION_UPVALUE;
    i.x = self->b;
    break;
  case OP_GET_NAMED:
  case OP_GET_LENGTH:
  case OP_GET_METHOD:
    cache = word.c;
    i.op = word.op == OP_GET_NAMED    ? OP_GET_NAMED_AT
           : word.op == OP_GET_LENGTH ? OP_GET_LENGTH_AT
                                      : OP_GET_METHOD_AT;
    i.c = 0;
    i.x = callee->caches + cache * sizeof(InlineCache);
    i.loads_own = callee->loads_own != NULL && callee->loads_own[cache];
    break;
  case OP_SET_NAMED:
    i.op = OP_SET_NAMED_AT;
    i.x = callee->caches + word.b * sizeof(InlineCache);
    i.b = 0;
    break;
  case OP_GET_GLOBAL:
    i.op = OP_GET_GLOBAL_AT;
    i.x = callee->caches + word.b * sizeof(InlineCache);
    i.b = i.c = 0;
    break;
  default:
    break;
  }
  return i;
}

static uint32_t target_of(const Template *t, uint32_t pc) {
  Instruction word = t->code[pc];
  return pc + 1 +
         (uint32_t)(bytecode_info[word.op].c == OPERAND_JMP16 ? (int16_t)word.c
                                                              : word.imm);
}

static uint32_t insert_after(JitGraph *g, uint32_t after) {
  uint32_t b = jit_block_new(g);
  g->blocks[b].next = g->blocks[after].next;
  g->blocks[after].next = b;
  return b;
}

// Where each block of the callee starts, made behind `after` in order; returns
// the last.
static uint32_t make_blocks(JitGraph *g, const Template *t, uint32_t *block_of,
                            uint32_t after) {
  block_of[0] = 1;
  for (uint32_t pc = 0; pc < t->code_count;) {
    uint32_t next = pc + bytecode_width((Opcode)t->code[pc].op);
    JitInstruction i = {.op = t->code[pc].op};
    bool jumps = jit_is_jump(&i);
    if (jumps) block_of[target_of(t, pc)] = 1;
    if ((jumps || (jit_effects(&i) & EFFECT_ENDS)) && next < t->code_count)
      block_of[next] = 1;
    pc = next;
  }
  for (uint32_t pc = 0; pc < t->code_count; pc++) {
    if (block_of[pc] == 0) {
      block_of[pc] = NO_BLOCK;
    } else {
      after = block_of[pc] = insert_after(g, after);
    }
  }
  return after;
}

static const JitCallee *callee_at(const JitCallee *list, uint32_t pc) {
  while (list != NULL && list->pc != pc)
    list = list->next;
  return list;
}

static uint32_t inline_call(Inliner *, uint32_t block, uint32_t index,
                            const JitCallee *, uint32_t base);

static void copy_body(Inliner *in, const JitCallee *callee,
                      const JitInstruction *self, uint32_t base, uint32_t site,
                      const uint32_t *block_of, uint32_t continuation) {
  JitGraph *g = in->g;
  const Template *t = callee->template;
  uint32_t current = block_of[0];
  for (uint32_t pc = 0; pc < t->code_count;) {
    if (block_of[pc] != NO_BLOCK) current = block_of[pc];
    Instruction word = t->code[pc];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    JitInstruction load = {.op = word.op, .a = word.a}, first;
    load.imm = word.imm;
    first = load;
    if (splits_this(&first, &load)) {
      Instruction alone = {.op = first.op, .a = first.a};
      jit_append(g, current, translate(callee, pc, alone, self, base, site));
      word.op = load.op;
    }
    JitInstruction i = translate(callee, pc, word, self, base, site);
    bool ends = (jit_effects(&i) & EFFECT_ENDS) != 0;
    if (word.op == OP_RETURN) {
      i.b = i.a;
      i.a = self->a;
      i.op = OP_MOVE;
      i.c = 0;
    } else if (word.op == OP_RETURN_UNDEFINED) {
      i.op = OP_LOAD_SPECIAL;
      i.a = self->a;
      i.imm = (int32_t)VALUE_UNDEFINED;
    } else if (jit_is_jump(&i)) {
      i.target = block_of[target_of(t, pc)];
    }
    jit_append(g, current, i);
    if (word.op == OP_RETURN || word.op == OP_RETURN_UNDEFINED) {
      g->blocks[current].fallthrough = continuation;
    } else if (!ends && next < t->code_count && block_of[next] != NO_BLOCK) {
      g->blocks[current].fallthrough = block_of[next];
    }
    if (word.op == OP_CALL || word.op == OP_CALL_FUNCTION) {
      const JitCallee *inner = callee_at(callee->callees, pc);
      if (inner != NULL)
        current = inline_call(in, current, g->blocks[current].count - 1, inner,
                              base + t->register_count);
    }
    pc = next;
  }
}

// Returns the block that the code after the call is in now.
static uint32_t inline_call(Inliner *in, uint32_t block, uint32_t index,
                            const JitCallee *callee, uint32_t base) {
  JitGraph *g = in->g;
  const Template *t = callee->template;
  JitInstruction self = g->blocks[block].code[index];
  if (base + t->register_count > MAX_REGISTERS || g->site_count >= MAX_SITES)
    return block;
  if (base + t->register_count > g->register_count)
    g->register_count = base + t->register_count;
  uint32_t site =
      site_new(g, self.site, self.site != 0 ? self.site_pc : self.baseline_pc,
               self.b, callee->code);
  // The rest of the block goes on after the body.
  uint32_t continuation = insert_after(g, block);
  for (uint32_t k = index + 1; k < g->blocks[block].count; k++)
    jit_append(g, continuation, g->blocks[block].code[k]);
  g->blocks[continuation].fallthrough = g->blocks[block].fallthrough;
  g->blocks[block].count = index;
  if (in->tail == block) in->tail = continuation;

  JitInstruction guard = self;
  bool method = self.op == OP_CALL;
  guard.op = method ? OP_GUARD_METHOD : OP_GUARD_CALLEE;
  guard.a = self.b;
  guard.imm = 0;
  guard.x = (uintptr_t)callee->code;
  bool failed = g->no_guards != NULL && g->no_guards[self.baseline_pc];
  if (self.site != 0 || failed) {
    uint32_t slow = insert_after(g, in->tail);
    in->tail = slow;
    jit_append(g, slow, self);
    g->blocks[slow].fallthrough = continuation;
    guard.op = method ? OP_JUMP_IF_NOT_METHOD : OP_JUMP_IF_NOT_CALLEE;
    guard.target = slow;
  }
  jit_append(g, block, guard);
  uint32_t *block_of =
      jit_allocate(&g->arena, (t->code_count + 1) * sizeof *block_of);
  make_blocks(g, t, block_of, block);
  for (uint32_t p = 0; p < t->parameter_count; p++) {
    JitInstruction move = self;
    move.a = (uint16_t)(base + p);
    move.target = NO_BLOCK;
    if (p < self.c) {
      move.op = OP_MOVE;
      move.b = (uint16_t)(self.b + 2 + p);
      move.c = 0;
    } else {
      move.op = OP_LOAD_SPECIAL;
      move.imm = (int32_t)VALUE_UNDEFINED;
    }
    jit_append(g, block, move);
  }
  g->blocks[block].fallthrough = block_of[0];
  copy_body(in, callee, &self, base, site, block_of, continuation);
  return continuation;
}

uint32_t jit_pass_inline(JitGraph *g) {
  if (g->callees == NULL) return 0;
  Inliner in = {.g = g};
  for (uint32_t b = 0; b != NO_BLOCK; b = g->blocks[b].next)
    in.tail = b;
  uint32_t blocks = g->block_count;
  for (uint32_t first = 0; first < blocks; first++) {
    uint32_t b = first;
    for (uint32_t k = 0; k < g->blocks[b].count; k++) {
      const JitInstruction *i = &g->blocks[b].code[k];
      if (i->op != OP_CALL && i->op != OP_CALL_FUNCTION) continue;
      const JitCallee *callee = callee_at(g->callees, i->baseline_pc);
      if (callee == NULL) continue;
      uint32_t rest =
          inline_call(&in, b, k, callee, g->template->register_count);
      if (rest == b) continue;
      b = rest;
      k = UINT32_MAX; // from its start
    }
  }
  return g->site_count;
}
