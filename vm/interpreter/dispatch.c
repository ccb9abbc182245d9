// SPDX-License-Identifier: MIT
// The dispatch loop: every instruction of vm/bytecode/instructions.def.
//
// Four locals hold the machine's state: pc (the instruction being run), r (the
// frame's registers, the header just below them), code and iso. A frame's pc is
// written back before everything that can call, throw or collect. Whatever is
// not a fast path is a function elsewhere (calls.h), noinline, so that the
// compiler keeps the four locals in registers.
//
// Calls in the language push a frame and go on in the same loop; C code that
// calls back starts a loop of its own.
//
// The instructions are in instructions/, a file for each family, included here.
#include <assert.h>

#include "vm/builtins/disposable_stack.h"
#include "vm/interpreter/cached_access.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/counters.h"
#include "vm/interpreter/inspection.h"
#include "vm/interpreter/io.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/interpreter/stack_roots.h"
#include "vm/interpreter/typed_access.h"
#include "vm/objects/number_math.h"
#include <stdio.h>
#include <stdlib.h>

#define FRAME() frame_of_registers(r)
#define SAVE_PC() (FRAME()->pc = pc)
#define DISPATCH()                                                             \
  do {                                                                         \
    count_instruction(pc);                                                     \
    goto *labels[pc->op];                                                      \
  } while (0)
#define NEXT(words)                                                            \
  do {                                                                         \
    pc += (words);                                                             \
    DISPATCH();                                                                \
  } while (0)
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (unlikely(!(condition))) goto exception;                                \
  } while (0)
#define CHECK_VALUE(v)                                                         \
  do {                                                                         \
    if (value_is_exception(v)) goto exception;                                 \
  } while (0)
// The end of an instruction of so many words whose result is that of C code.
#define RESULT(words, expression)                                              \
  do {                                                                         \
    SAVE_PC();                                                                 \
    Value result = (expression);                                               \
    CHECK_VALUE(result);                                                       \
    r[pc->a] = result;                                                         \
    NEXT(words);                                                               \
  } while (0)
// A number of 16 bits that the compiler puts on the C stack would overwrite the
// lower end of an old pointer there: what is left is one to the block's first
// cell, which may be one of a list as large as the heap.
#define WHOLE_WORD(number) __asm__("" : "+r"(number))
#define X_WORD() (pc[1].word)
#define CASE(name) L_##name:
// Where several instructions go on.
#define SHARED(name)                                                           \
  name:
#define SLOW_CALL __attribute__((noinline, cold))

static inline Environment *environment_of(Value v) {
  return value_is_cell(v) ? (Environment *)value_as_cell(v) : NULL;
}

// The environment that is so many hops outside of the function's own.
static inline Environment *enclosing(const Function *function, unsigned hops) {
  Environment *e = function->environment;
  for (; hops != 0; hops--)
    e = e->parent;
  return e;
}

// One step of the budget. A lost race with another thread's write of 0 only
// delays the stop: `interrupt` is set before.
static inline bool budget_is_up(Isolate *iso) {
  int32_t left = atomic_load_explicit(&iso->budget, memory_order_relaxed) - 1;
  atomic_store_explicit(&iso->budget, left, memory_order_relaxed);
  return unlikely(left <= 0);
}

// Boxes the result of arithmetic on Values: no NaN that such operands give has
// the int32 tag, so no check is needed.
static inline Value box_arithmetic(double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return bits + VALUE_DOUBLE_OFFSET;
}
// Two doubles are told by the subtraction that unboxes them.
#define DOUBLE_LIMIT (VALUE_NUMBER_TAG - VALUE_DOUBLE_OFFSET)
static inline bool unbox_doubles(Value x, Value y, double *left,
                                 double *right) {
  uint64_t left_bits = x - VALUE_DOUBLE_OFFSET;
  uint64_t right_bits = y - VALUE_DOUBLE_OFFSET;
  memcpy(left, &left_bits, sizeof *left);
  memcpy(right, &right_bits, sizeof *right);
  return left_bits < DOUBLE_LIMIT && right_bits < DOUBLE_LIMIT;
}
static inline bool both_numbers(Value a, Value b) {
  return value_is_number(a) && value_is_number(b);
}

// x === y without looking into strings and BigInts; -1: that has to be done.
static inline int strict_equals_quickly(Value x, Value y) {
  if (x == y)
    return !value_is_double(x) || value_as_double(x) == value_as_double(x);
  if (value_both_int(x, y)) return 0;
  if (both_numbers(x, y)) return value_as_number(x) == value_as_number(y);
  if (!value_is_cell(x) || !value_is_cell(y)) return 0;
  uint8_t kind = value_as_cell(x)->kind;
  if (kind != value_as_cell(y)->kind) return 0;
  if (kind == CELL_STRING) {
    String *s = value_as_string(x), *t = value_as_string(y);
    if (string_length(s) != string_length(t)) return 0;
    if (s->cell.flags & t->cell.flags & STRING_INTERNED) return 0;
    return -1;
  }
  return kind == CELL_BIGINT ? -1 : 0;
}

// ToBoolean; -1: ask vm_to_boolean.
static inline int truth_quickly(Value v) {
  if (value_is_boolean(v)) return value_as_bool(v);
  if (value_is_int(v)) return value_as_int(v) != 0;
  if (value_is_cell(v)) {
    if (value_as_cell(v)->kind == CELL_STRING)
      return string_length(value_as_string(v)) != 0;
    if (value_as_cell(v)->kind >= CELL_FIRST_OBJECT)
      return !(value_as_cell(v)->flags & OBJECT_IS_HTMLDDA);
    return -1;
  }
  if (value_is_nullish(v)) return 0;
  return -1;
}
static inline bool truth(Value v) {
  int t = truth_quickly(v);
  return likely(t >= 0) ? t : vm_to_boolean(v);
}

// The exception handler of a frame for its pc; NULL: none.
static SLOW_CALL const ExceptionHandler *find_handler(const Frame *frame) {
  const Template *t = vm_template_of(frame->code, frame->pc);
  uint32_t pc = (uint32_t)(frame->pc - t->code);
  for (uint32_t i = 0; i < t->handler_count; i++) {
    const ExceptionHandler *h = &t->handlers[i];
    if (pc >= h->start && pc < h->end) return h;
  }
  return NULL;
}

static SLOW_CALL Value throw_key(Isolate *iso, Code *code, uint32_t key) {
  return vm_throw_not_initialized(iso, code->keys[key]);
}

static SLOW_CALL void throw_error_instruction(Isolate *iso, Code *code,
                                              const Instruction *pc) {
  char text[512];
  PropertyKey key = code->keys[pc->b];
  String *s = key_is_index(key) ? NULL : (String *)value_as_cell(key);
  char *utf8 = s != NULL ? vm_string_to_utf8(iso, s, NULL) : NULL;
  snprintf(text, sizeof text, "%s", utf8 != NULL ? utf8 : "");
  free(utf8);
  vm_throw_error(iso, (ErrorType)pc->a, "%s", text);
}
static SLOW_CALL void throw_constant_assignment(Isolate *iso) {
  vm_throw_type(iso, "Assignment to constant variable.");
}

// Words of each instruction: 2 with an X operand.
#define WORDS_NONE 1
#define WORDS_WORD 2
#define WORDS_JMP32 2
static const uint8_t words_of[OP_COUNT] = {
#define INSTRUCTION(name, a, b, c, x, effects, text) WORDS_##x,
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
};

Value vm_run(Isolate *iso, Frame *entry, bool exception_first) {
  static const void *const labels[OP_COUNT] = {
#define INSTRUCTION(name, a, b, c, x, effects, text) &&L_##name,
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
  };
  Value *r = entry->registers;
  Code *code = entry->code;
  const Instruction *pc = entry->pc;
  CallRequest request;
  InlineCache *cache; // of get_named_slow and such

  if (unlikely(exception_first)) goto exception;
  DISPATCH();

  // In this order: hot ones are near each other.
  // clang-format off
#include "vm/interpreter/instructions/running_function.h"
#include "vm/interpreter/instructions/environments.h"
#include "vm/interpreter/instructions/names.h"
#include "vm/interpreter/instructions/properties.h"
#include "vm/interpreter/instructions/elements.h"
#include "vm/interpreter/instructions/private_names.h"
#include "vm/interpreter/instructions/literals.h"
#include "vm/interpreter/instructions/calls.h"
#include "vm/interpreter/instructions/arithmetic.h"
#include "vm/interpreter/instructions/comparison.h"
#include "vm/interpreter/instructions/immediates.h"
#include "vm/interpreter/instructions/conversions.h"
#include "vm/interpreter/instructions/jumps.h"
#include "vm/interpreter/instructions/iteration.h"
#include "vm/interpreter/instructions/suspension.h"
#include "vm/interpreter/instructions/optimized.h"
  // clang-format on

  // The pending exception leaves the instruction at the frame's pc.
exception:
  for (;;) {
    assert(iso->terminating || iso->exception != VALUE_EMPTY);
    Frame *frame = iso->frame;
    r = frame->registers;
    code = frame->code;
    if (unlikely(iso->realm != code->realm)) iso->realm = code->realm;
    iso->stack_top = r + code->register_count;
    if (!iso->terminating) {
      const ExceptionHandler *handler = find_handler(frame);
      if (handler != NULL) {
        if (unlikely(iso->stale_top > iso->stack_top))
          vm_stack_clear_stale(iso);
        r[handler->exception_register] = iso->exception;
        iso->exception = VALUE_EMPTY;
        pc = vm_template_of(code, frame->pc)->code + handler->handler;
        DISPATCH();
      }
    }
    unsigned flags = frame->flags;
    Frame *caller = frame->caller;
    if (flags & (FRAME_ASYNC | FRAME_GENERATOR)) {
      // An async function's failure is the result of its call.
      Value v = vm_fail_frame(iso, frame);
      if (v != VALUE_EXCEPTION) {
        request.result = v;
        goto deliver_result;
      }
    }
    vm_stack_barrier(iso, frame);
    iso->frame = caller;
    iso->stack_top = (Value *)frame;
    if (flags & FRAME_ENTRY) return VALUE_EXCEPTION;
    pc = caller->pc;
    if (flags & (FRAME_STEP | FRAME_NEXT_CALL)) {
      // An abrupt next leaves the iterator done.
      Value *it = &caller->registers[pc->b];
      it[0] = it[1] = it[2] = VALUE_UNDEFINED;
    }
  }
}
