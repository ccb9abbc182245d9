// SPDX-License-Identifier: MIT
// The structural check, driven by instructions.def.
#include "vm/bytecode/verifier.h"

#include <stdio.h>
#include <stdlib.h>

#include "vm/bytecode/function_builder.h"

typedef struct Check {
  const Template *t;
  uint8_t *starts; // 1: an instruction starts at the word
  char *problem;
  size_t size;
} Check;

static bool wrong(const Check *check, uint32_t pc, const char *what) {
  const char *name = "?";
  if (pc < check->t->code_count && check->t->code[pc].op < OP_COUNT) {
    name = bytecode_info[check->t->code[pc].op].name;
  }
  snprintf(check->problem, check->size, "word %u (%s): %s", pc, name, what);
  return false;
}

static bool find_starts(Check *check) {
  const Template *t = check->t;
  uint32_t last = 0;
  for (uint32_t pc = 0; pc < t->code_count;) {
    if (t->code[pc].op >= OP_COUNT) return wrong(check, pc, "no such opcode");
    check->starts[pc] = 1;
    last = pc;
    pc += bytecode_width((Opcode)t->code[pc].op);
    if (pc > t->code_count) return wrong(check, last, "cut off");
  }
  if (!t->code_count) return wrong(check, 0, "no code");
  if (!(bytecode_info[t->code[last].op].effects & EFFECT_ENDS)) {
    return wrong(check, last, "control runs off the end");
  }
  return true;
}

static bool lands(const Check *check, uint32_t next, int64_t offset) {
  int64_t target = (int64_t)next + offset;
  return target >= 0 && target < check->t->code_count && check->starts[target];
}

static bool check_operand(const Check *check, uint32_t pc, OperandKind kind,
                          uint32_t value, Instruction word) {
  const Template *t = check->t;
  switch (kind) {
  case OPERAND_NONE:
  case OPERAND_INT:
  case OPERAND_UINT:
  case OPERAND_WORD:
  case OPERAND_IMM32:
    return true;
  case OPERAND_DST:
  case OPERAND_SRC:
  case OPERAND_BASE:
    return value < t->register_count || wrong(check, pc, "no such register");
  case OPERAND_IC:
    return value < t->cache_count || wrong(check, pc, "no such cache");
  case OPERAND_KEY:
    return value < t->key_count || wrong(check, pc, "no such key");
  case OPERAND_FUNC:
    return value < t->function_count || wrong(check, pc, "no such function");
  case OPERAND_REC:
    return value < t->record_count || wrong(check, pc, "no such record");
  case OPERAND_JMP16:
    return lands(check, pc + 1, (int16_t)word.c) ||
           wrong(check, pc, "jump into nowhere");
  case OPERAND_JMP32:
    return lands(check, pc + 1, word.imm) ||
           wrong(check, pc, "jump into nowhere");
  }
  return true;
}

// Registers that an instruction names by a first one and a count.
static bool check_ranges(const Check *check, uint32_t pc) {
  const Template *t = check->t;
  Instruction word = t->code[pc];
  uint64_t first = word.b, count = 0;
  switch ((Opcode)word.op) {
  case OP_CALL:
  case OP_CALL_FUNCTION:
  case OP_NEW:
  case OP_CONSTRUCT:
    count = 2 + (uint64_t)word.c;
    break;
  case OP_CALL_EVAL:
    count = word.c == UINT16_MAX ? 3 : 2 + (uint64_t)word.c;
    break;
  case OP_CALL_FORWARD:
    count = 4;
    break;
  case OP_LOAD_UNDEFINED:
    first = word.a;
    count = word.b;
    break;
  case OP_CALL_SPREAD:
  case OP_CONSTRUCT_SPREAD:
    count = 3;
    break;
  case OP_NEW_ARRAY:
  case OP_CONCAT:
  case OP_INTRINSIC:
  case OP_IO:
  case OP_IO_AWAIT:
    count = word.c;
    break;
  case OP_GET_ITERATOR:
  case OP_GET_ASYNC_ITERATOR:
    first = word.a;
    count = 3;
    break;
  case OP_NEW_OBJECT_LITERAL: {
    const CacheDescriptor *cache = &t->caches[word.c];
    if (cache->kind != CACHE_LITERAL || cache->key >= t->record_count ||
        t->records[cache->key].kind != RECORD_KEY_LIST) {
      return wrong(check, pc, "no key list");
    }
    count = t->records[cache->key].key_list.count;
    break;
  }
  case OP_COPY_DATA_PROPERTIES:
    first = word.c;
    count = t->code[pc + 1].word;
    break;
  case OP_GUARD_METHOD:
  case OP_JUMP_IF_NOT_METHOD:
  case OP_NEW_CLASS:
  case OP_GET_METHOD:
  case OP_COERCE_THIS_GET_METHOD:
  case OP_LOAD_THIS_GET_METHOD:
  case OP_GET_ELEMENT_METHOD:
    first = word.a;
    count = 2;
    break;
  case OP_SET_SUPER:
    count = 2;
    break;
  case OP_GET_SUPER_FROM:
  case OP_ADD_PRIVATE_ACCESSOR:
    first = word.c;
    count = 2;
    break;
  default:
    return true;
  }
  return !count || first + count <= t->register_count ||
         wrong(check, pc, "registers out of range");
}

static bool check_record_kind(const Check *check, uint32_t pc, uint64_t index,
                              RecordKind kind) {
  return (index < check->t->record_count &&
          check->t->records[index].kind == kind) ||
         wrong(check, pc, "record of another kind");
}

// The second instruction of a fused pair is where the interpreter looks for it.
static bool check_pair(const Check *check, uint32_t pc, Opcode first,
                       Opcode second) {
  uint32_t next = pc + bytecode_width(first);
  return (next < check->t->code_count && check->starts[next] &&
          check->t->code[next].op == second) ||
         wrong(check, pc, "not followed by its second instruction");
}

static bool check_special(const Check *check, uint32_t pc) {
  const Template *t = check->t;
  Instruction word = t->code[pc];
  uint64_t x = pc + 1 < t->code_count ? t->code[pc + 1].word : 0;
  switch ((Opcode)word.op) {
  case OP_LOAD_CONSTANT:
    return ((uint32_t)word.imm < t->constant_count) ||
           wrong(check, pc, "no such constant");
  case OP_GET_SLOT_CHECKED:
  case OP_GET_UPVALUE_CHECKED:
    return x < t->key_count || wrong(check, pc, "no such key");
  case OP_GET_PRIVATE:
  case OP_SET_PRIVATE:
    return x < t->cache_count || wrong(check, pc, "no such cache");
  case OP_NEW_METHOD:
  case OP_NEW_CLASS:
    return x < t->register_count || wrong(check, pc, "no such register");
  case OP_CALL_EVAL:
    return check_record_kind(check, pc, x, RECORD_EVAL_SITE);
  case OP_NEW_SCOPE_ENVIRONMENT:
    return check_record_kind(check, pc, word.c, RECORD_SCOPE);
  case OP_NEW_ARRAY_CONSTANT:
    return check_record_kind(check, pc, word.b, RECORD_VALUE_LIST);
  case OP_NEW_REGEXP:
    return check_record_kind(check, pc, word.b, RECORD_REGEXP);
  case OP_GET_TEMPLATE_OBJECT:
    return check_record_kind(check, pc, word.b, RECORD_TEMPLATE_STRINGS);
  case OP_DECLARE_GLOBALS:
    return check_record_kind(check, pc, word.a, RECORD_DECLARATIONS);
  case OP_DECLARE_EVAL_VARS:
    return check_record_kind(check, pc, word.b, RECORD_DECLARATIONS);
#define FUSED(first, second)                                                   \
  case OP_##first##__##second:                                                 \
    return check_pair(check, pc, OP_##first, OP_##second);
#include "vm/bytecode/fused.def"
#undef FUSED
  case OP_JUMP_TABLE_OWN:
    if (!check_record_kind(check, pc, word.b, RECORD_JUMP_TABLE)) return false;
    if (x != (uintptr_t)&t->records[word.b])
      return wrong(check, pc, "not its own table");
    __attribute__((fallthrough));
  case OP_JUMP_TABLE: {
    if (!check_record_kind(check, pc, word.b, RECORD_JUMP_TABLE)) return false;
    const Record *record = &t->records[word.b];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    for (uint32_t i = 0; i < record->jump_table.count; i++) {
      if (!lands(check, next, record->jump_table.offsets[i])) {
        return wrong(check, pc, "table entry into nowhere");
      }
    }
    return true;
  }
  default:
    return true;
  }
}

static bool check_code(const Check *check) {
  const Template *t = check->t;
  for (uint32_t pc = 0; pc < t->code_count;) {
    Instruction word = t->code[pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    if (!check_operand(check, pc, info->a, word.a, word) ||
        !check_operand(check, pc, info->b, word.b, word) ||
        !check_operand(check, pc, info->c, word.c, word)) {
      return false;
    }
    if (info->x == OPERAND_JMP32 &&
        !lands(check, next, (int64_t)t->code[pc + 1].word)) {
      return wrong(check, pc, "jump into nowhere");
    }
    if (!check_ranges(check, pc) || !check_special(check, pc)) return false;
    pc = next;
  }
  for (uint32_t i = 0; i < t->handler_count; i++) {
    const ExceptionHandler *h = &t->handlers[i];
    if (h->start >= h->end || h->end > t->code_count ||
        h->handler >= t->code_count || !check->starts[h->handler] ||
        h->exception_register >= t->register_count) {
      return wrong(check, h->start, "bad exception handler");
    }
  }
  for (uint32_t i = 0; i < t->position_count; i++) {
    if (t->positions[i].pc >= t->code_count ||
        !check->starts[t->positions[i].pc] ||
        (i && t->positions[i].pc <= t->positions[i - 1].pc)) {
      return wrong(check, t->positions[i].pc, "positions out of order");
    }
  }
  return true;
}

const char bytecode_verify_no_memory[] = "out of memory";

bool bytecode_verify_code(const Template *t, char *problem, size_t size) {
  Check check = {t, calloc(t->code_count + 1, 1), problem, size};
  if (!check.starts) {
    snprintf(problem, size, "%s", bytecode_verify_no_memory);
    return false;
  }
  bool ok = find_starts(&check);
  if (ok && t->parameter_count > t->register_count) {
    ok = wrong(&check, 0, "more parameters than registers");
  }
  ok = ok && check_code(&check);
  free(check.starts);
  return ok;
}

bool bytecode_verify(const Template *t, char *problem, size_t size) {
  if (t->lazy != NULL) return true; // nothing to run yet
  bool ok = bytecode_verify_code(t, problem, size);
  for (uint32_t i = 0; ok && i < t->function_count; i++) {
    ok = bytecode_verify(t->functions[i], problem, size);
  }
  return ok;
}
