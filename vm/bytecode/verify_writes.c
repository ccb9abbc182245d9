// SPDX-License-Identifier: MIT
// What each instruction of loaded code leaves in the registers. Those that are
// not in the switch are plain: they write values to DST operands.
#include "vm/bytecode/verify_states.h"

static const ScopeDescription with_scope = {.kind = DESCRIPTION_WITH,
                                            .slot_count = 1};

// The type that the instruction makes, the same whenever it is looked at.
static bool make_type(Check *k, bool is_name, uint32_t number, uint32_t slots,
                      const ScopeDescription *description, State *out) {
  uint32_t site = k->sites[k->pc];
  if (site != 0) {
    *out = (State)(FIRST_TYPE + site - 1);
    const Type *type = &k->types[site - 1];
    if (is_name || k->surroundings[type->number].outer == number) return true;
    return wrong(k, "over one environment or another");
  }
  if (k->type_count >= UINT16_MAX - FIRST_TYPE)
    return wrong(k, "too many environments");
  if (!grow(k, &k->types, k->type_count, &k->type_capacity, sizeof *k->types))
    return false;
  Type type = {is_name, number};
  if (!is_name) {
    if (!grow(k, &k->surroundings, k->surrounding_count,
              &k->surrounding_capacity, sizeof *k->surroundings))
      return false;
    type.number = k->surrounding_count++;
    k->surroundings[type.number] = (Surrounding){number, slots, description};
  }
  k->types[k->type_count++] = type;
  k->sites[k->pc] = k->type_count;
  *out = (State)(FIRST_TYPE + k->type_count - 1);
  return true;
}

static void set(Check *k, uint32_t r, State s) {
  k->now[r] = s;
  if (k->touched_count < sizeof k->touched / sizeof k->touched[0]) {
    k->touched[k->touched_count++] = r;
  } else {
    k->touched_count = UINT32_MAX;
  }
}

static void set_range(Check *k, uint32_t first, uint32_t count, State s) {
  for (uint32_t i = 0; i < count; i++)
    set(k, first + i, s);
}

// `this` of class constructors and field initializers is there.
static State state_of_this(const Template *t) {
  return t->kind == CODE_FIELD_INITIALIZER || t->kind == CODE_CLASS_CONSTRUCTOR
             ? OBJECT
             : ANY;
}

static void set_plain(Check *k, Instruction word, const InstructionInfo *info) {
  if (info->a == OPERAND_DST) set(k, word.a, ANY);
  if (info->b == OPERAND_DST) set(k, word.b, ANY);
  if (info->c == OPERAND_DST) set(k, word.c, ANY);
}

// What the instruction makes that is no value.
static bool type_made(Check *k, Instruction word, State *s) {
  uint32_t outer = 0;
  const ScopeDescription *d = NULL;
  uint32_t slots = word.c;
  switch ((Opcode)word.op) {
  case OP_RESOLVE_NAME:
    return make_type(k, true, word.c, 0, NULL, s);
  case OP_NEW_ENVIRONMENT:
    break;
  case OP_NEW_SCOPE_ENVIRONMENT:
    d = &k->t->records[word.c].scope;
    slots = d->slot_count;
    break;
  case OP_NEW_WITH_ENVIRONMENT:
    d = &with_scope;
    slots = 1;
    break;
  default:
    return true;
  }
  return environment(k, word.b, &outer) &&
         make_type(k, false, outer, slots, d, s);
}

static State state_of_copy(State s) {
  return s >= ITERATOR && s <= ITERATOR_INDEX ? ANY : s;
}

bool bytecode_verify_writes(Check *k, Instruction word, State entry) {
  const Template *t = k->t;
  State made = NOTHING;
  if (word.op == OP_MOVE || word.op == OP_COPY_ENVIRONMENT)
    made = state_of_copy(k->now[word.b]);
  if (!type_made(k, word, &made)) return false;
  set_plain(k, word, &bytecode_info[word.op]);
  switch ((Opcode)word.op) {
  case OP_LOAD_SPECIAL:
    if ((uint64_t)word.imm == VALUE_UNDEFINED) set(k, word.a, UNDEFINED);
    break;
  case OP_LOAD_UNDEFINED:
    set_range(k, word.a, word.b, UNDEFINED);
    break;
  case OP_LOAD_CONSTANT:
    if (value_is_string(t->constants[word.imm])) set(k, word.a, STRING);
    break;
  case OP_LOAD_THIS:
    set(k, word.a, state_of_this(t));
    break;
  case OP_LOAD_THIS_SET_NAMED:
    set(k, word.a, state_of_this(t));
    break;
  case OP_LOAD_THIS_GET_METHOD:
    set(k, word.b, state_of_this(t));
    set(k, word.a, ANY);
    set(k, word.a + 1, ANY);
    break;
  case OP_LOAD_THIS_GET_NAMED:
    set(k, word.b, state_of_this(t));
    set(k, word.a, ANY);
    break;
  case OP_GET_METHOD:
  case OP_GET_ELEMENT_METHOD:
  case OP_COERCE_THIS_GET_METHOD:
    set(k, word.a + 1, ANY);
    break;
  case OP_LOAD_CALLEE:
  case OP_NEW_FUNCTION:
    set(k, word.a, FUNCTION);
    break;
  case OP_NEW_METHOD:
    set(k, word.a,
        t->functions[word.c]->kind == CODE_FIELD_INITIALIZER ? INITIALIZER
                                                             : FUNCTION);
    break;
  case OP_NEW_CLASS:
    set(k, word.a, FUNCTION);
    set(k, word.a + 1, OBJECT);
    break;
  case OP_LOAD_ENVIRONMENT:
    set(k, word.a, entry);
    break;
  case OP_NEW_ENVIRONMENT:
  case OP_NEW_SCOPE_ENVIRONMENT:
  case OP_NEW_WITH_ENVIRONMENT:
  case OP_COPY_ENVIRONMENT:
  case OP_RESOLVE_NAME:
  case OP_MOVE:
    set(k, word.a, made);
    break;
  case OP_NEW_ARGUMENTS:
  case OP_NEW_OBJECT:
  case OP_NEW_OBJECT_LITERAL:
  case OP_NEW_REGEXP:
  case OP_GET_TEMPLATE_OBJECT:
  case OP_CONSTRUCT:
  case OP_CONSTRUCT_SPREAD:
  case OP_TO_OBJECT:
    set(k, word.a, OBJECT);
    break;
  case OP_NEW:
    set(k, word.b + 1, ANY);
    set(k, word.a, OBJECT);
    break;
  case OP_CALL_FUNCTION:
    set(k, word.b + 1, ANY);
    set(k, word.a, ANY);
    break;
  case OP_CALL_FORWARD:
    set(k, word.b + 3, ANY);
    set(k, word.a, ANY);
    break;
  case OP_CALL_SPREAD:
    if (word.c) set(k, word.b + 2, ANY);
    set(k, word.a, ANY);
    break;
  case OP_NEW_REST:
  case OP_NEW_ARRAY:
  case OP_NEW_ARRAY_CONSTANT:
  case OP_ITERATOR_REST:
    set(k, word.a, ARRAY);
    break;
  case OP_CONCAT:
  case OP_TO_STRING:
  case OP_TYPEOF:
    set(k, word.a, STRING);
    break;
  case OP_GET_ITERATOR:
  case OP_GET_ASYNC_ITERATOR:
    set(k, word.a, ITERATOR);
    set(k, word.a + 1, ITERATOR_NEXT);
    set(k, word.a + 2, ITERATOR_INDEX);
    break;
  case OP_FOR_IN_START:
    set(k, word.a, ENUMERATOR);
    break;
  case OP_INTRINSIC: // DecorateClass gives the class, or what takes its place
    if (word.c == 4) set(k, word.a, OBJECT);
    break;
  case OP_START_GENERATOR:
  case OP_AWAIT:
    set(k, t->register_count, RUNNING);
    break;
  case OP_IO_AWAIT:
    set(k, t->register_count, RUNNING);
    // Its arguments are the last registers that were kept.
    if (word.c) set_range(k, word.b, t->register_count - word.b, NOTHING);
    set(k, word.a, ANY);
    break;
  default:
    break;
  }
  return true;
}
