// SPDX-License-Identifier: MIT
// What each instruction of loaded code needs to find in the registers, and of
// its operands. Those that are not in the switches are plain: they read values
// from SRC operands.
#include "vm/bytecode/verify_states.h"
#include "vm/io_operations.h"
#include "vm/objects/throw.h"

// What the emitter gives a new object room for.
enum { MOST_PROPERTIES = 64, MOST_ROOM = 255 };

static bool need_value(Check *k, uint32_t r) {
  return is_value(k->now[r]) || wrong(k, "reads what is not a value");
}

static bool need_values(Check *k, uint32_t first, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    if (!need_value(k, first + (uint32_t)i)) return false;
  return true;
}

static bool need_object(Check *k, uint32_t r) {
  return is_object(k->now[r]) || wrong(k, "needs an object");
}

static bool need_array(Check *k, uint32_t r) {
  return k->now[r] == ARRAY || wrong(k, "needs an array");
}

static bool need_iterator(Check *k, uint32_t r) {
  return (r + 2u < k->t->register_count && k->now[r] == ITERATOR &&
          k->now[r + 1] == ITERATOR_NEXT && k->now[r + 2] == ITERATOR_INDEX) ||
         wrong(k, "needs an iterator");
}

static bool need_environment(Check *k, uint32_t r) {
  uint32_t number;
  return environment(k, r, &number);
}

static bool need_slot(Check *k, uint32_t number, uint32_t slot, bool writes) {
  if (number == 0 || slot >= k->surroundings[number].slots)
    return wrong(k, "no such slot");
  const ScopeDescription *d = k->surroundings[number].description;
  // Slot 0 holds an object, and is the engine's.
  if (writes && d != NULL &&
      (d->kind == DESCRIPTION_WITH || d->kind == DESCRIPTION_EVAL_VARS))
    return wrong(k, "writes what is not its own");
  return true;
}

static bool need_upvalue(Check *k, uint32_t hops, uint32_t slot, bool writes) {
  uint32_t number = k->entry;
  for (; hops && number; hops--)
    number = k->surroundings[number].outer;
  return need_slot(k, number, slot, writes);
}

static bool need_name(Check *k, uint32_t r, uint32_t key) {
  State s = k->now[r];
  return (s >= FIRST_TYPE && k->types[s - FIRST_TYPE].is_name &&
          (key == UINT32_MAX || k->types[s - FIRST_TYPE].number == key)) ||
         wrong(k, "needs that name, resolved");
}

static bool need_string_key(Check *k, uint32_t key) {
  return key_is_string(k->t->keys[key]) || wrong(k, "needs a name");
}

static bool can_suspend(Check *k, bool as_generator) {
  const Template *t = k->t;
  bool is_generator = t->flags & TEMPLATE_GENERATOR;
  if (as_generator ? !is_generator : !(t->flags & TEMPLATE_ASYNC))
    return wrong(k, "in a function of another kind");
  if ((is_generator || t->kind == CODE_MODULE) &&
      k->now[t->register_count] != RUNNING)
    return wrong(k, "before the start");
  return true;
}

// The arguments are gone when a generator or an async function goes on.
static bool has_arguments(Check *k, bool in_prologue) {
  const Template *t = k->t;
  bool suspends = (t->flags & (TEMPLATE_GENERATOR | TEMPLATE_ASYNC)) != 0 ||
                  t->kind == CODE_MODULE;
  return !suspends || (in_prologue && k->now[t->register_count] == WAITING) ||
         wrong(k, "after the prologue");
}

static bool check_new_arguments(Check *k, Instruction word) {
  const Template *t = k->t;
  if (!has_arguments(k, true)) return false;
  if (word.c != 1 || t->parameter_count == 0) return true;
  uint32_t number;
  if (t->mapped_parameters == NULL) return wrong(k, "no mapped parameters");
  if (!environment(k, word.b, &number)) return false;
  for (uint32_t i = 0; i < t->parameter_count; i++) {
    if (t->mapped_parameters[i] != UINT16_MAX &&
        !need_slot(k, number, t->mapped_parameters[i], true))
      return false;
  }
  return true;
}

// A function is made: over which environment?
static bool check_closure(Check *k, Instruction word, uint32_t r) {
  uint32_t number;
  if (!environment(k, r, &number)) return false;
  CodeKind kind = k->t->functions[word.c]->kind;
  bool is_class =
      kind == CODE_CLASS_CONSTRUCTOR || kind == CODE_DERIVED_CONSTRUCTOR;
  if (is_class != (word.op == OP_NEW_CLASS) ||
      (kind == CODE_FIELD_INITIALIZER && word.op != OP_NEW_METHOD))
    return wrong(k, "a function of another kind");
  uint32_t *entry = &k->entries[k->first_nested + word.c];
  if (*entry == UINT32_MAX) *entry = number;
  return *entry == number || wrong(k, "over one environment or another");
}

// What is called, `this` and the arguments.
static bool check_call(Check *k, uint32_t base, uint32_t count) {
  if (k->now[base] == INITIALIZER)
    return need_object(k, base + 1) && need_values(k, base + 2, count);
  return need_values(k, base, 2 + count);
}

static bool check_intrinsic(Check *k, Instruction word, uint64_t x) {
  enum {
#define INTRINSIC_ROW(name, code) INDEX_##name,
#include "vm/interpreter/intrinsics.def"
#undef INTRINSIC_ROW
  };
  // Those of decorators: the others are the engine's own.
  bool known = (x == INDEX_ApplyDecorators && word.c == 8) ||
               (x == INDEX_DecorateClass && word.c == 4) ||
               (x == INDEX_RunInitializers && (word.c == 2 || word.c == 3));
  if (!known) return wrong(k, "an intrinsic of the engine's own");
  if (word.c == 4 && !need_object(k, word.b + 1)) return false;
  if (word.c == 8 && !need_object(k, word.b + 2)) return false;
  return need_values(k, word.b, word.c);
}

// A module's import of what the operation belongs to is what asks for leave.
static bool check_io(Check *k, Instruction word, uint64_t x) {
  static const char *const modules[] = {
#define IO_OPERATION(name, module, function, length, options) module,
#include "vm/io_operations.def"
#undef IO_OPERATION
  };
  const ModuleFacts *facts = k->templates[0]->module;
  if (x >= IO_OPERATION_COUNT || facts == NULL)
    return wrong(k, "no such operation");
  const String *wanted = vm_atom_from_c(modules[x]);
  bool imported = false;
  for (uint32_t i = 0; i < facts->request_count; i++)
    imported |= facts->requests[i].specifier == wanted;
  return imported ? need_values(k, word.b, word.c)
                  : wrong(k, "of a module that is not imported");
}

// Its keys are the properties of a new shape.
static bool check_literal(Check *k, Instruction word) {
  const Record *record = &k->t->records[k->t->caches[word.c].key];
  const PropertyKey *keys = record->key_list.keys;
  uint32_t count = record->key_list.count;
  if (count > MOST_PROPERTIES) return wrong(k, "too many properties");
  for (uint32_t i = 0; i < count; i++) {
    if (key_is_index(keys[i])) return wrong(k, "needs a name");
    for (uint32_t j = 0; j < i; j++)
      if (keys[i] == keys[j]) return wrong(k, "a property twice");
  }
  return need_values(k, word.b, count);
}

// Each cache is filled by instructions of one kind, as its own kind says.
static bool check_cache(Check *k, uint32_t index, uint16_t op) {
  const Template *t = k->t;
  const CacheDescriptor *cache = &t->caches[index];
  CacheKind kind;
  switch ((Opcode)op) {
  case OP_SET_NAMED:
  case OP_COERCE_THIS_SET_NAMED:
  case OP_LOAD_THIS_SET_NAMED:
    kind = CACHE_SET;
    break;
  case OP_INIT_NAMED:
    kind = CACHE_INIT;
    break;
  case OP_GET_GLOBAL:
  case OP_GET_GLOBAL_OR_UNDEFINED:
  case OP_SET_GLOBAL:
    kind = CACHE_GLOBAL;
    break;
  case OP_NEW_OBJECT_LITERAL:
    kind = CACHE_LITERAL;
    break;
  case OP_GET_PRIVATE:
  case OP_SET_PRIVATE:
    kind = CACHE_PRIVATE;
    break;
  default:
    kind = CACHE_GET;
  }
  if (cache->kind != kind) return wrong(k, "a cache of another kind");
  if (kind != CACHE_LITERAL && kind != CACHE_PRIVATE) {
    if (!need_string_key(k, cache->key)) return false;
  }
  if (k->cache_uses[index] == 0) k->cache_uses[index] = op + 1;
  return k->cache_uses[index] == op + 1 || wrong(k, "a cache of another use");
}

// In a generator, what it returns belongs to its object.
static bool check_returns(Check *k) {
  const Template *t = k->t;
  if (!(t->flags & TEMPLATE_GENERATOR) && t->kind != CODE_MODULE) return true;
  return k->now[t->register_count] == RUNNING || wrong(k, "before the start");
}

static bool check_plain(Check *k, Instruction word,
                        const InstructionInfo *info) {
  return (info->a != OPERAND_SRC || need_value(k, word.a)) &&
         (info->b != OPERAND_SRC || need_value(k, word.b)) &&
         (info->c != OPERAND_SRC || need_value(k, word.c));
}

static bool check_names(Check *k, Instruction word) {
  switch ((Opcode)word.op) {
  case OP_RESOLVE_NAME:
    return need_environment(k, word.b);
  case OP_GET_RESOLVED:
  case OP_GET_RESOLVED_OR_UNDEFINED:
  case OP_DELETE_RESOLVED:
    return need_name(k, word.b, word.c);
  case OP_SET_RESOLVED:
    return need_name(k, word.a, word.c) && need_value(k, word.b);
  case OP_GET_RESOLVED_THIS:
    return need_name(k, word.b, UINT32_MAX);
  case OP_DECLARE_EVAL_VARS:
    return need_environment(k, word.a);
  default: // SET_HOISTED, INIT_EVAL_VAR
    return need_environment(k, word.a) && need_value(k, word.c);
  }
}

static bool check_environments(Check *k, Instruction word) {
  uint32_t number;
  switch ((Opcode)word.op) {
  case OP_NEW_ENVIRONMENT:
    return need_environment(k, word.b);
  case OP_NEW_SCOPE_ENVIRONMENT: {
    const ScopeDescription *d = &k->t->records[word.c].scope;
    if (d->kind == DESCRIPTION_WITH ||
        (d->kind == DESCRIPTION_EVAL_VARS && d->slot_count == 0))
      return wrong(k, "a scope of another kind");
    return need_environment(k, word.b);
  }
  case OP_COPY_ENVIRONMENT:
    if (!environment(k, word.b, &number)) return false;
    return number != 0 || wrong(k, "needs an environment");
  case OP_NEW_WITH_ENVIRONMENT:
    return need_environment(k, word.b) && need_value(k, word.c);
  case OP_GET_SLOT:
  case OP_GET_SLOT_CHECKED:
    return environment(k, word.b, &number) &&
           need_slot(k, number, word.c, false);
  case OP_SET_SLOT:
    return environment(k, word.a, &number) &&
           need_slot(k, number, word.b, true) && need_value(k, word.c);
  case OP_GET_UPVALUE:
  case OP_GET_UPVALUE_CHECKED:
    return need_upvalue(k, word.b, word.c, false);
  default: // SET_UPVALUE
    return need_value(k, word.a) && need_upvalue(k, word.b, word.c, true);
  }
}

static bool check_calls(Check *k, Instruction word, uint64_t x) {
  switch ((Opcode)word.op) {
  case OP_CALL:
    return check_call(k, word.b, word.c);
  case OP_CALL_FUNCTION:
  case OP_NEW: // r[b + 1] is written first
    return need_value(k, word.b) && need_values(k, word.b + 2, word.c);
  case OP_CONSTRUCT:
    return need_values(k, word.b, 2 + word.c);
  case OP_CALL_FORWARD:
    return has_arguments(k, false) && need_values(k, word.b, 3);
  case OP_CALL_SPREAD:
    return check_call(k, word.b, 0) &&
           (word.c ? need_value(k, word.b + 2) : need_array(k, word.b + 2));
  case OP_CONSTRUCT_SPREAD:
    if (!need_values(k, word.b, 2)) return false;
    if (word.c == 2) return has_arguments(k, false);
    return word.c ? need_value(k, word.b + 2) : need_array(k, word.b + 2);
  default: { // CALL_EVAL
    const Record *record = &k->t->records[x];
    if (record->eval_site.environment_register >= k->t->register_count)
      return wrong(k, "no such register");
    return need_environment(k, record->eval_site.environment_register) &&
           (word.c == UINT16_MAX
                ? need_values(k, word.b, 2) && need_array(k, word.b + 2)
                : need_values(k, word.b, 2 + word.c));
  }
  }
}

static bool check_iteration(Check *k, Instruction word) {
  switch ((Opcode)word.op) {
  case OP_GET_ITERATOR:
  case OP_GET_ASYNC_ITERATOR:
    return need_value(k, word.b);
  case OP_ITERATOR_CLOSE:
  case OP_ITERATOR_CLOSE_QUIETLY:
  case OP_ITERATOR_MARK_DONE:
    return need_iterator(k, word.a);
  case OP_ITERATOR_CALL_NEXT:
    return need_iterator(k, word.b) && need_value(k, word.c);
  case OP_FOR_IN_STEP:
    return k->now[word.b] == ENUMERATOR || wrong(k, "needs an enumerator");
  default: // ITERATOR_STEP, ITERATOR_STEP_OR_UNDEFINED, _REST, _METHOD
    return need_iterator(k, word.b);
  }
}

static bool check_objects(Check *k, Instruction word, uint64_t x) {
  switch ((Opcode)word.op) {
  case OP_NEW_OBJECT_LITERAL:
    return check_literal(k, word);
  case OP_COPY_DATA_PROPERTIES:
    return need_object(k, word.a) && need_value(k, word.b) &&
           need_values(k, word.c, x);
  case OP_NEW_ARRAY:
    return need_values(k, word.b, word.c);
  case OP_ARRAY_PUSH:
  case OP_ARRAY_SPREAD:
    return need_array(k, word.a) && need_value(k, word.b);
  case OP_CONCAT:
    for (uint32_t i = 0; i < word.c; i++)
      if (k->now[word.b + i] != STRING) return wrong(k, "needs strings");
    return word.c != 0 || wrong(k, "needs strings");
  case OP_NEW_FUNCTION:
    return check_closure(k, word, word.b);
  case OP_NEW_METHOD:
    return check_closure(k, word, word.b) && need_object(k, (uint32_t)x);
  case OP_NEW_CLASS:
    return need_value(k, word.b) && check_closure(k, word, (uint32_t)x);
  case OP_SET_FIELD_INITIALIZER:
    if (k->now[word.a] != FUNCTION) return wrong(k, "needs a function");
    return k->now[word.b] == INITIALIZER || wrong(k, "needs an initializer");
  case OP_INITIALIZE_FIELDS:
    return need_object(k, word.a) && need_value(k, word.b);
  case OP_DEFINE_ACCESSOR:
    if (k->now[word.c] != FUNCTION) return wrong(k, "needs a function");
    return need_object(k, word.a) && need_value(k, word.b);
  case OP_ADD_PRIVATE_ACCESSOR:
    return need_object(k, word.a) && need_value(k, word.b) &&
           need_values(k, word.c, 2);
  case OP_SET_LITERAL_PROTOTYPE:
    return need_object(k, word.a) && need_value(k, word.b);
  default: // INIT_NAMED, INIT_ELEMENT, DEFINE_METHOD, ADD_PRIVATE
    return need_object(k, word.a) && need_value(k, word.c) &&
           (word.op == OP_INIT_NAMED || need_value(k, word.b));
  }
}

bool bytecode_verify_uses(Check *k, Instruction word, uint64_t x) {
  const Template *t = k->t;
  const InstructionInfo *info = &bytecode_info[word.op];
  if ((info->b == OPERAND_IC && !check_cache(k, word.b, word.op)) ||
      (info->c == OPERAND_IC && !check_cache(k, word.c, word.op)))
    return false;
  switch ((Opcode)word.op) {
  case OP_LOAD_SPECIAL:
    return (uint64_t)word.imm == VALUE_UNDEFINED ||
           (uint64_t)word.imm == VALUE_NULL ||
           value_is_boolean((uint64_t)word.imm) ||
           (uint64_t)word.imm == VALUE_EMPTY || wrong(k, "no such constant");
  case OP_MOVE:
    return k->now[word.b] != NOTHING || wrong(k, "reads what is not a value");
  case OP_JUMP_IF_UNDEFINED:
  case OP_JUMP_IF_NOT_UNDEFINED:
    return k->now[word.a] != NOTHING || wrong(k, "reads what is not a value");
  case OP_NEW_ARGUMENTS:
    return check_new_arguments(k, word);
  case OP_NEW_REST:
    return has_arguments(k, true);
  case OP_ARGUMENT_COUNT:
    return has_arguments(k, false);
  case OP_GET_ARGUMENT:
    return has_arguments(k, false) && need_value(k, word.b);
  case OP_GET_IMPORT:
    return (k->templates[0]->module != NULL &&
            word.b < k->templates[0]->module->import_count) ||
           wrong(k, "no such import");
  case OP_IMPORT_META:
    return k->templates[0]->module != NULL || wrong(k, "not in a module");
  case OP_IMPORT_CALL:
    return x <= PHASE_SOURCE ? need_value(k, word.b) && need_value(k, word.c)
                             : wrong(k, "no such phase");
  case OP_NEW_ENVIRONMENT:
  case OP_NEW_SCOPE_ENVIRONMENT:
  case OP_COPY_ENVIRONMENT:
  case OP_NEW_WITH_ENVIRONMENT:
  case OP_GET_SLOT:
  case OP_GET_SLOT_CHECKED:
  case OP_SET_SLOT:
  case OP_GET_UPVALUE:
  case OP_GET_UPVALUE_CHECKED:
  case OP_SET_UPVALUE:
    return check_environments(k, word);
  case OP_RESOLVE_NAME:
  case OP_GET_RESOLVED:
  case OP_GET_RESOLVED_OR_UNDEFINED:
  case OP_SET_RESOLVED:
  case OP_DELETE_RESOLVED:
  case OP_GET_RESOLVED_THIS:
  case OP_DECLARE_EVAL_VARS:
  case OP_SET_HOISTED:
  case OP_INIT_EVAL_VAR:
    return check_names(k, word);
  case OP_GET_SUPER_FROM:
    return need_value(k, word.b) && need_values(k, word.c, 2);
  case OP_SET_SUPER:
    return need_value(k, word.a) && need_values(k, word.b, 2) &&
           need_value(k, word.c);
  case OP_NEW_PRIVATE_NAME:
    return need_string_key(k, word.b);
  case OP_GET_PRIVATE:
  case OP_SET_PRIVATE:
    return check_cache(k, (uint32_t)x, word.op) && check_plain(k, word, info);
  case OP_NEW_OBJECT:
    return word.b <= MOST_ROOM || wrong(k, "too many properties");
  case OP_NEW_OBJECT_LITERAL:
  case OP_INIT_NAMED:
  case OP_INIT_ELEMENT:
  case OP_DEFINE_METHOD:
  case OP_DEFINE_ACCESSOR:
  case OP_ADD_PRIVATE:
  case OP_ADD_PRIVATE_ACCESSOR:
  case OP_SET_LITERAL_PROTOTYPE:
  case OP_COPY_DATA_PROPERTIES:
  case OP_NEW_ARRAY:
  case OP_ARRAY_PUSH:
  case OP_ARRAY_SPREAD:
  case OP_CONCAT:
  case OP_NEW_FUNCTION:
  case OP_NEW_METHOD:
  case OP_NEW_CLASS:
  case OP_SET_FIELD_INITIALIZER:
  case OP_INITIALIZE_FIELDS:
    return check_objects(k, word, x);
  case OP_CALL:
  case OP_CALL_FUNCTION:
  case OP_CALL_FORWARD:
  case OP_CALL_SPREAD:
  case OP_CALL_EVAL:
  case OP_NEW:
  case OP_CONSTRUCT:
  case OP_CONSTRUCT_SPREAD:
    return check_calls(k, word, x);
  case OP_INTRINSIC:
    return check_intrinsic(k, word, x);
  case OP_IO:
    return check_io(k, word, x);
  case OP_IO_AWAIT:
    return can_suspend(k, false) && check_io(k, word, x);
  case OP_RETURN:
  case OP_RETURN_CONSTRUCTED:
    return check_returns(k) && check_plain(k, word, info);
  case OP_RETURN_UNDEFINED:
    return check_returns(k);
  case OP_GET_SUPER_CONSTRUCTOR:
    // Of the running function, or what a slot holds of it.
    return need_value(k, word.b);
  case OP_POST_INCREMENT:
  case OP_POST_DECREMENT:
    return need_value(k, word.b);
  case OP_JUMP_IF_STRING:
  case OP_JUMP_IF_NOT_STRING:
    return need_string_key(k, word.b) && need_value(k, word.a);
  case OP_GET_ITERATOR:
  case OP_GET_ASYNC_ITERATOR:
  case OP_ITERATOR_STEP:
  case OP_ITERATOR_STEP_OR_UNDEFINED:
  case OP_ITERATOR_REST:
  case OP_ITERATOR_CLOSE:
  case OP_ITERATOR_CLOSE_QUIETLY:
  case OP_ITERATOR_MARK_DONE:
  case OP_ITERATOR_CALL_NEXT:
  case OP_ITERATOR_METHOD:
  case OP_FOR_IN_STEP:
    return check_iteration(k, word);
  case OP_START_GENERATOR:
    if (!(t->flags & TEMPLATE_GENERATOR) && t->kind != CODE_MODULE)
      return wrong(k, "in a function of another kind");
    return k->now[t->register_count] == WAITING || wrong(k, "a second start");
  case OP_YIELD:
  case OP_YIELD_DELEGATE:
    return can_suspend(k, true) && need_value(k, word.b);
  case OP_AWAIT:
    return can_suspend(k, false) && need_value(k, word.b);
  case OP_THROW_ERROR:
    return word.a < ERROR_TYPE_COUNT || wrong(k, "no such error");
  default:
    if (word.op == OP_COUNT_BLOCK || word.op == OP_BREAK_LINE ||
        word.op > OP_DEBUGGER)
      return wrong(k, "an instruction that is only made in memory");
    return check_plain(k, word, info);
  }
}
