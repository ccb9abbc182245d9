// SPDX-License-Identifier: MIT
// Which registers an instruction reads and writes: from instructions.def, and
// by hand where it says BASE or names a register in the X word.
#include "jit-stub/ir.h"

static void use(JitOperands *o, uint32_t first, uint32_t count) {
  if (count != 0)
    o->uses[o->use_count++] = (JitRun){(uint16_t)first, (uint16_t)count};
}
static void define(JitOperands *o, uint32_t first, uint32_t count) {
  o->defs[o->def_count++] = (JitRun){(uint16_t)first, (uint16_t)count};
}

static void operand(JitOperands *o, unsigned kind, uint16_t reg) {
  if (kind == OPERAND_DST) define(o, reg, 1);
  if (kind == OPERAND_SRC) use(o, reg, 1);
}

// Is there a row below for an instruction that needs one?
bool jit_operands_known(Opcode op) {
  const InstructionInfo *info = &bytecode_info[op];
  if (info->a != OPERAND_BASE && info->b != OPERAND_BASE &&
      info->c != OPERAND_BASE)
    return true;
  JitGraph none = {0};
  JitInstruction i = {.op = (uint16_t)op};
  JitOperands o;
  return jit_operands(&none, &i, &o);
}

bool jit_operands(const JitGraph *g, const JitInstruction *i, JitOperands *o) {
  const InstructionInfo *info = &bytecode_info[i->op];
  o->use_count = o->def_count = 0;
  switch ((Opcode)i->op) {
  case OP_COERCE_THIS_GET_METHOD:
  case OP_LOAD_THIS_GET_METHOD:
    define(o, i->a, 2);
    define(o, i->b, 1);
    return true;
  case OP_GUARD_METHOD:
  case OP_JUMP_IF_NOT_METHOD:
    use(o, i->a, 2);
    return true;
  case OP_GET_METHOD_AT:
  case OP_GET_METHOD:
    define(o, i->a, 2);
    use(o, i->b, 1);
    return true;
  case OP_GET_ELEMENT_METHOD:
    define(o, i->a, 2);
    use(o, i->b, 1);
    use(o, i->c, 1);
    return true;
  case OP_CALL_FORWARD:
    define(o, i->a, 1);
    define(o, (uint32_t)i->b + 3, 1);
    use(o, i->b, 3);
    return true;
  case OP_LOAD_UNDEFINED:
    define(o, i->a, i->b);
    return true;
  case OP_CALL:
  case OP_CONSTRUCT:
    define(o, i->a, 1);
    use(o, i->b, 2 + (uint32_t)i->c);
    return true;
  case OP_CALL_FUNCTION:
  case OP_NEW:
    define(o, i->a, 1);
    define(o, (uint32_t)i->b + 1, 1);
    use(o, i->b, 1);
    use(o, (uint32_t)i->b + 2, i->c);
    return true;
  case OP_POST_INCREMENT:
  case OP_POST_DECREMENT:
    define(o, i->a, 1);
    define(o, i->b, 1);
    use(o, i->b, 1);
    return true;
  case OP_GET_FUNCTION_UPVALUE:
    define(o, i->a, 1);
    use(o, (uint16_t)i->x, 1);
    return true;
  case OP_CALL_EVAL: // functions that have one are not compiled
  case OP_CALL_SPREAD:
  case OP_CONSTRUCT_SPREAD:
    define(o, i->a, 1);
    define(o, (uint32_t)i->b + 2, 1);
    use(o, i->b, 3);
    return true;
  case OP_NEW_OBJECT_LITERAL: {
    const Template *t = g->template;
    define(o, i->a, 1);
    if (t != NULL) use(o, i->b, t->records[t->caches[i->c].key].key_list.count);
    return true;
  }
  case OP_NEW_ARRAY:
  case OP_CONCAT:
  case OP_INTRINSIC:
  case OP_IO:
  case OP_IO_AWAIT:
    define(o, i->a, 1);
    use(o, i->b, i->c);
    return true;
  case OP_GET_SUPER_FROM:
    define(o, i->a, 1);
    use(o, i->b, 1);
    use(o, i->c, 2);
    return true;
  case OP_SET_SUPER:
    use(o, i->a, 1);
    use(o, i->b, 2);
    use(o, i->c, 1);
    return true;
  case OP_COPY_DATA_PROPERTIES:
    use(o, i->a, 1);
    use(o, i->b, 1);
    use(o, i->c, (uint32_t)i->x);
    return true;
  case OP_ADD_PRIVATE_ACCESSOR:
    use(o, i->a, 1);
    use(o, i->b, 1);
    use(o, i->c, 2);
    return true;
  case OP_NEW_METHOD:
    define(o, i->a, 1);
    use(o, i->b, 1);
    use(o, (uint16_t)i->x, 1);
    return true;
  case OP_NEW_CLASS:
    define(o, i->a, 2);
    use(o, i->b, 1);
    use(o, (uint16_t)i->x, 1);
    return true;
  case OP_GET_ITERATOR:
  case OP_GET_ASYNC_ITERATOR:
    define(o, i->a, 3);
    use(o, i->b, 1);
    return true;
  case OP_ITERATOR_MARK_DONE:
    define(o, i->a, 3);
    return true;
  case OP_ITERATOR_CLOSE:
  case OP_ITERATOR_CLOSE_QUIETLY:
    define(o, i->a, 3);
    use(o, i->a, 3);
    return true;
  case OP_ITERATOR_STEP:
  case OP_ITERATOR_STEP_OR_UNDEFINED:
  case OP_ITERATOR_REST:
  case OP_ITERATOR_METHOD:
    define(o, i->a, 1);
    define(o, i->b, 3);
    use(o, i->b, 3);
    return true;
  case OP_ITERATOR_CALL_NEXT:
    define(o, i->a, 1);
    define(o, i->b, 3);
    use(o, i->b, 3);
    use(o, i->c, 1);
    return true;
  default:
    if (info->a == OPERAND_BASE || info->b == OPERAND_BASE ||
        info->c == OPERAND_BASE)
      return false;
    operand(o, info->a, i->a);
    if (info->b != OPERAND_IMM32 && info->b != OPERAND_JMP32)
      operand(o, info->b, i->b);
    operand(o, info->c, i->c);
    return true;
  }
}

bool jit_is_jump(const JitInstruction *i) {
  const InstructionInfo *info = &bytecode_info[i->op];
  return info->b == OPERAND_JMP32 || info->c == OPERAND_JMP16 ||
         info->x == OPERAND_JMP32;
}

bool jit_is_guard(Opcode op) {
  switch (op) {
  case OP_GUARD_CALLEE:
  case OP_GUARD_METHOD:
    return true;
  default:
    return false;
  }
}
