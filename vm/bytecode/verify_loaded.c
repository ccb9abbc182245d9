// SPDX-License-Identifier: MIT
// An abstract run of each function: the state of a register is what is known to
// be in it, where ways meet it is what holds for all of them, and each
// instruction is checked against the states before it. Functions are entered
// with the environment that those around them make them over, so they are
// looked at after those.
//
// The instructions that are not in the switches of check_uses and do_writes are
// plain: they read values from SRC operands and write values to DST operands.
#include "vm/bytecode/verify_loaded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/bytecode/function_builder.h"
#include "vm/io_operations.h"
#include "vm/objects/throw.h"

typedef uint16_t State;
enum {
  NOTHING, // never written, or not the same on all ways: must not be read
  // Values of the language, or EMPTY.
  ANY,
  UNDEFINED, // also stands for "no environment"
  STRING,
  OBJECT,
  ARRAY,
  FUNCTION,
  ITERATOR, // the three registers of one, written together only
  ITERATOR_NEXT,
  ITERATOR_INDEX,
  LAST_VALUE = ITERATOR_INDEX,
  // Not values.
  ENUMERATOR,  // of for-in
  INITIALIZER, // of fields: its `this` must be an object
  WAITING,     // of the pseudo-register: nothing has suspended it yet
  RUNNING,     // something has: START_GENERATOR of a generator
  FIRST_TYPE,  // and up: environments and resolved names, by types[]
};

// What the emitter gives a new object room for.
enum { MOST_PROPERTIES = 64, MOST_ROOM = 255 };

// What scopes a function is made over. Number 0 is none.
typedef struct Surrounding {
  uint32_t outer; // number
  uint32_t slots;
  const ScopeDescription *description;
} Surrounding;

typedef struct Type {
  bool is_name;    // what RESOLVE_NAME gave for key `number`
  uint32_t number; // else of a Surrounding
} Type;

typedef struct Check {
  Template *const *templates;
  uint32_t *entries; // by template: Surrounding; UINT32_MAX: never made
  Surrounding *surroundings;
  uint32_t surrounding_count, surrounding_capacity;
  bool no_memory;
  char *problem;
  size_t size;
  // The template being looked at.
  const Template *t;
  uint32_t entry;                // its Surrounding
  uint32_t number, first_nested; // its own, that of the first in it
  uint32_t width;                // registers, and one for WAITING and RUNNING
  uint8_t *leaders; // by word: 1 where ways may meet, 2 to be looked at
  State **at;       // by word: what is known there; NULL: not reached
  State *now;
  uint32_t *sites; // by word: type made there, 0: none yet
  uint16_t *cache_uses;
  Type *types;
  uint32_t type_count, type_capacity;
  uint32_t pc;
  uint64_t work, most_work;
  // The handler of what throws here, and what has been written since it was
  // last told.
  int32_t *handlers; // by word: index, -1: none
  int32_t handler;   // that is told; -1: none
  uint32_t touched[16];
  uint32_t touched_count; // UINT32_MAX: too many, or all is new
} Check;

static const ScopeDescription with_scope = {.kind = DESCRIPTION_WITH,
                                            .slot_count = 1};

static bool wrong(Check *k, const char *what) {
  const char *name = bytecode_info[k->t->code[k->pc].op].name;
  snprintf(k->problem, k->size, "function %u, word %u (%s): %s", k->number,
           k->pc, name, what);
  return false;
}

static bool out_of_memory(Check *k) {
  k->no_memory = true;
  return false;
}

// Items with room for one more.
static bool grow(Check *k, void *items, uint32_t count, uint32_t *capacity,
                 size_t size) {
  if (count < *capacity) return true;
  uint32_t wanted = *capacity ? *capacity * 2 : 16;
  void *grown = realloc(*(void **)items, wanted * size);
  if (!grown) return out_of_memory(k);
  *(void **)items = grown;
  *capacity = wanted;
  return true;
}

// States ----------------------------------------------------------------------

static bool is_value(State s) {
  return s >= ANY && s <= LAST_VALUE;
}

static bool is_object(State s) {
  return s >= OBJECT && s <= FUNCTION;
}

static State meet(State a, State b) {
  if (a == b) return a;
  if (is_object(a) && is_object(b)) return OBJECT;
  return is_value(a) && is_value(b) ? ANY : NOTHING;
}

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

// The Surrounding in a register, 0 for none.
static bool environment(Check *k, uint32_t r, uint32_t *out) {
  State s = k->now[r];
  *out = 0;
  if (s == UNDEFINED) return true;
  if (s < FIRST_TYPE || k->types[s - FIRST_TYPE].is_name)
    return wrong(k, "needs an environment");
  *out = k->types[s - FIRST_TYPE].number;
  return true;
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

// Uses ------------------------------------------------------------------------

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

static bool check_uses(Check *k, Instruction word, uint64_t x) {
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

// Writes ----------------------------------------------------------------------

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

static bool do_writes(Check *k, Instruction word, State entry) {
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

// Ways ------------------------------------------------------------------------

// False: out of memory, or of patience.
static bool spend(Check *k, uint64_t work) {
  k->work += work;
  return k->work <= k->most_work || wrong(k, "a function is too complex");
}

// One way more leads to `pc`, with what is known now.
static bool arrive(Check *k, uint32_t pc, uint32_t exception_register) {
  State *there = k->at[pc];
  bool changed = false;
  if (!spend(k, k->width)) return false;
  if (there == NULL) {
    there = k->at[pc] = malloc(k->width * sizeof *there);
    if (there == NULL) return out_of_memory(k);
    memcpy(there, k->now, k->width * sizeof *there);
    if (exception_register != UINT32_MAX) there[exception_register] = ANY;
    changed = true;
  } else {
    for (uint32_t r = 0; r < k->width; r++) {
      if (r == exception_register) continue;
      State both = meet(there[r], k->now[r]);
      changed |= both != there[r];
      there[r] = both;
    }
  }
  if (changed) k->leaders[pc] = 2;
  return true;
}

// What the handler of the current word does not know yet.
static bool tell_handler(Check *k, uint32_t except) {
  int32_t index = k->handlers[k->pc];
  if (index != k->handler) {
    k->handler = index;
    k->touched_count = UINT32_MAX;
  }
  if (index >= 0) {
    const ExceptionHandler *h = &k->t->handlers[index];
    State *there = k->at[h->handler];
    if (k->touched_count == UINT32_MAX || there == NULL) {
      if (!arrive(k, h->handler, h->exception_register)) return false;
    } else {
      for (uint32_t i = 0; i < k->touched_count; i++) {
        uint32_t r = k->touched[i];
        if (r == h->exception_register || r == except) continue;
        State both = meet(there[r], k->now[r]);
        if (both != there[r]) k->leaders[h->handler] = 2;
        there[r] = both;
      }
    }
  }
  k->touched_count = 0;
  return true;
}

// Of the instructions without effects, those that do not even allocate.
static bool may_throw(Instruction word) {
  if (bytecode_info[word.op].effects & ~EFFECT_ENDS) return true;
  switch ((Opcode)word.op) {
  case OP_LOAD_CONSTANT:
  case OP_LOAD_INT:
  case OP_LOAD_SPECIAL:
  case OP_LOAD_UNDEFINED:
  case OP_MOVE:
  case OP_LOAD_THIS:
  case OP_LOAD_NEW_TARGET:
  case OP_LOAD_CALLEE:
  case OP_LOAD_ENVIRONMENT:
  case OP_GET_SLOT:
  case OP_SET_SLOT:
  case OP_GET_UPVALUE:
  case OP_SET_UPVALUE:
  case OP_JUMP:
  case OP_ITERATOR_MARK_DONE:
  case OP_RETURN:
  case OP_RETURN_UNDEFINED:
    return false;
  default:
    return true;
  }
}

static bool jump(Check *k, int64_t target, bool is_backwards) {
  if (!is_backwards && target <= k->pc)
    return wrong(k, "backwards without counting");
  return arrive(k, (uint32_t)target, UINT32_MAX);
}

// All ways on but the next word.
static bool jumps(Check *k, Instruction word, uint64_t x, uint32_t next) {
  const InstructionInfo *info = &bytecode_info[word.op];
  bool backwards = info->effects & EFFECT_BACKEDGE;
  if (info->b == OPERAND_JMP32 && !jump(k, (int64_t)next + word.imm, backwards))
    return false;
  if (info->c == OPERAND_JMP16 &&
      !jump(k, (int64_t)next + (int16_t)word.c, backwards))
    return false;
  if (info->x == OPERAND_JMP32 &&
      !jump(k, (int64_t)next + (int64_t)x, info->effects & EFFECT_SUSPENDS))
    return false;
  if (word.op != OP_JUMP_TABLE) return true;
  const Record *record = &k->t->records[word.b];
  for (uint32_t i = 0; i < record->jump_table.count; i++) {
    int32_t offset = record->jump_table.offsets[i];
    if (offset != 0 && !jump(k, (int64_t)next + offset, false)) return false;
  }
  return true;
}

// From a leader to where control ends or another leader begins.
static bool run(Check *k, uint32_t from, State entry) {
  const Template *t = k->t;
  k->pc = from;
  k->handler = -1;
  k->touched_count = UINT32_MAX;
  memcpy(k->now, k->at[from], k->width * sizeof *k->now);
  for (;;) {
    Instruction word = t->code[k->pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = k->pc + bytecode_width((Opcode)word.op);
    uint64_t x = info->x == OPERAND_NONE ? 0 : t->code[k->pc + 1].word;
    if (!spend(k, 1) || !check_uses(k, word, x)) return false;
    bool throws = may_throw(word);
    if (throws && !tell_handler(k, UINT32_MAX)) return false;
    State before = info->a == OPERAND_DST ? k->now[word.a] : NOTHING;
    if (!do_writes(k, word, entry)) return false;
    // Some is written before it throws; the result is not.
    bool result = info->a == OPERAND_DST && info->c != OPERAND_SRC &&
                  !(info->effects & EFFECT_SUSPENDS);
    if (throws && k->touched_count > 1 &&
        !tell_handler(k, result ? word.a : UINT32_MAX))
      return false;
    if (word.op == OP_FOR_IN_STEP) { // at the end it writes nothing
      State after = k->now[word.a];
      k->now[word.a] = before;
      if (!jumps(k, word, x, next)) return false;
      k->now[word.a] = after;
    } else if (!jumps(k, word, x, next)) {
      return false;
    }
    if (info->effects & EFFECT_ENDS) return true;
    if (k->leaders[next]) return arrive(k, next, UINT32_MAX);
    k->pc = next;
  }
}

static void mark(Check *k, int64_t target) {
  k->leaders[target] = 1;
}

// Where ways may meet.
static void find_leaders(Check *k) {
  const Template *t = k->t;
  uint32_t leaders = 0;
  for (uint32_t pc = 0; pc < t->code_count;) {
    Instruction word = t->code[pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    if (info->b == OPERAND_JMP32) mark(k, (int64_t)next + word.imm);
    if (info->c == OPERAND_JMP16) mark(k, (int64_t)next + (int16_t)word.c);
    if (info->x == OPERAND_JMP32)
      mark(k, (int64_t)next + (int64_t)t->code[pc + 1].word);
    if (word.op == OP_JUMP_TABLE) {
      const Record *record = &t->records[word.b];
      for (uint32_t i = 0; i < record->jump_table.count; i++)
        mark(k, (int64_t)next + record->jump_table.offsets[i]);
    }
    pc = next;
  }
  for (uint32_t i = 0; i < t->handler_count; i++)
    mark(k, t->handlers[i].handler);
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    leaders += k->leaders[pc];
  // Each state changes a few times at most; honest code hardly at all.
  k->work = 0;
  k->most_work = (UINT64_C(1) << 22) + 64 * (uint64_t)t->code_count +
                 16 * (uint64_t)leaders * k->width;
  if (k->most_work > UINT64_C(1) << 28) k->most_work = UINT64_C(1) << 28;
}

static bool find_handlers(Check *k) {
  const Template *t = k->t;
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    k->handlers[pc] = -1;
  for (uint32_t i = t->handler_count; i-- > 0;) {
    const ExceptionHandler *h = &t->handlers[i];
    k->pc = h->start;
    if (h->handler < h->end) return wrong(k, "a handler of itself");
    if (!spend(k, h->end - h->start)) return false;
    for (uint32_t pc = h->start; pc < h->end; pc++)
      k->handlers[pc] = (int32_t)i;
  }
  return true;
}

// Runs what has news until nothing has.
static bool settle(Check *k, State entry) {
  const Template *t = k->t;
  bool again;
  do {
    again = false;
    for (uint32_t pc = 0; pc < t->code_count; pc++) {
      if (k->leaders[pc] != 2) continue;
      k->leaders[pc] = 1;
      again = true;
      if (!run(k, pc, entry)) return false;
    }
    if (again && !spend(k, t->code_count)) return false;
  } while (again);
  return true;
}

// What LOAD_ENVIRONMENT gives.
static bool entry_state(Check *k, State *out) {
  *out = UNDEFINED;
  if (k->entry == 0) return true;
  if (!grow(k, &k->types, 0, &k->type_capacity, sizeof *k->types)) return false;
  k->types[k->type_count++] = (Type){false, k->entry};
  *out = FIRST_TYPE;
  return true;
}

static bool check_function(Check *k) {
  const Template *t = k->t;
  State entry;
  k->pc = 0;
  k->width = t->register_count + 1u;
  k->type_count = 0;
  k->leaders = calloc(t->code_count, 1);
  k->at = calloc(t->code_count, sizeof *k->at);
  k->sites = calloc(t->code_count, sizeof *k->sites);
  k->handlers = malloc(t->code_count * sizeof *k->handlers);
  k->cache_uses = calloc(t->cache_count + 1u, sizeof *k->cache_uses);
  k->now = malloc(k->width * sizeof *k->now);
  bool ok = (k->leaders && k->at && k->sites && k->handlers && k->cache_uses &&
             k->now) ||
            out_of_memory(k);
  ok = ok && entry_state(k, &entry);
  if (ok) {
    find_leaders(k);
    for (uint32_t r = 0; r < k->width; r++)
      k->now[r] = r < t->parameter_count ? ANY : NOTHING;
    k->now[t->register_count] = WAITING;
  }
  ok = ok && find_handlers(k) && arrive(k, 0, UINT32_MAX) && settle(k, entry);
  for (uint32_t pc = 0; k->at && pc < t->code_count; pc++)
    free(k->at[pc]);
  free(k->leaders);
  free(k->at);
  free(k->sites);
  free(k->handlers);
  free(k->cache_uses);
  free(k->now);
  return ok;
}

// Facts of the whole ----------------------------------------------------------

static bool wrong_facts(Check *k, uint32_t number, const char *what) {
  snprintf(k->problem, k->size, "function %u: %s", number, what);
  return false;
}

static bool check_module(Check *k, const Template *t) {
  const ModuleFacts *m = t->module;
  for (uint32_t i = 0; i < m->import_count; i++)
    if (m->imports[i].request >= m->request_count)
      return wrong_facts(k, 0, "an import of nothing");
  for (uint32_t i = 0; i < m->export_count; i++) {
    const TemplateExport *e = &m->exports[i];
    bool ok =
        e->kind == EXPORT_LOCAL
            ? e->export_name != NULL && e->slot < m->environment->slot_count
            : e->request < m->request_count &&
                  (e->kind == EXPORT_STAR || e->export_name != NULL);
    if (!ok) return wrong_facts(k, 0, "an export of nothing");
  }
  bool is_async = t->flags & TEMPLATE_ASYNC;
  return (is_async == m->has_top_level_await &&
          m->environment->kind == DESCRIPTION_MODULE) ||
         wrong_facts(k, 0, "a module of another kind");
}

static bool check_facts(Check *k, uint32_t number, const Template *t) {
  bool is_root = number == 0;
  bool is_program = t->kind == CODE_SCRIPT || t->kind == CODE_MODULE;
  // A CommonJS module is a function.
  if ((is_root ? !is_program && t->kind != CODE_NORMAL : is_program) ||
      t->kind == CODE_EVAL || (t->flags & TEMPLATE_SELF_HOSTED) ||
      (t->module != NULL) != (t->kind == CODE_MODULE))
    return wrong_facts(k, number, "of another kind");
  if (t->register_count > BYTECODE_MAX_REGISTERS ||
      t->source_start > t->source_end)
    return wrong_facts(k, number, "out of range");
  bool is_constructor =
      t->kind == CODE_CLASS_CONSTRUCTOR || t->kind == CODE_DERIVED_CONSTRUCTOR;
  bool suspends = t->flags & (TEMPLATE_GENERATOR | TEMPLATE_ASYNC);
  if (suspends && (is_constructor || t->kind == CODE_FIELD_INITIALIZER ||
                   (is_program && (t->flags & TEMPLATE_GENERATOR))))
    return wrong_facts(k, number, "of another kind");
  for (uint32_t i = 0; i < t->cache_count; i++) {
    const CacheDescriptor *c = &t->caches[i];
    if (c->kind != CACHE_LITERAL && c->kind != CACHE_PRIVATE &&
        c->key >= t->key_count)
      return wrong_facts(k, number, "no such key");
  }
  for (uint32_t i = 0; i < t->upvalue_name_count; i++)
    if (t->upvalue_names[i].key >= t->key_count)
      return wrong_facts(k, number, "no such key");
  return !t->module || check_module(k, t);
}

// Number 0 is none, number 1 the environment of a module.
static bool first_surroundings(Check *k) {
  if (!grow(k, &k->surroundings, 0, &k->surrounding_capacity,
            sizeof *k->surroundings))
    return false;
  k->surroundings[k->surrounding_count++] = (Surrounding){0};
  const ModuleFacts *m = k->templates[0]->module;
  k->entries[0] = 0;
  if (m == NULL) return true;
  k->surroundings[k->surrounding_count++] =
      (Surrounding){0, m->environment->slot_count, m->environment};
  k->entries[0] = 1;
  return true;
}

SerializeStatus bytecode_verify_loaded(Template *const *templates,
                                       uint32_t count, char *problem,
                                       size_t size) {
  Check k = {.templates = templates, .problem = problem, .size = size};
  k.entries = malloc(count * sizeof *k.entries);
  bool ok = k.entries != NULL || out_of_memory(&k);
  for (uint32_t i = 0; ok && i < count; i++) {
    k.entries[i] = UINT32_MAX;
    ok = check_facts(&k, i, templates[i]);
  }
  ok = ok && first_surroundings(&k);
  uint32_t nested = 1;
  for (uint32_t i = 0; ok && i < count; i++) {
    k.t = templates[i];
    k.number = i;
    k.entry = k.entries[i];
    k.first_nested = nested;
    // What nothing makes is never called.
    if (k.entry != UINT32_MAX) ok = check_function(&k);
    nested += k.t->function_count;
  }
  free(k.entries);
  free(k.surroundings);
  free(k.types);
  if (ok) return SERIALIZE_OK;
  return k.no_memory ? SERIALIZE_NO_MEMORY : SERIALIZE_FAILED;
}
