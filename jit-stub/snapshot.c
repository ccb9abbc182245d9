// SPDX-License-Identifier: MIT
// What hot code calls: callees found in inline caches, globals and captured
// variables when the job is queued, on the isolate's thread.
//
// These are guesses: the compiled code checks each callee before it runs the
// inlined body. The search need not be exact either: it takes the last write of
// a callee's register in the order of the words.
#include <stdlib.h>
#include <string.h>

#include "jit-stub/queue.h"

enum {
  MAX_CALLEE_WORDS = 60,
  MAX_CALLEE_REGISTERS = 24,
  MAX_DEPTH = 3,
  MAX_TOTAL_WORDS = 500, // of all that is inlined in one function
};

// Instructions that mean the same when they run in the caller's frame, or have
// a form that does (passes/inline.c knows the same list).
static bool can_be_inlined(Opcode op) {
  switch (op) {
#define CAN(name) case OP_##name:
#include "jit-stub/inlinable.def"
#undef CAN
    return true;
  default:
    return false;
  }
}

static bool is_small_enough(const Template *t) {
  if (t->code_count == 0 || t->code_count > MAX_CALLEE_WORDS ||
      t->register_count > MAX_CALLEE_REGISTERS || t->handler_count != 0 ||
      (t->flags &
       (TEMPLATE_ASYNC | TEMPLATE_GENERATOR | TEMPLATE_HAS_DIRECT_EVAL)) ||
      (t->kind != CODE_NORMAL && t->kind != CODE_METHOD &&
       t->kind != CODE_ARROW))
    return false;
  for (uint32_t pc = 0; pc < t->code_count;
       pc += bytecode_width((Opcode)t->code[pc].op))
    if (!can_be_inlined((Opcode)t->code[pc].op)) return false;
  return true;
}

uint8_t *jit_loads_own(const Code *code) {
  uint32_t count = code->cell.extra;
  uint8_t *own = calloc(count + 1u, 1);
  for (uint32_t i = 0; own != NULL && i < count; i++)
    own[i] = code->caches[i].state == CACHE_STATE_MONOMORPHIC &&
             code->caches[i].first.kind == IC_OWN_INLINE;
  return own;
}

static Value value_of_method(const InlineCache *ic) {
  const CacheEntry *e = &ic->first;
  if (ic->state != CACHE_STATE_MONOMORPHIC || e->validity == NULL ||
      !validity_holds(e->validity))
    return VALUE_EMPTY;
  if (e->kind == IC_PROTOTYPE_INLINE)
    return *(Value *)((char *)e->holder + e->offset);
  if (e->kind == IC_PROTOTYPE_SLOTS)
    return *(Value *)((char *)e->holder->slots + e->offset);
  return VALUE_EMPTY;
}

static Value value_of_global(const Code *code, const InlineCache *ic) {
  Object *holder = ic->first.holder;
  if (ic->epoch != code->realm->global_epoch || holder == NULL ||
      holder->shape != ic->first.shape)
    return VALUE_EMPTY;
  return ic->first.kind == IC_GLOBAL_SLOTS
             ? *(Value *)((char *)holder->slots + ic->first.offset)
             : *(Value *)((char *)holder + ic->first.offset);
}

static Value value_of_upvalue(const Function *function, Instruction word) {
  const Environment *e = function->environment;
  for (unsigned hops = word.b; hops != 0 && e != NULL; hops--)
    e = e->parent;
  return e != NULL ? e->slots[word.c] : VALUE_EMPTY;
}

static Value value_written(const Code *code, const Function *function,
                           Instruction word) {
  switch ((Opcode)word.op) {
  case OP_GET_METHOD:
  case OP_COERCE_THIS_GET_METHOD:
  case OP_LOAD_THIS_GET_METHOD:
    return value_of_method(&code->caches[word.c]);
  case OP_GET_GLOBAL:
    return value_of_global(code, &code->caches[word.b]);
  case OP_GET_UPVALUE:
  case OP_GET_UPVALUE_CHECKED:
    return value_of_upvalue(function, word);
  default:
    return VALUE_EMPTY;
  }
}

typedef struct Search {
  const Code *chain[MAX_DEPTH + 1]; // callers; no recursion is inlined
  uint32_t depth, words;
} Search;

static JitCallee *find(Search *s, const Code *code, const Function *function);

static JitCallee *consider(Search *s, uint32_t pc, const Code *caller,
                           Value callee) {
  if (!value_is_kind(callee, CELL_FUNCTION)) return NULL;
  Function *function = (Function *)value_as_cell(callee);
  Code *code = function->code;
  if ((code->cell.flags & CODE_FLAG_SPECIAL_CALL) ||
      code->instructions == NULL || code->realm != caller->realm ||
      code->is_strict != caller->is_strict || !is_small_enough(code->template))
    return NULL;
  for (uint32_t i = 0; i <= s->depth; i++)
    if (s->chain[i] == code) return NULL;
  if (s->depth + 1 > MAX_DEPTH ||
      s->words + code->template->code_count > MAX_TOTAL_WORDS)
    return NULL;
  JitCallee *found = calloc(1, sizeof *found);
  if (found == NULL) return NULL;
  found->pc = pc;
  found->code = code;
  found->template = code->template;
  found->caches = (uintptr_t)code->caches;
  found->loads_own = jit_loads_own(code);
  s->words += code->template->code_count;
  s->chain[++s->depth] = code;
  found->callees = find(s, code, function);
  s->depth--;
  return found;
}

static JitCallee *find(Search *s, const Code *code, const Function *function) {
  const Template *t = code->template;
  JitCallee *list = NULL, **end = &list;
  uint32_t *writer = calloc(t->register_count + 1u, sizeof *writer);
  if (writer == NULL) return NULL;
  for (uint32_t pc = 0; pc < t->code_count;) {
    Instruction word = t->code[pc];
    if (word.op == OP_CALL || word.op == OP_CALL_FUNCTION) {
      Instruction from = t->code[writer[word.b]];
      Value callee =
          from.a == word.b ? value_written(code, function, from) : VALUE_EMPTY;
      if (callee != VALUE_EMPTY) {
        JitCallee *found = consider(s, pc, code, callee);
        if (found != NULL) {
          *end = found;
          end = &found->next;
        }
      }
    }
    if (bytecode_info[word.op].a == OPERAND_DST) writer[word.a] = pc;
    pc += bytecode_width((Opcode)word.op);
  }
  free(writer);
  return list;
}

JitCallee *jit_find_callees(Isolate *iso, const Frame *frame) {
  (void)iso;
  Search s = {.chain = {frame->code}};
  return find(&s, frame->code, frame->function);
}

void jit_callees_free(JitCallee *callee) {
  while (callee != NULL) {
    JitCallee *next = callee->next;
    jit_callees_free(callee->callees);
    free(callee->loads_own);
    free(callee);
    callee = next;
  }
}
